"""What the daemon really says, against proto/schema: every reply, every published message, live and replayed, and the
exported journal, whose chain is walked here once more in Python."""

import hashlib
import json
import pathlib
import re
import sys
import time
import uuid

import pytest
import zmq

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import schemas  # noqa: E402  pylint: disable=wrong-import-position
from rig import ROOT, Rig  # noqa: E402  pylint: disable=wrong-import-position


def quick_policy():
    """The shipped policy, with a minor NC's triage due after two seconds."""
    text = (ROOT / "systemd" / "policy.json").read_text(encoding="utf-8")
    policy = json.loads(re.sub(r"^\s*//.*$", "", text, flags=re.M))
    policy["policies"]["default"]["minor"]["triage"] = "2s"
    return policy


def event(number, **members):
    return {"specversion": "1.0", "id": f"m{number}", "source": "/messages", "type": "bench.job.finished", "subject": f"job{number}",
            "data": {"exit_code": 1, "message": "it broke"}, **members}


class Listener:
    """A SUB on everything."""

    def __init__(self, rig):
        self.context = zmq.Context()
        self.socket = self.context.socket(zmq.SUB)
        self.socket.linger = 0
        self.socket.subscribe(b"")
        self.socket.connect(rig.endpoint("publish"))
        self.messages = []

    def take(self, wanted, seconds=15):
        """Messages until one of the topic `wanted` came; it."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if self.socket.poll(200):
                frames = self.socket.recv_multipart()
                assert len(frames) == 3, frames
                self.messages.append(frames)
                if frames[0].decode().startswith(wanted):
                    return frames
        raise AssertionError(f"no {wanted} within {seconds} s; came: {sorted({m[0] for m in self.messages})}")

    def close(self):
        self.socket.close()
        self.context.term()


@pytest.fixture(name="rig", scope="module")
def rig_fixture():
    with Rig("capad-messages", policy=quick_policy()) as rig:
        rig.start()
        yield rig


@pytest.fixture(name="listener", scope="module")
def listener_fixture(rig):
    listener = Listener(rig)
    listener.take("sys.heartbeat")
    yield listener
    listener.close()


def reply(rig, endpoint, verb, *body):
    """Status and body of one request, the body checked against the schema of its status."""
    status, frames = rig.exchange(endpoint, verb, [part if isinstance(part, bytes) else part.encode() for part in body])
    assert len(frames) == 1
    name = {"ACK": "verdicts", "BUSY": "busy", "ERR": "error", "PONG": "pong"}.get(status)
    return status, schemas.check(name, frames[0]) if name else json.loads(frames[0])


def put(rig, *frames, adapter=""):
    """Verdicts; BUSY means nothing but "again", as while the rules are being loaded."""
    for _ in range(40):
        status, body = reply(rig, "ingest", b"PUT", adapter, *[f if isinstance(f, bytes) else json.dumps(f) for f in frames])
        if status != "BUSY":
            break
        time.sleep(body["retry_after_ms"] / 1000)
    assert status == "ACK", body
    return body["verdicts"]


def changed(rig, name, /, **params):
    return schemas.check("changed", rig.call(name, params))


def test_pong(rig):
    for endpoint in ("ingest", "control"):
        status, body = reply(rig, endpoint, b"PING")
        assert status == "PONG" and body["database"]["ok"]


def test_verdicts(rig):
    good, other = event(1), event(1, time="2026-01-01T00:00:00Z")
    noise = {"specversion": "1.0", "id": "n1", "source": "/messages", "type": "nobody.knows"}
    big = b'{"specversion":"1.0","id":"big","source":"/messages","type":"x","data":"' + b"x" * (4 << 20) + b'"}'
    verdicts = put(rig, good, good, other, noise, b"{", b'{"id":1,"id":1}', b'"\xff"', b"[]", {"specversion": "1.0"}, big)
    assert [v["status"] for v in verdicts] == ["stored", "duplicate", "conflict", "ignored", *["invalid"] * 5, "too_big"]
    assert verdicts[0]["results"][0]["effect"] == "raised"
    assert verdicts[0]["results"][0]["nc"] == verdicts[1]["results"][0]["nc"]
    assert [v["status"] for v in put(rig, good, event(2, subject="job1"))] == ["duplicate", "stored"]


@pytest.mark.parametrize(("endpoint", "verb", "body", "code"), [
    ("ingest", b"GET", [], "unknown_verb"),
    ("ingest", b"PUT", [], "malformed"),
    ("ingest", b"PUT", [b""], "malformed"),
    ("ingest", b"PUT", [b""] + [b"{}"] * 501, "too_big"),
    ("ingest", b"PING", [b"x"], "malformed"),
    ("control", b"CALL", [], "malformed"),
    ("control", b"CALL", [b"no.such", b"{}"], "unknown_method"),
    ("control", b"CALL", [b"list", b"{"], "invalid"),
    ("control", b"CALL", [b"list", b"[]"], "invalid"),
    ("control", b"CALL", [b"list", b'{"a":1,"a":2}'], "invalid"),
    ("control", b"CALL", [b"list", b'{"colour":"red"}'], "invalid"),
    ("control", b"CALL", [b"list", b" " * ((1 << 20) + 1)], "too_big"),
    ("control", b"CALL", [b"list", b"{}"] + [b""] * 9, "too_big"),
    ("control", b"CALL", [b"show", b'{"ref":"NC-999999"}'], "not_found"),
])
def test_errors(rig, endpoint, verb, body, code):
    status, answer = reply(rig, endpoint, verb, *body)
    assert (status, answer["code"]) == ("ERR", code)


@pytest.mark.parametrize("frames", [[b""], [b"capa1"], [b"capa1", b"PING"], [b"capa2", b"PING", b"x"], [b"\xff\x00", b"", b"", b""],
                                    [b"capa1", b"PING", b"x" * 257]])
def test_answered_even_so(rig, frames):
    """Whatever comes, there is an answer."""
    with zmq.Context() as context, context.socket(zmq.DEALER) as socket:
        socket.linger = 0
        socket.rcvtimeo = 5000
        socket.connect(rig.endpoint("ingest"))
        socket.send_multipart(frames)
        answer = socket.recv_multipart()
    # A leading empty frame is taken for REQ's and returned.
    protocol, status, _, body = answer[-4:]
    assert (protocol, status) == (b"capa1", b"ERR")
    assert schemas.check("error", body)["code"] == "malformed"


def test_register(rig, listener):
    """An NC by hand through its main line; every result, and show and list on the way."""
    ref = changed(rig, "raise", title="Ledger not reconciled", grade="major", owner="anna", controls=["A.8.13"],
                  statement="No reconciliation in May", actor="anna")["ref"]
    changed(rig, "contain", nc=ref, text="Done by hand", consequences="none", evidence=[{"url": "https://example.org/e"}], actor="anna")
    changed(rig, "cause", nc=ref, text="Nobody was named", category="process", method="five_whys", why=["a", "b"], actor="anna")
    changed(rig, "similar", nc=ref, elsewhere="no", actor="anna")
    changed(rig, "need", nc=ref, need="yes", reason="It would come back", isms="none", risk="none", actor="anna")
    action = changed(rig, "action.add", nc=ref, title="Name somebody", owner="anna", due="30d", expect="no gap", actor="anna")["action"]
    changed(rig, "criterion", nc=ref, method="manual", text="Two months without a gap", actor="anna")
    shown = schemas.check("show", rig.call("show", {"ref": ref}))
    assert shown["state"] == "planned" and [a["ref"] for a in shown["actions"]] == [action]
    changed(rig, "approve", ref=ref, actor="ben")
    changed(rig, "extend", ref=action, to="60d", reason="holidays", actor="anna")
    changed(rig, "approve", ref=action, actor="carl")
    proof = json.dumps({"action": action, "text": "Named", "evidence": [{"name": "proof.txt", "frame": 0}], "actor": "anna"})
    status, body = reply(rig, "control", b"CALL", "action.done", proof, b"signed")
    assert status == "OK", body
    assert schemas.check("changed", body)["state"] == "verifying"
    evidence = schemas.check("show", rig.call("show", {"ref": ref}))["evidence"]
    assert [(e["kind"], e.get("sha256")) for e in evidence] == [("link", None), ("file", sha256(b"signed"))]
    status, body = reply(rig, "control", b"CALL", "verify",
                         json.dumps({"nc": ref, "verdict": "effective", "text": "ok", "actor": "dora"}))
    assert (status, body["code"]) == ("ERR", "refused")
    schemas.check("list", rig.call("list", {"all": True, "register": True}))
    topic, _, _ = listener.take("action.done")
    assert topic == b"action.done"


def test_escalation(rig, listener):
    """Nobody triages: the ladder speaks on the bus, in escalations, and in show."""
    ref = changed(rig, "raise", title="Untouched", grade="minor")["ref"]
    for _ in range(20):
        topic, sequence, body = listener.take("escalation.")
        said = schemas.check_published(topic, sequence, body)
        if said["data"]["nc"] == ref and said["data"]["level"] == "L1":
            break
    assert said["data"]["summary"]["ref"] == ref
    listed = schemas.check("escalations", rig.call("escalations", {"nc": ref}))
    assert said["data"]["escalation"] in [item["escalation"] for item in listed]
    assert schemas.check("show", rig.call("show", {"ref": ref}))["escalations"]


def test_status(rig):
    status = schemas.check("status", rig.call("status"))
    assert status["database"]["ok"] and status["rules"]["count"] > 0


def replayed(rig, **filters):
    after, messages = 0, []
    while True:
        page = schemas.check("journal-read", rig.call("journal.read", {"after": after, "limit": 7, **filters}))
        messages += page["messages"]
        after = page["next"]
        if after >= page["head"]:
            return messages


def test_published(rig, listener):
    """Each live message by its own schema; the journal's ones are had again the same, and no gap is in them."""
    listener.take("sys.heartbeat")
    listener.take("sys.heartbeat")
    again = {message["sequence"]: message for message in replayed(rig)}
    heads, seen = {}, set()
    for topic, sequence, body in listener.messages:
        said = schemas.check_published(topic, sequence, body)
        seen.add(topic.decode().split(".")[0])
        if topic == b"sys.heartbeat":
            continue
        word = topic.decode().split(".")[0]
        if word in heads and int(sequence) > heads[word]:
            assert said["previous"] == str(heads[word]), (topic, said)
        heads[word] = int(sequence)
        assert again[int(sequence)]["topic"] == topic.decode()
        assert again[int(sequence)]["event"] == said
    assert {"nc", "action", "deadline", "escalation", "sys"} <= seen
    beat = json.loads(listener.messages[-1][2])["data"]["heads"]
    for word in ("nc", "action", "escalation"):
        assert beat[word] == max(s for s, m in again.items() if m["topic"].startswith(word + "."))


def test_replay_by_topic(rig):
    """Every message of the journal by the schema of its topic; a filter gives just its own."""
    messages = replayed(rig)
    assert [m["sequence"] for m in messages] == list(range(1, len(messages) + 1))
    for message in messages:
        schemas.check_published(message["topic"], message["sequence"], message["event"])
    only = replayed(rig, topics=["escalation.", "nc.raised"])
    assert only == [m for m in messages if m["topic"].startswith(("escalation.", "nc.raised"))]


def test_journal_lines(rig):
    """The chain as PROTOCOL.md defines it, from the text of the lines alone."""
    after, previous, count = 0, "0" * 64, 0
    while True:
        page = schemas.check("journal-export", rig.call("journal.export", {"after": after, "limit": 11}))
        for text in page["lines"]:
            line = schemas.check("journal-line", text)
            count += 1
            opened = json.loads(line["open"])
            assert line["seq"] == opened["seq"] == count
            assert line["row"] == sha256(line["open"].encode())
            assert opened["digest"] == sha256(bytes.fromhex(line["salt"]) + line["body"].encode())
            previous = sha256(f"{previous} {line['row']}\n".encode())
            assert line["hash"] == previous
        after = page["next"]
        if after >= page["head"]:
            break
    assert count > 20
    assert page["hash"] == previous


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def test_many_at_once(rig):
    """A peer's replies come in any order, each with its own request-id."""
    with zmq.Context() as context, context.socket(zmq.DEALER) as socket:
        socket.linger = 0
        socket.rcvtimeo = 15000
        socket.connect(rig.endpoint("ingest"))
        open_ = {uuid.uuid4().hex.encode() for _ in range(60)}
        for number, request in enumerate(sorted(open_)):
            socket.send_multipart([b"capa1", b"PUT", request, b"", json.dumps(event(1000 + number, subject="many")).encode()])
        while open_:
            protocol, status, request, body = socket.recv_multipart()
            assert (protocol, status) == (b"capa1", b"ACK")
            schemas.check("verdicts", body)
            open_.remove(request)


def test_database_away(rig, listener):
    """Every answer has its form also then; what is said on the bus is no journal's."""
    rig.pg_ctl("-m", "fast", "stop")
    try:
        for _ in range(100):
            _, pong = reply(rig, "ingest", b"PING")
            if not pong["database"]["ok"]:
                break
            time.sleep(0.1)
        assert not pong["database"]["ok"]
        status, _ = reply(rig, "ingest", b"PUT", "", json.dumps(event(5000)))
        assert status == "BUSY"
        status, body = reply(rig, "control", b"CALL", "list", "{}")
        assert (status, body["code"]) == ("ERR", "unavailable")
        assert not schemas.check("status", rig.call("status"))["database"]["ok"]
        schemas.check_published(*listener.take("sys.degraded"))
        said = schemas.check_published(*listener.take("sys.heartbeat"))
        assert said["data"]["epoch"] == "1"
    finally:
        rig.start_cluster()
    rig.wait_ready()
    assert put(rig, event(5000))[0]["status"] == "stored"
