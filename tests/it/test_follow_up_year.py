"""Follow-ups over a year, in seconds: "verify no recurrence over 6 months", "audit compliance quarterly" and "test
restoration monthly" go on after their nonconformities were closed. One is met by events, one is missed and
escalated, one fails and its nonconformity is open again; a fourth that nobody does reopens its own.

A real daemon does it all; the register's clock is moved from one due step to the next.
"""
import datetime
import json
import pathlib
import sys
import time

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from rig import Rig  # noqa: E402  pylint: disable=wrong-import-position
import schemas  # noqa: E402  pylint: disable=wrong-import-position
from test_year import Subscriber, moment, read_journal, subscriber_sees, walk_until  # noqa: E402  pylint: disable=wrong-import-position

DAY = datetime.timedelta(days=1)


def rule(name, effect="fail", **more):
    return {"id": name, "title": f"{name} of {{/subject}}", "match": {"all": [{"path": "/type", "eq": f"year.{name}"}]},
            "effect": effect, "fingerprint": ["/subject"], "policy": "default", **more}


FAIL = {"grade": "minor", "owner": "anna", "controls": ["A.8.13"], "triaged": True}
RULES = [rule("restore-failed", **FAIL), rule("restore-good", "pass", clears="restore-failed"),
         rule("drift-found", **FAIL)]


@pytest.fixture(name="rig")
def rig_fixture():
    with Rig("capad-follow-up", rules=RULES) as rig:
        rig.start()
        yield rig


class Story:
    """What people and tools do, and the numbers of their events."""

    def __init__(self, rig):
        self.rig, self.events = rig, 0

    def say(self, method, actor, /, **params):
        return self.rig.call(method, {**params, "actor": actor})

    def event(self, name, subject):
        self.events += 1
        verdict, = self.rig.put({"specversion": "1.0", "id": f"year-{self.events}", "source": "/year", "type": f"year.{name}",
                                 "subject": subject})
        assert verdict["status"] == "stored", verdict
        return verdict["results"][0]["effect"], verdict["results"][0]["nc"]

    def close(self, nc):
        link = [{"url": "https://wiki.example.org/proof"}]
        self.say("contain", "anna", nc=nc, text="put right", consequences="none", evidence=link)
        self.say("cause", "anna", nc=nc, text="nobody looked", category="process")
        self.say("similar", "anna", nc=nc, elsewhere="no", conclude="apart")
        self.say("need", "ina", nc=nc, need="yes", reason="it would come again", isms="none", risk="none")
        action = self.say("action.add", "anna", nc=nc, title="look at it", owner="bob", due="20d", expect="it is seen")["action"]
        self.say("criterion", "anna", nc=nc, method="manual", text="a sample", window="1s")
        self.say("action.done", "bob", action=action, evidence=link)
        self.rig.move_clock("2 seconds")
        assert self.say("verify", "vera", nc=nc, verdict="effective", text="the sample is good")["state"] == "closed"
        return action

    def follow_up(self, ref):
        return self.rig.call("follow_up.list", {"ref": ref})[0]

    def until(self, at):
        walk_until(self.rig, at)
        self.rig.move_clock(max(at - self.rig.now(), datetime.timedelta(0)))
        self.rig.wait_for_steps()


def outcomes(follow_up):
    return [period.get("outcome") for period in follow_up["periods"]]


def nobody_is_there(rig, days):
    """The daemon stops for so long. By the wall clock it is an instant, so the newest beat is put back."""
    rig.stop()
    with rig.connect() as connection:
        connection.execute("UPDATE capa.presence SET beat = beat - interval '10 minutes' WHERE id = (SELECT max(id) FROM capa.presence)")
    rig.move_clock(days * DAY)
    rig.start()
    rig.wait_for_steps()


def test_a_year_of_follow_ups(rig):  # pylint: disable=too-many-statements
    story = Story(rig)
    subscriber = Subscriber(rig, "follow_up.")
    subscriber.start()
    restore = story.event("restore-failed", "db01")[1]
    drift = story.event("drift-found", "ldap")[1]
    audit = story.say("raise", "ina", title="Reviews are not done", owner="anna", requirement="A.5.18", grade="minor")["ref"]
    story.say("triage", "ina", nc=audit, grade="minor", owner="anna", controls=["A.5.18"])
    actions = {nc: story.close(nc) for nc in (restore, drift, audit)}
    began = rig.now()
    monthly = story.say("follow_up.add", "anna", ref=actions[restore], kind="evidence", every="1mo", **{"for": "x12"}, owner="rosa",
                        title="test restoration monthly")["follow_up"]
    quiet = story.say("follow_up.add", "anna", ref=actions[drift], kind="no_recurrence", every="1mo", **{"for": "6mo"}, owner="olga",
                      title="verify no recurrence over 6 months")["follow_up"]
    quarterly = story.say("follow_up.add", "anna", ref=audit, kind="manual", every="3mo", **{"for": "12mo"}, owner="olga",
                          title="audit compliance quarterly")["follow_up"]
    nobodys = story.say("follow_up.add", "anna", ref=actions[audit], kind="manual", every="2mo", owner="nina", title="ask around")["follow_up"]

    recorded, failed_at, away = [], None, False
    for week in range(1, 54):
        story.until(began + week * 7 * DAY)
        now = rig.now()
        if week % 4 == 2:  # each fourth week somebody restores a backup
            assert story.event("restore-good", "db01") == ("evidence", restore)
        if week == 6:
            before = story.follow_up(quiet)["periods"][-1]["due"]
            nobody_is_there(rig, 5)
            away = True
        if week == 15:  # and in the fourth month it comes again
            assert outcomes(story.follow_up(quiet))[:3] == ["ok", "ok", "ok"]
            assert moment(story.follow_up(quiet)["periods"][1]["due"]) - moment(before) > 4 * DAY  # the five days are added
            failed_at = now
            assert story.event("drift-found", "ldap") == ("reopened", drift)
        due = story.follow_up(quarterly)["due"]
        # The first audit is in time, the second a month late, the others in time.
        if due and len(recorded) < 4 and moment(due) - now < (7 * DAY if len(recorded) != 1 else -30 * DAY):
            recorded.append(story.say("follow_up.record", "olga", ref=quarterly, result="ok", text="sample of ten")["period"])
    assert away and failed_at

    # Met by events: a pass in each month, and nobody had to do anything.
    done = story.follow_up(monthly)
    assert (done["state"], outcomes(done)) == ("ended", ["ok"] * 12)
    assert {period["by"] for period in done["periods"]} == {"system"}
    days = [moment(period["due"]) for period in done["periods"]]
    assert all(27 * DAY < b - a < 35 * DAY for a, b in zip(days, days[1:])) and days[-1] - began < 371 * DAY

    # Failed at once when it came again; its nonconformity is open again, and the action was ineffective.
    over = story.follow_up(quiet)
    assert (over["state"], outcomes(over)) == ("failed", ["ok", "ok", "ok", "failed"])
    assert abs(moment(over["ended_at"]) - failed_at) < DAY
    reopened = rig.call("show", {"ref": drift})
    assert (reopened["state"], reopened["cycle"]) == ("triaged", 2)
    assert [a["result"] for a in reopened["actions"] if a["cycle"] == 1] == ["ineffective"]

    # Missed and escalated, then recorded late; it has ended.
    audited = story.follow_up(quarterly)
    assert recorded == [1, 2, 3, 4] and (audited["state"], outcomes(audited)) == ("ended", ["ok"] * 4)
    late = audited["periods"][1]
    assert moment(late["at"]) - moment(late["due"]) > 29 * DAY
    with rig.connect() as connection:
        steps = connection.execute("SELECT level, recipients -> 0 ->> 'name' FROM capa.escalation WHERE follow_up = %s AND due = %s "
                                   "ORDER BY published_at", (int(quarterly[3:]), late["due"])).fetchall()
    assert [level for level, _ in steps] == ["L0", "L1", "L2"] and steps[0][1] == "olga"

    # Missed twice in a row, nobody cares: the nonconformity is open again because of it, and the action was not proved wrong.
    asked = rig.call("show", {"ref": audit})
    assert [(c["begun_by"], c.get("why")) for c in asked["cycles"]][1] == ("follow_up", f"{nobodys} was missed twice in a row: ask around")
    assert asked["cycle"] == 2 and [a["result"] for a in asked["actions"] if a["cycle"] == 1] == ["effective"]
    assert set(outcomes(story.follow_up(nobodys))) == {"missed", None}

    # The bus told all of it, as the journal has it.
    replay = read_journal(rig, "follow_up.")
    subscriber_sees(subscriber, len(replay))
    heard = {sequence: (topic, json.loads(event)) for topic, sequence, event in subscriber.messages}
    assert heard == {int(m["sequence"]): (m["topic"], m["event"]) for m in replay}
    for m in replay:
        schemas.check_published(m["topic"], m["sequence"], m["event"])
    schemas.check("show", asked)
    told = [(m["topic"], m["event"]["subject"]) for m in replay]
    assert told.count(("follow_up.done", monthly)) == 12 and told.count(("follow_up.missed", quarterly)) == 1
    subscriber.end()
    assert rig.now() - began > 360 * DAY


def test_follow_ups_by_capactl(rig):
    """The commands, and what people see of them."""
    story = Story(rig)
    nc = story.event("drift-found", "ldap")[1]
    story.close(nc)

    def run(*words, actor="anna", status=0):
        result = rig.capactl(*words, "--actor", actor, check=False)
        assert result.returncode == status, result.stdout + result.stderr
        return result.stdout + result.stderr

    assert "FU-1" in run("follow-up", "add", nc, "--kind", "manual", "--every", "1h", "--for", "x2", "--owner", "olga",
                         "--title", "ask the users")
    assert "--every" in run("follow-up", "add", nc, "--kind", "manual", status=2)
    run("follow-up", "add", nc, "--kind", "sometimes", "--every", "1d", status=2)
    assert "FU-2" in run("follow-up", "add", nc, "--kind", "no_recurrence", "--every", "30d", "--for", "90d")
    rig.move_clock("61 minutes")
    rig.wait_for_steps()
    listed = run("follow-up", "list", nc)
    for word in ("ask the users", "olga", "1 missed", "verify no recurrence", "overdue", "30d"):
        assert word in listed, (word, listed)
    assert [f["ref"] for f in json.loads(run("follow-up", "list", "FU-1", "--json"))] == ["FU-1"]
    page = run("show", nc)
    assert "Follow-ups" in page and "follow_up FU-1" in page
    assert "ask the users" in run(actor="olga") and "capactl follow-up record FU-1 ok" in run(actor="olga")
    assert "FU-1" in run("due", "--within", "1d")
    run("follow-up", "record", "1", "ok", "they are content", actor="olga")
    assert "proves by itself" in run("follow-up", "record", "2", "ok", "looks good", status=1)
    run("follow-up", "record", "1", "failed", "they are not", actor="olga")
    assert rig.call("show", {"ref": nc})["cycle"] == 2
    run("follow-up", "stop", "2", "--reason", "it is open again anyway")
    assert "another person" in run("approve", "FU-2", status=1)
    run("approve", "FU-2", actor="pia")
    assert "No follow-up is running" in run("follow-up", "list", nc)
    assert "stopped" in run("follow-up", "list", nc, "--all")
    assert "not a reference" in run("follow-up", "record", "FU-x", "ok", "t", status=2)


def test_show_says_what_was_covered(rig):
    story = Story(rig)
    nc = story.event("drift-found", "ldap")[1]
    for subject, days in (("ldap", 2), ("ldap", 2), ("ldap", 4)):
        rig.move_clock(days * DAY)
        story.event("drift-found", subject)
    story.say("contain", "anna", nc=nc, text="put right", consequences="none", evidence=[{"url": "https://wiki.example.org/proof"}])
    story.say("cause", "anna", nc=nc, text="nobody looked", category="process")
    story.say("similar", "anna", nc=nc, elsewhere="no", conclude="apart")
    story.say("need", "ina", nc=nc, need="yes", reason="r", isms="none", risk="none")
    action = story.say("action.add", "anna", nc=nc, title="look", owner="bob", due="20d", expect="seen")["action"]
    proposed = json.loads(rig.capactl("criterion", nc, "--auto", "--dry-run", "--json", "--actor", "anna").stdout)["criterion"]
    assert proposed["method"] == "event_silence" and proposed["window"]["d"] == 6 and proposed["weak"], proposed
    said = rig.capactl("criterion", nc, "--auto", "--actor", "anna").stdout
    assert "event silence over 6d" in said and "4 fails, in the middle 2d apart: three times that" in said, said
    assert "The window of 6d is weak: shorter than the policy's 90d." in said, said
    story.say("action.done", "bob", action=action, evidence=[{"url": "https://wiki.example.org/proof"}])
    nobody_is_there(rig, 2)
    page = rig.capactl("show", nc).stdout
    assert "capad or its database was away" in page and "source unwatched" in page, page
    shown = schemas.check("show", rig.call("show", {"ref": nc}))
    assert moment(shown["criterion"]["covered"]["uncovered"][0]["to"]) - moment(shown["criterion"]["covered"]["uncovered"][0]["from"]) > 1.9 * DAY
    story.until(moment(shown["window"]["ends"]) - DAY)  # what would have been enough without the gap is not
    refused = rig.capactl("verify", nc, "effective", "quiet", "--actor", "vera", check=False)
    assert refused.returncode == 1 and "the window is open until" in refused.stderr
    story.until(moment(shown["window"]["ends"]) + datetime.timedelta(minutes=1))
    assert story.say("verify", "vera", nc=nc, verdict="effective", text="quiet")["state"] == "closed"


def test_an_idle_daemon_is_there(rig):
    """Nothing is due and nobody calls: the daemon ticks all the same, or its time would not be covered."""
    with rig.connect(autocommit=True) as connection:

        def beat_after(last, seconds):
            until = time.monotonic() + seconds
            while (beat := connection.execute("SELECT max(beat) FROM capa.presence").fetchone()[0]) == last:
                assert time.monotonic() < until, f"{seconds} seconds without a tick"
                time.sleep(0.2)
            return beat

        first = beat_after(None, 60)
        assert beat_after(first, 60) - first < datetime.timedelta(seconds=60)  # a minute without is time away
        assert connection.execute("SELECT count(*) FROM capa.presence").fetchone()[0] == 1  # no gap
