"""Ladders of seconds, by the real clock and real daemons: on time, once, and through a kill -9.

What the register decides is tested in tests/sql; here it is the daemons that must wake up for it.
"""
import json
import pathlib
import re
import subprocess
import sys
import time

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import rig as rigs  # noqa: E402  pylint: disable=wrong-import-position

UNITS = {"s": ("s", 1), "m": ("s", 60), "h": ("s", 3600), "d": ("d", 1), "w": ("d", 7), "bd": ("bd", 1), "mo": ("mo", 1)}


def shipped_policy():
    text = (rigs.ROOT / "systemd" / "policy.json").read_text()
    return json.loads(re.sub(r"^\s*//.*$", "", text, flags=re.M))


def span(text):
    number, unit = re.fullmatch(r"(\d+)(\w+)", text).groups()
    name, factor = UNITS[unit]
    return {"mo": 0, "d": 0, "bd": 0, "s": 0} | {name: int(number) * factor}


def moment(text):
    if text == "due":
        return {"due": True}
    if text.startswith("due+"):
        rest = text[4:]
        return {"after_percent": int(rest[:-1])} if rest.endswith("%") else {"after": span(rest)}
    return {"percent": int(text[:-1])}


def normalized(policy):
    """What the register is to be given, worked out apart from the daemon."""
    for grades in policy["policies"].values():
        for durations in grades.values():
            if isinstance(durations, dict) and "plan" in durations:
                durations |= {k: span(v) for k, v in durations.items() if isinstance(v, str)}
    for ladder in policy["ladders"].values():
        for step in ladder:
            step["at"] = [moment(a) for a in (step["at"] if isinstance(step["at"], list) else [step["at"]])]
            step |= {k: span(step[k]) for k in ("ack", "repeat") if k in step}
    return policy


def quick_policy():
    """Two seconds for triage; the working hours of the shipped ladder stay, and must not matter."""
    policy = shipped_policy()
    policy["policies"]["default"]["minor"]["triage"] = "2s"
    policy["ladders"]["calm"] = [
        {"at": "50%", "level": "L0", "to": ["owner"], "hours": "office"},
        {"at": "due", "level": "L1", "to": ["owner", "manager"], "ack": "1h", "hours": "office"},
        {"at": "due+1s", "level": "L2", "to": ["isms_manager"], "ack": "1h", "repeat": "1s", "hours": "office"}]
    return policy


@pytest.fixture(name="rig", scope="module")
def rig_fixture():
    with rigs.Rig("capad-step", policy=quick_policy()) as rig:
        rig.start()
        yield rig


class Second:
    """Another daemon on the same database, with sockets and a state of its own."""

    def __init__(self, rig):
        config = json.loads((rig.dir / "etc/capad.json").read_text())
        config["endpoints"] = {name: f"ipc://{rig.dir}/run/second-{name}.sock" for name in config["endpoints"]}
        config["state_dir"], config["name"] = str(rig.dir / "state2"), "second"
        (rig.dir / "state2").mkdir(exist_ok=True)
        (rig.dir / "etc/second.json").write_text(json.dumps(config))
        with open(rig.dir / "second.log", "ab") as log:
            # pylint: disable-next=consider-using-with
            self.process = subprocess.Popen([rigs.CAPAD, "--config", rig.dir / "etc/second.json"],
                                            stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        self.wait_listening(rig)

    @staticmethod
    def wait_listening(rig):
        """Until it would hear of an earlier step."""
        for _ in range(200):
            with rig.connect() as connection:
                n = connection.execute("SELECT count(*) FROM pg_stat_activity WHERE datname = 'capad' AND query ~ 'tick|LISTEN'"
                                       " AND pid <> pg_backend_pid()").fetchone()[0]
            if n >= 2:
                return
            time.sleep(0.05)
        raise RuntimeError("the second daemon did not come up:\n" + (rig.dir / "second.log").read_text()[-2000:])

    def stop(self):
        self.process.terminate()
        self.process.wait(20)


def steps(rig, nc):
    with rig.connect() as connection:
        return connection.execute(
            "SELECT level, n, state, extract(epoch FROM published_at - planned_at)::float8 FROM capa.escalation "
            "WHERE nc = %s ORDER BY step, n", (int(nc[3:]),)).fetchall()


def silence(rig, nc):
    rig.call("reject", {"nc": nc, "reason": "the test is over"})


def test_the_register_gets_the_policy_as_written(rig):
    row = None
    for _ in range(100):  # it is given once the daemon has its connections
        with rig.connect() as connection:
            row = connection.execute("SELECT body FROM capa.loaded WHERE kind = 'policy' ORDER BY version DESC LIMIT 1").fetchone()
        if row:
            break
        time.sleep(0.05)
    body = row[0]
    body.pop("$schema", None)
    assert body == normalized(quick_policy())


def test_each_step_on_time(rig):
    nc = rig.call("raise", {"title": "Nobody looks", "grade": "minor"})["ref"]
    time.sleep(5.6)
    silence(rig, nc)
    told = steps(rig, nc)
    assert [(level, n) for level, n, *_ in told][:3] == [("L0", 0), ("L1", 0), ("L2", 0)]
    assert [n for level, n, *_ in told if level == "L2"] == [0, 1, 2]
    assert all(state == "fired" for _, _, state, _ in told)
    assert all(0 <= late < 0.5 for *_, late in told), told


def test_what_is_missed_is_told_by_one_message(rig):
    nc = rig.call("raise", {"title": "Nobody is there", "grade": "minor"})["ref"]
    time.sleep(0.3)
    rig.kill()
    time.sleep(4.5)
    assert steps(rig, nc) == []
    rig.start()
    time.sleep(0.5)
    told = steps(rig, nc)
    silence(rig, nc)
    fired = [(level, n) for level, n, state, _ in told if state == "fired"]
    assert fired[0][0] == "L2" and len(fired) <= 2, told
    assert [row[:3] for row in told[:2]] == [("L0", 0, "covered"), ("L1", 0, "covered")]


def test_another_daemon_takes_over(rig):
    """It learns of the steps that calls to the first one made, by NOTIFY: its own safety tick comes once a minute."""
    second = Second(rig)
    try:
        nc = rig.call("raise", {"title": "One of two dies", "grade": "minor"})["ref"]
        rig.kill()
        time.sleep(4.6)
        told = steps(rig, nc)
        rig.start()
        silence(rig, nc)
        assert [(level, n, state) for level, n, state, _ in told][:3] == [
            ("L0", 0, "fired"), ("L1", 0, "fired"), ("L2", 0, "fired")]
        assert all(0 <= late < 0.5 for *_, late in told), told
    finally:
        second.stop()


def test_two_daemons_say_each_step_once(rig):
    second = Second(rig)
    try:
        ncs = [rig.call("raise", {"title": f"Number {i}", "grade": "minor"})["ref"] for i in range(20)]
        time.sleep(5.2)
        for nc in ncs:
            silence(rig, nc)
        for nc in ncs:
            told = steps(rig, nc)
            keys = [(level, n) for level, n, *_ in told]
            assert len(keys) == len(set(keys)) >= 4, told
        with rig.connect() as connection:
            assert connection.execute(
                "SELECT count(*) FROM capa.journal WHERE topic LIKE 'escalation.%'").fetchone() == connection.execute(
                "SELECT count(*) FROM capa.escalation WHERE state = 'fired'").fetchone()
    finally:
        second.stop()
