"""Executes tests/it/walkthrough.md: every command of its ```console blocks, in order, in one shell
session's surroundings, and compares what they print.

A line that begins with "$ " is a command (a trailing backslash continues it). The lines below it are
what it prints: in a line, "…" stands for anything; a line that is only "…" for any number of lines.
A command without lines below has only its exit status checked. "[exit 1]" says that it fails so.
"""
import os
import pathlib
import re
import subprocess
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from rig import CAPACTL, Rig  # noqa: E402  pylint: disable=wrong-import-position

DOCUMENT = pathlib.Path(__file__).with_name("walkthrough.md")


def commands():
    """Yields (line number, command, expected lines, exit status)."""
    inside, current = False, None
    for number, line in enumerate(DOCUMENT.read_text().splitlines(), 1):
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


@pytest.fixture(name="rig")
def rig_fixture():
    with Rig("capad-walkthrough") as rig:
        rig.start()
        # capactl stamps its events with the machine's own time, which is not moved. A time more than a week behind
        # the receipt is not believed, and the receipt counts: that is what this document wants.
        rig.move_clock("30 days")
        yield rig


def test_walkthrough(rig, tmp_path):
    """One NC through two full cycles."""
    (tmp_path / "bin").mkdir()
    clock = tmp_path / "bin" / "clock"
    clock.write_text(
        "#!/bin/sh\n# moves the register's clock, which only the owner of the tables can\n"
        f"exec psql -X -q -d '{rig.conninfo()}' -c \"UPDATE capa.clock SET shift = shift + interval '$1'\"\n"
    )
    clock.chmod(0o755)
    environment = {
        **os.environ,
        **rig.environment,
        "PATH": f"{tmp_path / 'bin'}:{CAPACTL.parent}:{os.environ['PATH']}",
        "HOME": str(tmp_path),
        "TZ": "UTC",
    }
    done = 0
    for number, command, expected, status in commands():
        result = subprocess.run(
            ["bash", "-c", command], cwd=tmp_path, env=environment, text=True, timeout=60,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False,
        )
        shown = f"walkthrough.md:{number}: {command}\n[exit {result.returncode}]\n{result.stdout}"
        assert result.returncode == status, shown
        if expected and not matches(expected, result.stdout.splitlines()):
            pytest.fail(shown + "\n---- but the document says\n" + "\n".join(expected))
        done += 1
    assert done > 20, "the document lost its commands"
