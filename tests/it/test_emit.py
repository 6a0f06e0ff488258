"""capactl emit: every event is acknowledged, refused by name, or in the spool; none twice, none lost."""
import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import threading
import time
import uuid

import pytest
import zmq

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from conftest import wait_for  # noqa: E402  pylint: disable=wrong-import-position
from rig import CAPACTL, Rig  # noqa: E402  pylint: disable=wrong-import-position


@pytest.fixture(name="rig", scope="module")
def rig_fixture():
    with Rig("capad-emit") as rig:
        rig.start()
        yield rig


@pytest.fixture(name="spool")
def spool_fixture(tmp_path):
    return str(tmp_path / "state" / "spool.db")


def capactl(rig, *arguments, text="", **environment):
    return subprocess.run([str(CAPACTL), *map(str, arguments)], env={**os.environ, **rig.environment, **environment},
                          input=text, text=True, capture_output=True, check=False, timeout=120)


def done(result, status=0):
    assert result.returncode == status, (result.args, result.stdout, result.stderr)
    return result.stdout


def event(subject, exit_code=1, **more):
    return json.dumps({"specversion": "1.0", "id": uuid.uuid4().hex, "source": "emit-test", "type": "backup.finished",
                       "subject": subject, "data": {"exit_code": exit_code}, **more})


def occurrences(rig, subject):
    found = rig.call("list", {"asset": subject, "all": True})
    assert len(found) <= 1
    return found[0]["occurrences"] if found else 0


def kept(rig, spool):
    return json.loads(done(capactl(rig, "emit", "--list", "--json", CAPACTL_SPOOL=spool)))


def test_one_event_of_options(rig):
    said = done(capactl(rig, "emit", "--type", "backup.finished", "--source", "x", "--subject", "opt", "--id", "opt-1",
                        "--time", "2026-01-01T00:00:00Z", "--data", '{"exit_code":2}'))
    assert "raised" in said and "1 stored" in said
    again = capactl(rig, "emit", "--type", "backup.finished", "--source", "x", "--subject", "opt", "--id", "opt-1",
                    "--time", "2026-01-01T00:00:00Z", "--data", '{"exit_code":2}')
    assert "1 duplicate" in done(again)
    other = capactl(rig, "emit", "--type", "backup.finished", "--source", "x", "--subject", "opt", "--id", "opt-1",
                    "--data", '{"exit_code":3}')
    assert "conflict" in other.stderr and other.returncode == 1
    assert occurrences(rig, "opt") == 1
    assert capactl(rig, "emit", "--subject", "x").returncode == 2
    assert capactl(rig, "emit", "--type", "x", "file").returncode == 2
    assert capactl(rig, "emit", "/nonexistent").returncode == 2


def test_ndjson_of_many_requests(rig, tmp_path):
    """More than two requests, with bad lines among them: each is named, its neighbours are stored."""
    lines = [event("many") for _ in range(1201)]
    lines.insert(3, "{not json")
    lines.insert(700, '{"specversion":"1.0","id":"x"}')
    lines.insert(900, event("s" * 1025))
    file = tmp_path / "events.ndjson"
    file.write_text("\n".join(lines) + "\n")
    result = capactl(rig, "emit", file)
    assert result.returncode == 1
    assert "1204 events: 3 invalid, 1201 stored" in result.stdout
    for number in (4, 701, 901):
        assert re.search(rf"{re.escape(str(file))}:{number}:\d+: invalid: ", result.stderr)
    assert occurrences(rig, "many") == 1201
    listed = json.loads(capactl(rig, "emit", file, "--json").stdout)["verdicts"]
    assert [v["status"] for v in listed[:5]] == ["duplicate", "duplicate", "duplicate", "invalid", "duplicate"]
    assert len(listed) == 1204


def test_one_text_of_many_lines(rig):
    pretty = json.dumps(json.loads(event("pretty")), indent=2)
    answer = done(capactl(rig, "emit", "--json", "-", text=pretty))
    assert [v["status"] for v in json.loads(answer)["verdicts"]] == ["stored"]
    assert occurrences(rig, "pretty") == 1


def alert(name, instance):
    return json.dumps({"version": "4", "groupKey": "g", "status": "firing", "receiver": "capad", "groupLabels": {},
                       "commonLabels": {}, "commonAnnotations": {}, "externalURL": "http://am", "alerts": [
                           {"status": "firing", "labels": {"alertname": name, "instance": instance, "severity": "critical"},
                            "annotations": {"summary": "s"}, "startsAt": "2026-01-01T00:00:00Z",
                            "endsAt": "0001-01-01T00:00:00Z", "generatorURL": "", "fingerprint": instance}]})


def test_adapter(rig):
    verdict, = json.loads(done(capactl(rig, "emit", "--adapter", "alertmanager", "--json", text=alert("BackupFailed", "db7"))))["verdicts"]
    assert (verdict["status"], verdict["events"]) == ("stored", 1)
    unknown = capactl(rig, "emit", "--adapter", "nothing-like-this", text="{}")
    assert unknown.returncode == 1 and "nothing-like-this" in unknown.stderr


def bodies(rig, subject):
    """Events about a subject as they are kept, in their order."""
    with rig.connect() as connection:
        kept = [row for table in ("event", "ignored") for row in connection.execute(f"SELECT received, body FROM capa.{table}")]
        return [event for event in (json.loads(row[1]) for row in sorted(kept, key=lambda row: row[0])) if event.get("subject") == subject]


def test_wrapped_lines_for_an_adapter(rig):
    """What a tool says, in CloudEvents of the options, without a shell's help in between."""
    said = "".join(json.dumps(message) + "\n" for message in [
        {"message_type": "error", "error": {"message": "open /srv/a: permission denied"}, "during": "archival", "item": "/srv/a"},
        {"message_type": "summary", "snapshot_id": "ef8f"}])
    wrap = ("emit", "--json", "--adapter", "restic", "--wrap", "--source", "hosts/w1", "--subject", "wrapped")
    verdicts = json.loads(done(capactl(rig, *wrap, "--extension", "exitcode=3", text=said)))["verdicts"]
    assert [v["results"][0]["effect"] for v in verdicts] == ["raised", "occurrence"]
    good = json.loads(done(capactl(rig, *wrap, "--extension", "exitcode=0", text=said.splitlines()[1])))["verdicts"]
    assert [v["results"][0]["effect"] for v in good] == ["evidence"]
    first = bodies(rig, "wrapped")[0]
    assert first["type"] == "restic" and first["source"] == "hosts/w1" and first["exitcode"] == "3" and "time" in first
    nc, = rig.call("list", {"asset": "wrapped"})
    assert "permission denied" in rig.call("show", {"ref": nc["ref"]})["statement"]["found"]
    broken = capactl(rig, *wrap, text='{"message_type":"status"}\nWarning: in between\n{"message_type":"status"}\n')
    assert broken.returncode == 1 and "standard input:2:1: invalid: " in broken.stderr
    assert [v["status"] for v in json.loads(broken.stdout)["verdicts"]] == ["ignored", "invalid", "ignored"]


def test_wrapped_text(rig, tmp_path):
    text = 'no "JSON" at all\n{but: two lines}\n'
    wrap = ("emit", "--wrap", "--type", "report.text", "--subject", "wrapped-text")
    assert "1 ignored" in done(capactl(rig, *wrap, "--id", "whole", "-", text=text))
    assert "2 ignored" in done(capactl(rig, *wrap, "--id", "lines", text='{"a":1}\n[9007199254740993]\n'))
    assert "1 ignored" in done(capactl(rig, *wrap, text='{\n "a": {}\n}\n'))
    kept = bodies(rig, "wrapped-text")
    assert [event["data"] for event in kept] == [text, {"a": 1}, [9007199254740993], {"a": {}}]
    assert [event["id"] for event in kept[:3]] == ["whole", "lines.1", "lines.2"]
    assert kept[0]["source"].startswith("capactl/emit/")
    (tmp_path / "much").write_text("x" * (4 * 1024 * 1024 + 1))
    for refused, why in (("/dev/null", "it is empty"), (tmp_path / "much", "longer than the 4 MiB")):
        result = capactl(rig, *wrap, refused)
        assert result.returncode == 1 and why in result.stderr, result.stderr
    for usage in (["--wrap"], [*wrap[1:], "--data", "1"], ["--wrap", "--type", "t", "--extension", "id=1"],
                  ["--type", "t", "--extension", "No=1"], ["--follow", tmp_path / "much", "--wrap"]):
        assert capactl(rig, "emit", *usage).returncode == 2, usage


def test_a_pipe_that_lives_is_served_at_once(rig):
    with subprocess.Popen([str(CAPACTL), "emit", "-"], env={**os.environ, **rig.environment}, text=True,
                          stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        for count in (1, 2):
            process.stdin.write(event("pipe") + "\n")
            process.stdin.flush()
            wait_for(lambda count=count: occurrences(rig, "pipe") >= count)
            assert occurrences(rig, "pipe") == count
        process.stdin.close()
        assert process.wait(20) == 0


def test_spooled_while_away_and_sent_in_order(rig, spool):
    environment = {"CAPACTL_SPOOL": spool, "CAPACTL_TIMEOUT": "0.5"}
    rig.stop()
    first = capactl(rig, "emit", text=event("away", time="2026-02-01T00:00:00Z"), **environment)
    assert first.returncode == 3 and "spooled" in first.stdout and spool in first.stderr
    assert oct(os.stat(os.path.dirname(spool)).st_mode & 0o777) == "0o700"
    done(capactl(rig, "emit", "--spool-ok", text="\n".join(event("away") for _ in range(3)), **environment))
    bad = capactl(rig, "emit", "--spool-ok", text='{"no":"event"}', **environment)
    assert bad.returncode == 1 and "invalid" in bad.stderr
    assert [(e["state"], e["events"]) for e in kept(rig, spool)] == [("waiting", 1), ("waiting", 3)]
    flushed = capactl(rig, "emit", "--flush", **environment)
    assert flushed.returncode == 3 and len(kept(rig, spool)) == 2
    rig.start()
    assert "1 stored" in done(capactl(rig, "emit", text=event("away"), CAPACTL_SPOOL=spool))  # drains the spool first
    assert kept(rig, spool) == []
    assert occurrences(rig, "away") == 5
    assert "is empty" in done(capactl(rig, "emit", "--list", CAPACTL_SPOOL=spool))


@pytest.mark.parametrize("adapter, subject, text", [("", "late-ack", event("late-ack")),
                                                    ("alertmanager", "late-db", alert("BackupFailed", "late-db"))])
def test_an_ack_that_was_not_heard_doubles_nothing(rig, spool, adapter, subject, text):
    """The daemon has the request but answers too late; the spool repeats it under the same request-id. An adapter's
    delivery has no id of its own: there the request-id alone keeps it single."""
    environment = {"CAPACTL_SPOOL": spool, "CAPACTL_TIMEOUT": "1"}
    rig.process.send_signal(signal.SIGSTOP)
    try:
        late = capactl(rig, "emit", "--adapter", adapter, text=text, **environment)
    finally:
        rig.process.send_signal(signal.SIGCONT)
    assert late.returncode == 3 and len(kept(rig, spool)) == 1
    done(capactl(rig, "emit", "--flush", CAPACTL_SPOOL=spool))
    assert kept(rig, spool) == []
    assert occurrences(rig, subject) == 1


def test_refused_from_the_spool_is_kept_apart(rig, spool):
    environment = {"CAPACTL_SPOOL": spool, "CAPACTL_TIMEOUT": "0.5"}
    identity = uuid.uuid4().hex
    rig.stop()
    done(capactl(rig, "emit", text=event("refused", id=identity), **environment), 3)
    done(capactl(rig, "emit", text=event("refused"), **environment), 3)
    rig.start()
    assert [v["status"] for v in rig.put(json.loads(event("refused", exit_code=5, id=identity)))] == ["stored"]
    flushed = capactl(rig, "emit", "--flush", CAPACTL_SPOOL=spool)
    assert flushed.returncode == 1 and "emit --list" in flushed.stderr
    entry, = kept(rig, spool)
    assert entry["state"] == "refused" and entry["answer"]["verdicts"][0]["status"] == "conflict"
    assert "conflict" in done(capactl(rig, "emit", "--list", CAPACTL_SPOOL=spool))
    assert occurrences(rig, "refused") == 2


class Router:
    """Stands in for the daemon's ingest: gives prepared answers and keeps what it was sent."""

    def __init__(self, endpoint, answers):
        self.endpoint, self.answers, self.requests = endpoint, answers, []
        self.context = zmq.Context()
        self.socket = self.context.socket(zmq.ROUTER)
        self.socket.linger = 0
        self.socket.rcvtimeo = 60000
        self.socket.bind(endpoint)
        self.thread = threading.Thread(target=self.serve)

    def serve(self):
        for answer in self.answers:
            peer, *frames = self.socket.recv_multipart()
            self.requests.append(frames)
            if answer is None:  # it dies
                self.socket.close()
                return
            if isinstance(answer, list):  # frames as they are
                self.socket.send_multipart([peer, *answer])
            else:
                self.socket.send_multipart([peer, b"capa1", answer[0], frames[2], json.dumps(answer[1]).encode()])

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.thread.join()
        self.socket.close()
        self.context.term()


def test_busy_is_repeated_with_the_same_request(rig, spool, tmp_path):
    stored = {"verdicts": [{"status": "stored", "events": 1, "results": []}]}
    answers = [(b"BUSY", {"retry_after_ms": 150, "reason": "database"}), (b"BUSY", {"retry_after_ms": 20}), (b"ACK", stored)]
    with Router(f"ipc://{tmp_path}/ingest", answers) as router:
        began = time.monotonic()
        done(capactl(rig, "emit", text=event("busy"), CAPACTL_INGEST=router.endpoint, CAPACTL_SPOOL=spool))
        assert time.monotonic() - began >= 0.15
    assert len(router.requests) == 3 and router.requests[0] == router.requests[1] == router.requests[2]
    assert router.requests[0][:2] == [b"capa1", b"PUT"] and len(router.requests[0][2]) >= 16


def test_busy_to_the_end_is_spooled_under_its_request_id(rig, spool, tmp_path):
    busy = (b"BUSY", {"retry_after_ms": 100000, "reason": "database"})
    stored = (b"ACK", {"verdicts": [{"status": "stored", "events": 1, "results": []}]})
    with Router(f"ipc://{tmp_path}/ingest", [busy, stored]) as router:
        environment = {"CAPACTL_INGEST": router.endpoint, "CAPACTL_SPOOL": spool, "CAPACTL_TIMEOUT": "2"}
        done(capactl(rig, "emit", text=event("busy"), **environment), 3)
        done(capactl(rig, "emit", "--flush", **{**environment, "CAPACTL_TIMEOUT": "60"}))
    assert len(router.requests) == 2 and router.requests[0] == router.requests[1]
    assert kept(rig, spool) == []


@pytest.mark.parametrize("answer", [{"verdicts": []}, {"verdicts": 7}, {}, [1]])
def test_an_ack_without_a_verdict_is_no_success(rig, spool, tmp_path, answer):
    with Router(f"ipc://{tmp_path}/ingest", [(b"ACK", answer)]) as router:
        result = capactl(rig, "emit", text=event("odd"), CAPACTL_INGEST=router.endpoint, CAPACTL_SPOOL=spool)
    assert result.returncode == 70 and "send them again" in result.stderr


@pytest.mark.parametrize("frames", [[b"HTTP/1.1 400"], [b"capa1", b"ACK"], [b"capa2", b"ACK", b"", b"{}"],
                                    [b"capa1", b"NACK", b"", b"{}"], [b""]])
def test_a_peer_that_speaks_something_else(rig, spool, tmp_path, frames):
    with Router(f"ipc://{tmp_path}/ingest", [frames]) as router:
        result = capactl(rig, "emit", text=event("odd"), CAPACTL_INGEST=router.endpoint, CAPACTL_SPOOL=spool)
        assert result.returncode == 70 and result.stderr  # 70 at once: after its time without an answer it would be 3


def test_an_answer_to_somebody_else_is_not_ours(rig, spool, tmp_path):
    stored = b'{"verdicts":[{"status":"stored","events":1,"results":[]}]}'
    with Router(f"ipc://{tmp_path}/ingest", [[b"capa1", b"ACK", b"another-request-0001", stored]]) as router:
        done(capactl(rig, "emit", text=event("odd"), CAPACTL_INGEST=router.endpoint, CAPACTL_SPOOL=spool,
                     CAPACTL_TIMEOUT="1"), 3)
    assert len(kept(rig, spool)) == 1


def test_a_connection_that_broke_is_not_waited_for(rig, tmp_path):
    with Router(f"ipc://{tmp_path}/control", [None]) as router:
        result = capactl(rig, "list", CAPACTL_ENDPOINT=router.endpoint, CAPACTL_TIMEOUT="100")
    assert result.returncode == 3 and "the connection broke before it answered" in result.stderr


def test_calls_look_like_no_peer_that_broke_off(rig):
    failed = lambda: json.loads(done(capactl(rig, "status", "--json")))["daemon"]["peers"]["control"]["failed_handshakes"]  # noqa: E731
    before = failed()
    for _ in range(5):
        done(capactl(rig, "list"))
    assert failed() == before


def test_too_big_is_refused_here(rig, spool):
    big = event("big", data={"x": "y" * (4 * 1024 * 1024)})
    result = capactl(rig, "emit", text=big + "\n" + event("beside-big"), CAPACTL_SPOOL=spool)
    assert result.returncode == 1 and "too_big" in result.stderr and "1 stored" in result.stdout
