"""Executes documents for people: every command of the ```console blocks of walkthrough.md and ten_days.md, in order, in one
shell session's surroundings, and compares what they print; and the tour of the repository's README.

A line that begins with "$ " is a command (a trailing backslash continues it; <<'END' takes the lines up to END). The lines
below it are what it prints: in a line, "…" stands for anything; a line that is only "…" for any number of lines.
A command without lines below has only its exit status checked. "[exit 1]" says that it fails so.
Two commands are the test's own: `clock` moves the register's clock (alone it says its date), `reload` is `systemctl reload capad`.
"""
import datetime
import os
import pathlib
import re
import shutil
import subprocess
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from rig import CAPACTL, ROOT, Rig  # noqa: E402  pylint: disable=wrong-import-position

HERE = pathlib.Path(__file__).parent
CLOCK = """#!/bin/sh
# moves the register's clock, which only the owner of the tables can, and waits for the steps whose time has come
set -e
sql() { psql -X -q -At -v ON_ERROR_STOP=1 -d '%(conninfo)s' -c "$1"; }
[ $# -gt 0 ] || { sql "SELECT capa.now()::date"; exit; }
sql "UPDATE capa.clock SET shift = shift + interval '$1'"
sql "SELECT pg_notify('capa_due', '0')"
for i in $(seq 200); do
        [ "$(sql 'SELECT count(*) FROM capa.deadline WHERE next_at <= capa.now()')" -gt 0 ] || exit 0
        sleep 0.05
done
echo "clock: a step that is due was not taken" >&2
exit 1
"""
RELOAD = """#!/bin/sh
# what systemctl reload capad does: SIGHUP, and the set in force afterwards is that of the files
set -e
said() { grep -E 'in force' '%(log)s' | wc -l; }
before=$(said)
kill -HUP %(pid)d
for i in $(seq 200); do
        if [ "$(said)" -gt "$before" ]; then
                ! grep -E 'in force' '%(log)s' | tail -n 1 | grep stays >&2 || exit 1
                exit 0
        fi
        sleep 0.05
done
echo "reload: capad said nothing" >&2
exit 1
"""


def commands(text):
    """Yields (line number, command, expected lines, exit status)."""
    inside, current = False, None
    for number, line in enumerate(text.splitlines(), 1):
        if line.startswith("```"):
            inside = line == "```console"
            if current:
                yield current
            current = None
            continue
        if not inside:
            continue
        if current and current[1].endswith("\\"):
            current = (current[0], current[1][:-1] + " " + line.strip(), [], 0)
        elif current and (here := re.search(r"<<'(\w+)'", current[1])) and not current[1].endswith("\n" + here[1]):
            current = (current[0], current[1] + "\n" + line, [], 0)
        elif line.startswith("$ "):
            if current:
                yield current
            current = (number, line[2:], [], 0)
        elif current and re.fullmatch(r"\[exit \d+\]", line):
            current = (current[0], current[1], current[2], int(line[6:-1]))
        elif current:
            current[2].append(line)


def matches(expected, printed):
    if not expected:
        return not printed
    if expected[0].strip() == "…":
        return any(matches(expected[1:], printed[skip:]) for skip in range(len(printed) + 1))
    if not printed:
        return False
    pattern = ".*".join(re.escape(part) for part in expected[0].rstrip().split("…"))
    return re.fullmatch(pattern, printed[0].rstrip()) is not None and matches(expected[1:], printed[1:])


def test_the_comparison_itself():
    assert matches(["a … c"], ["a b c"]) and matches(["…", "z"], ["x", "y", "z"]) and matches(["…"], [])
    assert not matches(["a"], ["a", "b"]) and not matches(["a"], []) and not matches(["a … c"], ["a b"])
    text = "```console\n$ a \\\n    b\nout\n[exit 3]\n$ c\n```\n$ no command\n```sh\n$ nor this\n```\n```console\n$ cat <<'E'\nx\nE\nx\n```\n"
    assert list(commands(text)) == [(2, "a  b", ["out"], 3), (6, "c", [], 0), (13, "cat <<'E'\nx\nE", ["x"], 0)]


class Shell:
    """Where a document's commands run: one folder, capactl's surroundings, clock and reload."""

    def __init__(self, rig, folder, **variables):
        self.rig, self.folder = rig, folder
        (folder / "bin").mkdir()
        values = {"conninfo": rig.conninfo(), "pid": rig.process.pid, "log": rig.dir / "capad.log"}
        for name, text in (("clock", CLOCK), ("reload", RELOAD)):
            file = folder / "bin" / name
            file.write_text(text % values)
            file.chmod(0o755)
        self.environment = {
            **os.environ, **rig.environment, "PATH": f"{folder / 'bin'}:{CAPACTL.parent}:{os.environ['PATH']}",
            "HOME": str(folder), "TZ": "UTC", "ETC": str(rig.dir / "etc"), "COLUMNS": "120", "CAPACTL_TIMEOUT": "20", **variables,
        }

    def run(self, command, seconds=60):
        return subprocess.run(["bash", "-c", command], cwd=self.folder, env=self.environment, text=True, timeout=seconds,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)


@pytest.fixture(name="rig")
def rig_fixture():
    with Rig("capad-walkthrough") as rig:
        rig.start()
        # capactl stamps its events with the machine's own time, which is not moved. A time more than a week behind
        # the receipt is not believed, and the receipt counts: that is what the documents want. Each begins on a Monday at 9:30.
        now = rig.now()
        monday = (now + datetime.timedelta(days=37 - now.weekday())).replace(hour=9, minute=30, second=0, microsecond=0)
        monday -= datetime.timedelta(days=monday.weekday())
        rig.move_clock(monday - now)
        yield rig


@pytest.mark.parametrize("name, least", [("walkthrough.md", 20), ("ten_days.md", 90)])
def test_document(rig, tmp_path, name, least):
    shell, done = Shell(rig, tmp_path), 0
    for number, command, expected, status in commands((HERE / name).read_text(encoding="utf-8")):
        result = shell.run(command)
        shown = f"{name}:{number}: {command}\n[exit {result.returncode}]\n{result.stdout}"
        assert result.returncode == status, shown
        if expected and not matches(expected, result.stdout.splitlines()):
            pytest.fail(shown + "\n---- but the document says\n" + "\n".join(expected))
        done += 1
    assert done > least, "the document lost its commands"


def test_the_tour_of_the_readme(rig, tmp_path):
    """As it stands there. What happens between its lines, nights and weeks, is in its comments, and done here."""
    if not shutil.which("restic"):
        pytest.skip("restic is not installed")
    shell = Shell(rig, tmp_path)
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    tour = list(commands(text[text.index("## A short tour"):text.index("## Install")]))
    assert len(tour) > 12
    for name in ("run.log", "merge-request.pdf"):
        (tmp_path / name).write_text("proof\n")
    for _, line, expected, _ in tour:
        command, _, comment = line.partition("  #")
        command = command.strip()
        if night := re.search(r"\b(\d+) days on\b", comment):
            for _ in range(5):
                assert shell.run("clock '1 day' && capactl run --type backup.finished --subject db01 -- true").returncode == 0
            assert shell.run(f"clock '{int(night[1]) + 5} days'").returncode == 0
        if command.startswith("capactl escalations"):  # something slips
            assert shell.run("capactl run --type backup.finished --subject db02 -- false; clock '44 days'").returncode == 0
        if command.startswith("capactl watch"):  # goes on until it is stopped
            assert '"escalation"' in shell.run(f"timeout 2 {command} --after 0").stdout
            continue
        result = shell.run(command)
        fails = "restic backup" in command  # there is no repository: that is what the tour is about
        assert (result.returncode != 0) == fails, f"README.md: {command}\n[exit {result.returncode}]\n{result.stdout}"
        assert not expected or matches(expected, result.stdout.splitlines())
        if command.startswith("capactl escalations"):
            assert "ESC-" in result.stdout
    assert '"state":"closed"' in shell.run("capactl show 1 --json").stdout.replace(" ", "")
