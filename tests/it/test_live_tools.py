"""The real programs, from Debian's packages, in folders of their own, end to end into the register: what they say of a
failure raises, what they say of a good run proves. rsyslog: test_other_clients.py."""
import concurrent.futures
import contextlib
import json
import os
import pathlib
import re
import shutil

import socket
import subprocess
import sys
import time
import urllib.request

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from rig import CAPACTL, ROOT, Rig, free_port  # noqa: E402  pylint: disable=wrong-import-position
from test_follow import Follower, wait_until  # noqa: E402  pylint: disable=wrong-import-position
from test_webhook import SECRET, TOKEN, Hook, bearer, hmac_of  # noqa: E402  pylint: disable=wrong-import-position

JOURNALD = "/lib/systemd/systemd-journald"
AS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="needs a mount namespace: root only")


def needs(*programs):
    missing = [program for program in programs if not shutil.which(program)]
    return pytest.mark.skipif(bool(missing), reason=f"{', '.join(missing)} is not installed")


@pytest.fixture(name="rig", scope="module")
def rig_fixture():
    with Rig("capad-live") as rig:
        rig.start()
        yield rig


@pytest.fixture(name="place")
def place_fixture(rig, request):
    """A folder that user postgres can reach, too."""
    folder = rig.dir / re.sub(r"\W+", "-", request.node.name)[:80]
    folder.mkdir()
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


def ran(*command, **options):
    return subprocess.run([str(part) for part in command], capture_output=True, text=True, timeout=60, check=False, **options)


def is_proved(rig, asset, before):
    """Has a good run been added to what its nonconformity had, which is no occurrence?"""
    now = only(rig, asset)
    return len(now["evidence"]) > len(before["evidence"]) and now["occurrences"] == before["occurrences"]


def environment_of(rig, **more):
    return {**os.environ, **rig.environment, "CAPACTL_SPOOL": str(rig.dir / "state" / "live.db"), **more}


def emit(rig, adapter, text, *options):
    """capactl emit of what a tool wrote; what it did to the register."""
    result = ran(CAPACTL, "emit", "--json", "--adapter", adapter, *options, "-", input=text, env=environment_of(rig))
    assert result.returncode == 0, result.stderr
    return [(result["effect"], result.get("nc")) for verdict in json.loads(result.stdout)["verdicts"] for result in verdict["results"]]


def run(rig, adapter, subject, *command, cwd=None, **environment):
    """A tool under capactl run: one word, nothing in between."""
    result = ran(CAPACTL, "run", "--adapter", adapter, "--subject", subject, "--", *command, cwd=cwd, env=environment_of(rig, **environment))
    assert "capactl: run" not in result.stderr, result.stderr
    return result


def only(rig, asset):
    """The one NC of an asset, in full."""
    found = rig.call("list", {"asset": asset, "all": True})
    assert len(found) == 1, found
    return rig.call("show", {"ref": found[0]["ref"]})



@AS_ROOT
@needs("restic", "runuser")
def test_restic(rig, place):
    """Its own words raise and prove; what they told, how it ended does not tell again."""
    secrets = {"RESTIC_PASSWORD": "not-a-secret", "RESTIC_CACHE_DIR": str(place / "cache"), "RESTIC_REPOSITORY": str(place / "repository")}
    unreadable = place / "data" / "unreadable"
    unreadable.parent.mkdir()
    (place / "data" / "file").write_text("worth keeping")
    shutil.chown(place, "postgres")

    def restic(*words):
        return run(rig, "restic", "restic01", "runuser", "-u", "postgres", "--", "restic", *words, cwd=place, **secrets).returncode

    assert restic("backup", "--json", "data") == 1  # no repository yet, which restic says in plain text
    first = only(rig, "restic01")
    assert first["rule"] == "run-failed" and "unable to open config file" in json.dumps(first["statement"])
    assert ran("runuser", "-u", "postgres", "--", "restic", "init", env=environment_of(rig, **secrets), cwd=place).returncode == 0
    assert restic("backup", "--json", "data") == 0 and is_proved(rig, "restic01", first)
    unreadable.write_text("not for everybody")
    unreadable.chmod(0o600)
    assert restic("backup", "--json", "data") == 3
    ref, = [nc["ref"] for nc in rig.call("list", {"asset": "restic01"}) if nc["rule"] == "restic-failed"]
    nc = rig.call("show", {"ref": ref})
    assert "unreadable" in nc["statement"]["found"] and "A.8.13" in nc["controls"]
    assert rig.call("show", {"ref": first["ref"]})["occurrences"] == 1
    unreadable.unlink()
    assert restic("backup", "--json", "data") == 0
    assert len(rig.call("show", {"ref": ref})["evidence"]) > len(nc["evidence"])


@needs("borg")
def test_borg(rig, place):
    repository = str(place / "repository")
    secrets = {"BORG_BASE_DIR": str(place / "base"), "BORG_UNKNOWN_UNENCRYPTED_REPO_ACCESS_IS_OK": "yes"}
    (place / "data").mkdir()
    (place / "data" / "file").write_text("worth keeping")

    def create():
        return run(rig, "borg", repository, "borg", "--log-json", "create", "--json", f"{repository}::night-{time.time_ns()}", "data",
                   cwd=place, **secrets).returncode

    assert create() == 2  # there is no repository yet
    nc = only(rig, repository)
    assert nc["rule"] == "borg-failed" and "does not exist" in nc["statement"]["found"] and "A.8.13" in nc["controls"]
    assert ran("borg", "init", "-e", "none", repository, env=environment_of(rig, **secrets)).returncode == 0
    assert create() == 0
    assert is_proved(rig, repository, nc)


@needs("pgbackrest")
def test_pgbackrest(rig, place):
    as_service = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    data, socket_folder, config = place / "data", place / "sock", place / "pgbackrest.conf"
    for folder in (place, socket_folder, place / "repository", place / "lock"):
        folder.mkdir(exist_ok=True)
        if as_service:
            shutil.chown(folder, "postgres")
    config.write_text(
        f"[global]\nrepo1-path={place}/repository\nlock-path={place}/lock\nlog-level-file=off\nlog-level-console=warn\nstart-fast=y\n"
        f"compress-type=lz4\narchive-timeout=20\n[live]\npg1-path={data}\npg1-socket-path={socket_folder}\npg1-user=postgres\n")
    pgbackrest = [*as_service, "pgbackrest", f"--config={config}", "--stanza=live"]

    def info():
        result = ran(*as_service, "pgbackrest", f"--config={config}", "--stanza=live", "--output=json", "info", cwd=place)
        return emit(rig, "pgbackrest", result.stdout, "--wrap")

    failed = info()  # there is no stanza
    assert [effect for effect, _ in failed] == ["raised"]
    assert only(rig, "live")["rule"] == "pgbackrest-failed"
    assert ran(*as_service, rig.bin / "initdb", "-D", data, "-U", "postgres", "--no-sync", "-A", "trust", cwd=place).returncode == 0
    with open(data / "postgresql.conf", "a", encoding="utf-8") as file:
        file.write(f"listen_addresses = ''\nunix_socket_directories = '{socket_folder}'\narchive_mode = on\nfsync = off\n"
                   f"archive_command = 'pgbackrest --config={config} --stanza=live archive-push %p'\n")
    started = ran(*as_service, rig.bin / "pg_ctl", "-D", data, "-w", "-l", socket_folder / "log", "start", cwd=place)
    assert started.returncode == 0, started.stderr
    try:
        made = ran(*pgbackrest, "stanza-create", cwd=place)
        assert made.returncode == 0, made.stdout + made.stderr
        assert info() == [("occurrence", failed[0][1])]  # a stanza, but no backup
        made = ran(*pgbackrest, "--type=full", "backup", cwd=place)
        assert made.returncode == 0, made.stdout + made.stderr
        assert ("evidence", failed[0][1]) in info()
    finally:
        ran(*as_service, rig.bin / "pg_ctl", "-D", data, "-m", "immediate", "stop", cwd=place)
    nc = only(rig, "live")
    assert nc["occurrences"] == 2 and "A.8.13" in nc["controls"]


@needs("aide")
def test_aide(rig, place):
    (place / "watched").mkdir()
    (place / "watched" / "file").write_text("as it was")
    (place / "aide.conf").write_text(f"database_in=file:{place}/aide.db\ndatabase_out=file:{place}/aide.db.new\n"
                                     f"report_format=json\nreport_url=stdout\n{place}/watched sha256+p+u+g\n")

    def check():
        return run(rig, "aide", "aide01", "aide", f"--config={place}/aide.conf", "--check", cwd=place).returncode

    def accept():
        assert ran("aide", f"--config={place}/aide.conf", "--init", cwd=place).returncode == 0
        (place / "aide.db.new").rename(place / "aide.db")

    accept()
    assert check() == 0 and not rig.call("list", {"asset": "aide01"})
    (place / "watched" / "file").write_text("changed by somebody")
    (place / "watched" / "new").write_text("")
    assert check() & 1  # a file was added
    nc = only(rig, "aide01")
    assert nc["rule"] == "aide-changed" and "1 files added" in nc["statement"]["found"]
    assert check() & 1
    nc = only(rig, "aide01")
    assert nc["occurrences"] == 2
    accept()
    assert check() == 0 and is_proved(rig, "aide01", nc)


@AS_ROOT
@needs("lynis", "awk", "unshare")
def test_lynis(rig, place):
    """One test of Lynis on the real passwd and on one with a second user 0, each in a mount namespace."""
    passwd = pathlib.Path("/etc/passwd").read_text(encoding="utf-8")
    (place / "good").write_text("".join(line for line in passwd.splitlines(keepends=True) if line.startswith("root:") or ":0:" not in line[:40]))
    (place / "bad").write_text(passwd + "toor:x:0:0:root:/root:/bin/sh\n")

    def audit(kind):
        command = (f"mount --bind {place}/{kind} /etc/passwd && mount -t tmpfs none /run && exec lynis audit system --tests AUTH-9204 "
                   f"--no-plugins --quick --no-colors --report-file {place}/{kind}.dat --log-file {place}/{kind}.log")
        assert ran("unshare", "-m", "sh", "-c", command, cwd=place).returncode in (0, 78)
        report = ran("awk", "-f", ROOT / "daemon" / "adapters" / "lynis-report.awk", place / f"{kind}.dat")
        return report.stdout

    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        bad, good = pool.map(audit, ("bad", "good"))
    assert any("AUTH-9204" in warning for warning in json.loads(bad)["warning"])
    subject = ("--wrap", "--subject", "lynis01")
    warned = emit(rig, "lynis", bad, *subject)
    assert [effect for effect, _ in warned] == ["raised"]
    nc = only(rig, "lynis01")
    assert nc["rule"] == "lynis-warnings" and "UID 0" in json.dumps(nc)
    assert emit(rig, "lynis", good, *subject) == [("evidence", warned[0][1])]


@contextlib.contextmanager
def journald(place):
    """A systemd-journald of its own: its sockets in place/systemd, its files in place/log."""
    for folder in ("systemd", "log"):
        (place / folder).mkdir()
    command = (f"mount --bind {place}/systemd /run/systemd && mount --bind {place}/log /run/log && mkdir -p /run/systemd/journal && "
               f"exec {JOURNALD}")
    # pylint: disable-next=consider-using-with
    process = subprocess.Popen(["unshare", "-m", "sh", "-c", command], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL)
    try:
        wait_until(lambda: (place / "systemd/journal/socket").exists() and list((place / "log/journal").glob("*/system.journal")))
        yield next((place / "log/journal").iterdir())
    finally:
        process.terminate()
        process.wait(20)


def tell(place, **fields):
    """An entry by journald's native protocol."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as to:
        to.connect(str(place / "systemd/journal/socket"))
        to.send("".join(f"{name}={value}\n" for name, value in fields.items()).encode())


@AS_ROOT
@needs("unshare")
@pytest.mark.skipif(not os.path.exists(JOURNALD) or not os.path.exists("/etc/machine-id"), reason="no systemd-journald here")
def test_journald(rig, place):
    os.makedirs("/run/systemd", exist_ok=True)
    os.makedirs("/run/log", exist_ok=True)
    failed = {"MESSAGE_ID": "d9b373ed55a64feb8242e02dbe79a49c", "UNIT": "nightly.service", "UNIT_RESULT": "exit-code", "PRIORITY": "4",
              "SYSLOG_IDENTIFIER": "systemd", "MESSAGE": "nightly.service: Failed with result 'exit-code'."}
    with journald(place) as folder:
        tell(place, MESSAGE="before", PRIORITY="6")
        wait_until(lambda: "before" in ran("journalctl", "-D", folder, "-o", "cat").stdout)
        with Follower(rig, place, "--journal", "--directory", str(folder), "--json") as follower:
            follower.ready()
            tell(place, **failed)
            tell(place, MESSAGE="just a line", PRIORITY="6")
            wait_until(lambda: rig.call("list", {"asset": "nightly.service"}))
            tell(place, MESSAGE_ID="7ad2d189f7e94e70a38c781354912448", UNIT="nightly.service", PRIORITY="6", SYSLOG_IDENTIFIER="systemd",
                 MESSAGE="nightly.service: Deactivated successfully.")
            wait_until(lambda: '"evidence"' in follower.said())
            follower.end()
        said = [json.loads(line) for line in follower.said().splitlines() if line.startswith("{")]
    assert sum(len(answer["verdicts"]) for answer in said) == 3
    assert only(rig, "nightly.service")["occurrences"] == 1


@contextlib.contextmanager
def alertmanager(place, hook):
    port = free_port()
    (place / "capad.token").write_text(TOKEN)
    (place / "alertmanager.yml").write_text(json.dumps({
        "route": {"receiver": "capad", "group_by": ["..."], "group_wait": "100ms", "group_interval": "500ms", "repeat_interval": "1h"},
        "receivers": [{"name": "capad", "webhook_configs": [{
            "url": f"http://127.0.0.1:{hook.port}/alertmanager", "send_resolved": True,
            "http_config": {"authorization": {"type": "Bearer", "credentials_file": str(place / "capad.token")}}}]}]}))
    with open(place / "alertmanager.log", "wb") as log:
        # pylint: disable-next=consider-using-with
        process = subprocess.Popen(["prometheus-alertmanager", f"--config.file={place}/alertmanager.yml", f"--storage.path={place}/am",
                                    f"--web.listen-address=127.0.0.1:{port}", "--cluster.listen-address="], stdout=log, stderr=log,
                                   stdin=subprocess.DEVNULL)

    def post(alert):
        request = urllib.request.Request(f"http://127.0.0.1:{port}/api/v2/alerts", json.dumps([alert]).encode(),
                                         {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=5) as answer:
            assert answer.status == 200

    def is_ready():
        with contextlib.suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{port}/-/ready", timeout=2) as answer:
            return answer.status == 200
        return False

    try:
        wait_until(is_ready)
        yield post
    finally:
        process.terminate()
        process.wait(20)
        print((place / "alertmanager.log").read_text()[-3000:])


@needs("prometheus-alertmanager")
def test_alertmanager(rig, place):
    """Debian's Alertmanager posts firing and resolved to capa-webhook; while capad is away it comes again."""
    def moment(seconds):
        return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + seconds))

    labels = {"alertname": "DiskFull", "host": "am-live", "severity": "critical"}
    annotations = {"summary": "am-live is full"}
    with Hook(rig, place, limits={"ack": "2s"}) as hook, alertmanager(place, hook) as post:
        post({"labels": labels, "annotations": annotations, "startsAt": moment(-5)})
        wait_until(lambda: rig.call("list", {"asset": "am-live"}))
        nc = only(rig, "am-live")
        assert nc["rule"].startswith("alertmanager") and "am-live is full" in json.dumps(nc) and nc["source"].startswith("http")
        rig.stop()
        post({"labels": labels, "annotations": annotations, "startsAt": moment(-5), "endsAt": moment(0)})
        wait_until(lambda: "answered 503" in hook.log.read_text(), 30)
        rig.start()
        wait_until(lambda: len(only(rig, "am-live")["evidence"]) > len(nc["evidence"]), 40)
        assert only(rig, "am-live")["occurrences"] == 1
        assert hook.ask("/alertmanager", {"alerts": []}, headers=bearer("no-" + TOKEN))[0] == 401


# -- the table of README.md: each of its lines, with the tools' own output where the tool itself is not here

CORPUS = ROOT.parent / "shared" / "corpus"
SAYS = {  # what stands for a tool: its exit status and output
    "restic": (0, "toolrun/restic/backup-ok.ndjson"), "borg": (0, "toolrun/borg/create-ok.json"),
    "pgbackrest": (0, "toolrun/pgbackrest/info-ok.json"), "aide": (4, "toolrun/aide/check-changed.json"),
    "trivy": (0, "defectdojo-scans/trivy/misconfigurations_and_secrets.json"),
    "kube-bench": (0, "defectdojo-scans/kubebench/kube-bench-report-many-vuln.json"), "inspec": (100, "inspec-json/v-71863.json"),
    "aws": (0, "aws-securityhub/heimdall_asff_sample.ndjson"), "some-tool": (0, "oscal/assessment-results.json"), "./cleanup": (0, None),
    "lynis": (0, None), "saf": (0, None)}
FOLLOWED = {"wazuh": None, "suricata": "suricata-eve/fileinfo.ndjson", "falco": "falco/open_from_cat.ndjson",
            "linux-audit": "auditd/ubuntu-17.04-linux-4.10.0.ndjson"}
POSTED = {"/securityhub": "aws-securityhub/guardduty.ndjson", "/aws": "aws-events/ecr-image-scan-event.json",
          "/cloudtrail": "aws-cloudtrail/management-events.ndjson", "/falco": "falco/open_from_cat.ndjson",
          "/alertmanager": "toolrun/alertmanager/webhook.ndjson", "/grafana": "grafana/alert_multiple_v8.json",
          "/zabbix": "zabbix/alert_disaster.json", "/pagerduty": "pagerduty/triggered_v3.json", "/opsgenie": "opsgenie/create.json",
          "/jira": "jira/webhook-issue-created.json", "/github": "github-webhooks/public.ndjson"}
WITH_CORPUS = pytest.mark.skipif(not CORPUS.is_dir(), reason="../shared/corpus is not here")


def lines_of_readme():
    """Code of the table's second column, by tool."""
    table = (ROOT / "README.md").read_text(encoding="utf-8").split("| Tool | Line |")[1].split("\n\n")[0]
    rows = [line.replace("\\|", "\0").strip("|").split("|") for line in table.splitlines()[2:]]
    return [(tool.strip(), [code.replace("\0", "|") for code in re.findall("`([^`]*)`", line)]) for tool, line in rows]


COMMANDS = [code for _, codes in lines_of_readme() for code in codes if "capactl run" in code or "capactl emit" in code]
FOLLOWS = [code for _, codes in lines_of_readme() for code in codes if "capactl-follow@" in code]
ROUTES = [code for _, codes in lines_of_readme() for code in codes if code.startswith("/")]


def samples_of(adapter):
    """A message of an adapter's own tests, where the corpus has none."""
    document = json.loads((ROOT / "daemon" / "adapters" / f"{adapter}.json").read_text(encoding="utf-8"))
    return [json.dumps(test["event"]) for test in document["tests"] if test["adapter"] == adapter]


def messages_of(name):
    return [line for line in (CORPUS / name).read_text(encoding="utf-8").splitlines() if line] if name.endswith("ndjson") else [
        (CORPUS / name).read_text(encoding="utf-8")]


def test_the_table_has_each_tool_and_each_adapter_has_a_line():
    rows = " ".join(tool + " " + " ".join(codes) for tool, codes in lines_of_readme())
    for tool in ("Wazuh", "Suricata", "Falco", "Linux audit", "Alertmanager", "Grafana", "Zabbix", "PagerDuty", "Opsgenie", "Prowler",
                 "Security Lake", "Security Hub", "GuardDuty", "Config", "CloudTrail", "GitHub", "Jira", "Trivy", "kube-bench", "InSpec",
                 "OpenSCAP", "AIDE", "Lynis", "restic", "Borg", "pgBackRest", "systemd", "rsyslog"):
        assert tool in rows
    assert len(COMMANDS) >= 13 and len(FOLLOWS) == len(FOLLOWED) and set(ROUTES) == set(POSTED)


@WITH_CORPUS
@pytest.mark.parametrize("line", COMMANDS)
def test_a_command_of_the_table(rig, place, line):
    for name, (status, says) in SAYS.items():
        shown = f"cat {CORPUS / says}" if says else "true"
        (place / name).write_text(f"#!/bin/sh\n{shown}\nexit {status}\n")
        (place / name).chmod(0o755)
    (place / "capactl").symlink_to(CAPACTL)
    shutil.copy(CORPUS / "openscap-hdf/xccdf-openscap-rhel7-hdf.json", place / "hdf.json")
    (place / "findings.ocsf.json").write_text("\n".join(messages_of("prowler-ocsf/after_4_5_0_one.ocsf.ndjson")))
    (place / "lynis-report.dat").write_text("report_version_major=1\nhostname=web01\nlynis_version=3.0.8\nwarning[]=AUTH-9204|Multiple users with UID 0|-|-|\n")
    here = line.replace("/usr/share/capad/adapters", str(ROOT / "daemon" / "adapters")).replace("/var/log/lynis", str(place / "lynis"))
    result = ran("bash", "-c", here, cwd=place, env=environment_of(rig, PATH=f"{place}:{os.environ['PATH']}"))
    assert result.returncode in {0, *(status for status, _ in SAYS.values())} and "capactl:" not in result.stderr, result.stderr
    if "capactl emit" in line:
        assert re.search(r"[1-9][0-9]* events?: [1-9][0-9]* (stored|ignored)", result.stdout), result.stdout
    elif "--adapter" in line:
        with rig.connect() as connection:
            kept = [json.loads(row[0]) for table in ("event", "ignored") for row in connection.execute(
                f"SELECT body FROM capa.{table} WHERE body IS NOT NULL")]
        adapter = re.search("--adapter ([^ ]+)", line)[1]
        assert sum(event["data"]["messages"] for event in kept if event.get("type") == f"{adapter}.finished") > 0


@WITH_CORPUS
@pytest.mark.parametrize("line", FOLLOWS)
def test_a_followed_file_of_the_table(rig, place, line):
    options, conf, instance = re.fullmatch(r"echo CAPACTL_OPTIONS=(.*) >follow/(.*)\.conf; systemctl enable --now capactl-follow@(.*)", line).groups()
    assert conf == instance  # the unit reads the file of its own name
    adapter = options.split()[1]
    messages = messages_of(FOLLOWED[adapter]) if FOLLOWED[adapter] else samples_of(adapter)
    (place / "log").write_text("\n".join(json.dumps(json.loads(message)) for message in messages) + "\n")
    with Follower(rig, place, "--follow", str(place / "log"), *options.split()) as follower:
        follower.ready().end()
        assert re.search(r"[1-9][0-9]* events?: [1-9][0-9]* (stored|ignored)", follower.said()), follower.said()


@WITH_CORPUS
def test_the_routes_of_the_table(rig, place):
    """The sample configuration with all its routes, and what the tools post."""
    sample = re.sub(r'(?m)^    // (\{ "path".*\},).*$', r"    \1", (ROOT / "systemd" / "webhook.json").read_text(encoding="utf-8"))
    config = json.loads(re.sub(r"(?m)^ *//.*$", "", sample))
    routes = {route["path"]: route for route in config["routes"]}
    assert set(routes) == set(POSTED)
    (place / "webhook").mkdir()
    for route in config["routes"]:
        secret = place / (route.get("token_file") or route["signature_file"])
        secret.write_text(SECRET if "signature_file" in route else TOKEN)
        secret.chmod(0o600)
    with Hook(rig, place, routes=config["routes"]) as hook:
        for path, name in POSTED.items():
            for number, message in enumerate(messages_of(name)):
                body, route, url = message.encode(), routes[path], path
                headers = {"X-GitHub-Event": "public", "X-GitHub-Delivery": f"{path}-{number}"}
                if "signature_file" in route:
                    kind = "v1" if path == "/pagerduty" else "sha256"
                    headers[route.get("signature_header", "X-Hub-Signature-256")] = f"{kind}={hmac_of(body)}"
                elif "token_header" in route:
                    headers[route["token_header"]] = TOKEN
                elif "token_query" in route:
                    url = f"{path}?{route['token_query']}={TOKEN}"
                else:
                    headers.update(bearer())
                assert hook.ask(url, body, headers={})[0] == (401 if "token_query" not in route else 200)
                status, answer, _ = hook.ask(url, body, headers=headers)
                assert status == 200 and answer["verdicts"][0]["status"] in ("stored", "ignored", "duplicate"), (path, answer)
