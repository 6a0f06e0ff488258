"""capactl emit --follow and --journal: no line lost, none twice, across rotation, restarts and an absent capad."""
import contextlib
import json
import os
import pathlib
import random
import shutil
import signal
import subprocess
import sys
import time
import uuid

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from rig import CAPACTL, Rig  # noqa: E402  pylint: disable=wrong-import-position
from conftest import Bench, stopped_writers, wait_for as wait_until  # noqa: E402  pylint: disable=wrong-import-position

JOURNAL_REMOTE = "/lib/systemd/systemd-journal-remote"


@pytest.fixture(name="rig", scope="module")
def rig_fixture():
    with Rig("capad-follow") as rig:
        rig.start()
        yield rig


def number(subject, count, **more):
    """A CloudEvent that says which one it is."""
    return json.dumps({"specversion": "1.0", "id": f"{subject}-{count}", "source": "follow-test", "type": "backup.finished",
                       "subject": subject, "data": {"exit_code": 1, "count": count}, **more})


class Follower:
    """A capactl emit that does not end by itself."""

    def __init__(self, rig, folder, *arguments):
        self.rig, self.folder, self.arguments, self.process = rig, folder, arguments, None
        self.environment = {**os.environ, **rig.environment, "CAPACTL_SPOOL": str(folder / "state" / "spool.db"), "CAPACTL_TIMEOUT": "5"}

    def start(self):
        with open(self.folder / "said", "ab") as said:
            self.process = subprocess.Popen([str(CAPACTL), "emit", *self.arguments], env=self.environment, stdout=said,
                                            stderr=said, stdin=subprocess.DEVNULL)
        return self

    def end(self, number=signal.SIGTERM, status=0):
        self.process.send_signal(number)
        assert self.process.wait(20) == status, self.said()

    def kill(self):
        self.process.kill()
        self.process.wait()

    def said(self):
        return (self.folder / "said").read_text()

    def ready(self):
        """It has read what was there: from then on it keeps a position."""
        wait_until(lambda: list((self.folder / "state" / "positions").glob("*.json")))
        return self

    def __enter__(self):
        return self if self.process and self.process.poll() is None else self.start()

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.kill()
        print(self.said())


def stored(rig, like):
    """The data of each event of a subject, in the order stored."""
    with rig.connect() as connection:
        rows = connection.execute("SELECT body::jsonb FROM capa.event WHERE body::jsonb->>'subject' = %s ORDER BY eventno",
                                  (like,)).fetchall()
    return [row[0] for row in rows]


def counts(rig, subject):
    return [body["data"]["count"] for body in stored(rig, subject)]


def append(path, *lines, end="\n"):
    with open(path, "a", encoding="utf-8") as file:
        file.write("\n".join(lines) + end)


def test_lines_as_they_come(rig, tmp_path):
    log = tmp_path / "app.log"
    with Follower(rig, tmp_path, "--follow", str(log)) as follower:
        wait_until(lambda: f"{log} is not there yet, it is waited for" in follower.said())
        append(log, number("come", 1), number("come", 2))
        wait_until(lambda: counts(rig, "come") == [1, 2])
        half = number("come", 3)
        append(log, half[:20], end="")
        time.sleep(1.3)
        assert counts(rig, "come") == [1, 2]  # an unfinished line waits for its end
        append(log, half[20:])
        wait_until(lambda: counts(rig, "come") == [1, 2, 3])
        append(log, "", "{no json", number("come", 4))
        wait_until(lambda: counts(rig, "come") == [1, 2, 3, 4])
        follower.end(status=1)
    said = follower.said()
    assert f"{log}:5:2" in said and "1 invalid" in said and "4 stored" in said
    with follower.start():  # goes on where it was
        append(log, number("come", 5))
        wait_until(lambda: counts(rig, "come") == [1, 2, 3, 4, 5])
        follower.end()
    assert "1 event: 1 stored" in follower.said()


def test_the_system_tells_it(rig, tmp_path):
    """By inotify, of the file and of its folder; a file that takes its place is watched in its stead."""
    log = tmp_path / "app.log"
    log.touch()
    with Follower(rig, tmp_path, "--follow", str(log)) as follower:
        watched = watches(follower.ready())
        assert sorted(inodes(watched)) == sorted(path.stat().st_ino for path in (log, tmp_path))
        log.rename(tmp_path / "app.log.1")
        append(log, number("told", 1))
        wait_until(lambda: counts(rig, "told") == [1])
        assert sorted(inodes(watches(follower))) == sorted(path.stat().st_ino for path in (log, tmp_path))
        follower.end()


def test_text_becomes_events(rig, tmp_path):
    log = tmp_path / "text.log"
    log.write_bytes(b"first\r\nb\xe4d \x00 bytes\n\n\"quoted\\\"\nfirst\r\n")
    with Follower(rig, tmp_path, "--follow", str(log), "--type", "app.line", "--source", "app", "--subject", "text") as follower:
        follower.ready().end()
    assert "4 events: 4 ignored" in follower.said()
    with rig.connect() as connection:
        rows = connection.execute("SELECT convert_from(body, 'UTF8')::jsonb FROM capa.ignored WHERE position('app.line' in convert_from(body, 'UTF8')) > 0").fetchall()
    lines = [row[0]["data"]["line"] for row in rows]
    assert sorted(lines) == sorted(["first", "b\ufffdd \ufffd bytes", "\"quoted\\\"", "first"])
    assert len({row[0]["id"] for row in rows}) == 4 and "time" not in rows[0][0]


def test_rotation_by_rename(rig, tmp_path):
    log = tmp_path / "app.log"
    append(log, number("rename", 1))
    with Follower(rig, tmp_path, "--follow", str(log)) as follower:
        wait_until(lambda: counts(rig, "rename") == [1])
        with open(log, "a", encoding="utf-8") as old:
            log.rename(tmp_path / "app.log.1")
            append(log, number("rename", 4))
            old.write(number("rename", 2) + "\n")  # whoever has it open goes on for a while
            old.flush()
            wait_until(lambda: counts(rig, "rename") == [1, 2])
            old.write(number("rename", 3))  # and its last line lacks its end
        wait_until(lambda: counts(rig, "rename") == [1, 2, 3, 4])
        append(log, number("rename", 5))
        wait_until(lambda: counts(rig, "rename") == [1, 2, 3, 4, 5])
        follower.end()


def test_rotation_by_copy_and_cut(rig, tmp_path):
    log = tmp_path / "app.log"
    append(log, number("cut", 1), number("cut", 2))
    with Follower(rig, tmp_path, "--follow", str(log)) as follower:
        wait_until(lambda: counts(rig, "cut") == [1, 2])
        with stopped(follower):
            append(log, number("cut", 3))  # not read yet when it is cut
            shutil.copy(log, tmp_path / "app.log.1")
            os.truncate(log, 0)
            append(log, *(number("cut", count) for count in range(4, 40)))  # longer than it was
        wait_until(lambda: counts(rig, "cut") == list(range(1, 40)))
        shutil.copy(log, tmp_path / "app.log.1")
        os.truncate(log, 0)
        append(log, number("cut", 40))
        wait_until(lambda: counts(rig, "cut") == list(range(1, 41)))
        follower.end()


class stopped:  # pylint: disable=invalid-name
    def __init__(self, follower):
        self.pid = follower.process.pid

    def __enter__(self):
        os.kill(self.pid, signal.SIGSTOP)

    def __exit__(self, *_):
        os.kill(self.pid, signal.SIGCONT)


def test_rotated_several_times_while_away(rig, tmp_path):
    log = tmp_path / "app.log"
    append(log, number("away", 1))
    with Follower(rig, tmp_path, "--follow", str(log)) as follower:
        wait_until(lambda: counts(rig, "away") == [1])
        follower.end()
    append(log, number("away", 2))
    log.rename(tmp_path / "app.log.2")
    time.sleep(0.02)
    append(log, number("away", 3), number("away", 4))
    log.rename(tmp_path / "app.log.1")
    time.sleep(0.02)
    append(tmp_path / "app.log.err", number("away", 98))  # another log, not a rotated one
    append(log, number("away", 5))
    with follower.start():
        wait_until(lambda: counts(rig, "away") == [1, 2, 3, 4, 5])
        follower.end()
    log.unlink()
    for name in ("app.log.1", "app.log.2"):
        (tmp_path / name).unlink()
    append(log, number("away", 6))
    with follower.start():
        wait_until(lambda: counts(rig, "away") == [1, 2, 3, 4, 5, 6])
        follower.end()
    assert "is gone" in follower.said()


def watches(follower):
    """The inotify watches of a process: a file that it begins anew has a new one."""
    found = []
    for file in pathlib.Path(f"/proc/{follower.process.pid}/fdinfo").iterdir():
        with contextlib.suppress(FileNotFoundError):  # closed meanwhile
            found += [line for line in file.read_text().splitlines() if line.startswith("inotify")]
    return found


def inodes(watched):
    return [int(line.split(" ino:")[1].split()[0], 16) for line in watched]


def test_the_same_lines_again_are_events_of_their_own(rig, tmp_path):
    """The ids are of places, not of contents: equal lines before and after a cut are told apart."""
    log = tmp_path / "app.log"
    line = json.dumps({"host": "same01", "status": "PROBLEM", "severity": "High", "trigger": "t", "hostname": "same01"})
    with Follower(rig, tmp_path, "--follow", str(log), "--adapter", "zabbix", "--json") as follower:
        for turn in range(3):
            append(log, line)
            wait_until(lambda turn=turn: follower.said().count('"verdicts"') == turn + 1)
            before = watches(follower)
            os.truncate(log, 0)
            wait_until(lambda before=before: watches(follower) != before)  # it has seen that; a line as before looks like none
        follower.end()
    assert follower.said().count('"status":"stored","events"') == 3, follower.said()


def test_killed_again_and_again(rig, tmp_path):
    """kill -9 at any time, rotation both ways meanwhile: each line is stored once."""
    log, seed = tmp_path / "app.log", int(os.environ.get("CAPA_SEED", "17"))
    dice, count, turns = random.Random(seed), 1, 0
    append(log, number("kill", 0))
    follower = Follower(rig, tmp_path, "--follow", str(log)).start()
    follower.ready()  # before, nothing tells what a rotated file was
    try:
        for _ in range(24):
            lines = [number("kill", count + k) for k in range(dice.randrange(1, 400))]
            count += len(lines)
            append(log, *lines)
            time.sleep(dice.random() * 0.15)
            if dice.random() < 0.5:
                follower.kill()
                follower.start()
            if dice.random() < 0.3 and turns < 3:
                turns += 1
                for older in range(4, 0, -1):
                    if (tmp_path / f"app.log.{older}").exists():
                        (tmp_path / f"app.log.{older}").rename(tmp_path / f"app.log.{older + 1}")
                log.rename(tmp_path / "app.log.1")
                log.touch()
        append(log, number("kill", count))
        wait_until(lambda: len(counts(rig, "kill")) >= count + 1, 60)
        follower.end()
    finally:
        if follower.process.poll() is None:
            follower.kill()
        print(follower.said()[-3000:])
        print("missing", sorted(set(range(count + 1)) - set(counts(rig, "kill")))[:50])
    assert counts(rig, "kill") == list(range(count + 1))


def test_a_line_too_long_is_named(rig, tmp_path):
    log = tmp_path / "app.log"
    append(log, number("long", 1), "x" * (9 * 1024 * 1024), number("long", 3))
    with Follower(rig, tmp_path, "--follow", str(log)) as follower:
        wait_until(lambda: counts(rig, "long") == [1, 3])
        follower.end(status=1)
    assert f"{log}:2: too_big" in follower.said()


def test_capad_away_and_back(rig, tmp_path):
    log = tmp_path / "app.log"
    append(log, number("back", 1))
    with Follower(rig, tmp_path, "--follow", str(log)) as follower:
        wait_until(lambda: counts(rig, "back") == [1])
        rig.stop()
        append(log, number("back", 2))
        wait_until(lambda: "waiting, nothing is lost" in follower.said(), 30)
        append(log, number("back", 3))
        rig.start()
        wait_until(lambda: counts(rig, "back") == [1, 2, 3], 30)
        assert "acknowledged again" in follower.said()
        follower.end()
    spool = subprocess.run([str(CAPACTL), "emit", "--list", "--json"], env=follower.environment, capture_output=True, check=True)
    assert json.loads(spool.stdout) == []


def test_ended_while_nobody_answers(rig, tmp_path):
    """SIGTERM ends it at once; what had been committed unseen is a duplicate of the next start."""
    log, bench = tmp_path / "app.log", Bench(rig)
    append(log, number("unseen", 1))
    try:
        with Follower(rig, tmp_path, "--follow", str(log)) as follower:
            wait_until(lambda: counts(rig, "unseen") == [1])
            with stopped_writers(bench):
                append(log, json.dumps({"id": "none"}), number("unseen", 2))  # at once: one position behind both
                wait_until(lambda: "waiting" in follower.said(), 30)
                follower.end(status=0)
        with follower.start():
            wait_until(lambda: counts(rig, "unseen") == [1, 2] and follower.said().count(": invalid: ") == 2)
            follower.end(status=1)
    finally:
        bench.close()


def test_from_end_and_one_at_a_time(rig, tmp_path):
    log = tmp_path / "app.log"
    append(log, number("end", 1), number("end", 2), number("end", 3)[:10], end="")
    with Follower(rig, tmp_path, "--follow", str(log), "--from-end") as follower:
        follower.ready()
        second = subprocess.run([str(CAPACTL), "emit", "--follow", str(log)], env=follower.environment, capture_output=True,
                                text=True, timeout=20, check=False)
        assert second.returncode == 1 and "another capactl follows" in second.stderr
        append(log, number("end", 3)[10:])
        wait_until(lambda: counts(rig, "end") == [3])
        follower.end()
    assert "stored" in follower.said()


@pytest.mark.parametrize("arguments", [
    ["--follow", "/tmp"], ["--follow", "x", "--journal"], ["--follow", "x", "y"], ["--unit", "x"], ["--from-end"],
    ["--follow", "x", "--adapter", "a", "--type", "t"], ["--follow", "x", "--subject", "s"], ["--journal", "--type", "t"],
    ["--journal", "--priority", "loud"], ["--journal", "--match", "nothing"], ["--journal", "--since", "soon"],
    ["--journal", "--directory", "/nonexistent"], ["--follow", "x", "--id", "1"],
])
def test_usage(rig, tmp_path, arguments):
    follower = Follower(rig, tmp_path, *arguments).start()
    assert follower.process.wait(20) == 2, follower.said()
    assert "capactl: " in follower.said()


# -- journal

def export(*entries):
    """Entries as systemd's export format."""
    whole = b""
    for at, fields in entries:
        whole += b"__REALTIME_TIMESTAMP=%d\n__MONOTONIC_TIMESTAMP=%d\n_BOOT_ID=%s\n" % (at, at - 10**15, b"a" * 32)
        for name, value in fields:
            if isinstance(value, bytes):
                whole += name.encode() + b"\n" + len(value).to_bytes(8, "little") + value + b"\n"
            else:
                whole += f"{name}={value}\n".encode()
        whole += b"\n"
    return whole


def write_journal(folder, *entries):
    subprocess.run([JOURNAL_REMOTE, f"--output={folder}/test.journal", "-"], input=export(*entries), check=True,
                   capture_output=True, timeout=30)


def entry(host, message, unit, at=None, **more):
    fields = [("_HOSTNAME", host), ("MESSAGE", message), ("_SYSTEMD_UNIT", unit), ("PRIORITY", "6"), ("SYSLOG_IDENTIFIER", "x")]
    return at or time.time_ns() // 1000, [*fields, *more.items()]


def failed_unit(host, unit, at=None):
    return at or time.time_ns() // 1000, [
        ("_HOSTNAME", host), ("MESSAGE", f"{unit}: Failed with result 'exit-code'."), ("_PID", "1"), ("PRIORITY", "4"),
        ("MESSAGE_ID", "d9b373ed55a64feb8242e02dbe79a49c"), ("UNIT", unit), ("UNIT_RESULT", "exit-code"), ("_SYSTEMD_UNIT", "init.scope")]


@pytest.mark.skipif(not os.path.exists(JOURNAL_REMOTE), reason="systemd-journal-remote is not installed")
def test_journal_entries(rig, tmp_path):
    folder = tmp_path / "journal"
    folder.mkdir()
    host = "jrnl-" + uuid.uuid4().hex[:8]
    write_journal(folder, entry(host, "before", "a.service"), failed_unit(host, "old.service"))
    with Follower(rig, tmp_path, "--journal", "--directory", str(folder)) as follower:
        follower.ready()
        write_journal(folder, failed_unit(host, "job.service"), entry(host, b"b\xe4d\nand more", "a.service"))
        wait_until(lambda: rig.call("list", {"asset": "job.service"}))
        follower.end()
    assert not rig.call("list", {"asset": "old.service"})  # without --since: what comes from now on
    assert "2 events" in follower.said()
    write_journal(folder, failed_unit(host, "job.service"))
    with follower.start():
        wait_until(lambda: rig.call("list", {"asset": "job.service"})[0]["occurrences"] == 2)
        follower.end()
    assert "1 event: 1 stored" in follower.said()


@pytest.mark.skipif(not os.path.exists(JOURNAL_REMOTE), reason="systemd-journal-remote is not installed")
def test_journal_filters_and_since(rig, tmp_path):
    folder = tmp_path / "journal"
    folder.mkdir()
    host, now = "jrnl-" + uuid.uuid4().hex[:8], time.time_ns() // 1000
    write_journal(folder, entry(host, "far", "a.service", now - 5 * 3600 * 10**6), entry(host, "a1", "a.service", now - 10**6),
                  entry(host, "b1", "b.service", now - 10**6 + 1), failed_unit(host, "b.service", now - 10**6 + 2),
                  entry(host, "c1", "c.service", now - 10**6 + 3, COLOUR="red"))

    def said(*arguments):
        place = tmp_path / uuid.uuid4().hex
        place.mkdir()
        with Follower(rig, place, "--journal", "--directory", str(folder), "--json", *arguments) as follower:
            follower.ready().end()
        return sum(len(json.loads(line)["verdicts"]) for line in follower.said().splitlines() if line.startswith("{"))

    assert said("--since", "2h") == 4
    assert said("--since", "1d") == 5
    assert said() == 0
    assert said("--since", "1d", "--unit", "b") == 2
    assert said("--since", "1d", "--unit", "b.service", "--unit", "c") == 3
    assert said("--since", "1d", "--priority", "warning") == 1
    assert said("--since", "1d", "--match", "COLOUR=red", "--match", "COLOUR=blue") == 1
    assert said("--since", "1d", "--match", "COLOUR=red", "--unit", "b") == 0
