"""capa-webhook: answers only after the commit; who is not known is not let in; a repeated delivery is a duplicate."""
import base64
import concurrent.futures
import contextlib
import hashlib
import hmac
import http.client
import json
import os
import pathlib
import signal
import socket
import ssl
import subprocess
import sys
import time
import uuid

import jsonschema
import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from rig import BUILD, Rig  # noqa: E402  pylint: disable=wrong-import-position
from conftest import Bench, stopped_writers, wait_for  # noqa: E402  pylint: disable=wrong-import-position

WEBHOOK = BUILD / "daemon" / "webhook" / "capa-webhook"
TOKEN, SECRET = "t0ken-" + "a" * 26, "s3cret-" + "b" * 25
MIB = 1024 * 1024


class Hook:
    """A capa-webhook before a rig's capad."""

    def __init__(self, rig, folder, ingest=None, **more):
        self.folder, self.log = folder, folder / "webhook.log"
        for name, text in (("token", TOKEN), ("secret", f"# the one of before\nold-{SECRET}\n{SECRET}\n")):
            (folder / name).write_text(text)
            (folder / name).chmod(0o600)
        self.config = {
            "listen": "127.0.0.1:0", "ingest": ingest or rig.endpoint("ingest"),
            "routes": [
                {"path": "/events"},
                {"path": "/alertmanager", "adapter": "alertmanager", "token_file": "token"},
                {"path": "/token", "token_file": "token", "token_header": "X-Gitlab-Token", "token_query": "token"},
                {"path": "/github", "adapter": "github", "signature_file": "secret",
                 "headers": ["X-GitHub-Event", "X-GitHub-Delivery"]},
                {"path": "/pagerduty", "adapter": "pagerduty", "signature_file": "secret", "signature_header": "X-PagerDuty-Signature"},
                {"path": "/jira", "adapter": "jira", "signature_file": "secret", "signature_header": "X-Hub-Signature"},
                {"path": "/opsgenie", "adapter": "opsgenie", "token_file": "token", "token_query": "key"},
                {"path": "/nowhere", "adapter": "no-such-adapter"},
            ], **more}
        self.process = None

    def write(self):
        (self.folder / "webhook.json").write_text(json.dumps(self.config))

    def reload(self, said):
        """SIGHUP, until its outcome is logged."""
        before = self.log.read_text().count(said)
        self.process.send_signal(signal.SIGHUP)
        for _ in range(400):
            if self.log.read_text().count(said) > before:
                return
            time.sleep(0.05)
        raise AssertionError(self.log.read_text())

    def start(self):
        self.write()
        self.process = subprocess.Popen([str(WEBHOOK), "--config", str(self.folder / "webhook.json")],
                                        stderr=self.log.open("wb"), stdin=subprocess.DEVNULL)
        for _ in range(200):
            for line in self.log.read_text().splitlines():
                if "listening on" in line:
                    self.port = int(line.split(",")[0].rpartition(":")[2])
                    return self
            assert self.process.poll() is None, self.log.read_text()
            time.sleep(0.05)
        raise AssertionError(self.log.read_text())

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            assert self.process.wait(20) == 0
        return self.log.read_text()

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.stop()

    def connection(self, timeout=60):
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)

    def ask(self, path, body=b"", method="POST", headers=None, kind="application/json"):
        """(status, JSON, headers) of one request."""
        connection = self.connection()
        try:
            connection.request(method, path, body if isinstance(body, bytes) else json.dumps(body).encode(),
                               {**({"Content-Type": kind} if kind else {}), **(headers or {})})
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read()), dict(answer.getheaders())
        finally:
            connection.close()


@pytest.fixture(name="rig", scope="module")
def rig_fixture():
    with Rig("capad-webhook") as rig:
        rig.start()
        yield rig


@pytest.fixture(name="hook", scope="module")
def hook_fixture(rig, tmp_path_factory):
    with Hook(rig, tmp_path_factory.mktemp("hook")) as hook:
        yield hook


def event(subject, exit_code=1, **more):
    return {"specversion": "1.0", "id": uuid.uuid4().hex, "source": "webhook-test", "type": "backup.finished",
            "subject": subject, "data": {"exit_code": exit_code}, **more}


def found(rig, asset):
    return rig.call("list", {"asset": asset, "all": True})


def alerts(host, status="firing"):
    return {"version": "4", "status": status, "receiver": "capad", "externalURL": "http://am.example.org", "alerts": [
        {"status": status, "labels": {"alertname": "DiskFull", "host": host, "severity": "critical"},
         "annotations": {"summary": f"{host} is full"}, "startsAt": "2026-11-21T23:50:56.256Z",
         "endsAt": "0001-01-01T00:00:00Z", "fingerprint": hashlib.sha256(host.encode()).hexdigest()[:16]}]}


def bearer(token=TOKEN):
    return {"Authorization": f"Bearer {token}"}


def signed(body, secret=SECRET):
    return {"X-Hub-Signature-256": "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()}


def test_an_event_is_committed_before_the_answer(rig, hook):
    whole = event("hook-1")
    status, body, _ = hook.ask("/events", whole)
    assert status == 200 and body["verdicts"][0]["status"] == "stored"
    assert [nc["occurrences"] for nc in found(rig, "hook-1")] == [1]
    status, body, _ = hook.ask("/events", whole)
    assert (status, body["verdicts"][0]["status"]) == (200, "duplicate")
    status, body, _ = hook.ask("/events", {**whole, "data": {"exit_code": 9}})
    assert (status, body["verdicts"][0]["status"]) == (422, "conflict")


def test_a_post_of_alertmanager_raises_and_proves(rig, hook):
    status, body, _ = hook.ask("/alertmanager", alerts("am01"), headers=bearer())
    assert status == 200 and body["verdicts"][0]["results"][0]["effect"] == "raised"
    status, body, _ = hook.ask("/alertmanager", alerts("am01", "resolved"), headers=bearer())
    assert status == 200 and body["verdicts"][0]["results"][0]["effect"] == "evidence"
    # What was answered with 200 is over: the same bytes are a new observation.
    status, body, _ = hook.ask("/alertmanager", alerts("am01"), headers=bearer())
    assert status == 200 and body["verdicts"][0]["status"] == "stored"
    lines = "\n".join(json.dumps(alerts(host)) for host in ("am01", "am05")).encode()  # one message, a text a line
    status, body, _ = hook.ask("/alertmanager", lines, headers=bearer())
    assert status == 200 and [r["effect"] for r in body["verdicts"][0]["results"]] == ["occurrence", "raised"]
    assert hook.ask("/events", lines)[0] == 400  # CloudEvents come one by one


@pytest.mark.parametrize("headers", [{}, bearer("wrong-" + "x" * 26), bearer(TOKEN + "x"), bearer(""), {"Authorization": TOKEN},
                                     {"Authorization": f"Basic {TOKEN}"}, {"X-Gitlab-Token": TOKEN}])
def test_without_the_token_nobody_is_let_in(hook, headers):
    status, body, answered = hook.ask("/alertmanager", alerts("am02"), headers=headers)
    assert status == 401 and "token" in body["error"] and answered["WWW-Authenticate"].startswith("Bearer")
    assert hook.ask("/alertmanager?token=" + TOKEN, alerts("am02"))[0] == 401


def test_a_token_may_stand_where_the_route_says(hook):
    assert hook.ask("/token", event("hook-2"), headers={"X-Gitlab-Token": TOKEN})[0] == 200
    assert hook.ask("/token?token=" + TOKEN, event("hook-2"))[0] == 200
    assert hook.ask("/token?token=" + TOKEN[:-1], event("hook-2"))[0] == 401
    assert hook.ask("/token", event("hook-2"), headers={"authorization": "bearer  " + TOKEN})[0] == 200


def test_github_signs_and_numbers_its_deliveries(rig, hook):
    body = json.dumps({"repository": {"full_name": "acme/shop"}, "sender": {"login": "eve"}}).encode()
    headers = {"X-GitHub-Event": "public", "X-GitHub-Delivery": str(uuid.uuid4()), **signed(body)}
    status, answer, _ = hook.ask("/github", body, headers=headers)
    assert status == 200 and answer["verdicts"][0]["results"][0]["effect"] == "raised"
    status, answer, _ = hook.ask("/github", body, headers=headers)
    assert status == 200 and answer["verdicts"][0]["status"] == "duplicate"
    assert [nc["occurrences"] for nc in found(rig, "acme/shop")] == [1]
    status, answer, _ = hook.ask("/github", body, headers={**headers, "X-GitHub-Delivery": str(uuid.uuid4())})
    assert status == 200 and answer["verdicts"][0]["status"] == "stored"
    assert hook.ask("/github", body, headers={**headers, **signed(body, "old-" + SECRET)})[0] == 200
    for wrong in (signed(body + b" "), signed(body, SECRET + "x"), {"X-Hub-Signature-256": "sha256="},
                  {"X-Hub-Signature-256": "sha1=" + "0" * 64}, {"X-Hub-Signature-256": ""}):
        status, answer, _ = hook.ask("/github", body, headers={**headers, **wrong})
        assert status == 401 and "signature" in answer["error"]
    del headers["X-Hub-Signature-256"]
    assert hook.ask("/github", body, headers=headers)[0] == 401


def test_basic_takes_the_token_as_password(hook):
    def basic(text):
        return {"Authorization": "Basic " + base64.b64encode(text.encode()).decode()}

    assert hook.ask("/alertmanager", alerts("am04"), headers=basic(f"capad:{TOKEN}"))[0] == 200
    for wrong in (f"{TOKEN}:capad", TOKEN, f"capad:{TOKEN}x", "capad:", ":", "x:" + "y" * 9000):
        assert hook.ask("/alertmanager", alerts("am04"), headers=basic(wrong))[0] == 401, wrong
    assert hook.ask("/alertmanager", alerts("am04"), headers={"Authorization": "Basic =not base64="})[0] == 401


# What tools really post, as their documentation has it.
PAGERDUTY = {"event": {
    "id": "01CXYZ1234567890ABCDEF", "event_type": "incident.triggered", "resource_type": "incident", "occurred_at": "2026-11-22T01:46:00.000Z",
    "data": {"id": "PGR0VU2", "type": "incident", "number": 2, "status": "triggered", "title": "db is down", "urgency": "high",
             "service": {"id": "PF9KMXH", "summary": "pd-live", "type": "service_reference"}, "priority": {"summary": "P1"}}}}
OPSGENIE = {"action": "Create", "alert": {"alertId": "8418d193", "message": "og-live is down", "tinyId": "23", "alias": "og-live",
                                          "entity": "og-live", "priority": "P1", "createdAt": 1795311960000}}
JIRA = {"timestamp": 1795311960000, "webhookEvent": "jira:issue_created", "issue": {"key": "SEC-7", "self": "https://jira.example.org/rest/7", "fields": {
    "summary": "jira-live", "project": {"key": "SEC"}, "issuetype": {"name": "Incident"}, "priority": {"name": "Highest"}, "status": {"name": "Open"}}}}


def hmac_of(body, secret=SECRET):
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def test_pagerduty_signs_with_each_of_its_secrets(hook):
    body = json.dumps(PAGERDUTY).encode()
    headers = {"X-PagerDuty-Signature": f"v1={hmac_of(body, 'another')},v1={hmac_of(body)}", "X-Webhook-Subscription": "PX1"}
    status, answer, _ = hook.ask("/pagerduty", body, headers=headers)
    assert status == 200 and answer["verdicts"][0]["status"] == "stored", answer
    assert hook.ask("/pagerduty", body, headers={"X-PagerDuty-Signature": f"v1={hmac_of(body, 'another')}"})[0] == 401
    assert hook.ask("/pagerduty", body, headers={"X-PagerDuty-Signature": hmac_of(body)})[0] == 401


def test_jira_signs_and_opsgenie_has_a_url(hook):
    body = json.dumps(JIRA).encode()
    status, answer, _ = hook.ask("/jira", body, headers={"X-Hub-Signature": "sha256=" + hmac_of(body), "X-Atlassian-Webhook-Identifier": "7"})
    assert status == 200 and answer["verdicts"][0]["status"] in ("stored", "ignored"), answer
    assert hook.ask("/jira", body, headers={"X-Hub-Signature": "sha256=" + hmac_of(body, "x" * 20)})[0] == 401
    status, answer, _ = hook.ask(f"/opsgenie?key={TOKEN}", OPSGENIE)
    assert status == 200 and answer["verdicts"][0]["status"] in ("stored", "ignored"), answer
    assert hook.ask("/opsgenie?key=", OPSGENIE)[0] == 401


def test_what_is_wrong_is_said(hook):
    assert hook.ask("/other", event("x"))[0] == 404
    status, _, headers = hook.ask("/events", method="GET")
    assert (status, headers["Allow"]) == (405, "POST")
    assert hook.ask("/events", b"payload=%7B%7D", kind="application/x-www-form-urlencoded")[0] == 415
    assert hook.ask("/events", event("x"), kind="text/plain")[0] == 415
    assert hook.ask("/events", event("x"), kind=None)[0] == 415
    assert hook.ask("/events", event("hook-3"), kind="application/cloudevents+json; charset=utf-8")[0] == 200
    for bad in (b"", b"{", b"[1,", b'{"a":1,"a":2}', b"\xff", b"{} {}"):
        status, body, _ = hook.ask("/events", bad)
        assert status == 400 and body["error"], bad
    status, body, _ = hook.ask("/events", {"specversion": "1.0"})
    assert status == 400 and "source" in body["error"]
    status, body, _ = hook.ask("/nowhere", {"a": 1})
    assert status in (422, 502), body
    status, body, _ = hook.ask("/alertmanager", {"alerts": 7}, headers=bearer())
    assert status in (200, 422)


def test_the_body_has_a_limit(hook):
    whole = event("hook-4", data={"exit_code": 1, "pad": ""})
    whole["data"]["pad"] = "x" * (4 * MIB - len(json.dumps(whole)))
    assert hook.ask("/events", whole)[0] == 200
    whole["data"]["pad"] += "x"
    assert hook.ask("/events", whole)[0] == 413
    connection = hook.connection()  # no length is told
    connection.request("POST", "/events", iter([b" " * MIB] * 5), {"Content-Type": "application/json"}, encode_chunked=True)
    assert connection.getresponse().status == 413
    connection.close()


def test_nobody_there_means_come_again(rig, hook):
    """503, and the repeated post is the same delivery: what was committed unseen is a duplicate."""
    bench = Bench(rig)
    try:
        whole = alerts("am03")
        with stopped_writers(bench):
            status, body, headers = hook.ask("/alertmanager", whole, headers=bearer())
            assert status == 503 and int(headers["Retry-After"]) > 0 and "again" in body["error"]
        status, body, _ = hook.ask("/alertmanager", whole, headers=bearer())
        assert status == 200 and body["verdicts"][0]["status"] in ("stored", "duplicate")
        assert [nc["occurrences"] for nc in found(rig, "am03")] == [1]
    finally:
        bench.close()


def test_capad_away(rig, tmp_path):
    with Hook(rig, tmp_path, ingest=f"ipc://{tmp_path}/none.sock") as hook:
        status, _, headers = hook.ask("/events", event("x"))
        assert status == 503 and "Retry-After" in headers


def is_cut(connection):
    """Has the other end closed it?"""
    try:
        connection.setblocking(False)
        return connection.recv(1) == b""
    except BlockingIOError:
        return False
    except OSError:
        return True


def answered(hook, whole):
    """Is there room for a request again? Who has gone is noticed a little later."""
    with contextlib.suppress(OSError, http.client.HTTPException):
        return hook.ask("/events", whole)[0] == 200


def test_slow_and_many_connections(rig, tmp_path):
    limits = {"request": "2s", "idle": "5s", "connections": 8, "connections_per_address": 8}
    with Hook(rig, tmp_path, limits=limits) as hook:
        slow = socket.create_connection(("127.0.0.1", hook.port))
        slow.sendall(b"POST /events HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n")
        started = time.monotonic()
        with pytest.raises(OSError):  # a byte now and then does not keep it
            while time.monotonic() - started < 60:  # 100 bytes would take 30 seconds
                time.sleep(0.3)
                slow.sendall(b" ")
        slow.close()
        crowd = [socket.create_connection(("127.0.0.1", hook.port)) for _ in range(30)]
        wait_for(lambda: sum(is_cut(one) for one in crowd) >= 30 - 8)
        for one in crowd:
            one.close()
        wait_for(lambda: answered(hook, event("hook-5")))
        assert "cut" in hook.stop()


def test_many_at_once(rig, hook):
    def post(number):
        return hook.ask("/events", event(f"crowd-{number % 7}"))[0]

    with concurrent.futures.ThreadPoolExecutor(12) as pool:
        assert set(pool.map(post, range(300))) == {200}
    assert sum(nc["occurrences"] for number in range(7) for nc in found(rig, f"crowd-{number}")) == 300


def test_stopping_answers_what_is_on_its_way(rig, tmp_path):
    bench = Bench(rig)
    before = rig.call("status")["ingest"]["received"]
    hook = Hook(rig, tmp_path).start()
    try:
        with concurrent.futures.ThreadPoolExecutor(1) as pool:
            with stopped_writers(bench):
                asked = pool.submit(hook.ask, "/events", event("hook-6"))
                wait_for(lambda: rig.call("status")["ingest"]["received"] == before + 1)
                hook.process.send_signal(signal.SIGTERM)
                time.sleep(0.5)
                assert hook.process.poll() is None
            assert asked.result(60)[0] == 200
        assert hook.process.wait(30) == 0
    finally:
        hook.stop()
        bench.close()


def test_the_log_holds_no_secret(rig, tmp_path):
    with Hook(rig, tmp_path) as hook:
        body = json.dumps(event("s3nsitive-subject")).encode()[:-1]
        hook.ask("/token?token=" + TOKEN, body)
        hook.ask("/token", body, headers=bearer("wr0ng-" + "z" * 30))
        hook.ask("/github", body, headers=signed(body, "other"))
        said = hook.stop()
    assert "400" in said and "401" in said
    for secret in (TOKEN, SECRET, "wr0ng-", "s3nsitive", signed(body, "other")["X-Hub-Signature-256"]):
        assert secret not in said


# -- TLS

def openssl(folder, *arguments):
    subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True)


@pytest.fixture(name="keys", scope="module")
def keys_fixture(tmp_path_factory):
    """An authority, a server and a client that it knows, and a client of another."""
    folder = tmp_path_factory.mktemp("keys")
    for authority in ("ca", "other"):
        openssl(folder, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
                "-keyout", f"{authority}.key", "-out", f"{authority}.pem", "-subj", f"/CN={authority}")
    for name, authority in (("server", "ca"), ("client", "ca"), ("stranger", "other")):
        openssl(folder, "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", f"{name}.key",
                "-out", f"{name}.csr", "-subj", f"/CN={name}")
        (folder / "names").write_text("subjectAltName=IP:127.0.0.1\n")
        openssl(folder, "x509", "-req", "-in", f"{name}.csr", "-CA", f"{authority}.pem", "-CAkey", f"{authority}.key",
                "-CAcreateserial", "-days", "2", "-out", f"{name}.pem", "-extfile", "names")
    for key in folder.glob("*.key"):
        key.chmod(0o600)
    return folder


def https(hook, keys, body, client=None, headers=None):
    context = ssl.create_default_context(cafile=keys / "ca.pem")
    if client:
        context.load_cert_chain(keys / f"{client}.pem", keys / f"{client}.key")
    connection = http.client.HTTPSConnection("127.0.0.1", hook.port, timeout=20, context=context)
    try:
        connection.request("POST", "/events", json.dumps(body), {"Content-Type": "application/json", **(headers or {})})
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())
    finally:
        connection.close()


def test_mutual_tls(rig, keys, tmp_path):
    tls = {name: str(keys / file) for name, file in
           (("certificate", "server.pem"), ("key", "server.key"), ("client_ca", "ca.pem"))}
    with Hook(rig, tmp_path, listen="0.0.0.0:0", tls=tls) as hook:
        assert https(hook, keys, event("tls-1"), "client")[0] == 200
        status, body = https(hook, keys, event("tls-1"))
        assert status == 403 and "certificate" in body["error"]
        assert https(hook, keys, event("tls-1"), "stranger")[0] == 403
    assert [nc["occurrences"] for nc in found(rig, "tls-1")] == [1]


def test_tls_and_token(rig, keys, tmp_path):
    tls = {"certificate": str(keys / "server.pem"), "key": str(keys / "server.key")}
    routes = [{"path": "/events", "token_file": "token"}]
    with Hook(rig, tmp_path, listen="0.0.0.0:0", tls=tls, routes=routes) as hook:
        assert https(hook, keys, event("tls-2"), headers=bearer())[0] == 200
        assert https(hook, keys, event("tls-2"))[0] == 401


# -- configuration

@pytest.mark.parametrize("change, said", [
    ({"listen": "0.0.0.0:0"}, "can be reached from other machines"),
    ({"listen": "0.0.0.0:0", "tls": {"certificate": "c", "key": "k"}}, "token_file"),
    ({"listen": "[::]:8087"}, "can be reached from other machines"),
    ({"listen": "localhost:8087"}, "is no address"),
    ({"listen": "127.0.0.1:99999"}, "is no address"),
    ({"tls": {"certificate": "c"}}, "neither"),
    ({"tls": {"client_ca": "c"}}, "needs tls.certificate"),
    ({"routes": []}, "1 to 256 routes"),
    ({"routes": [{"adapter": "x"}]}, '"path"'),
    ({"routes": [{"path": "/a"}, {"path": "/a"}]}, "two routes"),
    ({"routes": [{"path": "/a", "token_header": "X-A"}]}, "token_file"),
    ({"routes": [{"path": "/a", "token_file": "none"}]}, "can't be read"),
    ({"routes": [{"path": "/a", "token_file": "open"}]}, "chmod"),
    ({"routes": [{"path": "/a", "token_file": "short"}]}, "16"),
    ({"routes": [{"path": "/a", "tokenfile": "x"}]}, 'did you mean "token_file"'),
    ({"limits": {"request": "1d"}}, "duration"),
    ({"limits": {"connections": 0}}, "whole number"),
])
def test_a_wrong_configuration_is_refused(rig, tmp_path, change, said):
    hook = Hook(rig, tmp_path, **change)
    (tmp_path / "webhook.json").write_text(json.dumps(hook.config))
    for name, text, mode in (("open", TOKEN, 0o644), ("short", "short", 0o600), ("c", "", 0o644), ("k", "", 0o600)):
        (tmp_path / name).write_text(text)
        (tmp_path / name).chmod(mode)
    for more in (["--check"], []):
        result = subprocess.run([str(WEBHOOK), "--config", str(tmp_path / "webhook.json"), *more], capture_output=True,
                                text=True, timeout=20, check=False)
        assert result.returncode == 1 and said in result.stderr, result.stderr
        assert f"{tmp_path}/webhook.json:" in result.stderr


def test_the_sample_is_right(tmp_path):
    root = pathlib.Path(__file__).resolve().parents[2]
    (tmp_path / "webhook").mkdir()
    for name in ("webhook/alertmanager.token", "webhook/grafana.token", "webhook/github.secret"):
        (tmp_path / name).write_text(TOKEN)
        (tmp_path / name).chmod(0o600)
    result = subprocess.run([str(WEBHOOK), "--check", "--config", str(root / "systemd" / "webhook.json")], capture_output=True,
                            text=True, timeout=20, check=False, env={**os.environ, "CREDENTIALS_DIRECTORY": str(tmp_path)})
    assert result.returncode == 0, result.stderr


def test_schema_and_help_name_the_same_keys():
    """proto/schema/webhook.json, which editors read, against the program's own table; and the sample against the schema."""
    root = pathlib.Path(__file__).resolve().parents[2]
    schema = json.loads((root / "proto/schema/webhook.json").read_text())

    def keys(of, prefix=""):
        for name, below in of["properties"].items():
            if name != "$schema":
                yield prefix + name, below.get("default")
            if "properties" in below:
                yield from keys(below, f"{prefix}{name}.")
            elif "properties" in below.get("items", {}):
                yield from keys(below["items"], f"{prefix}{name}[].")

    said = {}
    for line in subprocess.run([str(WEBHOOK), "--help-config"], capture_output=True, text=True, check=True).stdout.splitlines():
        if not line.startswith(" "):
            name, _, default = line.partition(" = ")
            said[name] = json.loads(default) if default else None
    assert said == dict(keys(schema))
    sample = "\n".join(line.split("//")[0] if line.lstrip().startswith("//") else line
                       for line in (root / "systemd/webhook.json").read_text().splitlines())
    jsonschema.validate(json.loads(sample), schema)
