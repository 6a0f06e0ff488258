"""Crashes under load: kill -9 of capad, immediate restarts of PostgreSQL, and a database that is away.

The moments come from a seed (CAPA_SEED takes another). What must hold afterwards: each
acknowledged event is stored exactly once; the journal has no gap and verifies; each step of each ladder
whose time came was fired or covered exactly once; what was published can be had again.
"""
import json
import os
import pathlib
import random
import subprocess
import sys
import threading
import time

import psycopg
import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from rig import ROOT, Rig  # noqa: E402  pylint: disable=wrong-import-position

SEED = int(os.environ.get("CAPA_SEED", "7"))
LADDER = [
    {"at": "50%", "level": "L0", "to": ["owner"]},
    {"at": "due", "level": "L1", "to": ["owner", "manager"], "ack": "1m"},
    {"at": "due+2s", "level": "L2", "to": ["isms_manager"]},
    {"at": "due+4s", "level": "L4", "to": ["top_management"], "repeat": "3s"},
]


def quick_policy():
    """The shipped policy, with seconds: ladders must speak while things break."""
    text = (ROOT / "systemd" / "policy.json").read_text()
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("//")]
    policy = json.loads("\n".join(lines))
    grades = policy["policies"]["default"]
    for grade in ("critical", "major", "minor", "observation", "ofi"):
        for phase, seconds in {"triage": 2, "contain": 9, "plan": 15, "act": 20, "window": 5, "verify": 5}.items():
            if phase in grades[grade]:
                grades[grade][phase] = f"{seconds}s"
    grades["ladder"] = {"*": "seconds"}
    policy["ladders"]["seconds"] = LADDER
    return policy


@pytest.fixture(name="rig")
def rig_fixture():
    print(f"CAPA_SEED={SEED}")
    with Rig("capad-fault", policy=quick_policy()) as rig:
        rig.start()
        yield rig


class Load:
    """The generator in the background; it repeats what stays unanswered, with the same request-id."""

    def __init__(self, rig, run, events, rate):
        self.run, self.events, self.report = run, events, None
        command = rig.generator_command(run=run, events=events, rate=rate, batch=20, inflight=16, peers=3,
                                        subjects=40, resend=1500, timeout=60000)
        # pylint: disable-next=consider-using-with
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        self.thread = threading.Thread(target=self.finish)
        self.thread.start()

    def finish(self):
        output, _ = self.process.communicate()
        self.report = json.loads(output.splitlines()[-1])

    def wait_for_ncs(self, rig, seconds=20):
        """Until each fingerprint has its nonconformity: only then there is something to break."""
        deadline = time.monotonic() + seconds
        with rig.connect(autocommit=True) as connection:
            while time.monotonic() < deadline:
                if connection.execute("SELECT count(*) FROM capa.nc").fetchone()[0] >= 40:
                    return self
                time.sleep(0.05)
        raise AssertionError("the load does not arrive")

    def running(self):
        return self.thread.is_alive()

    def wait(self):
        self.thread.join(180)
        assert self.report, "the generator did not end"
        assert self.report["acked"] == self.events and self.report["errors"] == 0, self.report
        return self.report


def check_stored_once(rig, load):
    with rig.connect() as connection:
        total, different = connection.execute(
            "SELECT count(*), count(DISTINCT body::json ->> 'id') FROM capa.event WHERE source = %s",
            (f"/bench/{load.run}",)).fetchone()
        keys = connection.execute(
            "SELECT count(*) FROM capa.event_key k JOIN capa.event e USING (eventno) WHERE e.source = %s",
            (f"/bench/{load.run}",)).fetchone()[0]
        assert (total, different, keys) == (load.events, load.events, load.events)
        # One nonconformity a fingerprint, however often its first event was repeated.
        ncs, fingerprints = connection.execute(
            "SELECT count(*), count(DISTINCT fingerprint) FROM capa.nc WHERE rule = 'bench-job-failed'").fetchone()
        assert ncs == fingerprints == 40


def check_journal(rig):
    with rig.connect() as connection:
        first, last, rows = connection.execute("SELECT min(seq), max(seq), count(*) FROM capa.journal").fetchone()
        assert (first, rows) == (1, last)
    verified = rig.capactl("journal", "verify", check=False)
    assert verified.returncode == 0, verified.stdout + verified.stderr


def wait_for_calm(rig, seconds=60):
    """Until the ladder engine has done all that was due at some moment; that moment."""
    moment, deadline = rig.now(), time.monotonic() + seconds
    while time.monotonic() < deadline:
        with rig.connect() as connection:
            behind = connection.execute("SELECT count(*) FROM capa.deadline WHERE next_at <= %s", (moment,)).fetchone()[0]
        if behind == 0:
            return moment
        time.sleep(0.2)
    return pytest.fail(f"{behind} deadlines have a step that is due and was not taken")


def check_ladders(rig):
    """No step missed, none twice, and each named by exactly one message.

    Nobody triages here, so the ladder of the triage deadline is the one that runs.
    """
    with rig.connect() as connection:
        age = connection.execute("SELECT extract(epoch FROM capa.now() - max(raised_at)) FROM capa.nc").fetchone()[0]
    time.sleep(max(0, 5.5 - float(age)))  # L0, L1 and L2 of every one are due by then
    moment = wait_for_calm(rig)
    with rig.connect() as connection:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ  # all that follows is of one instant
        missed = connection.execute(
            """SELECT d.id, s ->> 'step', s ->> 'planned_at'
               FROM capa.deadline d CROSS JOIN jsonb_array_elements(d.steps) s
               WHERE d.kind = 'triage' AND (s ->> 'planned_at')::timestamptz <= %s
                 AND NOT EXISTS (SELECT FROM capa.escalation e WHERE e.deadline = d.id AND e.due = d.due
                                   AND e.step = (s ->> 'step')::int AND e.n = 0)""", (moment,)).fetchall()
        assert not missed
        # The last step repeats every three seconds, without a hole up to now.
        holes = connection.execute(
            """SELECT deadline, count(*), max(n), max(planned_at) FROM capa.escalation WHERE level = 'L4' GROUP BY 1
               HAVING count(*) <> max(n) + 1 OR max(planned_at) <= %s - interval '3 s'""", (moment,)).fetchall()
        assert not holes
        steps = dict(connection.execute("SELECT 'ESC-' || id, state FROM capa.escalation").fetchall())
        bodies = connection.execute(
            "SELECT b.body FROM capa.journal j JOIN capa.journal_body b USING (seq) WHERE j.topic LIKE 'escalation.%'"
        ).fetchall()
    named = []
    for (body,) in bodies:
        data = json.loads(body)["data"]
        named.append(data["escalation"])
        named += [step["escalation"] for step in data.get("covered", [])]
    assert len(steps) > 40 and sorted(named) == sorted(steps)
    return steps


def check_publisher(rig):
    """The stream catches up with the journal."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        with rig.connect() as connection:
            published, head = connection.execute(
                "SELECT (SELECT max(seq) FROM capa.publisher), (SELECT max(seq) FROM capa.journal)").fetchone()
        if published is not None and published >= head - 2:
            return
        time.sleep(0.2)
    pytest.fail(f"published up to {published} of {head}")


def check_everything(rig, *loads):
    for load in loads:
        check_stored_once(rig, load)
    check_ladders(rig)
    check_journal(rig)
    check_publisher(rig)


def test_kill_9_under_load(rig):
    """capad dies at any moment, eight times."""
    chance = random.Random(SEED)
    load = Load(rig, "kills", 24000, 2000).wait_for_ncs(rig)
    kills = 0
    while load.running() and kills < 8:
        time.sleep(chance.uniform(0.3, 1.5))
        rig.kill()
        kills += 1
        time.sleep(chance.uniform(0, 0.5))
        rig.start()
    report = load.wait()
    assert kills >= 4, "the load ended too soon to say anything"
    assert report["resent"] > 0, "no crash met a request on its way: nothing was tried"
    check_everything(rig, load)


def test_database_restarts_under_load(rig):
    """PostgreSQL is restarted the hard way; the daemon answers BUSY meanwhile and goes on by itself."""
    chance = random.Random(SEED + 1)
    load = Load(rig, "restarts", 24000, 2000).wait_for_ncs(rig)
    restarts = 0
    while load.running() and restarts < 4:
        time.sleep(chance.uniform(0.5, 2))
        rig.restart_cluster(chance.choice(["immediate", "fast"]))
        restarts += 1
    report = load.wait()
    assert restarts >= 3 and report["busy"] + report["resent"] > 0, report
    assert rig.process.poll() is None, "capad ended"
    check_everything(rig, load)


def test_both_at_once(rig):
    """The daemon is killed while the database recovers from a crash."""
    chance = random.Random(SEED + 2)
    load = Load(rig, "both", 16000, 2000).wait_for_ncs(rig)
    for _ in range(3):
        time.sleep(chance.uniform(0.3, 1))
        rig.pg_ctl("-m", "immediate", "stop")
        time.sleep(chance.uniform(0, 0.8))
        rig.kill()
        rig.start_cluster()
        rig.start()
    load.wait()
    check_everything(rig, load)


def test_downtime_across_steps(rig):
    """Down while several steps of a ladder pass: one message at the highest, and it covers the rest."""
    load = Load(rig, "downtime", 400, 400)
    load.wait()
    rig.stop()
    rig.move_clock("8 seconds")  # L0 at 1 s, L1 at 2 s, L2 at 4 s, L4 at 6 s
    rig.start()
    steps = check_ladders(rig)
    covered = [ref for ref, state in steps.items() if state == "covered"]
    assert len(covered) >= 40, "the stop lay across no steps"
    with rig.connect() as connection:
        # Of each triage deadline one message went out at L4 (or a repeat of it), and it covers what came before and had not gone out.
        rows = connection.execute(
            """SELECT f.deadline, count(c.id) FROM capa.escalation f
               JOIN capa.escalation c ON c.covered_by = f.id
               WHERE f.state = 'fired' AND f.level = 'L4' GROUP BY f.deadline""").fetchall()
    assert len(rows) == 40 and all(n >= 1 for _, n in rows)
    check_journal(rig)
