"""Storms, held rules, silences and replay with a real daemon and capactl: many new failures in one PUT, a silence whose end the
daemon notices by itself, a renamed rule, and a rule file tried on the events of the past."""
import json
import os
import pathlib
import signal
import subprocess
import sys
import time
import uuid

import pytest
import zmq

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import schemas  # noqa: E402  pylint: disable=wrong-import-position
from rig import CAPACTL, Rig  # noqa: E402  pylint: disable=wrong-import-position


def rule(name, event=None, **more):
    return {"id": name, "title": "{/subject} failed", "effect": "fail", "fingerprint": ["/source", "/subject"], "grade": "minor",
            "match": {"all": [{"path": "/type", "eq": f"{event or name}.over"}, {"path": "/data/ok", "eq": False}]},
            "owner": "ops", "controls": ["A.8.13"], "triaged": True, **more}


def passes(name, event=None):
    return {"id": f"{name}-good", "effect": "pass", "clears": name, "fingerprint": ["/source", "/subject"],
            "match": {"all": [{"path": "/type", "eq": f"{event or name}.over"}, {"path": "/data/ok", "eq": True}]}}


RULES = [rule("disk", storm={"n": 20, "within": "10m"}), passes("disk"), rule("door"), rule("job", storm={"n": 3, "within": "1h"}), rule("old"), passes("old")]


@pytest.fixture(name="rig", scope="module")
def rig_fixture():
    with Rig("capad-storm", rules=RULES) as rig:
        rig.start()
        yield rig


def capactl(rig, *arguments, who="ina", status=0):
    result = subprocess.run([str(CAPACTL), *map(str, arguments), "--actor", who], env={**os.environ, **rig.environment},
                            stdin=subprocess.DEVNULL, text=True, capture_output=True, check=False, timeout=120)
    assert result.returncode == status, (result.args, result.stdout, result.stderr)
    return result.stdout if status == 0 else result.stderr


def event(name, subject, good=False, **data):
    return json.dumps({"specversion": "1.0", "id": uuid.uuid4().hex, "source": "/it", "type": f"{name}.over", "subject": subject,
                       "data": {"ok": good, **data}}).encode()


def happened(rig, name, subject, good=False):
    result = rig.put(event(name, subject, good))[0]["results"][0]
    return result["effect"], result.get("nc")


def wait_for(what, seconds=60):
    end = time.monotonic() + seconds
    while not (found := what()):
        assert time.monotonic() < end, "it did not come"
        time.sleep(0.2)
    return found


def listed(rig, *arguments):
    return json.loads(capactl(rig, "list", "--json", *arguments))


def test_three_hundred_at_once(rig):
    verdicts = rig.put(*(event("disk", f"host{i}") for i in range(300)))
    effects = [v["results"][0]["effect"] for v in verdicts]
    assert (effects.count("raised"), effects.count("occurrence"), len(effects)) == (21, 279, 300)
    ncs = listed(rig, "--rule", "disk")
    assert len(ncs) == 21
    storm = next(n for n in ncs if n["title"].startswith("Storm of disk: more than 20"))
    assert storm["occurrences"] == 280
    shown = schemas.check("show", json.loads(capactl(rig, "show", storm["ref"], "--json")))
    assert (shown["storm"]["running"], shown["storm"]["failures"]) == (True, 280)
    taken = shown["storm"]["newest"][0]
    new = json.loads(capactl(rig, "split", storm["ref"], "--fingerprint", taken["fingerprint"], "--json"))["nc"]
    assert (new["title"], new["asset"], new["rule"]) == (taken["title"], taken["asset"], "disk")


def test_a_rule_has_its_own_limit(rig):
    effects = [happened(rig, "job", f"j{i}")[0] for i in range(6)]
    assert effects == ["raised"] * 4 + ["occurrence"] * 2


def test_held_at_once(rig):
    assert happened(rig, "door", "d1")[0] == "raised"
    assert "door is held" in capactl(rig, "rules", "hold", "door", "--reason", "wrong path")
    assert happened(rig, "door", "d2") == ("suppressed", None)
    assert happened(rig, "door", "d1") == ("suppressed", None)
    assert "door is held by ina" in capactl(rig, "rules", "list")
    status = json.loads(capactl(rig, "status", "--json"))
    assert (status["held"][0]["rule"], status["held"][0]["suppressed"]) == ("door", 2)
    assert "2 fails held back" in capactl(rig, "rules", "held")
    assert "B-1" in capactl(rig, "reject", "--rule", "door", "--since", "1h", "--reason", "the rule was wrong")
    assert "is released" in capactl(rig, "rules", "release", "door", "--reason", "corrected")
    assert happened(rig, "door", "d2")[0] == "raised"
    assert "is not held" in capactl(rig, "rules", "release", "door", "--reason", "r", status=1)


def test_a_silence_ends(rig):
    preview = json.loads(capactl(rig, "silence", "add", "--asset", "quiet*", "--for", "60s", "--reason", "work", "--preview", "--json"))
    assert preview["preview"]["open"] == 0
    assert "SIL-1 is running" in capactl(rig, "silence", "add", "--asset", "quiet*", "--for", "60s", "--reason", "work")
    assert happened(rig, "disk", "quiet1") == ("suppressed", None)
    assert happened(rig, "disk", "quiet2") == ("suppressed", None)
    assert happened(rig, "disk", "quiet2", good=True)[0] == "none"
    assert "2 fails held back" in capactl(rig, "silence", "list")
    rig.move_clock("58 seconds")
    # The storm of disk runs still, so that is where it is raised.
    taken = wait_for(lambda: [s["asset"] for s in json.loads(capactl(rig, "show", storm_of(rig), "--json"))["storm"]["newest"]
                              if s["asset"].startswith("quiet")])
    assert taken == ["quiet1"], "the daemon looks again at the end, by its own timer; what passed meanwhile raises nothing"
    assert "has ended already" in capactl(rig, "silence", "end", "SIL-1", "--reason", "r", status=1)
    assert "SIL-1" in capactl(rig, "silence", "list", "--all")
    topics = [m["topic"] for m in rig.call("journal.read", {"topics": ["silence.", "rule."], "limit": 100})["messages"]]
    assert topics == ["rule.held", "rule.released", "silence.added", "silence.looked"]


def storm_of(rig):
    return next(n["ref"] for n in listed(rig, "--rule", "disk") if n["title"].startswith("Storm of disk"))


def test_replay_tells_the_difference(rig, tmp_path):
    rig.put(event("ghost", "g1"), event("ghost", "g2"), event("ghost", "g1"))
    live = json.loads(capactl(rig, "rules", "replay", "--since", "1h", "--json"))
    assert (live["ok"], live["more"], live["gone"], live["regraded"]) == (True, [], [], []), "the same rules come to the same"
    apart = {n["ref"] for n in listed(rig, "--all")} - {m["ref"] for m in live["same"]}
    assert [json.loads(capactl(rig, "show", ref, "--json"))["split_from"] for ref in apart] == [storm_of(rig)], "but for what a person split off"
    assert [m for m in live["same"] if m["occurrences"] != m["live_occurrences"]] == []
    file = tmp_path / "bench.json"  # in the place of the rig's own file
    file.write_text(json.dumps([rule("disk", match={"path": "/type", "eq": "never"}), passes("disk"), rule("ghost"), *RULES[2:]]))
    tried = json.loads(capactl(rig, "rules", "replay", "--since", "1h", file, "--json"))
    assert {m["title"] for m in tried["more"]} >= {"g1 failed", "g2 failed"}
    assert next(m for m in tried["more"] if m["title"] == "g1 failed")["fails"] == 2
    assert {m["rule"] for m in tried["gone"]} == {"disk"} and tried["n_gone"] >= 21, "what disk raised would not be, storm and all"
    text = capactl(rig, "rules", "replay", "--since", "1h", file)
    assert "would be raised" in text and "would not be" in text and "Nothing was changed. To put them in force" in text
    free = json.loads(capactl(rig, "rules", "replay", "--since", "1h", "--no-holds", "--json"))
    assert (live["suppressed"] - free["suppressed"], [m["title"] for m in free["more"]]) == (2, []), "d2 raised after the hold, too"
    folder = tmp_path / "some"
    folder.mkdir()
    (folder / "graver.json").write_text(json.dumps(rule("door", grade="major")))  # by its id, wherever capad has it
    graver = json.loads(capactl(rig, "rules", "replay", "--since", "1h", folder, "--json"))
    assert {(m["rule"], m["live_grade"], m["grade"]) for m in graver["regraded"]} == {("door", "minor", "major")}
    alone = json.loads(capactl(rig, "rules", "replay", "--since", "1h", "--only", folder, "--json"))
    assert {m["rule"] for m in alone["same"]} == {"door"} and "disk" in {m["rule"] for m in alone["gone"]}
    assert "alone, and there is none" in capactl(rig, "rules", "replay", "--only", status=1)
    file.write_text('[{"id": "x"}]')
    assert "needs the key" in capactl(rig, "rules", "replay", file, status=1)
    assert not listed(rig, "--rule", "ghost"), "nothing was raised"


def asked(rig, context, *requests):
    """Calls that are sent at once over one connection; the socket, to hear their answers."""
    socket = context.socket(zmq.DEALER)
    socket.linger, socket.rcvtimeo = 0, 60000
    socket.connect(rig.endpoint("control"))
    for number in requests:
        socket.send_multipart([b"capa1", b"CALL", number.encode(), b"rules.replay", b'{"since":"1h"}'])
    return socket


def replaying(rig):
    with rig.connect() as connection:
        return connection.execute("SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE '%% replay'").fetchone()[0]


def test_replays_are_alone_and_hold_nothing_up(rig):
    with zmq.Context() as context, asked(rig, context, "first-0000000000", "second-000000000") as socket:
        assert happened(rig, "door", "d7")[0] == "raised", "ingest goes on"
        answers = {number: (status, json.loads(body)) for _, status, number, body in (socket.recv_multipart() for _ in range(2))}
    assert answers[b"second-000000000"][0] == b"ERR" and answers[b"second-000000000"][1]["code"] == "conflict"
    assert "a replay runs already" in answers[b"second-000000000"][1]["message"]
    assert answers[b"first-0000000000"][0] == b"OK"
    assert wait_for(lambda: not replaying(rig)), "its session ends with it"


def test_a_replay_dies_with_capad(rig):
    before = [(nc["ref"], nc["occurrences"]) for nc in listed(rig, "--all")]
    with zmq.Context() as context, asked(rig, context, "killed-000000000"):
        wait_for(lambda: replaying(rig))
        rig.kill()
    assert wait_for(lambda: not replaying(rig)), "PostgreSQL clears its session away"
    rig.start()
    with rig.connect() as connection:
        left = connection.execute("SELECT count(*) FROM pg_class WHERE relnamespace::regnamespace::text LIKE 'pg\\_temp\\_%%' AND relname = 'told'").fetchone()[0]
    assert (left, [(nc["ref"], nc["occurrences"]) for nc in listed(rig, "--all")]) == (0, before)
    assert rig.call("rules.replay", {"since": "1h"})["ok"]
    with zmq.Context() as context, asked(rig, context, "cut-off-00000000") as socket:
        wait_for(lambda: replaying(rig))
        rig.restart_cluster()
        _, status, _, body = socket.recv_multipart()
    assert (status, json.loads(body)["code"]) == (b"ERR", "unavailable")
    rig.wait_ready()


def test_a_renamed_rule_keeps_its_own(rig):
    assert happened(rig, "old", "o1")[0] == "raised"
    ref = listed(rig, "--rule", "old")[0]["ref"]
    folder = next(p for p in (rig.dir / "etc/rules.d").glob("bench.json"))
    reload_rules(rig, folder, [r for r in RULES if not r["id"].startswith("old")] + [rule("new", "old", was="old"), passes("new", "old")])
    assert happened(rig, "old", "o1") == ("occurrence", ref)
    assert listed(rig, "--rule", "new")[0]["ref"] == ref
    before = json.loads(capactl(rig, "status", "--json"))["rules"]["hash"]
    changed = [r for r in RULES if not r["id"].startswith("old")] + [rule("new", "old", was="old", fingerprint=["/subject"])]
    folder.write_text(json.dumps(changed))
    log = rig.dir / "capad.log"
    said = log.read_text().count("the register does not take the configuration")
    rig.process.send_signal(signal.SIGHUP)
    wait_for(lambda: log.read_text().count("the register does not take the configuration") > said)
    assert json.loads(capactl(rig, "status", "--json"))["rules"]["hash"] == before, "refused: something is open"
    [why] = json.loads(capactl(rig, "status", "--json"))["degraded"]
    assert "1 of its nonconformities is open" in why and 'Next: Give the rule "fingerprint_changed"' in why
    assert happened(rig, "old", "o1") == ("occurrence", ref), "the old rules go on"


def reload_rules(rig, folder, rules):
    before = json.loads(capactl(rig, "status", "--json"))["rules"]["hash"]
    folder.write_text(json.dumps(rules))
    rig.process.send_signal(signal.SIGHUP)
    wait_for(lambda: json.loads(capactl(rig, "status", "--json"))["rules"]["hash"] != before)


def test_coverage_of_fields(rig):
    rig.put(*(event("disk", "host1", shelf=i) for i in range(3)))
    assert "/data/shelf" in capactl(rig, "coverage", "--what", "fields")
    fields = json.loads(capactl(rig, "coverage", "--what", "fields", "--json"))
    assert {"/data/shelf"} == {f["path"] for f in fields if f["source"] == "/it"}
    assert "Events have what rules look for" in capactl(rig, "coverage", "--what", "drift")
    capactl(rig, "coverage", "--what", "nonsense", status=2)
