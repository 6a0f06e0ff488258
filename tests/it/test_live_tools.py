"""The real programs, from Debian's packages, in folders of their own, end to end into the register: what they say of a
failure raises, what they say of a good run proves. restic and rsyslog: test_other_clients.py."""
import concurrent.futures
import contextlib
import json
import os
import pathlib
import shutil

import socket
import subprocess
import sys
import time
import urllib.request

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from rig import CAPACTL, ROOT, Rig  # noqa: E402  pylint: disable=wrong-import-position
from test_follow import Follower, wait_until  # noqa: E402  pylint: disable=wrong-import-position
from test_webhook import TOKEN, Hook, bearer  # noqa: E402  pylint: disable=wrong-import-position

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
    folder = rig.dir / request.node.name
    folder.mkdir()
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


def ran(*command, **options):
    return subprocess.run([str(part) for part in command], capture_output=True, text=True, timeout=60, check=False, **options)


def emit(rig, adapter, *messages):
    """capactl emit of what a tool wrote, one a line; the verdicts."""
    result = subprocess.run([str(CAPACTL), "emit", "--json", "--adapter", adapter, "-"], text=True, capture_output=True, timeout=60,
                            input="".join(json.dumps(message) + "\n" for message in messages), check=False,
                            env={**os.environ, **rig.environment, "CAPACTL_SPOOL": str(rig.dir / "state" / "live.db")})
    assert result.returncode == 0, result.stderr
    return json.loads(result.stdout)["verdicts"]


def wrapped(message, source, subject, **more):
    return {"specversion": "1.0", "id": f"{time.time_ns()}", "source": source, "type": "live", "subject": subject, "data": message, **more}


def effects(verdicts):
    return [(result["effect"], result.get("nc")) for verdict in verdicts for result in verdict["results"]]


def only(rig, asset):
    """The one NC of an asset, in full."""
    found = rig.call("list", {"asset": asset, "all": True})
    assert len(found) == 1, found
    return rig.call("show", {"ref": found[0]["ref"]})



@needs("borg")
def test_borg(rig, place):
    environment = {**os.environ, "BORG_BASE_DIR": str(place / "base"), "BORG_UNKNOWN_UNENCRYPTED_REPO_ACCESS_IS_OK": "yes"}
    repository = str(place / "repository")
    (place / "data").mkdir()
    (place / "data" / "file").write_text("worth keeping")

    def create():
        result = ran("borg", "--log-json", "create", "--json", f"{repository}::night-{time.time_ns()}", "data", cwd=place, env=environment)
        messages = [json.loads(line) for line in result.stderr.splitlines()]
        messages += [json.loads(result.stdout)] if result.stdout else []
        return effects(emit(rig, "borg", *(wrapped(message, "hosts/borg01", repository, exitcode=result.returncode) for message in messages)))

    failed = create()  # there is no repository yet
    assert [effect for effect, _ in failed] == ["raised"]
    nc = only(rig, repository)
    assert nc["rule"] == "borg-failed" and "does not exist" in nc["statement"]["found"] and "A.8.13" in nc["controls"]
    assert ran("borg", "init", "-e", "none", repository, env=environment).returncode == 0
    assert ("evidence", failed[0][1]) in create()
    assert only(rig, repository)["occurrences"] == 1


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
        return effects(emit(rig, "pgbackrest", wrapped(json.loads(result.stdout), "hosts/pg01", "pg01")))

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
        result = ran("aide", f"--config={place}/aide.conf", "--check", cwd=place)
        return effects(emit(rig, "aide", wrapped(json.loads(result.stdout), "hosts/aide01", "aide01")))

    def accept():
        assert ran("aide", f"--config={place}/aide.conf", "--init", cwd=place).returncode == 0
        (place / "aide.db.new").rename(place / "aide.db")

    accept()
    assert [effect for effect, _ in check()] in ([], ["none"])
    (place / "watched" / "file").write_text("changed by somebody")
    (place / "watched" / "new").write_text("")
    changed = check()
    assert [effect for effect, _ in changed] == ["raised"]
    nc = only(rig, "aide01")
    assert nc["rule"] == "aide-changed" and "1 files added" in nc["statement"]["found"]
    assert check() == [("occurrence", changed[0][1])]
    accept()
    assert ("evidence", changed[0][1]) in check()


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
        return json.loads(report.stdout)

    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        bad, good = pool.map(audit, ("bad", "good"))
    assert any("AUTH-9204" in warning for warning in bad["warning"])
    warned = effects(emit(rig, "lynis", wrapped(bad, "hosts/lynis01", "lynis01")))
    assert [effect for effect, _ in warned] == ["raised"]
    nc = only(rig, "lynis01")
    assert nc["rule"] == "lynis-warnings" and "UID 0" in json.dumps(nc)
    assert effects(emit(rig, "lynis", wrapped(good, "hosts/lynis01", "lynis01"))) == [("evidence", warned[0][1])]


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
        time.sleep(0.5)
        with Follower(rig, place, "--journal", "--directory", str(folder), "--json") as follower:
            time.sleep(1)
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
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
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
