"""people.json with a real daemon: loaded and reloaded as a whole, who may act and in which roles, who is told when an owner is
absent or has left, what a leaver still owns, and handover. What the register decides is tested in tests/sql/people.sql."""
import datetime
import json
import os
import pathlib
import signal
import subprocess
import sys

import jsonschema
import pytest

from conftest import Bench, wait_for

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from rig import CAPAD, ROOT, Rig  # noqa: E402  pylint: disable=wrong-import-position

PEOPLE = {
    "people": {
        "anna": {"name": "Anna Smith", "mail": "anna@example.org", "phone": "+49 30 1", "manager": "carla", "deputy": "ben",
                 "also": ["a.smith"]},
        "ben": {"manager": "carla"},
        "carla": {"manager": "tom"},
        "dora": {"roles": ["auditor"]},
        "tom": {},
    },
    "teams": {"backup-team": {"lead": "anna", "members": ["ben"]}},
    "roles": {"isms_manager": ["carla"], "approver": ["carla"], "verifier": ["dora"], "top_management": ["tom"]},
}


def people(**changes):
    """The file, with members of persons replaced."""
    whole = json.loads(json.dumps(PEOPLE))
    for name, more in changes.items():
        whole["people"].setdefault(name, {}).update(more)
    return whole


class People(Bench):
    """A bench whose people.json can be changed."""

    @property
    def file(self):
        return self.rig.dir / "etc/people.json"

    def write(self, content):
        self.file.write_text(content if isinstance(content, str) else json.dumps(content, indent=1))

    def log(self):
        return (self.rig.dir / "capad.log").read_text()

    def reload(self, content, wanted="in force: "):
        self.write(content)
        before = self.log().count(wanted)
        self.rig.process.send_signal(signal.SIGHUP)
        wait_for(lambda: self.log().count(wanted) > before)

    def ask(self, method, **params):
        """The result of a call; its error as (code, message)."""
        status, body = self.call(method, params)
        return body if status == "OK" else (body["code"], body["message"])

    def version(self):
        return self.one("SELECT coalesce(max(version), 0) FROM capa.loaded WHERE kind = 'people'")


@pytest.fixture(name="rig", scope="module")
def rig_fixture():
    with Rig("capad-people") as rig:
        now = rig.now()
        rig.move_clock(datetime.datetime.combine(now + datetime.timedelta(days=1), datetime.time(12), now.tzinfo) - now)  # today ends later
        yield rig


@pytest.fixture(name="bench")
def bench_fixture(rig):
    bench = People(rig)
    bench.write(PEOPLE)
    rig.start()
    yield bench
    rig.stop()
    bench.file.unlink(missing_ok=True)
    bench.close()


def raised(bench, owner, **more):
    return bench.ask("raise", title="t", owner=owner, controls="A.8.13", **more)["ref"]


def today(bench, days=0):
    return bench.one("SELECT ((capa.now() AT TIME ZONE capa.people_zone())::date + %s)::text", days)


def test_the_shipped_file_and_the_schema():
    schema = json.loads((ROOT / "proto/schema/people.json").read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(PEOPLE, schema)
    for wrong in ({}, {"people": []}, {"people": {"a": {"manger": "b"}}}, {"people": {}, "roles": {"boss": []}},
                  {"people": {"a": {"left": "soon"}}}, {"people": {" ": {}}}, {"people": {"a": {"absent": [{"from": "2026-01-01"}]}}}):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(wrong, schema)


@pytest.mark.parametrize("content, place", [
    ('{"people": {"anna": {"manager": "bem"},\n "ben": {}}}', ':1:34: there is no person "bem", did you mean "ben"?'),
    ('{"people": {"anna": {}},\n "teams": {"ANNA": {}}}', ":2:13: this name is given twice"),
    ('{"people": {"a": {"manager": "b"}, "b": {"manager": "a"}}}', ":1:31: managers go round: a → b → a"),
])
def test_check_names_mistakes(tmp_path, content, place):
    """`capad check`: the place of each, and 1."""
    (tmp_path / "people.json").write_text(content)
    for name in ("policy.json", "capad.json"):
        (tmp_path / name).write_text((ROOT / "systemd" / name).read_text().replace('"group": "capad"', '"group": "root"'))
    result = subprocess.run([CAPAD, "check", "--config", tmp_path / "capad.json"], capture_output=True, text=True, check=False)
    assert result.returncode == 1
    assert f"{tmp_path}/people.json{place}" in result.stderr, result.stderr


def test_a_file_that_was_named_must_be_there(tmp_path):
    """The default need not be: then any name is taken."""
    for name in ("policy.json", "capad.json"):
        (tmp_path / name).write_text((ROOT / "systemd" / name).read_text().replace('"group": "capad"', '"group": "root"'))
    command = [CAPAD, "check", "--config", tmp_path / "capad.json"]
    good = subprocess.run(command, capture_output=True, text=True, check=False)
    assert good.returncode == 0 and ", 0 people," in good.stdout, good.stderr
    config = (tmp_path / "capad.json").read_text()
    (tmp_path / "capad.json").write_text(config.replace('"people": "people.json"', '"people": "peeple.json"'))
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == 1 and "peeple.json" in result.stderr and "cannot be read" in result.stderr


def test_reload_is_all_or_nothing(bench):
    """A mistake in people.json leaves everything as it was; so does what only the register finds."""
    version, rules = bench.version(), bench.one("SELECT max(version) FROM capa.loaded WHERE kind = 'policy'")
    bench.reload('{"people": {"anna": {"manager": "nobody"}}}', "reload refused, what was in force stays")
    assert 'people.json:1:34: there is no person "nobody"' in bench.log()
    assert bench.version() == version
    # Only the register knows that these are one name; the policy beside it changes nothing either.
    policy = bench.rig.dir / "etc/policy.json"
    text = policy.read_text()
    policy.write_text(text.replace('"2bd"', '"3bd"', 1))
    bench.reload({"people": {"zoé": {}, "ZOÉ": {}}}, "the register does not take the configuration")
    assert "are one name" in bench.log()
    assert bench.version() == version
    assert bench.one("SELECT max(version) FROM capa.loaded WHERE kind = 'policy'") == rules
    assert bench.ask("people", name="anna")["manager"] == "carla"
    policy.write_text(text)
    bench.reload(people(emil={}))
    assert bench.version() == version + 1
    assert bench.ask("people", name="Emil")["name"] == "emil"
    bench.reload(PEOPLE)


def test_addresses_stay_in_the_file(bench):
    """Names get into the journal, addresses do not, and their change is none."""
    version = bench.version()
    assert bench.one("SELECT count(*) FROM capa.journal_body WHERE body LIKE '%%anna@example.org%%' OR body LIKE '%%+49 30 1%%'") == 0
    assert bench.one("SELECT count(*) FROM capa.journal_body WHERE body LIKE '%%Anna Smith%%'") > 0
    bench.reload(people(anna={"mail": "anna@elsewhere.example"}))
    assert bench.version() == version


def test_roles_are_those_of_the_file(bench):
    """A gateway's own for who is in no file; for who is, what the file says, under the name it has there."""
    ref = raised(bench, "backup-team", actor="  ANNA")
    assert bench.one("SELECT raised_by FROM capa.nc WHERE id = %s", int(ref[3:])) == "anna"
    # ben may own, and not confirm; carla may; a stranger has the gateway's roles
    for actor, allowed in (("ben", False), ("carla", True), ("stranger", True)):
        answer = bench.ask("approve", ref=ref, actor=actor)
        assert answer[0] == ("refused" if allowed else "forbidden"), answer
    assert bench.ask("note", ref=ref, text="seen", actor="dora")["ref"] == ref
    assert bench.ask("assign", ref=ref, owner="ben", actor="dora")[0] == "forbidden"
    # a spelling that only the register understands is no way to the gateway's roles
    bench.reload(people(**{"zoé": {"roles": ["reporter"]}}))
    assert bench.ask("show", ref=ref, actor="ZOÉ") == ("invalid", '"ZOÉ" is written "zoé" in people.json.')
    assert bench.ask("show", ref=ref, actor="zoé")["ref"] == ref
    assert bench.ask("assign", ref=ref, owner="ben", actor="zoé")[0] == "forbidden"
    bench.reload(PEOPLE)


def test_a_team_does_not_approve_its_own(bench):
    ref = raised(bench, "backup-team", grade="observation")
    assert bench.ask("need", nc=ref, need="no", reason="trifle", actor="anna")["state"] == "closed"
    assert bench.ask("confirm", nc=ref, actor="backup-team")[0] == "refused"
    assert bench.ask("confirm", nc=ref, actor="carla")["confirmed"] == [ref]


def test_who_is_told(bench):
    """Absent: the deputy too; back: the owner alone. Of a team its lead. In the messages that go out."""
    bench.reload(people(anna={"absent": [{"from": today(bench), "to": today(bench, 2)}]}))
    answer = bench.ask("raise", title="late", owner="a.smith", grade="critical", controls="A.8.13")
    assert answer["nc"]["owner"] == "anna"
    assert answer["warnings"] == [f"anna is absent until {today(bench, 2)}: ben is told too"]
    listener = bench.subscriber("escalation.")
    bench.rig.move_clock("25 hours")
    bench.rig.wait_for_steps()
    message = listener.until(lambda t, n, body: body["data"]["nc"] == answer["ref"])[-1][2]["data"]
    assert message["level"] == "L1"
    assert message["recipients"] == [{"role": "owner", "name": "anna"}, {"role": "deputy", "name": "ben", "for": "anna"},
                                     {"role": "manager", "name": "carla"}]
    bench.rig.move_clock("3 days")
    team = raised(bench, "backup-team", grade="critical")
    bench.rig.move_clock("25 hours")
    bench.rig.wait_for_steps()
    message = listener.until(lambda t, n, body: body["data"]["nc"] == team)[-1][2]["data"]
    assert message["recipients"] == [{"role": "owner", "name": "anna"}, {"role": "manager", "name": "carla"}]
    bench.reload(PEOPLE)


def test_a_leaver_and_handover(bench):
    """Once the last day is over: no acting, no owning, one observation for the manager; handover ends it."""
    ref = raised(bench, "ben")
    action = bench.ask("action.add", nc=ref, title="do", owner="ben", due="30d", expect="e")["action"]
    bench.reload(people(ben={"left": today(bench)}))
    assert bench.ask("show", ref=ref, actor="ben")["ref"] == ref
    bench.reload(people(ben={"left": today(bench, -1)}))
    wait_for(lambda: bench.one("SELECT count(*) FROM capa.nc WHERE rule = 'people'") == 1)
    seen = bench.ask("show", ref="NC-%d" % bench.one("SELECT max(id) FROM capa.nc WHERE rule = 'people'"))
    assert seen["owner"] == "carla" and seen["grade"] == "observation" and seen["controls"] == ["A.6.5"]
    assert seen["title"].startswith("ben has left and still owns ")
    assert bench.ask("show", ref=ref, actor="ben")[0] == "forbidden"
    assert bench.ask("assign", ref=ref, owner="ben")[0] == "refused"
    status = bench.ask("status")["people"]
    assert [(one["name"], one["open"] > 0) for one in status["left"]] == [("ben", True)]
    text = bench.rig.capactl("status").stdout
    assert "left, and own things (ben)" in text and "capactl people" in text
    # several ticks and a restart later it is still one
    for _ in range(3):
        bench.rig.move_clock("11 seconds")
        bench.rig.capactl("list")
    bench.rig.stop()
    bench.rig.start()
    assert bench.one("SELECT count(*) FROM capa.nc WHERE rule = 'people'") == 1
    due = bench.one("SELECT jsonb_agg(jsonb_build_array(id, due, due_original) ORDER BY id) FROM capa.deadline")
    dry = bench.rig.capactl("--actor", "carla", "handover", "Ben", "--to", "anna", "--dry-run")
    assert "would go to anna" in dry.stdout and ref in dry.stdout
    assert bench.one("SELECT owner FROM capa.nc WHERE id = %s", int(ref[3:])) == "ben"
    refused = bench.rig.capactl("--actor", "anna", "handover", "ben", "--to", "anna", check=False)
    assert refused.returncode == 1 and "ISMS manager" in refused.stderr
    done = bench.rig.capactl("--actor", "carla", "handover", "ben", "--to", "anna", "--reason", "he left")
    assert ref in done.stdout and action in done.stdout and "went to anna, no date changed" in done.stdout
    assert {bench.one("SELECT owner FROM capa.nc WHERE id = %s", int(ref[3:])),
            bench.one("SELECT owner FROM capa.action WHERE id = %s", int(action[3:]))} == {"anna"}
    assert bench.one("SELECT jsonb_agg(jsonb_build_array(id, due, due_original) ORDER BY id) FROM capa.deadline") == due
    assert bench.one("SELECT count(*) FROM capa.owned_open() WHERE key = 'ben'") == 0
    shown = bench.rig.capactl("people", "ben").stdout
    assert "left" in shown and "Owns nothing that is open." in shown and "carla" in shown
    missing = bench.rig.capactl("people", "nemo", check=False)
    assert missing.returncode == 4 and "capactl people" in missing.stderr
    bench.reload(PEOPLE)


def test_people_on_the_terminal(bench):
    raised(bench, "ghost")
    text = bench.rig.capactl("people").stdout
    for word in ("anna", "backup-team", "isms_manager", "held by none", "risk_owner", "Owners whom nobody can reach", "ghost"):
        assert word in text, (word, text)
    whole = json.loads(bench.rig.capactl("--json", "people").stdout)
    assert {person["name"] for person in whole["people"]} == set(PEOPLE["people"])
    one = bench.rig.capactl("people", "a.smith").stdout
    assert "Anna Smith" in one and "also" in one and "deputy" in one


def test_without_the_file(bench):
    """The file goes: any name is taken, spelled as given; what was written under the file stays."""
    bench.file.unlink()
    before = bench.log().count("in force: ")
    bench.rig.process.send_signal(signal.SIGHUP)
    wait_for(lambda: bench.log().count("in force: ") > before)
    assert bench.ask("people")["loaded"] is False
    answer = bench.ask("raise", title="t", owner="A.Smith", controls="A.8.13")
    assert answer["nc"]["owner"] == "A.Smith" and "warnings" not in answer
    status = bench.ask("status")["people"]
    assert status["loaded"] is False and "A.Smith" in [one["name"] for one in status["unreachable"]]
    assert "cannot be reached" in bench.rig.capactl("status").stdout
    assert os.path.exists(bench.rig.dir / "etc/policy.json")
