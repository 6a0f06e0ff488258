"""The outside world's contract, checked from outside: verdicts, answers, shapes of what clients read, configuration.

Written from the contract alone, with pyzmq and the built client; what an event and a person do to the register is in
test_acceptance_register.py.
"""
import json
import os
import re
import signal
import subprocess
import sys
import pathlib
import time
import uuid

import pytest
import zmq

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from conftest import Dealer, Requester, wait_for  # noqa: E402  pylint: disable=wrong-import-position
from rig import CAPACTL, CAPAD, ROLES, Rig  # noqa: E402  pylint: disable=wrong-import-position

RULES = [
    {"id": "acceptance-failed", "title": "{/subject} failed", "statement": "{/data/message}",
     "match": {"all": [{"path": "/type", "eq": "acceptance.failed"}, {"path": "/data/exit", "ne": 0}]},
     "effect": "fail", "fingerprint": ["/subject"], "grade": "minor", "owner": "anna", "controls": ["A.8.13"]},
    {"id": "acceptance-noise", "title": "noise", "match": {"path": "/data/noise", "eq": True}, "effect": "ignore"},
    {"id": "acceptance-special", "title": "{/subject} failed badly", "instead_of": ["acceptance-failed"],
     "match": {"all": [{"path": "/type", "eq": "acceptance.failed"}, {"path": "/data/special", "eq": True}]},
     "effect": "fail", "fingerprint": ["/subject"], "grade": "major", "owner": "ben", "controls": ["A.8.13"]},
]
TIME = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$")


def event(**members):
    whole = {"specversion": "1.0", "id": uuid.uuid4().hex, "source": "/acceptance", "type": "acceptance.failed",
             "subject": uuid.uuid4().hex[:12], "data": {"exit": 1, "message": "it broke"}, **members}
    return {name: value for name, value in whole.items() if value is not None}


def text(**members):
    return json.dumps(event(**members))


def with_member(member):
    """An event with one more member, given as JSON text."""
    return (text()[:-1] + "," + member + "}").encode()


@pytest.fixture(name="rig", scope="module")
def rig_fixture():
    with Rig("capad-acceptance", rules=RULES) as rig:
        rig.start()
        yield rig


@pytest.fixture(name="ingest")
def ingest_fixture(rig):
    context = zmq.Context()
    client = Dealer(context, rig.endpoint("ingest"))
    yield client
    client.close()
    context.term()


def capactl(rig, *arguments):
    return rig.capactl(*arguments, check=False)


def looked(rig, *arguments):
    result = capactl(rig, *arguments, "--json")
    assert result.returncode == 0, result.stderr
    return json.loads(result.stdout)


# -- verdicts

def test_ready_means_that_an_event_is_taken():
    """Whoever got PONG with the database up has the next PUT acknowledged."""
    with Rig("capad-acceptance-start", rules=RULES) as rig:
        rig.start()
        status, _ = rig.exchange("ingest", b"PUT", [b"", text().encode()])
        assert status == "ACK"


def test_each_event_has_its_verdict(ingest):
    first = text()
    stored, = ingest.put(first)
    assert (stored["status"], stored["events"], stored["results"][0]["effect"]) == ("stored", 1, "raised")
    again, = ingest.put(first)
    assert again["status"] == "duplicate"
    assert [(r["effect"], r["nc"]) for r in again["results"]] == [("raised", stored["results"][0]["nc"])]
    other = json.loads(first)
    other["data"]["message"] = "other bytes"
    conflict, = ingest.put(json.dumps(other))
    assert conflict["status"] == "conflict" and not any("nc" in r for r in conflict["results"])
    assert ingest.put(text(type="nobody.knows.this"))[0]["status"] == "ignored"
    assert ingest.put(text(data={"noise": True, "exit": 1, "message": "m"}))[0]["status"] == "ignored"


def test_a_request_is_judged_as_if_its_events_came_one_by_one(ingest):
    one, two = event(), event()
    changed = {**two, "data": {"exit": 9, "message": "m"}}
    verdicts = ingest.put(*map(json.dumps, (one, one, two, changed)))
    assert [v["status"] for v in verdicts] == ["stored", "duplicate", "stored", "conflict"]
    same = event(subject=one["subject"])
    assert ingest.put(json.dumps(same))[0]["results"][0]["effect"] == "occurrence"


@pytest.mark.parametrize("frame, word", [
    (b"", "empty"), (b"\xff", "0xff"), (b'{"a":', "ends"), (b"[]", "object"), (b'"x"', "object"),
    (text(subject="a\0b").encode(), "U+0000"), (with_member('"id":"again"'), "twice"),
    (with_member('"x":' + "[" * 70 + "]" * 70), "nested"), (with_member('"x":1e999'), "exponent"),
    (with_member('"x":' + "1" * 65), "limit is 64"), (text().encode() + b"x", "behind the end"),
    (b"\xef\xbb\xbf" + text().encode(), "byte-order"), (text(id=None).encode(), '"id"'), (text(id="").encode(), '"id"'),
    (text(id=5).encode(), "string"), (text(specversion=None).encode(), "specversion"), (text(specversion="0.3").encode(), "specversion"),
    (text(source=None).encode(), "source"), (text(type=None).encode(), "type"), (text(source="s" * 1025).encode(), "1024"),
    (text(subject="s" * 1025).encode(), "1024"), (text(data_base64="AAAA").encode(), "data_base64"),
    (with_member('"x":"\\ud800"'), "surrogate"), (text(subject=None).encode(), "/subject"),
    (b'{"specversion":"1.0","id":"1","source":"/s","type":"t","data":NaN}', "column"),
    (b'{"specversion":"1.0","id":"1","source":"/s","type":"t","data":{"a":1,}}', "column"),
])
def test_what_is_invalid_says_why_and_harms_no_neighbour(ingest, frame, word):
    before, invalid, after = ingest.put(text(), frame, text())
    assert (before["status"], invalid["status"], after["status"]) == ("stored", "invalid", "stored")
    assert word in invalid["error"]


def test_limits_from_both_sides(ingest):
    whole = event(data={"exit": 1, "message": "m", "x": ""})
    whole["data"]["x"] = "y" * ((4 << 20) - len(json.dumps(whole)))
    largest, = ingest.put(json.dumps(whole))
    assert largest["status"] == "stored"
    whole["id"] += "1"
    assert ingest.put(json.dumps(whole), text())[0]["status"] == "too_big"
    assert len(ingest.put(*[text(type="many") for _ in range(500)])) == 500
    status, error = ingest.ask("PUT", "", *[text(type="many")] * 501)
    assert (status, error["code"]) == ("ERR", "too_big")
    status, error = ingest.ask("PUT", "", *[text(type="large", data="z" * (4 << 20))[:4 << 20]] * 5)
    assert (status, error["code"]) == ("ERR", "too_big")
    assert ingest.put(text(source="s" * 1024, subject="t" * 1024))[0]["status"] == "stored"
    assert ingest.put(with_member('"x":' + "1" * 64))[0]["status"] == "stored"
    assert ingest.put(with_member('"x":' + "[" * 63 + "]" * 63))[0]["status"] == "stored"


def test_large_numbers_come_back_untouched(rig, ingest):
    sent = text(data={"exit": 1, "message": "m", "n": 9007199254740993, "m": 123456789012345678901234567890})
    nc = ingest.put(sent)[0]["results"][0]["nc"]
    shown = capactl(rig, "show", nc, "--json").stdout
    assert "9007199254740993" in shown and "123456789012345678901234567890" in shown
    evidence = [e for e in json.loads(shown)["evidence"] if "event" in e]
    assert evidence[0]["event"]["data"]["n"] == 9007199254740993 and evidence[0]["event"] == json.loads(sent)


def test_an_adapters_delivery_is_known_by_its_request_id(ingest):
    alert = json.dumps({"version": "4", "status": "firing", "receiver": "r", "groupKey": "g", "groupLabels": {}, "commonLabels": {},
                        "commonAnnotations": {}, "externalURL": "http://a", "alerts": [
                            {"status": "firing", "labels": {"alertname": "A", "severity": "critical", "instance": uuid.uuid4().hex},
                             "annotations": {}, "startsAt": "2026-01-01T00:00:00Z", "endsAt": "0001-01-01T00:00:00Z", "fingerprint": "f"}]})
    number = uuid.uuid4().hex
    put = lambda n: ingest.put(alert, adapter="alertmanager", number=n)[0]  # noqa: E731
    first = put(number)
    assert first["results"][0]["effect"] == "raised"
    assert put(number)["status"] == "duplicate"
    other = put(uuid.uuid4().hex)
    assert (other["status"], other["results"][0]["effect"], other["results"][0]["nc"]) == ("stored", "occurrence", first["results"][0]["nc"])
    assert [put("1")["status"], put("1")["status"]] == ["stored", "stored"]  # short: protects nothing
    assert ingest.put(alert, adapter="nobody's")[0]["status"] == "invalid"


def test_one_rule_may_stand_in_for_another(rig, ingest):
    special, = ingest.put(text(data={"exit": 1, "message": "m", "special": True}))
    assert len(special["results"]) == 1
    assert looked(rig, "show", special["results"][0]["nc"])["rule"] == "acceptance-special"


def test_busy_is_counted(rig, ingest):
    before = rig.call("status")["ingest"]["busy"]
    frame = text(type="many", data="x" * 20000)
    numbers = {ingest.send("PUT", "", frame) for _ in range(200)}
    answers = [ingest.receive() for _ in numbers]
    assert {number for number, _, _ in answers} == numbers
    busy = [body for _, status, body in answers if status == "BUSY"]
    assert all(body["retry_after_ms"] > 0 and body["reason"] for body in busy)
    assert rig.call("status")["ingest"]["busy"] == before + len(busy)


@pytest.mark.parametrize("frames, code", [
    ([b"hi"], "malformed"), ([b""], "malformed"), ([b"capa1", b"PING"], "malformed"), ([b"capa2", b"PING", b"n" * 20], "malformed"),
    ([b"capa1", b"FOO", b"n" * 20], "unknown_verb"), ([b"capa1", b"", b"n" * 20], "unknown_verb"),
    ([b"capa1", b"PUT", b"n" * 20], "malformed"), ([b"capa1", b"PUT", b"n" * 20, b""], "malformed"),
    ([b"capa1", b"CALL", b"n" * 20, b"list", b"{}"], "unknown_verb"), ([bytes(range(256))] * 3, "malformed"),
    ([b"capa1", b"PUT", b"n" * 20, *[b""] * 20000], "too_big"),
])
@pytest.mark.parametrize("kind", [Dealer, Requester])
def test_nothing_is_met_with_silence(rig, kind, frames, code):
    context = zmq.Context()
    client = kind(context, rig.endpoint("ingest"))
    try:
        protocol, status, _, body = client.raw(*frames)
        assert (protocol, status, json.loads(body)["code"]) == (b"capa1", b"ERR", code)
        assert client.ask("PING")[0] == "PONG"
    finally:
        client.close()
        context.term()


def test_calls_that_cannot_be(rig):
    def refused(method, body, *files):
        status, (answer, *_) = rig.exchange("control", b"CALL", [method, body, *files])
        assert status == "ERR", (method, body)
        return json.loads(answer)["code"]
    assert refused(b"no.such", b"{}") == "unknown_method"
    assert refused(b"list", b'{"bogus":1}') == "invalid"
    assert refused(b"list", b"{") == "invalid"
    assert refused(b"list", b'{"owner":"a","owner":"b"}') == "invalid"
    assert refused(b"show", b"{}") == "invalid"
    assert refused(b"show", b'{"ref":"NC-999999"}') == "not_found"
    assert refused(b"note", json.dumps({"ref": "NC-1", "text": "x" * (1 << 20)}).encode()) == "too_big"
    assert refused(b"note", b'{"ref":"NC-1","text":"x"}', *[b"a"] * 9) == "too_big"
    assert refused(b"evidence.add", b'{"ref":"NC-1","evidence":[{"name":"f","frame":0}]}', b"a" * ((16 << 20) + 1)) == "too_big"
    assert refused(b"evidence.add", b'{"ref":"NC-1","evidence":[{"name":"f","frame":3}]}', b"a") == "invalid"


# -- shapes

ITEM = """ref title grade state cycle rule fingerprint source asset owner controls occurrences first_seen last_seen raised_at closed_at
overdue next_due recurrence_of missing""".split()
WHOLE = ITEM + """statement corrections causes similar need_for_action actions criterion verdicts deadlines escalations evidence
history""".split()


def moments(value, name=""):
    """All members that are moments, by their names."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if key != "event":
                yield from moments(inner, key)
    elif isinstance(value, list):
        for inner in value:
            yield from moments(inner, name)
    elif isinstance(value, str) and (name.endswith(("_at", "_seen")) or name in ("at", "due", "due_original")):
        yield value


def test_list_and_show_have_what_the_contract_names(rig, ingest):
    nc = ingest.put(text())[0]["results"][0]["nc"]
    item = next(one for one in looked(rig, "list") if one["ref"] == nc)
    assert [name for name in ITEM if name not in item] == []
    whole = looked(rig, "show", nc)
    assert [name for name in WHOLE if name not in whole] == []
    assert isinstance(item["overdue"], bool) and set(item["next_due"]) >= {"kind", "due"} and item["occurrences"] == 1
    for name in ("controls", "missing"):
        assert isinstance(item[name], list)
    for name in ("corrections", "causes", "similar", "actions", "verdicts", "deadlines", "escalations", "evidence", "history"):
        assert isinstance(whole[name], list)
    assert all({"ref", "kind", "at", "sha256"} <= set(one) for one in whole["evidence"])
    assert all(TIME.match(one) for one in moments([item, whole])) and list(moments(whole))


def test_status_has_what_the_contract_names(rig, ingest):
    ingest.put(text())
    status = looked(rig, "status")
    assert {"version", "epoch", "database", "rules", "open", "overdue", "ingest", "sources", "journal"} <= set(status)
    assert {"received", "stored", "duplicate", "ignored", "invalid", "conflict", "busy", "spooled"} <= set(status["ingest"])
    assert status["database"]["ok"] is True and set(status["rules"]) >= {"count", "hash"} and isinstance(status["sources"], list)
    head = status["journal"]
    assert re.fullmatch(r"[0-9a-f]{64}", head["hash"]) and head["seq"] > 0 and status["overdue"] == 0
    assert looked(rig, "journal", "verify")["verified"] is True


@pytest.mark.parametrize("arguments, status", [
    (["list"], 0), (["--version"], 0), (["show", "--help"], 0), (["show", "NC-999999"], 4), (["show", "nothing"], 2), (["show"], 2),
    (["frobnicate"], 2), (["list", "--grade", "huge"], 2), (["list", "--frobnicate"], 2), (["verify", "1", "effective", "x"], 1),
    (["verify", "1", "perhaps", "x"], 2), (["ack", "ESC-999"], 4), (["list", "--endpoint", "ipc:///nobody/there"], 3),
    (["note", "1", "x", "--if-version", "999"], 1), (["approve", "1"], 1),
    (["list", "--endpoint", "nonsense"], 2), (["action", "--help"], 0), (["action", "frobnicate"], 2),
])
def test_exit_codes(rig, arguments, status):
    rig.put(event())
    result = capactl(rig, *arguments)
    assert result.returncode == status and bool(result.stderr) == (status != 0)


def test_a_daemon_that_is_not_there_keeps_nobody_waiting(rig):
    began = time.monotonic()
    assert capactl(rig, "list", "--endpoint", f"ipc://{rig.dir}/run/nobody.sock").returncode == 3
    assert time.monotonic() - began < 20


# -- configuration

def check(rig, name, content):
    """What capad check says when this file of etc/ is so; the file is as before afterwards."""
    file = rig.dir / "etc" / name
    before = file.read_text() if file.exists() else None
    file.write_text(content)
    try:
        return subprocess.run([CAPAD, "check", "--config", rig.dir / "etc/capad.json"], capture_output=True, text=True, check=False)
    finally:
        if before is None:
            file.unlink()
        else:
            file.write_text(before)


def rule(**members):
    whole = {"id": "mine", "title": "t", "match": {"path": "/type", "eq": "x"}, "effect": "fail", "fingerprint": ["/subject"],
             "grade": "minor", "owner": "a", "controls": ["A.8.13"], **members}
    return json.dumps({name: value for name, value in whole.items() if value is not None}, indent=1)


@pytest.mark.parametrize("content, place", [
    (rule(bogus=1), "17:2"), ('{"id":"a",\n "id":"b"}', "2:2"), ('{"id":\n "a",,}', "2:6"), (rule(id=None), "1:1"), (rule(match=None), "1:1"),
    (rule(fingerprint=None), "1:1"), (rule(grade="huge"), "12:11"), (rule(match={"path": "/type", "equals": "x"}), "6:3"),
    (rule(match={"path": "/type", "re": "("}), "6:9"), (rule(match={"path": "/a", "cidr": "300.0.0.0/8"}), "6:11"),
    (rule(match={"path": "type", "eq": "x"}), "5:12"), (rule(match={"all": []}), "5:10"), (rule(effect="boom"), "8:12"),
    (rule(effect="pass", grade=None), "1:1"), (rule(effect="pass", clears="nobody", grade=None), "16:12"),
    (rule(id="acceptance-failed"), "1:1"), (rule(instead_of=["nobody"]), "18:3"), (rule(triaged=True, owner=None), "1:1"),
    (rule(policy="nobody"), "17:12"), (rule(title="{/subject"), "3:12"), (rule(title=5), "3:11"), (rule() + " x", "17:3"), ("", "1:1"),
    (rule(fingerprint=["/a/*"]), "10:3"), (rule(instead_of=["mine"]), "18:3"),
])
def test_check_of_rules(rig, content, place):
    result = check(rig, "rules.d/mine.json", content)
    assert result.returncode == 1 and f"{rig.dir}/etc/rules.d/mine.json:{place}: " in result.stderr


@pytest.mark.parametrize("change, sentence", [
    ({"bogus": 1}, "unknown key"), ({"endpoints": {"ingest": "tcp://0.0.0.0:5555"}}, "beyond loopback"),
    ({"endpoints": {"ingest": ["ipc:///tmp/x.sock", "tcp://*:5555"]}}, "beyond loopback"), ({"endpoints": {"pull": "tcp://[::]:5555"}}, "beyond loopback"),
    ({"endpoints": {"ingest": "http://x"}}, "only ipc:// and tcp://"), ({"endpoints": {"ingest": "ipc://" + "x" * 200}}, "1 to 107 bytes"),
    ({"policy": "absent.json"}, "cannot be read"), ({"principals": [{"name": "x", "roles": ["king"]}]}, "unknown role"),
])
def test_check_of_the_configuration(rig, change, sentence):
    whole = {**json.loads((rig.dir / "etc/capad.json").read_text()), **change}
    result = check(rig, "capad.json", json.dumps(whole, indent=1))
    assert result.returncode == 1 and sentence in result.stderr and re.search(r"\.json:\d+:\d+: ", result.stderr)


def test_a_folder_that_is_not_there_is_named(rig):
    whole = {**json.loads((rig.dir / "etc/capad.json").read_text()), "rules": ["rules.d", "ruels.d"]}
    assert "ruels.d is not there" in check(rig, "capad.json", json.dumps(whole)).stderr


@pytest.mark.parametrize("path, value, sentence", [
    (["ladders", "fast", 4, "repeat"], "0s", "longer than nothing"), (["ladders", "fast", 0, "to"], [], "somebody"),
    (["ladders", "fast", 0, "level"], "L9", "unknown value"), (["ladders", "fast", 0, "at"], "soon", '"at" is'),
    (["calendars", "office", "zone"], "Mars/Phobos", "no time zone"), (["policies", "default", "major", "triage"], "2x", "no duration"),
    (["policies", "default", "ladder"], "nobody", "there is no"), (["sod"], "lax", "unknown value"),
])
def test_check_of_the_policy(rig, path, value, sentence):
    policy = json.loads(re.sub(r"^\s*//.*$", "", (rig.dir / "etc/policy.json").read_text(), flags=re.M))
    *way, last = path
    inner = policy
    for step in way:
        inner = inner[step]
    inner[last] = value
    result = check(rig, "policy.json", json.dumps(policy, indent=1))
    lines = result.stderr.splitlines()
    assert result.returncode == 1 and len(lines) == 1 and sentence in lines[0] and re.search(r"policy\.json:\d+:\d+: ", lines[0])


def test_a_broken_reload_changes_nothing(rig):
    def hash_in_force():
        return rig.call("status")["rules"]["hash"]
    before, file = hash_in_force(), rig.dir / "etc/rules.d/mine.json"
    file.write_text('{"id":\n "a",,}')
    size = len((rig.dir / "capad.log").read_text())
    rig.process.send_signal(signal.SIGHUP)
    wait_for(lambda: f"{file}:2:6: " in (rig.dir / "capad.log").read_text()[size:])
    assert hash_in_force() == before and rig.put(event())[0]["status"] == "stored"
    file.write_text(rule())
    rig.process.send_signal(signal.SIGHUP)
    wait_for(lambda: hash_in_force() != before)
    file.unlink()


def test_sockets_are_closed_to_others(rig):
    for name in ("ingest", "control", "publish", "pull"):
        assert (rig.dir / "run" / f"{name}.sock").stat().st_mode & 0o007 == 0


def test_a_source_outside_its_prefixes_is_forbidden():
    principals = [{"name": "tool", "uid": os.getuid(), "roles": ROLES, "sources": ["/mine/"]}]
    with Rig("capad-acceptance-prefix", rules=RULES, config={"principals": principals}) as rig:
        rig.start()
        verdicts = rig.put(event(source="/mine/a"), event(source="/yours/a"), event(source="/mine/b"))
        assert [v["status"] for v in verdicts] == ["stored", "forbidden", "stored"]
        result = subprocess.run([CAPACTL, "list", "--actor", "somebody"], env={**os.environ, **rig.environment}, capture_output=True,
                                text=True, check=False)
        assert result.returncode == 1 and "act for others" in result.stderr
