"""A year in seconds: nobody touches four nonconformities, and their ladders speak to the end.

The register's clock is moved from step to step; a real daemon fires them, an independent SUB client
hears them on the bus, and journal.read gives the same again.
"""
import datetime
import json
import pathlib
import sys
import threading

import pytest
import zmq

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from rig import Rig  # noqa: E402  pylint: disable=wrong-import-position

HOUR, DAY = datetime.timedelta(hours=1), datetime.timedelta(days=1)
GRADES = ("critical", "major", "minor", "observation")


def moment(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))


class Subscriber(threading.Thread):
    """Keeps what the bus says under a topic: three frames, as the contract has them."""

    def __init__(self, rig, topic):
        super().__init__(daemon=True)
        self.context, self.messages, self.ended = zmq.Context(), [], threading.Event()
        self.socket = self.context.socket(zmq.SUB)
        self.socket.linger = 0
        self.socket.rcvtimeo = 100
        self.socket.rcvhwm = 0
        self.socket.subscribe(topic)
        self.socket.connect(rig.endpoint("publish"))

    def run(self):
        while not self.ended.is_set():
            try:
                topic, sequence, event = self.socket.recv_multipart()
            except zmq.Again:
                continue
            self.messages.append((topic.decode(), int(sequence), event))

    def end(self):
        self.ended.set()
        self.join()
        self.context.destroy()


@pytest.fixture(name="rig")
def rig_fixture():
    with Rig("capad-year") as rig:
        rig.start()
        yield rig


def read_journal(rig, topic):
    messages, after = [], 0
    while True:
        page = rig.call("journal.read", {"after": after, "topics": [topic], "limit": 500})
        messages += page["messages"]
        if page["next"] >= page["head"] or page["next"] == after:
            return messages
        after = page["next"]


def walk_until(rig, end):
    """From one due step to the next, so that each is met at its own time."""
    while True:
        with rig.connect() as connection:
            gap = connection.execute("SELECT min(next_at) - capa.now() FROM capa.deadline WHERE next_at <= %s",
                                     (end,)).fetchone()[0]
        if gap is None:
            return
        rig.move_clock(max(gap, datetime.timedelta(0)) + datetime.timedelta(milliseconds=5))
        rig.wait_for_steps()


def named(messages):
    """(escalation, level, planned_at) of each step, and how it was told."""
    for data in messages:
        yield data["escalation"], data["level"], data["planned_at"], "fired"
        for step in data["covered"]:
            yield step["escalation"], step["level"], step["planned_at"], "covered"


def steps_in_the_register(rig, nc):
    with rig.connect() as connection:
        return connection.execute(
            "SELECT 'ESC-' || id, level, step, n, planned_at, published_at, state FROM capa.escalation WHERE nc = %s "
            "ORDER BY planned_at, step", (int(nc[3:]),)).fetchall()


def check_critical(steps, raised):
    """The critical ladder has exact times only, so each step of the year can be told beforehand."""
    due = raised + 4 * HOUR
    expected = [("L0", raised + 2 * HOUR), ("L1", due), ("L2", due + 4 * HOUR), ("L3", due + 24 * HOUR)]
    at = due + 72 * HOUR
    while at <= raised + 365 * DAY:
        expected.append(("L4", at))
        at += DAY
    assert [(level, planned) for _, level, _, _, planned, _, _ in steps] == expected
    assert all(state == "fired" for *_, state in steps)
    assert all(published - planned < datetime.timedelta(minutes=5) for *_, planned, published, _ in steps)  # hours apart


def check_calendar(grade, steps, levels):
    """Other ladders wait for working hours (09:00-17:00 UTC, Monday to Friday); the repeats go on to the end."""
    first = [level for _, level, _, n, *_ in steps if n == 0]
    assert first == levels, (grade, first)
    for *_, planned, published, state in steps:
        assert published >= planned
        assert published.weekday() < 5 and 9 <= published.hour < 17, (grade, published)
    repeats = [n for _, level, _, n, *_ in steps if level == levels[-1]]
    assert repeats == list(range(len(repeats)))
    assert len(repeats) >= {"major": 44, "minor": 8, "observation": 9}[grade], (grade, len(repeats))


def test_a_year(rig):
    subscriber = Subscriber(rig, "escalation.")
    subscriber.start()
    ncs = {grade: rig.call("raise", {"title": f"Nobody cares about this {grade} one", "grade": grade})["ref"] for grade in GRADES}
    with rig.connect() as connection:
        raised = dict(connection.execute("SELECT grade, aware_at FROM capa.nc").fetchall())
    walk_until(rig, min(raised.values()) + 365 * DAY)

    steps = {grade: steps_in_the_register(rig, ncs[grade]) for grade in GRADES}
    check_critical(steps["critical"], raised["critical"])
    check_calendar("major", steps["major"], ["L0", "L1", "L2", "L3", "L4"])
    check_calendar("minor", steps["minor"], ["L0", "L1", "L2", "L4"])
    check_calendar("observation", steps["observation"], ["L1", "L2"])

    # What was read again is what was heard, to the byte; and each step was told exactly once.
    replay = read_journal(rig, "escalation.")
    subscriber_sees(subscriber, len(replay))
    heard = {sequence: (topic, json.loads(event)) for topic, sequence, event in subscriber.messages}
    assert heard == {int(m["sequence"]): (m["topic"], m["event"]) for m in replay}
    told = [step[0] for step in named(m["event"]["data"] for m in replay)]
    assert sorted(told) == sorted(ref for rows in steps.values() for ref, *_ in rows)
    assert len(told) == len(set(told))

    # A stop across several steps: one message covers the rest.
    before = len(replay)
    rig.stop()
    rig.move_clock("30 days")
    rig.start()
    rig.wait_for_steps()
    late = [m["event"]["data"] for m in read_journal(rig, "escalation.")[before:]]
    critical = [data for data in late if data["nc"] == ncs["critical"]]
    assert len(critical) == 1 and critical[0]["level"] == "L4"
    planned = sorted(moment(at) for _, _, at, _ in named(critical))
    assert len(planned) == 30 and all(b - a == DAY for a, b in zip(planned, planned[1:]))
    assert [how for *_, how in named(critical)].count("covered") == 29
    for grade in ("major", "minor", "observation"):
        assert len([data for data in late if data["nc"] == ncs[grade]]) <= 1
    subscriber.end()
    assert rig.capactl("journal", "verify", check=False).returncode == 0


def subscriber_sees(subscriber, n, seconds=60):
    ended = threading.Event()
    for _ in range(seconds * 20):
        if len({sequence for _, sequence, _ in subscriber.messages}) >= n:
            return
        ended.wait(0.05)
    pytest.fail(f"the bus gave {len(subscriber.messages)} of {n} escalations")
