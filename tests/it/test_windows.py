"""Windows and expected events, by real daemons: what several events mean together survives restarts and is the same on two
of them; what does not come raises once; nobody is blamed for what nobody could hear.

What the register decides is tested in tests/sql (count, sequence, expectation); here it is files, core, daemon and register together.
"""
import concurrent.futures
import json
import pathlib
import re
import subprocess
import sys
import time
import uuid

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import rig as rigs  # noqa: E402  pylint: disable=wrong-import-position

RULES = [
    {"id": "logins-failed", "title": "Logins to {/subject} fail", "effect": "fail", "fingerprint": ["/subject"], "controls": ["A.8.5"],
     "match": {"path": "/type", "eq": "t.login.failed"}, "count": {"n": 5, "within": "10m"}},
    {"id": "logins-good", "effect": "pass", "clears": "logins-failed", "fingerprint": ["/subject"],
     "match": {"path": "/type", "eq": "t.login.good"}},
    {"id": "spray", "title": "Many users from one place", "effect": "fail", "fingerprint": ["/subject"], "controls": ["A.8.5"],
     "match": {"path": "/type", "eq": "t.spray"}, "count": {"n": 3, "within": "10m", "by": "/data/ip", "distinct": "/data/user"}},
    {"id": "takeover", "title": "{/data/user} was taken over", "effect": "fail", "controls": ["A.8.5"],
     "sequence": {"events": [{"path": "/type", "eq": "t.reset"}, {"path": "/type", "eq": "t.newdevice"}], "within": "1h", "by": "/data/user"}},
    {"id": "backup-missing", "title": "No good backup of {/subject}", "effect": "missing", "grade": "minor", "controls": ["A.8.13"],
     "match": {"all": [{"path": "/type", "eq": "t.backup"}, {"path": "/data/exit_code", "eq": 0}]},
     "expect": {"every": "24h", "grace": "2h", "by": "/subject", "subjects": ["db01", "db02"]}},
    {"id": "scan-missing", "title": "No scan of {/data/host}", "effect": "missing", "controls": ["A.8.8"],
     "match": {"path": "/type", "eq": "t.scan"}, "expect": {"every": "7d", "by": "/data/host", "subjects": "first_seen"}},
    {"id": "review-missing", "title": "Incident {/subject} was not reviewed", "effect": "missing", "controls": ["A.5.27"],
     "match": {"path": "/type", "eq": "t.review"}, "expect": {"after": {"path": "/type", "eq": "t.incident"}, "within": "72h"}},
    {"id": "stays-broken", "title": "{/subject} stays broken", "effect": "fail", "fingerprint": ["/subject"], "controls": ["A.8.14"],
     "match": {"path": "/type", "eq": "t.broken"},
     "grade": {"base": "minor", "raise": [{"no_pass_for": "48h", "to": "major"}]}},
]


@pytest.fixture(name="rig")
def rig_fixture():
    with rigs.Rig("capad-window", rules=RULES) as rig:
        rig.start()
        yield rig


def event(kind, subject, **data):
    return {"specversion": "1.0", "id": uuid.uuid4().hex, "source": "/t", "type": "t." + kind, "subject": subject, "data": data}


def effects(verdicts):
    return [result["effect"] for verdict in verdicts for result in verdict["results"]]


def raised_by(rig, rule):
    return rig.call("list", {"rule": rule, "all": True})


def await_raised(rig, rule, count, seconds=60):
    """Until as many NCs of the rule are there; all of them."""
    deadline = time.monotonic() + seconds
    while len(raised_by(rig, rule)) < count and time.monotonic() < deadline:
        time.sleep(0.05)
    found = raised_by(rig, rule)
    assert len(found) == count, found
    return found


def await_ticked(rig, seconds=60):
    """Until nothing that is expected waits to be looked at."""
    deadline = time.monotonic() + seconds
    with rig.connect(autocommit=True) as connection:
        while connection.execute("SELECT count(*) FROM capa.expectation WHERE due <= capa.now()").fetchone()[0]:
            assert time.monotonic() < deadline
            time.sleep(0.02)


def replayed_alike(rig):
    """What rules replay comes to by the same rules is the register again."""
    said = rig.call("rules.replay", {"since": "2020-01-01T00:00:00Z"})
    assert (said["more"], said["gone"], said["regraded"], said["lost"]) == ([], [], [], 0)
    assert {m["ref"]: m["occurrences"] for m in said["same"]} == {nc["ref"]: nc["occurrences"] for nc in rig.call("list", {"all": True})}


def restart_in_the_middle(rig):
    rig.kill()
    rig.restart_cluster()
    rig.start()


def test_count_through_a_restart(rig):
    assert effects(rig.put(*(event("login.failed", "vpn") for _ in range(3)))) == ["counted"] * 3
    restart_in_the_middle(rig)
    assert effects(rig.put(event("login.failed", "vpn"))) == ["counted"]
    assert raised_by(rig, "logins-failed") == []
    verdict, = rig.put(event("login.failed", "vpn"))
    assert effects([verdict]) == ["raised"]
    nc = rig.call("show", {"ref": verdict["results"][0]["nc"]})
    assert nc["occurrences"] == 5 and nc["title"] == "Logins to vpn fail"
    assert effects(rig.put(event("login.failed", "vpn"), event("login.good", "vpn"))) == ["occurrence", "evidence"]


def test_count_by_several_peers_at_once(rig):
    """Twenty peers over two writers: five times five events are one NC with all of them, whoever is the fifth."""
    with concurrent.futures.ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda _: rig.put(event("login.failed", "mail"))[0], range(25)))
    assert sorted(effects(answers)) == ["counted"] * 4 + ["occurrence"] * 20 + ["raised"]
    nc, = raised_by(rig, "logins-failed")
    assert nc["occurrences"] == 25


def test_distinct_and_sequence(rig):
    tries = [event("spray", f"h{n}", ip="192.0.2.1", user=user) for n, user in enumerate(["a", "a", "b", "b", "c"])]
    assert effects(rig.put(*tries)) == ["counted"] * 4 + ["raised"]
    assert effects(rig.put(event("newdevice", "x", user="eve"), event("reset", "x", user="eve"))) == ["counted"] * 2
    assert effects(rig.put(event("newdevice", "x", user="bob"))) == ["counted"]
    assert effects(rig.put(event("newdevice", "x", user="eve"))) == ["raised"]
    nc, = raised_by(rig, "takeover")
    assert nc["title"] == "eve was taken over"
    replayed_alike(rig)


def test_a_backup_that_does_not_come(rig):
    """One comes, the other, which nobody ever heard of, does not; it raises once, and its pass is evidence."""
    rig.move_clock("20h")
    assert effects(rig.put(event("backup", "db01", exit_code=0), event("backup", "db02", exit_code=3))) == ["none"]
    rig.move_clock("7h")
    nc, = await_raised(rig, "backup-missing", 1)
    assert (nc["title"], nc["asset"], nc["grade"], nc["source"]) == ("No good backup of db02", "db02", "minor", "capad")
    await_ticked(rig)
    restart_in_the_middle(rig)
    await_ticked(rig)
    assert raised_by(rig, "backup-missing")[0]["occurrences"] == 1
    assert effects(rig.put(event("backup", "db02", exit_code=0))) == ["evidence"]
    shown = rig.call("show", {"ref": nc["ref"]})
    assert [e["role"] for e in shown["evidence"]] == ["raised", "passed"]
    rig.move_clock("19h")
    await_raised(rig, "backup-missing", 2)
    replayed_alike(rig)


def test_others_cannot_say_it(rig):
    forged = {**event("x", "db01", rule="backup-missing", fingerprint="00" * 32), "type": "org.capad.expectation.missed.v1", "source": "capad"}
    verdict, = rig.put(forged)
    assert verdict["status"] == "forbidden" and "the daemon's own" in verdict["error"]


def test_blindness_is_not_blamed(rig):
    """capad is away over the due date: nothing is raised, it is told, and the time begins again from there."""
    rig.stop()
    with rig.connect() as connection:
        connection.execute("UPDATE capa.presence SET beat = beat - interval '1 day'")
        connection.execute("UPDATE capa.clock SET shift = shift + interval '30h'")
    rig.start()
    await_ticked(rig)
    assert raised_by(rig, "backup-missing") == []
    told = [m["event"]["data"] for m in rig.call("journal.read", {"after": 0, "topics": ["sys.degraded"], "limit": 100})["messages"]]
    assert [t["expectations"] for t in told if t["reason"] == "coverage_unknown"] == [2]
    coverage = json.loads(rig.capactl("status", "--json").stdout)["coverage"]
    assert coverage["expected"] == 2 and len(coverage["unknown"]) == 1
    rig.move_clock("27h")
    await_raised(rig, "backup-missing", 2)
    replayed_alike(rig)


def second_daemon(rig):
    """Another capad on the same database."""
    config = json.loads((rig.dir / "etc/capad.json").read_text())
    (rig.dir / "second").mkdir()
    config["endpoints"] = {name: f"ipc://{rig.dir}/second/{name}.sock" for name in ("ingest", "control", "publish", "pull")}
    config["state_dir"] = str(rig.dir / "second")
    config["name"] = "second"
    (rig.dir / "etc/second.json").write_text(json.dumps(config))
    with open(rig.dir / "second.log", "ab") as log:
        # pylint: disable-next=consider-using-with
        return subprocess.Popen([rigs.CAPAD, "--config", rig.dir / "etc/second.json"], stdin=subprocess.DEVNULL, stdout=log, stderr=log)


def test_two_daemons_say_it_once(rig):
    other = second_daemon(rig)
    try:
        deadline = time.monotonic() + 60
        while "in force:" not in (rig.dir / "second.log").read_text():
            assert other.poll() is None and time.monotonic() < deadline, (rig.dir / "second.log").read_text()
            time.sleep(0.05)
        rig.move_clock("27h")
        found = await_raised(rig, "backup-missing", 2)
        await_ticked(rig)
        assert [nc["occurrences"] for nc in found] == [1, 1]
        with rig.connect() as connection:
            assert connection.execute("SELECT count(*) FROM capa.event WHERE source = 'capad'").fetchone()[0] == 2
    finally:
        other.terminate()
        other.wait(20)


def test_first_seen_and_after(rig):
    assert effects(rig.put(event("scan", "x", host="web1"))) == ["none"]
    assert effects(rig.put(event("incident", "I-1"), event("incident", "I-2"), event("review", "I-1"))) == ["counted", "counted", "none"]
    rig.move_clock("73h")
    nc, = await_raised(rig, "review-missing", 1)
    assert nc["title"] == "Incident I-2 was not reviewed"
    rig.move_clock("100h")
    nc, = await_raised(rig, "scan-missing", 1)
    assert nc["title"] == "No scan of web1"
    assert effects(rig.put(event("scan", "x", host="web1"))) == ["evidence"]


def test_grade_grows_without_a_pass(rig):
    verdict, = rig.put(event("broken", "dns"))
    ref = verdict["results"][0]["nc"]
    deadline = time.monotonic() + 20
    with rig.connect(autocommit=True) as connection:
        while not connection.execute("SELECT count(*) FROM capa.expectation WHERE nc IS NOT NULL").fetchone()[0]:
            assert time.monotonic() < deadline
            time.sleep(0.05)
    rig.move_clock("49h")
    while rig.call("show", {"ref": ref})["grade"] != "major":
        assert time.monotonic() < deadline + 20
        time.sleep(0.05)
    replayed_alike(rig)


def test_a_changed_list(rig):
    """A subject that is listed no more is expected no more; a rule that is gone expects nothing."""
    rules = [{**rule, "expect": {**rule["expect"], "subjects": ["db02"]}} if rule["id"] == "backup-missing" else rule for rule in RULES]
    (rig.dir / "etc/rules.d/bench.json").write_text(json.dumps([*rigs.LOAD_RULES, *rules]))
    rig.process.send_signal(1)
    deadline = time.monotonic() + 20
    with rig.connect(autocommit=True) as connection:
        while [s for s, in connection.execute("SELECT subject FROM capa.expectation")] != ["db02"]:
            assert time.monotonic() < deadline
            time.sleep(0.05)
    (rig.dir / "etc/rules.d/bench.json").write_text(json.dumps([*rigs.LOAD_RULES, *(r for r in RULES if r["effect"] != "missing")]))
    rig.process.send_signal(1)
    with rig.connect(autocommit=True) as connection:
        while connection.execute("SELECT count(*) FROM capa.expectation").fetchone()[0]:
            assert time.monotonic() < deadline
            time.sleep(0.05)


def enabled_templates():
    """The expected events that are shipped switched off, as an engineer takes them over: own ids, own subjects, switched on."""
    text = (rigs.ROOT / "daemon/rules/expected.json").read_text()
    rules = json.loads(re.sub(r"(?m)^ *//.*$", "", text))["rules"]
    assert all(rule.pop("enabled") is False for rule in rules)
    for rule in rules:
        rule["id"] = "own-" + rule["id"]
        if "subjects" in rule["expect"]:
            rule["expect"]["subjects"] = ["it"]
    return rules


# What each template awaits of subject "it", as its tool says it: adapter, message. Each comes in time but one.
SAID = {
    "own-backup-run-missing": ("", lambda: {**event("x", "it", exit_code=0), "type": "backup.finished"}),
    "own-restore-test-missing": ("", lambda: {**event("x", "it", passed=True), "type": "restore.test"}),
    "own-restic-backup-missing": ("restic", lambda: {**event("x", "it"), "exitcode": 0, "data": {"message_type": "summary", "snapshot_id": "x"}}),
    "own-borg-archive-missing": ("borg", lambda: {**event("x", "it"), "exitcode": 0, "data": {"archive": {"id": "x"}, "repository": {"location": "/b"}}}),
    "own-pgbackrest-backup-missing": ("pgbackrest", lambda: [{"name": "it", "backup": [{"label": uuid.uuid4().hex, "error": False}], "status": {"code": 0}}]),
    "own-aws-backup-missing": ("aws-event", lambda: {"detail-type": "Backup Job State Change", "account": "1", "region": "r", "detail": {"state": "COMPLETED", "resourceArn": "it"}}),
    "own-aide-check-missing": ("aide", lambda: {**event("x", "it"), "data": {"outline": "AIDE found differences between database and filesystem!!"}}),
    "own-lynis-audit-missing": ("lynis", lambda: {"hostname": "it", "lynis_version": "3.1.4"}),
    "own-trivy-scan-missing": ("trivy", lambda: {"ArtifactName": "it", "Results": [{"Target": "debian", "Class": "os-pkgs"}]}),
    "own-openscap-scan-missing": ("openscap", lambda: {"platform": {"target_id": "it"}, "profiles": [{"name": "p", "controls": [{"results": [{"status": "passed"}]}]}]}),
    "own-inspec-run-missing": ("inspec", lambda: {"platform": {"target_id": "it"}, "profiles": [{"name": "p", "controls": [{"id": "a", "impact": 1, "results": [{"status": "passed"}]}]}]}),
    "own-kube-bench-run-missing": ("kube-bench", lambda: {**event("x", "it"), "data": [{"node_type": "n", "tests": [{"results": [{"test_number": "1", "status": "PASS"}]}]}]}),
    "own-prowler-scan-missing": ("ocsf", lambda: {"class_uid": 2004, "severity_id": 3, "status": "New", "status_code": "PASS", "resources": [{"uid": "b"}], "cloud": {"account": {"uid": "it"}}}),
    "own-wazuh-baseline-missing": ("wazuh", lambda: {"rule": {"level": 3, "id": "19003", "description": "d"}, "agent": {"name": "it"}, "data": {"sca": {"type": "summary", "policy": "p", "failed": "0"}}}),
}


def test_shipped_templates():
    """Switched on, each raises when its tool falls silent, and what the tool then says is its pass; before that it raises nothing."""
    rules = enabled_templates()
    expected = {rule["id"] for rule in rules if "subjects" in rule["expect"]}
    assert expected == set(SAID)
    with rigs.Rig("capad-templates", rules=rules) as rig:
        rig.start()
        for adapter, message in SAID.values():
            rig.put(message(), adapter=adapter)
        rig.move_clock("20 hours")
        await_ticked(rig)
        assert not [nc for nc in rig.call("list", {"all": True}) if nc["rule"] in expected]
        rig.move_clock("45 days")
        for name in expected:
            nc, = await_raised(rig, name, 1)
            assert nc["asset"] == "it" and nc["controls"][0].startswith("A.8.") and nc["title"].endswith("it"), nc
        for name, (adapter, message) in SAID.items():
            said = [r for verdict in rig.put(message(), adapter=adapter) for r in verdict["results"]]
            assert ("evidence", raised_by(rig, name)[0]["ref"]) in [(r["effect"], r.get("nc")) for r in said], (name, said)
        rig.put({**event("x", "INC-1"), "type": "incident.closed"})
        rig.move_clock("15 days")
        await_raised(rig, "own-incident-review-missing", 1)
