"""Real messages of real tools through the real daemon: the corpus beside the repository.

Nothing of it is invalid for the shipped adapters, a repeated request is a duplicate in every part, and
the hostile half (JSONTestSuite, naughty strings) neither harms its neighbours nor leaves anything behind.
"""
import json
import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from rig import ROOT, Rig  # noqa: E402  pylint: disable=wrong-import-position

CORPUS = ROOT.parent / "shared" / "corpus"
pytestmark = pytest.mark.skipif(not CORPUS.is_dir(), reason="../shared/corpus is not here")
FOLDERS = [("alertmanager", "alertmanager"), ("alertmanager", "toolrun/alertmanager"), ("journal", "toolrun/journald")]


@pytest.fixture(name="rig", scope="module")
def rig_fixture():
    with Rig("capad-corpus") as rig:
        rig.start()
        yield rig


def documents(path):
    """The messages of a file, bytes as they are: whole, by line, or by RFC 7464 record."""
    raw = path.read_bytes()
    if path.suffix == ".json":
        return [raw.strip()]
    if path.suffix == ".json-seq":
        return [record.strip() for record in raw.split(b"\x1e") if record.strip()]
    return [line for line in raw.split(b"\n") if line.strip()]


def corpus_files():
    for adapter, folder in FOLDERS:
        for path in sorted((CORPUS / folder).glob("*")):
            # zulip-alert.json is another tool's wrapping of an alert, not Alertmanager's own.
            if path.suffix in (".json", ".ndjson", ".json-seq") and path.name != "zulip-alert.json":
                yield pytest.param(adapter, path, id=f"{folder}/{path.name}")


@pytest.mark.parametrize(("adapter", "path"), corpus_files())
def test_what_tools_say(rig, adapter, path):
    adapter = {"systemctl-failed.json": "systemd-unit", "api-v2-alerts.json": "alertmanager-api"}.get(path.name, adapter)
    frames = documents(path)
    assert frames
    for i in range(0, len(frames), 200):
        body = [adapter.encode(), *frames[i:i + 200]]
        status, (first,) = exchange_twice(rig, body)
        assert status == ("ACK", "ACK")
        for frame, verdict, again in zip(frames[i:], first[0], first[1]):
            assert verdict["status"] in ("stored", "ignored"), (frame[:300], verdict)
            if verdict["status"] == "stored":
                assert again["status"] == "duplicate", (frame[:300], again)
                assert outcome(again) == outcome(verdict), (frame[:300], again)


def outcome(verdict):
    """What a duplicate repeats of the first time; the status of its parts is its own."""
    return [(part["effect"], part.get("nc")) for part in verdict["results"]]


def exchange_twice(rig, body):
    """The same request, same request-id, twice over one connection."""
    import uuid  # pylint: disable=import-outside-toplevel

    import zmq  # pylint: disable=import-outside-toplevel

    with zmq.Context() as context, context.socket(zmq.DEALER) as socket:
        socket.linger = 0
        socket.rcvtimeo = 30000
        socket.connect(rig.endpoint("ingest"))
        number = uuid.uuid4().hex.encode()
        answers = []
        for _ in range(2):
            socket.send_multipart([b"capa1", b"PUT", number, *body])
            answers.append(socket.recv_multipart())
    statuses = tuple(answer[1].decode() for answer in answers)
    return statuses, ([json.loads(answer[3])["verdicts"] for answer in answers],)


def event_around(data, number):
    return (b'{"specversion":"1.0","id":"suite-%d","source":"/suite","type":"backup.finished","subject":"suite",'
            b'"data":{"exit_code":1,"thing":' % number) + data + b"}}"


def rejected_files():
    return sorted((CORPUS / "jsontestsuite").rglob("*.json"))


def test_json_test_suite(rig):
    """Each file as a frame, and inside an event, in a batch with good neighbours."""
    files = rejected_files()
    assert len(files) > 200
    for number, path in enumerate(files):
        raw = path.read_bytes()
        good = [{"specversion": "1.0", "id": f"good-{number}-{side}", "source": "/suite", "type": "backup.finished",
                 "subject": "suite", "data": {"exit_code": 1}} for side in (0, 1)]
        if len(raw) > 4 << 20:
            continue
        verdicts = rig.put(good[0], raw, event_around(raw, number), good[1])
        assert [verdicts[0]["status"], verdicts[3]["status"]] == ["stored", "stored"], (path.name, verdicts)
        assert verdicts[1]["status"] == "invalid", (path.name, verdicts[1])  # no file is a CloudEvent
        if path.name.startswith("n_") and verdicts[2]["status"] != "invalid":
            # Spliced into an object some become whole again: then Python must read it strictly, too.
            json.loads(event_around(raw, number).decode("utf-8"))
        if path.name.startswith("y_"):
            # Refused by intent: what SEMANTICS limits (NUL, duplicate keys, huge numbers).
            assert verdicts[2]["status"] in ("stored", "invalid"), (path.name, verdicts[2])
    assert rig.ping()["database"]["ok"]


def test_naughty_strings(rig):
    """As subjects and in data: stored as they are, or refused with a reason; never a crash, never a change."""
    lists = [p for p in sorted((CORPUS / "naughty-strings").glob("*")) if p.suffix == ".json"]
    assert lists
    strings = json.loads(lists[0].read_text())
    assert len(strings) > 400
    frames = []
    for number, text in enumerate(strings):
        frames.append(json.dumps({"specversion": "1.0", "id": f"naughty-{number}", "source": "/naughty",
                                  "type": "backup.finished", "subject": text or "empty",
                                  "data": {"exit_code": 1, "output_tail": text}}, ensure_ascii=number % 2 == 0).encode("utf-8", "surrogatepass"))
    stored = 0
    for i in range(0, len(frames), 100):
        for frame, verdict in zip(frames[i:], rig.put(*frames[i:i + 100])):
            assert verdict["status"] in ("stored", "invalid"), (frame, verdict)
            stored += verdict["status"] == "stored"
            if verdict["status"] == "invalid":
                assert verdict["error"]
    assert stored > 400
    with rig.connect() as connection:
        bodies = {body.encode() for (body,) in connection.execute(
            "SELECT body FROM capa.event WHERE source = '/naughty'").fetchall()}
    assert len(bodies) == stored and bodies <= set(frames)
    listed = rig.capactl("list", "--all", "--json")
    assert any(row["asset"] in strings for row in json.loads(listed.stdout))


def test_the_register_survived(rig):
    verified = rig.capactl("journal", "verify", check=False)
    assert verified.returncode == 0, verified.stdout + verified.stderr
