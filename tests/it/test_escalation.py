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

TRIES = 4
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


def raised(rig, title):
    return rig.call("raise", {"title": title, "grade": "minor"})["ref"]


def raised_while_nobody_is_there(rig, title):
    """What the daemon's call would do, by the register alone."""
    with rig.connect() as connection:
        return connection.execute("SELECT api.raise(%s::jsonb, 'rig', %s::jsonb) ->> 'ref'",
                                  (json.dumps({"name": "rig", "roles": rigs.ROLES, "act_for_others": True}),
                                   json.dumps({"title": title, "grade": "minor", "spans": {}}))).fetchone()[0]


def steps(rig, nc):
    with rig.connect() as connection:
        return connection.execute(
            "SELECT level, n, state FROM capa.escalation WHERE nc = %s ORDER BY step, n", (int(nc[3:]),)).fetchall()


def await_steps(rig, nc, count, seconds=60):
    """All steps of an NC, once there are so many."""
    deadline = time.monotonic() + seconds
    while len(told := steps(rig, nc)) < count:
        assert time.monotonic() < deadline, told
        time.sleep(0.05)
    return told


def on_time(rig, nc):
    """Each of the first five steps, a second apart, went out before the next one was due: a late one would be covered by it."""
    told = await_steps(rig, nc, 5)
    silence(rig, nc)
    assert [(level, n) for level, n, _ in told][:5] == [("L0", 0), ("L1", 0), ("L2", 0), ("L2", 1), ("L2", 2)]
    return {state for _, _, state in told[:5]} == {"fired"}


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
    """A machine that is busy can be a second late; one that is late each time is not busy."""
    assert any(on_time(rig, raised(rig, f"Nobody looks {i}")) for i in range(TRIES))


def test_what_is_missed_is_told_by_one_message(rig):
    rig.kill()
    nc = raised_while_nobody_is_there(rig, "Nobody is there")
    rig.move_clock("4500 milliseconds")
    assert steps(rig, nc) == []
    rig.start()
    told = await_steps(rig, nc, 4)
    silence(rig, nc)
    first = [state for _, _, state in told].index("fired")  # at the newest repeat; how many there are meanwhile is the machine's affair
    assert told[:2] == [("L0", 0, "covered"), ("L1", 0, "covered")] and first >= 3, told
    assert {(level, state) for level, _, state in told[2:first]} == {("L2", "covered")} and told[first][0] == "L2", told


def test_another_daemon_takes_over(rig):
    """It learns of the steps that calls to the first one made, by NOTIFY: its own safety tick comes once a minute."""
    def taken_over(number):
        second = Second(rig)
        try:
            nc = raised(rig, f"One of two dies {number}")
            rig.kill()
            told = await_steps(rig, nc, 3)
            rig.start()
            silence(rig, nc)
            assert [(level, n) for level, n, _ in told][:3] == [("L0", 0), ("L1", 0), ("L2", 0)]
            return {state for _, _, state in told[:3]} == {"fired"}
        finally:
            second.stop()
    assert any(taken_over(number) for number in range(TRIES))


def test_two_daemons_say_each_step_once(rig):
    second = Second(rig)
    try:
        ncs = [raised(rig, f"Number {i}") for i in range(20)]
        for nc in ncs:
            await_steps(rig, nc, 5)
            silence(rig, nc)
        for nc in ncs:
            keys = [(level, n) for level, n, _ in steps(rig, nc)]
            assert len(keys) == len(set(keys)), keys
        with rig.connect() as connection:
            assert connection.execute(
                "SELECT count(*) FROM capa.journal WHERE topic LIKE 'escalation.%'").fetchone() == connection.execute(
                "SELECT count(*) FROM capa.escalation WHERE state = 'fired'").fetchone()
    finally:
        second.stop()
