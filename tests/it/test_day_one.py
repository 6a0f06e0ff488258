"""The traps that other registers fell into: eighteen tests, each a real defect that was read or seen elsewhere.

They are numbered, test_NN_...; some stand in other files, where they belong with their like:

| No. | Sentence | Where |
|---|---|---|
| 4 | capad down across a due date: after restart each missed level fires exactly once | ELSEWHERE[4] |
| 15 | an owner cannot verify, who asks for an extension cannot approve it, direct SQL breaks `journal verify` | ELSEWHERE[15] |
| 18 | kill -9 between commit and publish: it is published again, and consumers know it by its sequence | ELSEWHERE[18] |
"""
import datetime
import json
import pathlib
import re
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from conftest import wait_for  # noqa: E402  pylint: disable=wrong-import-position
from rig import ROOT, Rig  # noqa: E402  pylint: disable=wrong-import-position
from test_acceptance_register import PROOF, RULES, Register, event, policy  # noqa: E402  pylint: disable=wrong-import-position

ELSEWHERE = {
    4: ["tests/fault/test_crash.py::test_downtime_across_steps", "tests/it/test_escalation.py::test_what_is_missed_is_told_by_one_message"],
    15: ["tests/it/test_alone.py::test_who_had_a_part_does_not_judge",
         "tests/it/test_alone.py::test_alone_it_is_refused_and_a_second_person_decides",
         "tests/it/test_acceptance_register.py::test_a_superuser_cannot_rewrite_it_unseen"],
    18: ["tests/fault/test_crash.py::test_kill_9_under_load", "tests/it/test_bus.py::test_publishing_goes_on_where_it_stopped"],
}
MORE_RULES = [
    {"id": "loud", "title": "{/data/title}", "statement": "{/data/title}", "match": {"path": "/type", "eq": "loud"}, "effect": "fail",
     "fingerprint": ["/subject"], "owner": "anna", "controls": ["A.8.13"],
     "grade": {"path": "/data/severity", "map": [{"gte": 9, "to": "critical"}, {"gte": 5, "to": "major"}], "else": "minor"}},
]


@pytest.fixture(name="rig", scope="module")
def rig_fixture():
    with Rig("capad-day-one", policy=policy(), rules=[*RULES, *MORE_RULES]) as rig:
        rig.start()
        yield rig


@pytest.fixture(name="register")
def register_fixture(rig):
    return Register(rig)


def moment(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))


def forward(rig, interval):
    """On by so much, and into the next working hours: steps of days wait for them."""
    rig.move_clock(interval)
    now = rig.now()
    if now.weekday() > 4 or not 9 <= now.hour < 16:
        ahead = next(day for day in range(1, 4) if (now + datetime.timedelta(days=day)).weekday() < 5)
        rig.move_clock((now + datetime.timedelta(days=ahead)).replace(hour=10, minute=0) - now)
    rig.wait_for_steps()


def test_all_eighteen_are_there():
    here = {int(number) for number in re.findall(r"^def test_(\d\d)_", pathlib.Path(__file__).read_text(encoding="utf-8"), re.M)}
    assert here | ELSEWHERE.keys() == set(range(1, 19)) and not here & ELSEWHERE.keys()
    for path, _, name in (one.partition("::") for tests in ELSEWHERE.values() for one in tests):
        assert f"def {name}(" in (ROOT / path).read_text(encoding="utf-8"), (path, name)


def test_01_without_an_action_done_it_is_never_verifying(register):
    nc = register.new("major")
    register.upto(nc, "analysed", "major")
    register.do("criterion", nc=nc, method="manual", text="a sample", window="1d")
    assert register.state(nc) == "analysed" and "action" in register.missing(nc)
    action = register.do("action.add", nc=nc, title="inventory", owner="ben", due="10d", expect="no more")["action"]
    register.do("approve", "carl", ref=nc, what="plan")
    register.do("action.cancel", action=action, reason="another way")
    assert register.state(nc) != "verifying"
    assert register.refused("verify", "dora", nc=nc, verdict="effective", text="x") == "refused"
    correction = register.show(nc)["corrections"][0]  # a correction that is done is no action
    assert correction and register.state(nc) not in ("verifying", "closed")


def test_02_no_duration_is_negative_and_what_is_overdue_says_since_when(rig, register):
    closed, late = register.new(), register.new()
    register.closed(closed)
    whole = register.show(closed)
    assert moment(whole["raised_at"]) <= moment(whole["closed_at"])
    for one in whole["deadlines"]:
        assert moment(one["started_at"]) <= moment(one["due"])
    forward(rig, "40 days")
    listed = {one["ref"]: one for one in register.do("list")}
    assert listed[late]["overdue"] is True and moment(listed[late]["next_due"]["due"]) < rig.now()
    due = [one for one in register.do("due") if one["nc"] == late]
    assert due and all(one["overdue"] == (moment(one["due"]) < rig.now()) for one in due)


def test_03_reopening_keeps_every_closing_and_verdict(register):
    nc = register.new(subject="kept")
    register.closed(nc)
    first = register.show(nc)
    assert register.push(subject="kept") == ("reopened", nc)
    grade = register.show(nc)["grade"]
    register.closed(nc, grade)
    register.do("reopen", "carl", nc=nc, reason="seen again by hand")
    whole = register.show(nc)
    assert whole["cycle"] == 3 and [one["verdict"] for one in whole["verdicts"]] == ["effective", "effective"]
    ends = [(one["ended_as"], one["ended_at"]) for one in whole["cycles"] if one.get("ended_at")]
    assert [how for how, _ in ends] == ["closed", "closed"] and ends[0][1] == first["closed_at"]
    assert whole["verdicts"][0] == first["verdicts"][0]


def test_05_eight_and_four_hundred_days_late_it_still_escalates(rig, register):
    nc = register.new("major")
    counted = []
    for days in ("8 days", "30 days", "362 days", "14 days"):
        forward(rig, days)
        counted.append(len(register.do("escalations", nc=nc, limit=5000)))
    assert counted[0] >= 1 and counted == sorted(set(counted)), counted
    last = max(moment(one["published_at"]) for one in register.do("escalations", nc=nc))
    assert rig.now() - last < datetime.timedelta(days=14)


def test_06_another_policy_leaves_existing_deadlines_as_they_are(rig, register):
    old = register.new("minor")
    with rig.connect() as connection:
        before = connection.execute("SELECT array_agg(d::text ORDER BY id) FROM capa.deadline d").fetchone()[0]
    changed = policy()
    changed["policies"]["default"]["minor"].update(triage="1bd", contain="2d")
    file = rig.dir / "etc/policy.json"
    kept = file.read_text()
    file.write_text(json.dumps(changed))
    rig.process.send_signal(1)
    wait_for(lambda: loaded(rig) == 2)
    with rig.connect() as connection:
        assert connection.execute("SELECT array_agg(d::text ORDER BY id) FROM capa.deadline d").fetchone()[0] == before
    new = register.new("minor")
    dues = [{d["kind"]: d["due"] for d in register.show(nc)["deadlines"]} for nc in (old, new)]
    assert dues[1]["contain"] < dues[0]["contain"]
    register.do("triage", nc=old, grade="minor")  # and what is done to it later follows the old one
    assert {d["kind"]: d["due"] for d in register.show(old)["deadlines"]} == dues[0]
    file.write_text(kept)
    rig.process.send_signal(1)
    wait_for(lambda: loaded(rig) == 3)


def loaded(rig):
    with rig.connect() as connection:
        return connection.execute("SELECT max(version) FROM capa.loaded WHERE kind = 'policy'").fetchone()[0]


def test_07_a_fail_after_closing_is_never_swallowed_nor_a_second_one_without_a_link(rig, register):
    nc = register.new(subject="returns")
    register.closed(nc)
    forward(rig, "300 days")
    assert register.push(subject="returns") == ("reopened", nc)
    register.closed(nc, register.show(nc)["grade"])
    forward(rig, "370 days")
    effect, second = register.push(subject="returns")
    assert effect == "raised" and second != nc and register.show(second)["recurrence_of"] == nc
    assert register.push(subject="returns") == ("occurrence", second)
    assert register.state(nc) == "closed"


def test_08_overdue_changes_no_state_and_late_stays_late(rig, register):
    nc = register.new()
    action = register.upto(nc, "implementing")
    forward(rig, "200 days")
    assert register.state(nc) == "implementing" and register.show(nc)["overdue"] is True
    register.do("action.done", "ben", files=[b"x"], action=action, **PROOF)
    whole = register.show(nc)
    assert whole["state"] == "verifying"
    done = next(d for d in whole["deadlines"] if d["kind"] == "action")
    assert done["state"] == "met" and done["late"] is True and moment(done["due"]) < rig.now()
    went = [line["sentence"] for line in register.do("log", ref=nc) if "→" in line["sentence"]]
    assert went[-1].startswith("implementing → verifying") and "raised → triaged" in went[0]


def test_09_a_reference_is_never_given_twice(rig, register):
    """Not after what was undone, nor after a database that was put back from a copy: the numbers jump then."""
    first = number(register.new())
    assert register.do("raise", title="never", dry_run=True)["ref"]
    assert register.refused("raise", title="never", grade="awful") == "invalid"
    second = number(register.new())
    assert second > first
    rig.stop()
    with rig.connect("postgres", autocommit=True) as connection:
        connection.execute("CREATE DATABASE backup TEMPLATE capad")
    rig.start()
    lost = [number(register.new()) for _ in range(3)]
    wait_for(lambda: last_seen(rig) >= head(rig))  # what capad noted of the journal, each second
    rig.stop()
    with rig.connect("postgres", autocommit=True) as connection:
        connection.execute("ALTER DATABASE capad RENAME TO lost")
        connection.execute("ALTER DATABASE backup RENAME TO capad")
    with rig.connect(autocommit=True) as connection:
        connection.execute((ROOT / "sql/migrate/owner.sql").read_text(encoding="utf-8"))
    rig.start()
    assert number(register.new()) > max(lost) + 5000  # the first that is taken
    wait_for(lambda: rig.ping()["epoch"] == "2")


def last_seen(rig):
    file = rig.dir / "state/journal.seen"
    return int(file.read_text().split()[1]) if file.exists() else -1


def head(rig):
    with rig.connect() as connection:
        return connection.execute("SELECT max(seq) FROM capa.journal").fetchone()[0]


def number(ref):
    return int(ref[3:])


def test_10_absence_is_no_pass(rig, register):
    """Neither in silence, nor from a run of something else, nor from one that failed, nor while nobody listened."""
    nc = register.new(subject="absent")
    register.upto(nc, "verifying", method="pass_count", passes=1, window="2d")
    register.do("isms", nc=nc, isms="none")
    register.do("risk", nc=nc, risk="none")
    register.push("job.passed", subject="another")
    forward(rig, "6 days")
    assert register.state(nc) == "verifying" and "passes" in register.missing(nc)
    assert register.refused("verify", "dora", nc=nc, verdict="effective", text="it was quiet") == "refused"
    silent = register.new(subject="silent-10")
    register.upto(silent, "verifying", method="event_silence", window="2d")
    register.do("isms", nc=silent, isms="none")
    register.do("risk", nc=silent, risk="none")
    forward(rig, "8 days")
    assert register.state(silent) == "verifying"  # the system never closes on silence
    covered = register.show(silent)["criterion"]["covered"]
    assert covered, "show says how much of the window was covered"
    uncovered = register.new(subject="unwatched")
    register.upto(uncovered, "verifying", method="event_silence", window="2d")
    rig.stop()
    with rig.connect() as connection:  # more than the minute ago after which capad counts as away
        connection.execute("UPDATE capa.presence SET beat = beat - interval '2 minutes'")
    rig.move_clock("8 days")
    rig.start()
    assert register.refused("verify", "dora", nc=uncovered, verdict="effective", text="nothing came") == "refused"
    assert "window" in register.missing(uncovered)


def test_11_no_date_is_no_deadline(rig, register):
    nc = register.do("raise", title="an idea", grade="observation", owner="anna", controls=["A.5.1"])["ref"]
    assert "contain" not in {d["kind"] for d in register.show(nc)["deadlines"]}
    register.do("need", nc=nc, need="yes", reason="good")
    action = register.do("action.add", nc=nc, title="some day")["action"]
    shown = next(a for a in register.show(nc)["actions"] if a["ref"] == action)
    assert shown.get("due") is None and shown.get("due_original") is None
    assert "action" not in {d["kind"] for d in register.show(nc)["deadlines"]}
    forward(rig, "60 days")
    assert register.show(nc)["overdue"] is False
    assert [one for one in register.do("due", within="1d") if one["ref"] == action] == []
    assert [one for one in register.do("escalations", nc=nc) if one.get("action")] == []


def test_12_an_acceptance_ends_and_its_dates_are_armed_again(rig, register):
    nc = register.new("major")
    register.upto(nc, "contained", "major")
    assert register.refused("accept", nc=nc, risk="R-1", reason="x", measure="y") == "invalid"  # without an end
    dates = {d["kind"]: d["due"] for d in register.show(nc)["deadlines"]}
    register.do("accept", nc=nc, risk="R-1", until="10d", reason="replaced", measure="watched")
    register.do("approve", "rita", ref=nc, what="acceptance")
    accepted = len(register.do("escalations", nc=nc))
    forward(rig, "9 days")
    assert register.state(nc) == "accepted"
    forward(rig, "6 days")
    whole = register.show(nc)
    assert whole["state"] == "contained"
    assert {d["kind"]: d["due"] for d in whole["deadlines"] if d["kind"] in dates} == dates
    forward(rig, "60 days")
    after = register.do("escalations", nc=nc)
    assert register.show(nc)["overdue"] is True and len(after) > accepted and {e["deadline"]["kind"] for e in after} >= {"plan"}


def test_13_another_severity_or_title_is_the_same_problem(register):
    subject = "same"
    effect, nc = register.push("loud", subject=subject, data={"title": "a little", "severity": 1})
    assert effect == "raised"
    assert register.push("loud", subject=subject, data={"title": "very much", "severity": 9}) == ("occurrence", nc)
    assert register.push("loud", subject=subject, data={"title": "again", "severity": 5}, source="/jobs") == ("occurrence", nc)
    whole = register.show(nc)
    assert (whole["title"], whole["grade"], whole["occurrences"]) == ("a little", "critical", 3)


def test_14_what_was_rejected_is_counted_until_its_time_is_over(rig, register):
    nc = register.new(subject="noise")
    register.do("reject", nc=nc, reason="a test machine", suppress="20d")
    assert register.push(subject="noise") == ("suppressed", nc)
    assert (register.state(nc), register.show(nc)["occurrences"]) == ("rejected", 2)
    forward(rig, "25 days")
    effect, again = register.push(subject="noise")
    assert effect == "raised" and again != nc and register.show(again)["recurrence_of"] == nc


def test_16_a_date_ends_with_the_working_day_where_people_are():
    """Summer and winter time, the leap day, and a clock that goes back."""
    whole = policy()
    whole["calendars"]["office"]["zone"] = "Europe/Berlin"
    with Rig("capad-zone", policy=whole, rules=RULES) as rig:
        rig.start()
        register = Register(rig)
        nc = register.new("major")
        register.upto(nc, "analysed", "major")

        def due(day):
            action = register.do("action.add", nc=nc, title="t", owner="ben", due=day, expect="x")["action"]
            return next(a["due"] for a in register.show(nc)["actions"] if a["ref"] == action)[:19]
        assert due("2033-03-25") == "2033-03-25T16:00:00"  # winter: 17:00 is 16:00 UTC
        assert due("2033-03-31") == "2033-03-31T15:00:00"  # summer
        assert due("2032-02-29")[:10] in ("2032-02-29", "2032-03-01")  # a leap day, and a Sunday
        assert register.refused("action.add", nc=nc, title="t", owner="ben", due="2033-02-29", expect="x") == "invalid"
        forward(rig, "20 days")
        told = len(register.do("escalations", nc=nc))
        rig.move_clock("-1 day")
        register.do("note", ref=nc, text="the clock went back")
        rig.move_clock("1 day")
        rig.wait_for_steps()
        assert len(register.do("escalations", nc=nc)) == told
        assert rig.capactl("journal", "verify", check=False).returncode == 0


def test_17_ten_thousand_of_one_are_one(rig, register):
    events = [event(subject="burst", source="/burst", id=f"burst-{n}") for n in range(10_000)]
    batches = [events[n:n + 500] for n in range(0, len(events), 500)]
    for batch in batches:
        assert {v["status"] for v in rig.put(*batch)} == {"stored"}
    found = [one for one in register.do("list", all=True, asset="burst")]
    assert len(found) == 1 and found[0]["occurrences"] == 10_000
    raised = [m for m in register.do("journal.read", after=0, topics=["nc.raised"], limit=1000)["messages"] if m["event"]["subject"] == found[0]["ref"]]
    assert len(raised) == 1
    version = register.show(found[0]["ref"])["version"]
    for batch in batches:
        assert {v["status"] for v in rig.put(*batch)} == {"duplicate"}
    again = register.show(found[0]["ref"])
    assert (again["occurrences"], again["version"]) == (10_000, version)
