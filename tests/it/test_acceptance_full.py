"""What breaks a register from outside, found by trying: names that mean one person, moments of no zone, a statement that is ended
under the daemon, a year of missed periods, commands that people paste, restricted texts, and calls that make no sense.
Black box: capactl, and a client that shares no code with it.
"""
import json
import pathlib
import random
import re
import shlex
import sys
import threading
import time

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from conftest import wait_for  # noqa: E402  pylint: disable=wrong-import-position
from rig import Rig  # noqa: E402  pylint: disable=wrong-import-position
from test_acceptance_register import PROOF, RULES, Register, policy  # noqa: E402  pylint: disable=wrong-import-position

EVERY = ["reporter", "owner", "approver", "verifier", "auditor", "isms_manager", "risk_owner", "top_management"]
PEOPLE = {"people": {**{name: {"roles": EVERY} for name in ("ben", "carl", "dora", "olga", "rita")},
                     "anna": {"roles": EVERY, "name": "Anna Smith"}, "rep": {"roles": ["reporter"]}, "omar": {"roles": ["owner"]}}}


@pytest.fixture(name="rig", scope="module")
def rig_fixture():
    with Rig("capad-full", policy=policy(), rules=RULES) as rig:
        (rig.dir / "etc/people.json").write_text(json.dumps(PEOPLE))
        rig.start()
        yield rig


@pytest.fixture(name="register")
def register_fixture(rig):
    return Register(rig)


# -- one person

@pytest.mark.parametrize("asks, decides, code", [
    ("anna", "Anna Smith", "invalid"), ("Anna Smith", "anna", "invalid"), ("anna", "system", "invalid"), ("anna", "me", "invalid"),
    ("anna", "ANNA", "refused"), ("anna", "\uff21nna", "invalid"), ("anna", "an\u200bna", "invalid")])
def test_one_person_by_two_names_decides_nothing(register, asks, decides, code):
    nc = register.new("major")
    status, answer = register.ask("regrade", asks, nc=nc, to="minor", reason="less")
    if status == "ERR":
        assert answer["code"] == code and "anna" in answer["message"]
        return
    status, answer = register.ask("approve", decides, ref=nc, what="regrade")
    assert (status, answer["code"]) == ("ERR", code), answer
    assert register.show(nc)["grade"] == "major"


def test_who_owns_under_the_full_name_is_barred_under_the_short_one(rig, register):
    nc = register.new()
    register.do("assign", "ben", ref=nc, owner="Anna Smith")
    assert register.show(nc)["owner"] == "anna"
    register.do("assign", "ben", ref=nc, owner="carl")
    register.upto(nc, "verifying")
    rig.move_clock("5 days")
    assert register.refused("verify", "anna", nc=nc, verdict="effective", text="x") == "refused"


@pytest.mark.parametrize("requirement", ["10.2 b", "cl. 6.1.3", "NIS2 Art. 21(2)(c)", "DORA Art. 5", "\u00a7 8a BSIG", "GDPR Art. 32"])
@pytest.mark.parametrize("member", ["requirement", "controls"])
def test_the_standard_and_the_law_are_never_accepted(register, requirement, member):
    nc = register.do("raise", title="t", grade="minor", owner="anna", **{"controls": ["A.5.1"], member: requirement})["ref"]
    register.do("contain", files=[b"x"], nc=nc, text="by hand", consequences="none", **PROOF)
    status, answer = register.ask("accept", "anna", nc=nc, risk="R-1", until="10d", reason="cheaper")
    assert (status, answer["code"]) == ("ERR", "refused") and "never be accepted" in answer["message"]


# -- what makes no sense

@pytest.mark.parametrize("moment", ["2027-01-01T00:00:00+99:00", "2027-01-01T00:00:00-24:00", "2027-01-01T24:30:00Z", "2027-01-01T00:00:61Z"])
@pytest.mark.parametrize("call, params", [
    ("accept", {"nc": "NC-1", "risk": "R-1", "reason": "x", "until": None}), ("clock", {"nc": "NC-1", "law": "gdpr", "from": None}),
    ("coverage", {"since": None}), ("list", {"since": None}), ("list", {"as_of": None}), ("raise", {"title": "x", "aware_at": None}),
    ("action.add", {"nc": "NC-1", "title": "x", "due": None}), ("deadline.add", {"nc": "NC-1", "label": "proof", "due": None})])
def test_a_moment_that_is_none_is_refused_with_its_reason(register, moment, call, params):
    register.new()
    status, answer = register.ask(call, "anna", **{name: moment if value is None else value for name, value in params.items()})
    assert (status, answer["code"]) == ("ERR", "invalid") and moment in answer["message"], answer


STRANGE = [None, True, 0, -1, 17, 1.5, 2 ** 63, 10 ** 30, "", " ", "x" * 5000, "\U0001f600", "' OR 1=1 --", "%s%n", "{}", "NC-1", "NC-0", "NC--1",
           "NC-2147483648", "CA-1", "FU-1", "B-1", "ESC-1", "EV-1", "REV-1", "-", "me", "anna", "0d", "1d", "-1d", "999999999999mo", "2bd ", "x12",
           "2026-02-29", "9999-12-31", "0000-00-00", "2027-01-01T00:00:00+16:00", "infinity", "NaN", "minor", "yes", "manual", "closing", "K=V",
           [], ["NC-1"], ["NC-1", None], [[]], ["x"] * 50, {}, {"a": "b"}, {"": ""}, {"plan": "30d"}, {"mo": 1}, {"contain": {"text": "x"}},
           [{"name": "p", "frame": 0}], [{"name": "p", "frame": -1}], [{"url": "x y"}], [{"event": -1}]]
USUAL = {"nc": "NC-1", "ref": "NC-1", "action": "CA-1", "text": "t", "reason": "r", "title": "t", "category": "process", "to": "40d", "from": "ben",
         "need": "yes", "owner": "ben", "due": "30d", "until": "10d", "risk": "R-1", "verdict": "effective", "what": "plan", "label": "proof",
         "law": "gdpr", "every": "7d", "kind": "manual", "result": "ok", "into": "NC-2", "fact": "cause", "fingerprint": "00ff00ff", "seq": 1}


@pytest.mark.parametrize("seed", range(4))
def test_calls_of_any_shape_are_answered_and_never_as_internal(rig, register, seed):
    made = random.Random(seed)
    with rig.connect() as connection:
        methods = [(name, [p for p in params if p]) for name, params in connection.execute("SELECT name, params FROM capa.method ORDER BY name")]
    assert len(methods) > 50
    register.new()
    for _ in range(400):
        name, params = made.choice(methods)
        odd = made.choice([*params, None, "if_version", "dry_run", "as_of"])
        given = {p: USUAL[p] for p in params if p in USUAL and made.random() < 0.9}
        given.update({odd: made.choice(STRANGE)} if odd else {})
        files = [b"x"] * made.choice([0, 1]) if "evidence" in params else []
        body = json.dumps({"actor": made.choice(["anna", "carl", "rep"]), "dry_run": True, **given}).encode()
        status, (body, *_) = rig.exchange("control", b"CALL", [name.encode(), body, *files])
        answer = json.loads(body)
        if status == "ERR":
            assert answer["code"] in ("invalid", "refused", "not_found", "forbidden", "conflict", "too_big"), (name, given, answer)
            assert not re.search(r"SQLSTATE|PL/pgSQL|jsonb|violates|relation \"|Errno", json.dumps(answer)), (name, given, answer)
    assert rig.call("status")["database"]["ok"]


# -- the daemon goes on

def ticks(rig):
    return rig.call("status")["daemon"]["ticks"]


def test_a_tick_that_was_ended_is_not_the_last(rig):
    """A statement that is cancelled (by its time limit, or by hand) leaves the connection standing: ticks go on."""
    with rig.connect() as holder:
        holder.execute("LOCK TABLE capa.presence")  # which each tick writes
        rig.move_clock("1 second")  # wakes the daemon

        def cancelled():
            with rig.connect(autocommit=True) as other:
                return other.execute("SELECT count(pg_cancel_backend(pid)) FROM pg_stat_activity"
                                     " WHERE query LIKE '%api.tick()%' AND state = 'active' AND pid <> pg_backend_pid()").fetchone()[0]
        wait_for(cancelled)
    before = ticks(rig)  # and nothing wakes the daemon now
    wait_for(lambda: ticks(rig) > before)


def test_a_year_of_missed_periods_keeps_nobody_waiting(rig, register):
    ncs = [register.do("raise", "anna", title=f"looked at {n}", grade="minor", owner="anna", controls=["A.5.1"])["ref"] for n in range(4)]
    made = [register.do("follow_up.add", ref=nc, kind="manual", every="7d")["follow_up"] for nc in ncs for _ in range(2)]
    fault = register.new()  # whose ladder has much to say too
    rig.move_clock("365 days")
    slowest, done = 0.0, threading.Event()

    def caught_up():
        rig.wait_for_steps(200)
        done.set()
    watching = threading.Thread(target=caught_up)
    watching.start()
    while not done.is_set() and watching.is_alive():
        began = time.monotonic()
        register.do("note", ref=fault, text="are you there")
        slowest = max(slowest, time.monotonic() - began)
        time.sleep(0.2)
    watching.join()
    assert done.is_set() and slowest < 30  # seconds, and not the minutes that all of it takes
    for one in made:
        found = register.do("follow_up.list", ref=one, all=True)[0]
        assert 51 <= found["missed"] <= 53 and [p["no"] for p in found["periods"]] == list(range(1, len(found["periods"]) + 1))


# -- what people see

def test_each_command_that_is_proposed_runs(rig, register, tmp_path):
    """Whatever show, next, approvals and the page propose works when it is pasted, its words in capitals filled in."""
    ncs = []
    for grade in ("minor", "major", "critical"):
        for state in ("raised", "triaged", "contained", "analysed", "planned", "implementing", "verifying"):
            if (grade, state) == ("minor", "planned"):
                continue  # a minor one needs no approval: it goes on at once
            nc = register.new(grade)
            if state != "raised":
                register.upto(nc, state, grade)
            ncs.append(nc)
    lower, accepted, short, ext = register.new("major"), register.new(), register.new(), None
    register.do("regrade", nc=lower, to="minor", reason="x")
    for nc in (accepted, short):
        register.upto(nc, "contained")
    register.do("accept", nc=accepted, risk="R-1", until="20d", reason="x")
    register.do("approve", "rita", ref=accepted)
    register.do("cause", nc=short, text="once", category="process")
    register.do("similar", nc=short, elsewhere="no", conclude="no")
    register.do("need", nc=short, need="no", reason="x", isms="none", risk="none")
    ext = register.do("raise", title="finding", grade="minor", owner="anna", controls=["A.5.1"], source_kind="external_audit", issuer="Cert AG",
                      due={"plan": "20d", "letter": "30d"})["ref"]
    register.do("clock", nc=ext, law="nis2")
    ncs += [lower, accepted, short, ext]
    register.do("reject", nc=[register.new(), register.new()], batch=True, reason="wrong rule")
    commands = set()

    def look(found):
        if isinstance(found, dict):
            commands.update([found["command"]] if isinstance(found.get("command"), str) else [])
        for one in found.values() if isinstance(found, dict) else found if isinstance(found, list) else ():
            look(one)
    for nc in ncs:
        look(register.show(nc))
        look(register.do("next", nc=nc))
    for name in ("anna", "ben", "dora", "rita"):
        look(register.do("page", name))
        look(register.do("approvals", name, all=True))
    assert len(commands) > 30
    proof = tmp_path / "proof.txt"
    proof.write_text("x")
    words = {"NAME": "ben", "FILE": str(proof), "TEXT": "a text", "REASON": "a reason", "RESULT": "no more", "TITLE": "a title", "REF": "R-1"}
    for command in sorted(commands):
        first, *rest = shlex.split(command)
        assert first == "capactl"
        rest = [words.get(word, word) for word in rest]
        assert not [word for word in rest if re.fullmatch("[A-Z]{3,}", word)], command
        if rest[0] == "fill":
            continue
        changing = rest[0] not in ("show", "log", "next", "list", "approvals", "due", "escalations", "people", "status")
        results = []
        for name in ("anna", "dora", "rita", "carl"):
            results.append(rig.capactl("--actor", name, *rest, *(["--dry-run"] if changing else []), check=False))
            if results[-1].returncode == 0:
                break
        assert results[-1].returncode == 0, (command, [(one.returncode, one.stderr) for one in results])


def test_nobody_else_reads_what_is_restricted(rig, register):
    nc = register.do("raise", title="SECRETWORD", grade="minor", statement="SECRETWORD", restricted=True, owner="carl", controls=["A.5.1"],
                     labels={"SECRETWORD": "x"}, asset="SECRETWORD", supplier="SECRETWORD")["ref"]
    register.do("contain", "carl", files=[b"SECRETWORD"], nc=nc, text="SECRETWORD", consequences="SECRETWORD", **PROOF)
    action = register.do("action.add", "carl", nc=nc, title="SECRETWORD", owner="carl", due="5d", expect="SECRETWORD")["action"]
    register.do("note", "carl", ref=nc, text="SECRETWORD")
    follow_up = register.do("follow_up.add", "carl", ref=nc, kind="manual", every="7d", title="SECRETWORD")["follow_up"]
    register.do("extend", "carl", ref=action, to="20d", reason="SECRETWORD")
    evidence = register.do("evidence.list", "carl", ref=nc)[0]["ref"]
    rig.move_clock("8 days")
    rig.wait_for_steps()
    reads = [("list", {"all": True}), ("list", {"register": True}), ("show", {"ref": nc}), ("show", {"ref": action}), ("log", {"ref": nc}), ("next", {"nc": nc}),
             ("next", {}), ("form", {"nc": nc}), ("page", {}), ("since", {"since": "30d"}), ("approvals", {"all": True}), ("evidence.list", {"ref": nc}),
             ("evidence.get", {"id": evidence}), ("escalations", {}), ("escalations", {"nc": nc}), ("follow_up.list", {}), ("follow_up.list", {"ref": follow_up}),
             ("due", {"within": "100d"}), ("people", {}), ("people", {"name": "carl"}), ("journal.read", {"after": 0, "limit": 1000}), ("dossier", {"nc": nc}),
             ("journal.export", {"limit": 5000}), ("note", {"ref": nc, "text": "x"}), ("merge", {"nc": "NC-1", "into": nc, "reason": "x"})]
    assert "SECRETWORD" in json.dumps(register.show(nc))
    for who in ("rep", "omar"):
        assert [one["ref"] for one in register.do("search", who, text="SECRETWORD")] == []
        assert register.do("list", who, asset="SECRETWORD") == []
        for call, params in reads:
            for past in ({}, {"as_of": "1s"}):
                if not (past and call in ("note", "merge")):
                    assert "SECRETWORD" not in json.dumps(register.ask(call, who, **params, **past)), (who, call, params)


def test_the_register_is_still_what_its_journal_says(rig):
    assert rig.capactl("journal", "verify").stdout.startswith("The journal is whole")
    with rig.connect() as connection:
        assert connection.execute("SELECT * FROM capa.rebuild_check()").fetchall() == []
