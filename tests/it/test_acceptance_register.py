"""The register from outside: what an event does in each state, guards from both sides, nobody alone, due dates that slip, and a
journal that cannot be rewritten. Written from the contract alone; calls go over the control socket, the clock is moved by the owner.
"""
import json
import pathlib
import re
import sys
import time
import uuid

import psycopg
import pytest
import zmq

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from conftest import wait_for  # noqa: E402  pylint: disable=wrong-import-position
from rig import ROOT, Rig  # noqa: E402  pylint: disable=wrong-import-position

GRADE = {"path": "/data/grade", "map": [{"eq": g, "to": g} for g in ("critical", "major", "observation")], "else": "minor"}
RULES = [
    {"id": "job-failed", "title": "{/subject} failed", "match": {"path": "/type", "eq": "job.failed"}, "effect": "fail",
     "fingerprint": ["/subject"], "grade": GRADE, "owner": "anna", "controls": ["A.8.13"]},
    {"id": "job-passed", "title": "ok", "match": {"path": "/type", "eq": "job.passed"}, "effect": "pass", "clears": "job-failed",
     "fingerprint": ["/subject"]},
    {"id": "quick-failed", "title": "{/subject} failed", "match": {"path": "/type", "eq": "quick.failed"}, "effect": "fail",
     "fingerprint": ["/subject"], "grade": "minor", "owner": "anna", "controls": ["A.8.13"], "policy": "quick"},
    {"id": "job-grows", "title": "{/subject}", "match": {"path": "/type", "eq": "job.grows"}, "effect": "fail", "fingerprint": ["/subject"],
     "grade": {"base": "minor", "raise": [{"occurrences": 3, "within": "7d", "to": "major"}]}, "owner": "anna", "controls": ["A.8.13"]},
]
PROOF = {"evidence": [{"name": "proof.txt", "frame": 0}]}


def policy():
    whole = json.loads(re.sub(r"^\s*//.*$", "", (ROOT / "systemd" / "policy.json").read_text(encoding="utf-8"), flags=re.M))
    phases = {"triage": "6s", "contain": "1h", "plan": "2h", "act": "3h", "window": "1s", "verify": "1h", "accept_max": "1h"}
    quick = {grade: {**phases, "approval": True} for grade in ("critical", "major", "minor", "observation", "ofi")}
    whole["policies"]["quick"] = {**quick, "ladder": "quick", "calendar": "office"}
    whole["ladders"]["quick"] = [{"at": "50%", "level": "L0", "to": ["owner"]}, {"at": "due", "level": "L1", "to": ["owner", "manager"], "ack": "1h"},
                                 {"at": "due+1s", "level": "L2", "to": ["isms_manager"]},
                                 {"at": "due+2s", "level": "L4", "to": ["top_management"], "ack": "1h", "repeat": "1s"}]
    return whole


def event(kind="job.failed", grade="minor", **members):
    return {"specversion": "1.0", "id": uuid.uuid4().hex, "source": "/jobs", "type": kind, "subject": uuid.uuid4().hex[:12],
            "data": {"grade": grade}, **members}


class Register:
    """Calls as one person or another."""

    def __init__(self, rig):
        self.rig = rig

    def ask(self, call, actor, files=(), **params):
        status, (body, *_) = self.rig.exchange("control", b"CALL", [call.encode(), json.dumps({"actor": actor, **params}).encode(), *files])
        return status, json.loads(body)

    def do(self, call, actor="anna", files=(), **params):
        status, answer = self.ask(call, actor, files, **params)
        assert status == "OK", (call, actor, params, answer)
        return answer

    def refused(self, call, actor="anna", files=(), **params):
        status, answer = self.ask(call, actor, files, **params)
        assert status == "ERR", (call, actor, params, answer)
        return answer["code"]

    def show(self, nc):
        return self.do("show", ref=nc)

    def state(self, nc):
        return self.show(nc)["state"]

    def missing(self, nc):
        return [one["fact"] for one in self.show(nc)["missing"]]

    def push(self, *args, **members):
        """(effect, NC) of one event."""
        verdict, = self.rig.put(event(*args, **members))
        assert verdict["status"] == "stored", verdict
        return verdict["results"][0]["effect"], verdict["results"][0].get("nc")

    def new(self, grade="minor", **members):
        effect, nc = self.push(grade=grade, **members)
        assert effect == "raised"
        return nc

    def upto(self, nc, state, grade="minor", **criterion):
        """The NC, brought into a state; the action's reference once there is one."""
        self.do("triage", nc=nc, grade=grade)
        if state == "triaged":
            return None
        self.do("contain", files=[b"x"], nc=nc, text="by hand", consequences="none", **PROOF)
        if state == "contained":
            return None
        self.do("cause", nc=nc, text="moved", category="process", method="timeline")
        self.do("similar", nc=nc, elsewhere="no", conclude="not alike")
        self.do("need", nc=nc, need="yes", reason="again")
        if state == "analysed":
            return None
        self.do("criterion", nc=nc, **(criterion or {"method": "manual", "text": "a sample", "window": "1d"}))
        action = self.do("action.add", nc=nc, title="inventory", owner="ben", due="10d", expect="no more")["action"]
        if state == "planned":
            return action
        if self.state(nc) == "planned":
            self.do("approve", "carl", ref=nc)
        if state == "verifying":
            self.do("action.done", "ben", files=[b"x"], action=action, **PROOF)
        assert self.state(nc) == state
        return action

    def closed(self, nc, grade="minor"):
        self.upto(nc, "verifying", grade)
        self.rig.move_clock("5 days")
        self.do("verify", "dora", nc=nc, verdict="effective", text="good", isms="none", risk="none")
        assert self.state(nc) == "closed"


@pytest.fixture(name="rig", scope="module")
def rig_fixture():
    with Rig("capad-acceptance-register", policy=policy(), rules=RULES) as rig:
        rig.start()
        yield rig


@pytest.fixture(name="register")
def register_fixture(rig):
    return Register(rig)


# -- the main line, each guard from both sides

def test_a_major_one_from_raised_to_closed(rig, register):
    nc = register.new("major")
    assert register.state(nc) == "raised" and register.refused("verify", "dora", nc=nc, verdict="effective", text="x") == "refused"
    register.upto(nc, "triaged", "major")
    assert register.missing(nc) == ["correction", "consequences"]
    correction = register.do("contain", nc=nc, text="by hand")["action"]
    assert register.missing(nc) == ["correction_evidence", "consequences"]
    register.do("contain", nc=nc, consequences="none")
    assert register.state(nc) == "triaged"
    register.do("evidence.add", files=[b"x"], ref=correction, **PROOF)
    assert register.state(nc) == "contained"
    assert register.refused("cause", nc=nc, text="human error", category="people") == "refused"
    register.do("cause", nc=nc, text="human error", category="people", method="five_whys", why=["nobody trained them"])
    register.do("need", nc=nc, need="yes", reason="again")
    assert register.state(nc) == "contained"  # the similar ones are not judged
    register.do("similar", nc=nc, elsewhere="no", conclude="not alike")
    assert register.state(nc) == "analysed"
    register.do("criterion", nc=nc, method="manual", text="a sample", window="1d")
    action = register.do("action.add", nc=nc, title="train", owner="ben", due="10d", expect="they know")["action"]
    assert register.state(nc) == "planned" and register.refused("approve", ref=nc) == "refused"
    register.do("approve", "carl", ref=nc)
    assert register.state(nc) == "implementing" and register.refused("action.done", "ben", action=action) == "refused"
    register.do("action.done", "ben", files=[b"x"], action=action, **PROOF)
    assert register.state(nc) == "verifying"
    for barred in ("anna", "ben"):
        assert register.refused("verify", barred, nc=nc, verdict="effective", text="x") == "refused"
    assert register.refused("verify", "dora", nc=nc, verdict="effective", text="x") == "refused"  # the window is open
    rig.move_clock("5 days")
    register.do("verify", "dora", nc=nc, verdict="effective", text="seen")
    register.do("retract", "dora", ref=nc, fact="verdict", reason="the wrong sample")
    assert "verdict" in register.missing(nc)
    register.do("verify", "dora", nc=nc, verdict="effective", text="seen")
    assert register.missing(nc) == ["isms", "risk"]
    register.do("isms", "dora", nc=nc, isms="none")
    register.do("risk", "dora", nc=nc, risk="R-7")
    whole = register.show(nc)
    assert whole["state"] == "closed" and whole["closed_at"] and whole["missing"] == []
    assert {one["kind"]: one["state"] for one in whole["deadlines"]} == dict.fromkeys(
        ["triage", "contain", "plan", "act", "action", "window", "verify"], "met")


def test_the_short_way_and_its_confirmation(register):
    def ready(**members):
        nc = register.new(**members)
        register.do("triage", nc=nc, grade="minor")
        register.do("contain", nc=nc, not_applicable="nothing is broken", consequences="none")
        register.do("cause", nc=nc, text="once", category="environment")
        register.do("similar", nc=nc, elsewhere="no", conclude="not alike")
        return nc
    alone = ready(subject="short")
    register.do("need", nc=alone, need="no", reason="a storm", isms="none", risk="none")
    assert register.state(alone) == "closed" and register.refused("confirm", nc=alone) == "refused"
    register.do("confirm", "carl", nc=alone)
    assert register.push(subject="short") == ("reopened", alone)
    whole = register.show(alone)
    assert (whole["state"], whole["grade"], whole["cycle"]) == ("triaged", "minor", 2)
    refused = ready()
    register.do("need", nc=refused, need="no", reason="a storm", isms="none", risk="none")
    register.do("refuse", "carl", ref=refused, reason="no")
    assert (register.state(refused), register.missing(refused)) == ("contained", ["need"])
    by_another = ready()
    register.do("need", "carl", nc=by_another, need="no", reason="a storm", isms="none", risk="none")
    assert register.state(by_another) == "closed" and register.show(by_another)["requests"] == []


# -- nobody alone

@pytest.mark.parametrize("name", ["anna", "ANNA", " anna ", "anna\u00a0", "\uff21nna"])
def test_no_approval_under_another_spelling(register, name):
    nc = register.new("major")
    register.upto(nc, "planned", "major")
    assert register.refused("approve", name, ref=nc) == "refused"


@pytest.mark.parametrize("name", ["an\u200bna", "\u202eanna", "anna\u0007", "   ", "\u2060"])
def test_a_name_that_hides_something_is_none(register, name):
    nc = register.new("major")
    register.upto(nc, "planned", "major")
    assert register.refused("approve", name, ref=nc) == "invalid"
    assert register.refused("assign", ref=nc, owner="bo" + name + "b" if name.strip() else name) == "invalid"


def test_no_way_round_the_second_person(register):
    nc = register.new("major")
    action = register.upto(nc, "planned", "major")
    register.do("retract", ref=nc, fact="criterion", reason="typing")
    register.do("criterion", "olga", nc=nc, method="manual", text="t", window="1d")
    for author in ("anna", "olga"):
        assert register.refused("approve", author, ref=nc) == "refused"
    register.do("approve", "carl", ref=nc)
    late = register.do("action.add", "carl", nc=nc, title="more", owner="ben", due="5d", expect="x")["action"]
    assert register.state(nc) == "planned" and register.refused("approve", "carl", ref=nc) == "refused"  # any change voids it
    assert next(a for a in register.show(nc)["actions"] if a["ref"] == late)["added_late"] is True
    register.do("approve", "gus", ref=nc)
    for ref in (action, late):
        register.do("action.done", "ben", files=[b"x"], action=ref, **PROOF)
    register.do("assign", ref=nc, owner="eva")
    for barred in ("anna", "eva", "ben", "olga", "carl"):
        assert register.refused("verify", barred, nc=nc, verdict="not_effective", text="x") == "refused"
    register.do("verify", "dora", nc=nc, verdict="not_effective", text="it came back")
    whole = register.show(nc)
    assert (whole["state"], whole["cycle"]) == ("contained", 2)
    assert {a["result"] for a in whole["actions"]} == {"ineffective"}


def test_a_window_is_not_shortened_once_an_action_is_done(register):
    nc = register.new()
    action = register.upto(nc, "planned", method="manual", text="t", window="1d")
    register.do("criterion", nc=nc, method="manual", text="t", window="90d")
    register.do("action.done", "ben", files=[b"x"], action=action, **PROOF)
    window = register.show(nc)["window"]
    assert register.refused("criterion", nc=nc, method="manual", text="t", window="2d") == "refused"
    assert register.refused("retract", ref=nc, fact="criterion", reason="x") == "refused"
    assert register.show(nc)["window"] == window
    assert register.refused("criterion", nc=nc, method="manual", text="t", window="0s") == "invalid"
    register.do("criterion", nc=nc, method="manual", text="the same window", window="90d")
    assert register.show(nc)["window"] == window and not register.show(nc)["criterion"]["weak"]


def test_a_lower_grade_and_a_rejection_need_two(register):
    nc = register.new("major")
    before = {d["kind"]: d["due"] for d in register.show(nc)["deadlines"]}
    register.do("triage", nc=nc, grade="minor")
    assert register.show(nc)["grade"] == "major" and register.refused("approve", ref=nc) == "refused"
    register.do("approve", "carl", ref=nc)
    assert register.show(nc)["grade"] == "minor" and {d["kind"]: d["due"] for d in register.show(nc)["deadlines"]} == before
    rejected = register.new("major", subject="rejected")
    register.do("reject", nc=rejected, reason="false alarm")
    assert register.state(rejected) == "raised" and register.refused("approve", ref=rejected) == "refused"
    register.do("approve", "carl", ref=rejected)
    assert register.push(subject="rejected") == ("suppressed", rejected)
    assert register.refused("reject", nc=register.new(), reason="x", suppress="91d") == "refused"


def test_dry_run_and_version(register):
    nc = register.new()
    version = register.show(nc)["version"]
    assert register.do("triage", nc=nc, grade="minor", dry_run=True)["state"] == "triaged"
    assert (register.state(nc), register.show(nc)["version"]) == ("raised", version)
    assert register.refused("triage", nc=nc, grade="minor", if_version=version + 1) == "conflict"
    register.do("triage", nc=nc, grade="minor", if_version=version)


# -- what an event does

def test_recurrence_and_late_events(rig, register):
    verifying = register.new(subject="verifying")
    register.upto(verifying, "verifying")
    rig.move_clock("1 hour")
    old = (rig.now().timestamp() - 7200)
    late = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(old))
    assert register.push(subject="verifying", time=late) == ("occurrence", verifying) and register.state(verifying) == "verifying"
    assert register.push(subject="verifying") == ("recurred", verifying)
    whole = register.show(verifying)
    assert (whole["state"], whole["cycle"], whole["grade"]) == ("triaged", 2, "minor")
    assert [a["result"] for a in whole["actions"]] == ["ineffective"]
    closed = register.new(subject="closed")
    register.closed(closed)
    assert register.push(subject="closed") == ("reopened", closed)
    whole = register.show(closed)
    assert (whole["state"], whole["grade"], whole["cycle"]) == ("triaged", "major", 2)


def test_passes_prove_and_silence_does_not(rig, register):
    proved = register.new(subject="proved")
    register.push("job.passed", subject="proved")  # before the action: proves nothing
    register.upto(proved, "verifying", method="pass_count", passes=1, window="2d")
    for method in ("isms", "risk"):
        register.do(method, nc=proved, **{method: "none"})
    silent = register.new(subject="silent")
    register.upto(silent, "verifying", method="event_silence", window="2d")
    for method in ("isms", "risk"):
        register.do(method, nc=silent, **{method: "none"})
    rig.move_clock("1 day")
    assert register.push("job.passed", subject="proved") == ("evidence", proved)
    rig.move_clock("5 days")
    wait_for(lambda: register.state(proved) == "closed")
    assert "passed" in [one.get("role") for one in register.show(proved)["evidence"]]
    assert register.state(silent) == "verifying"


def test_grades_grow_and_never_fall(register):
    nc = register.new(subject="worse")
    register.push(subject="worse", grade="critical")
    register.push(subject="worse")
    assert register.show(nc)["grade"] == "critical"
    assert all(d["due_original"] >= d["due"] for d in register.show(nc)["deadlines"])
    _, grown = register.push("job.grows", subject="grown")
    register.push("job.grows", subject="grown")
    assert register.show(grown)["grade"] == "minor"
    register.push("job.grows", subject="grown")
    assert (register.show(grown)["grade"], register.show(grown)["occurrences"]) == ("major", 3)


# -- due dates

def escalations(register, nc):
    return sorted((one for one in register.do("escalations", nc=nc)), key=lambda one: int(one["escalation"][4:]))


def await_level(register, nc, level, seconds=60):
    deadline = time.monotonic() + seconds
    while level not in [one["level"] for one in escalations(register, nc)]:
        assert time.monotonic() < deadline, escalations(register, nc)
        time.sleep(0.05)


def test_each_step_comes_in_time_once_and_a_stop_is_one_message(rig, register):
    context = zmq.Context()
    bus = context.socket(zmq.SUB)
    bus.linger, bus.rcvtimeo = 0, 60000
    bus.subscribe(b"sys.heartbeat")
    bus.connect(rig.endpoint("publish"))
    bus.recv_multipart()  # it listens
    bus.subscribe(b"escalation.")
    _, nc = register.push("quick.failed")
    await_level(register, nc, "L4")
    steps = escalations(register, nc)
    assert [one["level"] for one in steps][:4] == ["L0", "L1", "L2", "L4"]
    assert all(one["planned_at"] <= one["published_at"] for one in steps)
    register.do("ack", "tom", ref=steps[-1]["escalation"])
    told = [one["escalation"] for one in escalations(register, nc) if one["state"] == "fired"]
    rig.move_clock("1 minute")
    rig.wait_for_steps()
    assert [one["escalation"] for one in escalations(register, nc) if one["state"] == "fired"] == told  # it mutes the repeats
    mine = []
    while len(mine) < len(told):
        topic, _, body = bus.recv_multipart()
        message = json.loads(body)["data"]
        if topic != b"sys.heartbeat" and message["nc"] == nc:
            assert topic == f"escalation.{message['level']}.minor".encode()
            mine.append(message["escalation"])
    assert mine == told
    bus.close()
    context.term()
    _, other = register.push("quick.failed")
    rig.kill()
    rig.move_clock("10 seconds")
    rig.start()
    await_level(register, other, "L4")
    fired = [one for one in escalations(register, other) if one["state"] == "fired"]
    covered = [one for one in escalations(register, other) if one["state"] == "covered"]
    first = fired[0]
    assert first["level"] == "L4" and {one["level"] for one in first["covered"]} >= {"L0", "L1", "L2"}
    assert {one["covered_by"] for one in covered} == {first["escalation"]}
    assert first["deadline"]["due"] == first["deadline"]["due_original"]


def test_an_extension_needs_another_and_leaves_the_first_date(register):
    nc = register.new("major")
    due = next(d for d in register.show(nc)["deadlines"] if d["kind"] == "triage")
    register.do("extend", ref=nc, to="60d", reason="holidays")
    assert register.refused("approve", ref=nc) == "refused"
    assert next(d for d in register.show(nc)["deadlines"] if d["kind"] == "triage")["due"] == due["due"]
    register.do("approve", "carl", ref=nc)
    after = next(d for d in register.show(nc)["deadlines"] if d["kind"] == "triage")
    assert after["due"] > due["due"] and after["due_original"] == due["due_original"] and after["extensions"] == 1
    assert after["started_at"] == due["started_at"]


# -- the journal

def test_replay_is_gapless(register):
    answer = register.do("journal.read", after=0, limit=1000)
    last = {}
    for message in answer["messages"]:
        word, body = message["topic"].split(".")[0], message["event"]
        assert body["sequence"] == str(message["sequence"]) and body.get("previous") == last.get(word)
        last[word] = body["sequence"]
    sequences = [m["sequence"] for m in answer["messages"]]
    assert sequences == sorted(set(sequences)) and sequences[0] == 1


TAMPER = {
    "a body": "UPDATE capa.journal_body SET body = replace(body, 'job.failed', 'job.fooled') WHERE body LIKE '%job.failed%'",
    "a body and its hash": "UPDATE capa.journal_body SET body = body || ' ' WHERE seq = 3; UPDATE capa.journal j SET digest = sha256(b.salt || "
                           "convert_to(b.body, 'UTF8')) FROM capa.journal_body b WHERE b.seq = j.seq AND j.seq = 3",
    "content taken away": "DELETE FROM capa.journal_body WHERE seq = 6",
    "content emptied": "UPDATE capa.journal_body SET body = NULL, salt = NULL WHERE seq = 6",
    "a line": "UPDATE capa.journal SET open = replace(open, '\"kind\":\"', '\"kind\":\"x') WHERE seq = 6",
    "a hash": "UPDATE capa.journal SET hash = digest WHERE seq = 6",
    "a topic": "UPDATE capa.journal SET topic = 'nc.closed' WHERE seq = 6",
    "a time": "UPDATE capa.journal SET at = at - interval '1 day' WHERE seq = 6",
    "a row taken out": "DELETE FROM capa.journal_body WHERE seq = 6; DELETE FROM capa.journal WHERE seq = 6",
    "two rows exchanged": "UPDATE capa.journal SET seq = seq + 1000000 WHERE seq IN (6, 7); UPDATE capa.journal SET seq = 1000013 - seq "
                          "WHERE seq > 1000000; UPDATE capa.journal_body SET seq = seq + 1000000 WHERE seq IN (6, 7); "
                          "UPDATE capa.journal_body SET seq = 1000013 - seq WHERE seq > 1000000",
}


@pytest.mark.parametrize("what", TAMPER)
def test_a_superuser_cannot_rewrite_it_unseen(rig, what):
    assert rig.capactl("journal", "verify", check=False).returncode == 0
    with rig.connect() as connection:
        for table in ("journal", "journal_body"):
            connection.execute(f"CREATE TABLE public.{table} AS TABLE capa.{table}")
        connection.execute("SET session_replication_role = replica")
        connection.execute(TAMPER[what])
    try:
        result = rig.capactl("journal", "verify", check=False)
        assert result.returncode == 1 and re.search(r"BROKEN|LOST|CHANGED", result.stderr)
    finally:
        with rig.connect() as connection:
            connection.execute("SET session_replication_role = replica")
            for table in ("journal_body", "journal"):
                connection.execute(f"DELETE FROM capa.{table}; INSERT INTO capa.{table} TABLE public.{table}; DROP TABLE public.{table}")


def test_an_export_cannot_be_changed_unseen(rig, tmp_path):
    lines = rig.capactl("journal", "export").stdout.splitlines()
    head = json.loads(lines[-1])

    def verified(rows, *arguments):
        file = tmp_path / "journal"
        file.write_text("\n".join(rows) + "\n")
        return rig.capactl("journal", "verify", "--file", str(file), *arguments, check=False).returncode == 0
    assert verified(lines, "--head", f"{head['seq']}:{head['hash']}")
    assert not verified(lines[:-1], "--head", f"{head['seq']}:{head['hash']}")
    assert not verified(lines[:5] + lines[6:]) and not verified([*lines[:5], lines[6], lines[5], *lines[7:]]) and not verified(lines[1:])
    row = json.loads(lines[5])
    for member, value in row.items():
        changed = value + 1 if isinstance(value, int) else value.replace("0", "1", 1) if "0" in value else value + " "
        assert not verified([*lines[:5], json.dumps({**row, member: changed}), *lines[6:]]), member


def test_the_service_role_writes_by_functions_only(rig):
    for statement in ("SELECT * FROM capa.nc", "DELETE FROM capa.journal", "UPDATE capa.clock SET shift = shift", "SELECT capa.now()"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            with rig.connect(user="capad") as connection:
                connection.execute(statement)
