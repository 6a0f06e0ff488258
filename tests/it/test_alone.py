"""Nobody does alone (PRODUCT): each decision that needs a second person, over the bus by a client that shares no code with
capad. Alone it is refused, whatever spelling or team the name takes; until somebody else decides nothing is in force, and
then it is. The same for who is barred from verifying, and for what a waiver may not waive.
"""
import json
import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from rig import Rig  # noqa: E402  pylint: disable=wrong-import-position
from test_acceptance_register import PROOF, RULES, Register, policy  # noqa: E402  pylint: disable=wrong-import-position

# Everybody has every role: only separation of duties is in their way.
EVERY = ["reporter", "owner", "approver", "verifier", "auditor", "isms_manager", "risk_owner", "top_management"]
PEOPLE = {
    "people": {name: {"roles": EVERY} for name in ("anna", "ben", "carl", "dora", "olga", "gus", "rita")},
    "teams": {"night-team": {"lead": "anna", "members": ["ben"]}},
}


def start(prefix, **members):
    rig = Rig(prefix, policy={**policy(), **members}, rules=RULES)
    (rig.dir / "etc/people.json").write_text(json.dumps(PEOPLE))
    rig.start()
    return rig


@pytest.fixture(name="rig", scope="module")
def rig_fixture():
    with start("capad-alone") as rig:
        yield rig


@pytest.fixture(name="register")
def register_fixture(rig):
    return Register(rig)


# Each asks for something as anna, and gives: the reference to decide, its kind, and what tells whether it is in force.

def lower_grade(register):
    nc = register.new("major")
    register.do("triage", nc=nc, grade="major")
    register.do("regrade", nc=nc, to="minor", reason="less than it seemed")
    return nc, "regrade", lambda: register.show(nc)["grade"] == "minor"


def reject_major(register):
    nc = register.new("major")
    register.do("reject", nc=nc, reason="a false alarm")
    return nc, "rejection", lambda: register.state(nc) == "rejected"


def reject_of_an_audit(register):
    nc = register.do("raise", title="no review held", grade="minor", owner="anna", controls=["A.5.1"], source_kind="internal_audit")["ref"]
    register.do("reject", nc=nc, reason="it was held")
    return nc, "rejection", lambda: register.state(nc) == "rejected"


def reject_overdue(register):
    nc = register.new()
    register.rig.move_clock("30 days")
    register.rig.wait_for_steps()
    assert register.show(nc)["overdue"] is True
    register.do("reject", nc=nc, reason="nothing was wrong")
    return nc, "rejection", lambda: register.state(nc) == "rejected"


def merge_major(register):
    nc, into = register.new("major"), register.new("major")
    register.do("merge", nc=nc, into=into, reason="the same fault")
    return nc, "merge", lambda: register.state(nc) == "merged"


def extend_action(register):
    nc = register.new("major")
    action = register.upto(nc, "implementing", "major")
    due = register.show(nc)["actions"][-1]["due"]
    register.do("extend", ref=action, to="40d", reason="the part is late")
    return action, "extension", lambda: register.show(nc)["actions"][-1]["due"] > due


def approve_plan(register):
    nc = register.new("major")
    register.upto(nc, "planned", "major")
    return nc, "plan", lambda: register.state(nc) == "implementing"


def short_closing(register):
    nc = register.new()
    register.do("triage", nc=nc, grade="minor")
    register.do("contain", nc=nc, not_applicable="nothing is broken", consequences="none")
    register.do("cause", nc=nc, text="once", category="environment")
    register.do("similar", nc=nc, elsewhere="no", conclude="not alike")
    register.do("need", nc=nc, need="no", reason="a storm", isms="none", risk="none")
    return nc, "short_closing", lambda: [r for r in register.show(nc)["requests"] if r.get("state", "open") == "open"] == []


def accept(register):
    nc = register.new("major")
    register.upto(nc, "contained", "major")
    register.do("accept", nc=nc, risk="R-3", until="20d", reason="replaced in spring", measure="watched by hand")
    return nc, "acceptance", lambda: register.state(nc) == "accepted"


def stop_follow_up(register):
    nc = register.new()
    register.closed(nc)
    follow_up = register.do("follow_up.add", ref=nc, kind="manual", every="7d", **{"for": "60d"}, title="look again")["follow_up"]
    register.do("follow_up.stop", ref=follow_up, reason="no need")
    return follow_up, "follow_up_stop", lambda: register.do("follow_up.list", ref=follow_up, all=True)[0]["state"] == "stopped"


def batch(register):
    ncs = [register.new() for _ in range(3)]
    found = register.do("reject", nc=ncs, batch=True, reason="the rule was wrong")["batch"]["ref"]
    return found, "batch", lambda: {register.state(nc) for nc in ncs} == {"rejected"}


def redact(register):
    nc = register.new()
    evidence = register.do("evidence.add", files=[b"a name"], ref=nc, **PROOF)["evidence"][0]
    register.do("redact", ref=evidence, reason="it names a person")
    return evidence, "redaction", lambda: "removed_at" in next(
        e for e in register.do("evidence.list", ref=nc) if e["ref"] == evidence)


def external_deadline(register):
    nc = register.do("raise", title="finding 4", grade="minor", owner="anna", controls=["A.5.1"], source_kind="external_audit",
                     issuer="Cert AG", external_ref="NC-17")["ref"]
    register.do("deadline.add", nc=nc, label="evidence", due="30d")
    due = next(d["due"] for d in register.show(nc)["deadlines"] if d.get("label") == "evidence")
    assert register.refused("extend", ref=nc, deadline="evidence", to="60d", reason="more time") in ("refused", "invalid")  # no letter
    register.do("extend", files=[b"their letter"], ref=nc, deadline="evidence", to="60d", reason="agreed", **PROOF)
    return nc, "external_deadline", lambda: next(d["due"] for d in register.show(nc)["deadlines"] if d.get("label") == "evidence") > due


ASKED = [lower_grade, reject_major, reject_of_an_audit, reject_overdue, merge_major, extend_action, approve_plan, short_closing, accept,
         stop_follow_up, batch, redact, external_deadline]


@pytest.mark.parametrize("ask", ASKED, ids=lambda ask: ask.__name__)
def test_alone_it_is_refused_and_a_second_person_decides(register, ask):
    ref, kind, in_force = ask(register)
    waiting = [one for one in register.do("approvals", all=True) if one["ref"] == ref]
    assert [one["what"] for one in waiting] == [kind] and "anna" in waiting[0]["authors"]
    effective_at_once = kind == "short_closing"  # closed at once, to be confirmed
    for name in ("anna", "ANNA", " anna "):
        assert register.refused("approve", name, ref=ref, what=kind) == "refused"
    if not effective_at_once:
        assert not in_force()
    decider = "rita" if kind == "acceptance" else "carl"
    if kind == "redaction":
        decider = "gus"
    register.do("approve", decider, ref=ref, what=kind)
    assert in_force()
    assert register.refused("approve", "olga", ref=ref, what=kind) in ("refused", "not_found", "forbidden")  # decided is decided


@pytest.mark.parametrize("ask", ASKED, ids=lambda ask: ask.__name__)
def test_refused_by_a_second_person_it_never_comes(register, ask):
    ref, kind, in_force = ask(register)
    register.do("refuse", "rita" if kind == "acceptance" else "gus", ref=ref, what=kind, reason="not like this")
    if kind == "short_closing":
        assert register.state(ref) == "contained"
    else:
        assert not in_force()
    assert register.refused("approve", "carl", ref=ref, what=kind) in ("refused", "not_found", "forbidden")


def test_a_team_is_its_members(register):
    """What a team asked for or owns, none of its members decides."""
    nc = register.new("major")
    register.do("regrade", "night-team", nc=nc, to="minor", reason="x")
    for member in ("anna", "ben"):
        assert register.refused("approve", member, ref=nc, what="regrade") == "refused"
    register.do("approve", "carl", ref=nc, what="regrade")
    owned = register.new("major")
    register.do("assign", ref=owned, owner="night-team")
    register.do("triage", nc=owned, grade="major")
    register.do("contain", files=[b"x"], nc=owned, text="by hand", consequences="none", **PROOF)
    register.do("accept", "carl", nc=owned, risk="R-3", until="20d", reason="x", measure="y")
    for member in ("anna", "ben"):
        assert register.refused("approve", member, ref=owned, what="acceptance") in ("refused", "forbidden")
    register.do("approve", "rita", ref=owned, what="acceptance")


def verifying(register):
    """NC in verifying: owned by anna, planned by olga, action of ben, extension approved by carl, plan approved by gus."""
    nc = register.new("major")
    register.upto(nc, "analysed", "major")
    register.do("criterion", "olga", nc=nc, method="manual", text="a sample", window="1d")
    action = register.do("action.add", "olga", nc=nc, title="inventory", owner="ben", due="10d", expect="no more")["action"]
    register.do("approve", "gus", ref=nc, what="plan")
    register.do("extend", "ben", ref=action, to="40d", reason="late")
    register.do("approve", "carl", ref=action, what="extension")
    register.do("action.done", "ben", files=[b"x"], action=action, **PROOF)
    register.rig.move_clock("5 days")
    return nc


@pytest.mark.parametrize("who, part", [("anna", "owns"), ("ben", "CA-"), ("olga", "plan"), ("carl", "extension"), ("night-team", "")])
def test_who_had_a_part_does_not_judge(register, who, part):
    nc = verifying(register)
    for verdict in ("effective", "not_effective"):
        status, answer = register.ask("verify", who, nc=nc, verdict=verdict, text="seen", isms="none", risk="none")
        assert (status, answer["code"]) == ("ERR", "refused") and part in answer["message"]
    register.do("assign", ref=nc, owner="dora")  # giving it away changes nobody's part in it
    assert register.refused("verify", who, nc=nc, verdict="effective", text="seen") == "refused"
    register.do("verify", "rita", nc=nc, verdict="effective", text="seen", isms="none", risk="none")
    assert register.state(nc) == "closed"


def test_an_approval_signs_the_plan_as_it_is(register):
    nc = register.new("major")
    action = register.upto(nc, "implementing", "major")
    for change in ({"title": "inventory of all"}, {"expect": "none at all"}):
        register.do("action.change", action=action, **change)
        assert register.state(nc) == "planned"
        register.do("approve", "carl", ref=nc, what="plan")
        assert register.state(nc) == "implementing"
    register.do("note", ref=action, text="half done")
    assert register.state(nc) == "implementing"  # notes are not in it
    register.do("criterion", nc=nc, method="manual", text="another", window="2d")
    assert register.state(nc) == "planned" and register.refused("approve", ref=nc, what="plan") == "refused"


def test_an_added_action_inherits_the_date_or_counts_as_late(register):
    nc = register.new("major")
    action = register.upto(nc, "implementing", "major")
    first = next(a for a in register.show(nc)["actions"] if a["ref"] == action)
    again = {"nc": nc, "title": "another way", "owner": "ben", "expect": "no more", "replaces": action}
    assert register.refused("action.add", **again, due="50d") == "refused"
    new = register.do("action.add", **again)["action"]
    second = next(a for a in register.show(nc)["actions"] if a["ref"] == new)
    assert second["due_original"] == first["due_original"]
    late = register.do("action.add", nc=nc, title="one more", owner="ben", due="20d", expect="x")["action"]
    assert next(a for a in register.show(nc)["actions"] if a["ref"] == late)["added_late"] is True


def test_a_strict_policy_waives_nothing(register):
    nc = register.new("major")
    register.upto(nc, "planned", "major")
    assert register.refused("approve", ref=nc, what="plan", waive="we are three") == "refused"
    assert register.refused("verify", nc=verifying(register), verdict="effective", text="x", waive="we are three") == "refused"


def test_a_waiver_has_a_reason_is_counted_and_never_for_critical_or_external():
    with start("capad-waive", sod="waivable") as rig:
        register = Register(rig)
        nc = register.new("major")
        register.upto(nc, "planned", "major")
        assert register.refused("approve", ref=nc, what="plan") == "refused"
        assert register.refused("approve", ref=nc, what="plan", waive="  ") in ("refused", "invalid")
        register.do("approve", ref=nc, what="plan", waive="we are three")
        assert register.state(nc) == "implementing" and "we are three" in json.dumps(register.show(nc))
        critical = register.new("critical")
        register.upto(critical, "planned", "critical")
        assert register.refused("approve", ref=critical, what="plan", waive="we are three") == "refused"
        register.do("approve", "carl", ref=critical, what="plan")
        finding = register.do("raise", title="finding", grade="major", owner="anna", controls=["A.5.1"], source_kind="external_audit",
                              issuer="Cert AG")["ref"]
        register.upto(finding, "planned", "major")
        assert register.refused("approve", ref=finding, what="plan", waive="we are three") == "refused"
