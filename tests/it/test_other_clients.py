"""Clients that nobody here wrote: rsyslog's omczmq into pull, a pyzmq PUB for subscriptions, REQ, and restic
really failing under `capactl run`."""
import json
import os
import pathlib
import shutil
import subprocess
import sys
import time
import uuid

import pytest
import zmq

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from rig import CAPACTL, Rig  # noqa: E402  pylint: disable=wrong-import-position

RULES = [
    {"id": "syslog-error", "title": "{/subject} on {/source}: {/data/message}",
     "match": {"all": [{"path": "/type", "eq": "syslog.message"}, {"path": "/data/severity", "lte": 3}]},
     "effect": "fail", "fingerprint": ["/source", "/subject"], "grade": "minor", "controls": ["A.8.15"]},
    {"id": "sensor-limit", "title": "{/subject} beyond its limit",
     "match": {"all": [{"path": "/type", "eq": "sensor.reading"}, {"path": "/data/celsius", "gt": 27}]},
     "effect": "fail", "fingerprint": ["/subject"], "grade": "minor", "controls": ["A.7.5"]},
]


@pytest.fixture(name="rig")
def rig_fixture(tmp_path):
    publisher = f"ipc://{tmp_path}/sensors.sock"
    config = {"subscriptions": [{"name": "sensors", "endpoint": publisher, "topics": ["sensor"]}]}
    with Rig("capad-others", rules=RULES, config=config) as rig:
        rig.publisher = publisher
        rig.start()
        yield rig


def wait_for(what, seconds=60):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        found = what()
        if found:
            return found
        time.sleep(0.1)
    return what()


def ncs_of(rig, rule):
    return [nc for nc in rig.call("list", {}) if nc["rule"] == rule]


@pytest.mark.skipif(not shutil.which("rsyslogd"), reason="rsyslog is not installed")
def test_rsyslog_omczmq_into_pull(rig, tmp_path):
    configuration = tmp_path / "rsyslog.conf"
    configuration.write_text(
        r'''global(workDirectory="%(dir)s")
module(load="imuxsock" SysSock.Use="off")
module(load="omczmq")
input(type="imuxsock" Socket="%(dir)s/log")
template(name="event" type="list") {
  constant(value="{\"specversion\":\"1.0\",\"type\":\"syslog.message\",\"id\":\"") property(name="uuid")
  constant(value="\",\"source\":\"syslog/") property(name="hostname" format="json")
  constant(value="\",\"subject\":\"") property(name="programname" format="json")
  constant(value="\",\"time\":\"") property(name="timereported" dateFormat="rfc3339")
  constant(value="\",\"data\":{\"severity\":") property(name="syslogseverity")
  constant(value=",\"message\":\"") property(name="msg" format="json") constant(value="\"}}")
}
action(type="omczmq" endpoints=">%(pull)s" socktype="PUSH" template="event")
''' % {"dir": tmp_path, "pull": rig.endpoint("pull")})
    daemon = subprocess.Popen(  # pylint: disable=consider-using-with
        ["rsyslogd", "-n", "-f", configuration, "-i", tmp_path / "pid"],
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        assert wait_for((tmp_path / "log").exists)
        text = 'copy of "db01" failed: \\srv\\data is gone, übel'
        for priority in ("user.err", "user.info"):
            subprocess.run(["logger", "--socket", tmp_path / "log", "-t", "nightly-copy", "-p", priority, text], check=True)
        found = wait_for(lambda: ncs_of(rig, "syslog-error"))
        assert len(found) == 1 and text in found[0]["title"] and found[0]["asset"] == "nightly-copy"
    finally:
        daemon.kill()  # Debian's omczmq aborts at an orderly end; nothing here depends on it
        daemon.wait()


def test_pub_of_others_by_subscription(rig):
    """Each way of framing that the contract names; other topics are not asked for."""
    with zmq.Context() as context, context.socket(zmq.PUB) as publisher:
        publisher.linger = 0
        publisher.bind(rig.publisher)

        def reading(room):
            return json.dumps({"specversion": "1.0", "id": str(uuid.uuid4()), "source": "sensors", "type": "sensor.reading",
                               "subject": room, "data": {"celsius": 31.5}}).encode()

        def tell():
            publisher.send_multipart([b"sensor.a", reading("two-frames")])
            publisher.send_multipart([b"sensor.b", reading("sequence"), (7).to_bytes(4, "little")])
            publisher.send(b"sensor.c " + reading("one-frame"))
            publisher.send_multipart([b"other", reading("not-asked-for")])
            return {nc["asset"] for nc in ncs_of(rig, "sensor-limit")} >= {"two-frames", "sequence", "one-frame"}

        assert wait_for(tell)
    assert not [nc for nc in ncs_of(rig, "sensor-limit") if nc["asset"] == "not-asked-for"]
    assert sum(nc["occurrences"] for nc in ncs_of(rig, "sensor-limit")) >= 3


def test_req_by_pyzmq(rig):
    """REQ puts an empty frame in front, and gets it back."""
    event = {"specversion": "1.0", "id": "req-1", "source": "req", "type": "backup.finished", "subject": "db09",
             "data": {"exit_code": 1, "big": 9007199254740993}}
    with zmq.Context() as context, context.socket(zmq.REQ) as socket:
        socket.linger = 0
        socket.rcvtimeo = 60000
        socket.connect(rig.endpoint("ingest"))
        socket.send_multipart([b"capa1", b"PUT", b"0123456789abcdef", b"", json.dumps(event).encode()])
        protocol, status, number, body = socket.recv_multipart()
    assert (protocol, status, number) == (b"capa1", b"ACK", b"0123456789abcdef")
    verdict, = json.loads(body)["verdicts"]
    assert verdict["status"] == "stored" and verdict["results"][0]["effect"] == "raised"


@pytest.mark.skipif(not shutil.which("restic"), reason="restic is not installed")
def test_restic_under_capactl_run(rig, tmp_path):
    """A backup whose repository is not there raises; a good one is evidence of the same nonconformity."""
    environment = {**os.environ, **rig.environment, "RESTIC_PASSWORD": "not-a-secret", "RESTIC_CACHE_DIR": str(tmp_path / "cache")}
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "file").write_text("worth keeping")

    def backup():
        return subprocess.run(
            [CAPACTL, "run", "--type", "backup.finished", "--subject", "db01", "--", "restic", "-r", tmp_path / "repository",
             "backup", tmp_path / "data"], env=environment, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False)

    failed = backup()
    assert failed.returncode == 1 and "unable to open config file" in failed.stderr
    nc, = ncs_of(rig, "backup-failed")
    assert nc["asset"] == "db01" and nc["occurrences"] == 1
    assert "unable to open config file" in json.dumps(rig.call("show", {"ref": nc["ref"]})["statement"])

    subprocess.run(["restic", "-r", tmp_path / "repository", "init"], env=environment, check=True, capture_output=True)
    good = backup()
    assert good.returncode == 0 and "snapshot" in good.stdout
    nc, = ncs_of(rig, "backup-failed")
    assert nc["occurrences"] == 1
    assert backup().returncode == 0
    log = json.dumps(rig.call("show", {"ref": nc["ref"]}))
    assert nc["state"] not in ("closed", "rejected") and "backup.finished" in log
