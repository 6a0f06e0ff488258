"""What people decide beside the facts, with a real daemon and capactl: merging and splitting, a wrong rule's batch and its
undoing, an acceptance that expires by the daemon's own timer, and a rule that closes what it raised."""
import json
import os
import pathlib
import re
import subprocess
import sys
import uuid

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import schemas  # noqa: E402  pylint: disable=wrong-import-position
from conftest import wait_for  # noqa: E402  pylint: disable=wrong-import-position
from rig import CAPACTL, Rig  # noqa: E402  pylint: disable=wrong-import-position


def rule(name, **more):
    return {"id": name, "title": "{/subject} failed", "effect": "fail", "fingerprint": ["/source", "/subject"], "grade": "minor",
            "match": {"all": [{"path": "/type", "eq": f"{name}.over"}, {"path": "/data/ok", "eq": False}]},
            "owner": "ops", "controls": ["A.8.13"], "triaged": True, **more}


def passes(name):
    return {"id": f"{name}-good", "effect": "pass", "clears": name, "fingerprint": ["/source", "/subject"],
            "match": {"all": [{"path": "/type", "eq": f"{name}.over"}, {"path": "/data/ok", "eq": True}]}}


STANDING = {"cause": "the mount was away", "category": "technology", "reason": "it mounts again by itself", "by": "dora"}
RULES = [rule("disk"), passes("disk"), rule("wrong", storm={"n": 1000, "within": "10m"}), rule("mount", self_close=STANDING, controls=["A.8.14"]), passes("mount")]


@pytest.fixture(name="rig", scope="module")
def rig_fixture():
    with Rig("capad-decision", rules=RULES) as rig:
        rig.start()
        yield rig


def capactl(rig, *arguments, who="anna", status=0):
    result = subprocess.run([str(CAPACTL), *map(str, arguments), "--actor", who], env={**os.environ, **rig.environment},
                            stdin=subprocess.DEVNULL, text=True, capture_output=True, check=False, timeout=120)
    assert result.returncode == status, (result.args, result.stdout, result.stderr)
    return result.stdout if status == 0 else result.stderr


def show(rig, nc):
    return schemas.check("show", json.loads(capactl(rig, "show", nc, "--json")))


def happened(rig, name, subject, good=False):
    """One event; (effect, NC) of it."""
    event = json.dumps({"specversion": "1.0", "id": uuid.uuid4().hex, "source": "/it", "type": f"{name}.over", "subject": subject,
                        "data": {"ok": good}}).encode()
    result = rig.put(event)[0]["results"][0]
    return result["effect"], result.get("nc")


def test_merge_and_split(rig):
    first, second, third = (happened(rig, "disk", name)[1] for name in ("m1", "m2", "m3"))
    said = capactl(rig, "merge", second, third, "--into", first, "--reason", "one controller")
    assert said.count("is merged") == 2
    assert happened(rig, "disk", "m2") == ("occurrence", first)
    assert show(rig, first)["merged"] == [second, third]
    assert show(rig, first)["occurrences"] == 4
    fingerprint = show(rig, second)["fingerprint"]
    said = capactl(rig, "split", first, "--fingerprint", fingerprint[:12])
    new = re.match(r"NC-\d+", said)[0]
    assert show(rig, new)["split_from"] == first
    assert happened(rig, "disk", "m2") == ("occurrence", new)
    assert f"{second} is merged into {first}" in capactl(rig, "merge", second, "--into", first, status=1)


def test_a_major_one_is_merged_by_two(rig):
    target = happened(rig, "disk", "two")[1]
    major = capactl(rig, "raise", "The same, seen by hand", "--grade", "major", "--owner", "anna", "--control", "A.8.13", "-q").strip()
    assert f"the merging of {major} into {target} waits for approval" in capactl(rig, "merge", major, "--into", target)
    assert "nobody decides alone" in capactl(rig, "approve", major, status=1)
    capactl(rig, "approve", major, "--what", "merge", who="pia")
    assert show(rig, major)["state"] == "merged"
    assert show(rig, target)["grade"] == "major"


def test_a_wrong_rule(rig):
    """300 raised by mistake: one command, one other person, and one to take it back."""
    events = [json.dumps({"specversion": "1.0", "id": uuid.uuid4().hex, "source": "/it", "type": "wrong.over", "subject": f"h{i}",
                          "data": {"ok": False}}).encode() for i in range(300)]
    assert all(v["results"][0]["effect"] == "raised" for v in rig.put(*events))
    asked = json.loads(capactl(rig, "reject", "--rule", "wrong", "--since", "1h", "--reason", "it matched everything", "--json"))
    batch = asked["ref"]
    assert (asked["batch"]["count"], asked["batch"]["state"], asked["request"]["command"]) == (300, "open", f"capactl approve {batch}")
    assert batch in capactl(rig, "approvals", who="pia") and "300 nonconformities" in capactl(rig, "approvals", who="pia")
    assert "nobody decides alone" in capactl(rig, "approve", batch, status=1)
    shown = capactl(rig, "show", batch)
    assert "rejection of 300, open" in shown and f"capactl approve {batch}" in shown
    assert f"{batch} approved, 300 rejected" in capactl(rig, "approve", batch, who="pia")
    assert json.loads(capactl(rig, "list", "--rule", "wrong", "--json")) == []
    assert happened(rig, "wrong", "h7")[0] == "suppressed"
    assert f"{batch} undone, 300 back" in capactl(rig, "undo", batch, "--reason", "it was right", who="noah")
    back = json.loads(capactl(rig, "list", "--rule", "wrong", "--json"))
    assert len(back) == 300 and {(n["state"], n["cycle"]) for n in back} == {("triaged", 1)}
    assert happened(rig, "wrong", "h7")[0] == "occurrence"
    some = [n["ref"] for n in back[:2]]
    refused = json.loads(capactl(rig, "reject", *some, "--batch", "--reason", "these two", "--json"))
    assert sorted(refused["batch"]["ncs"]) == sorted(some)
    assert f"{refused['ref']} is refused" in capactl(rig, "refuse", refused["ref"], "no", who="pia")
    messages = rig.call("journal.read", {"topics": ["batch."]})["messages"]
    for message in messages:
        schemas.check_published(message["topic"], message["sequence"], message["event"])
    assert [m["topic"] for m in messages] == ["batch.opened", "batch.approved", "batch.undone", "batch.opened", "batch.refused"]


def test_an_acceptance_expires_by_itself(rig):
    nc = happened(rig, "disk", "accepted")[1]
    assert "acceptance is no way round correction" in capactl(rig, "accept", nc, "--risk", "R-7", "--until", "60s", "--reason", "old", status=1)
    capactl(rig, "contain", nc, "Freed some space", "--consequences", "None", "--evidence", "https://wiki.example.org/x")
    assert "by a risk owner" in capactl(rig, "accept", nc, "--risk", "R-7", "--until", "60s", "--reason", "it is replaced")
    assert "nobody decides alone" in capactl(rig, "approve", nc, status=1)
    assert "You own" in capactl(rig, "approve", nc, who="ops", status=1)
    assert "is accepted" in capactl(rig, "approve", nc, who="rita")
    accepted = show(rig, nc)
    assert (accepted["state"], accepted["accepted_grade"], accepted["acceptances"][0]["risk"]) == ("accepted", "minor", "R-7")
    assert accepted["next_due"]["kind"] == "acceptance"
    rig.move_clock("58 seconds")
    wait_for(lambda: show(rig, nc)["state"] != "accepted")
    assert show(rig, nc)["state"] == "contained"
    assert capactl(rig, "log", nc).count("the acceptance has expired") == 1


def test_a_rule_closes_what_it_raised(rig):
    nc = happened(rig, "mount", "db01")[1]
    assert happened(rig, "mount", "db01", good=True) == ("evidence", nc)
    closed = show(rig, nc)
    assert (closed["state"], closed["closed_how"], closed["closed_by"]) == ("closed", "short", "system")
    assert closed["causes"][0]["text"] == STANDING["cause"]
    assert "dora" in capactl(rig, "confirm", nc, who="dora", status=1)
    assert f"{nc} confirmed" in capactl(rig, "confirm", who="vera")


def test_a_waiver_needs_a_policy_that_lets_it(rig):
    nc = capactl(rig, "raise", "Major", "--grade", "major", "--owner", "anna", "--control", "A.8.13", "-q").strip()
    capactl(rig, "contain", nc, "Did", "--consequences", "None", "--evidence", "https://wiki.example.org/x")
    capactl(rig, "cause", nc, "No round", "--category", "process")
    capactl(rig, "similar", nc, "--elsewhere", "no", "--conclude", "None")
    capactl(rig, "need", nc, "yes", "It will happen again")
    capactl(rig, "criterion", nc, "--method", "manual", "--text", "Look")
    capactl(rig, "action", "add", nc, "Act", "--owner", "ben", "--due", "30d", "--expect", "Better")
    assert "policy under which it was raised is strict" in capactl(rig, "approve", nc, "--waive", "I am alone", status=1)
    assert json.loads(capactl(rig, "status", "--json"))["waivers"] == 0
