"""quickstart: the tour to a verified closing, detaching, taking over after kill -9, stopping, refusing."""
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from rig import ROOT  # noqa: E402  pylint: disable=wrong-import-position


def quickstart(*arguments):
    return subprocess.run([ROOT / "quickstart", *arguments], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, timeout=600, check=False)


@pytest.fixture(name="folder")
def folder_fixture():
    parent = pathlib.Path(tempfile.mkdtemp(prefix="capad-quickstart.", dir="/tmp"))
    parent.chmod(0o755)
    yield parent / "d"
    quickstart("--stop", "--dir", str(parent / "d"))
    shutil.rmtree(parent)


def capactl(folder, *arguments):
    environment = {**os.environ, "CAPACTL_ENDPOINT": f"ipc://{folder}/run/control.sock",
                   "CAPACTL_INGEST": f"ipc://{folder}/run/ingest.sock"}
    return subprocess.run([folder / "bin/capactl", *arguments], env=environment, text=True, capture_output=True,
                          stdin=subprocess.DEVNULL, check=False)


def daemons_of(folder):
    """Programs that still run from this folder's configuration or cluster."""
    found = []
    for process in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            line = (process / "cmdline").read_bytes().decode(errors="replace").split("\0")
        except OSError:
            continue
        if str(folder / "etc/capad.json") in line or str(folder / "db/data") in line:
            found.append(int(process.name))
    return found


def test_the_tour(folder):
    """Real failures come in, a due date slips, the escalation is heard, and the NC is closed by two people."""
    result = quickstart("--once", "--dir", str(folder))
    assert result.returncode == 0, result.stdout
    for sign in ('"type":"org.capad.escalation.v1"', '"level":"L2"', "NC-3 is closed", "You may not verify NC-3",
                 "The journal is whole"):
        assert sign in result.stdout, (sign, result.stdout)
    assert not daemons_of(folder)
    assert not (folder / "etc/rules.d/quickstart-tour.json").exists()


def test_detach_take_over_stop(folder):
    first = quickstart("--detach", "--no-tour", "--dir", str(folder))
    assert first.returncode == 0, first.stdout
    config = (folder / "etc/capad.json").read_text()
    assert capactl(folder, "raise", "It must survive").returncode == 0
    pid = int((folder / "run/capad.pid").read_text())
    os.kill(pid, signal.SIGKILL)
    again = quickstart("--detach", "--no-tour", "--dir", str(folder))
    assert again.returncode == 0, again.stdout
    assert "It must survive" in capactl(folder, "list").stdout
    assert (folder / "etc/capad.json").read_text() == config
    # Both gone at once, and the cluster's own pid file is stale.
    for pid in daemons_of(folder):
        os.kill(pid, signal.SIGKILL)
    third = quickstart("--detach", "--no-tour", "--dir", str(folder))
    assert third.returncode == 0, third.stdout
    assert "It must survive" in capactl(folder, "list").stdout
    stopped = quickstart("--stop", "--dir", str(folder))
    assert stopped.returncode == 0 and not daemons_of(folder)
    assert quickstart("--stop", "--dir", str(folder)).returncode == 0


def test_a_broken_configuration_is_named(folder):
    (folder / "etc").mkdir(parents=True)
    (folder / "etc/capad.json").write_text('{\n  "endpoint": {}\n}\n')
    result = quickstart("--detach", "--no-tour", "--dir", str(folder))
    assert result.returncode == 1 and "capad.json:2:" in result.stdout and not daemons_of(folder)


def test_wrong_use(folder):
    for arguments in (["--nonsense"], ["--once", "--detach"], ["--dir"]):
        assert quickstart(*arguments).returncode == 2
    assert "too long" in quickstart("--no-tour", "--dir", str(folder / ("x" * 90))).stdout
    if os.geteuid() == 0:
        folder.mkdir()
        folder.chmod(0o700)
        refused = quickstart("--no-tour", "--once", "--dir", str(folder / "d"))
        assert refused.returncode == 1 and f"may not pass {folder}" in refused.stdout
