"""capactl run: the command is as it would be alone, and two events tell of it."""
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from rig import CAPACTL, Rig  # noqa: E402  pylint: disable=wrong-import-position


@pytest.fixture(name="rig", scope="module")
def rig_fixture():
    with Rig("capad-run") as rig:
        rig.start()
        yield rig


@pytest.fixture(name="environment")
def environment_fixture(rig, tmp_path):
    return {**os.environ, **rig.environment, "CAPACTL_SPOOL": str(tmp_path / "spool.db")}


def command(subject, *words, kind="job"):
    return [str(CAPACTL), "run", "--type", kind, "--subject", subject, "--", *words]


def events(rig, subject):
    """Data of the events about a subject, by the last word of their type."""
    with rig.connect() as connection:
        bodies = [row[0] for row in connection.execute("SELECT body FROM capa.event")]
        bodies += [row[0] for row in connection.execute("SELECT body FROM capa.ignored")]
    found = {}
    for body in bodies:
        event = json.loads(body)
        if event.get("subject") == subject and event["type"].endswith((".started", ".finished")):
            assert event["type"].split(".")[-1] not in found
            found[event["type"].split(".")[-1]] = event
    return found


def test_output_and_exit_status_pass_through(rig, environment):
    script = "head -c 300000 /dev/urandom | tee $1.out; head -c 200000 /dev/urandom | tee $1.err >&2; exit 17"
    base = str(rig.dir / "random")
    result = subprocess.run(command("pass", "sh", "-c", script, "sh", base), env=environment, capture_output=True, check=False)
    assert result.returncode == 17
    assert result.stdout == pathlib.Path(base + ".out").read_bytes()
    assert result.stderr == pathlib.Path(base + ".err").read_bytes()
    finished = events(rig, "pass")["finished"]
    assert finished["type"] == "job.finished" and finished["source"].startswith("capactl/run/")
    data = finished["data"]
    assert data["exit_code"] == 17 and data["signal"] is None and data["duration_ms"] >= 0
    assert data["command"][:2] == ["sh", "-c"] and data["command"][-1] == base
    assert 0 < len(data["output_tail"]) <= 4096
    assert events(rig, "pass")["started"]["data"]["command"] == data["command"]


def test_standard_input_is_the_commands(environment):
    result = subprocess.run(command("input", "cat"), env=environment, input=b"a\0b\n", capture_output=True, check=False)
    assert (result.returncode, result.stdout) == (0, b"a\0b\n")


def test_tail_is_the_last_4096_bytes_in_whole_characters(rig, environment):
    subprocess.run(command("tail", "sh", "-c", "yes \u20ac | head -3000; printf '\\000end'; exit 1"), env=environment,
                   stdout=subprocess.DEVNULL, check=False)
    tail = events(rig, "tail")["finished"]["data"]["output_tail"]
    assert tail.endswith(" end") and tail.strip("\u20ac\n") == " end" and 4090 <= len(tail.encode()) <= 4096


def test_output_is_live(environment):
    with subprocess.Popen(command("live", "sh", "-c", "echo now; read wait"), env=environment, stdin=subprocess.PIPE,
                          stdout=subprocess.PIPE) as process:
        assert process.stdout.readline() == b"now\n"  # comes while the command still runs
        assert process.poll() is None
        process.stdin.write(b"\n")
        process.stdin.close()
        assert process.wait(20) == 0


@pytest.mark.parametrize("words, status", [(["/nonexistent/program"], 127), (["no-such-program-here"], 127), (["/etc"], 126),
                                           ([__file__], 126), (["sh", "-c", "exit 125"], 125), (["true"], 0)])
def test_exit_status_as_a_shell(rig, environment, words, status):
    subject = f"status {words[0]} {status}"
    # a folder in PATH that may not be looked into would make 126 of 127, as in a shell
    result = subprocess.run(command(subject, *words), env={**environment, "PATH": "/usr/bin:/bin"}, capture_output=True, check=False)
    assert result.returncode == status
    assert events(rig, subject)["finished"]["data"]["exit_code"] == status


def test_usage(environment):
    for words in (["run"], ["run", "--type", "t", "--", "true"], ["run", "--type", "t", "--subject", "s"],
                  ["run", "--type", "t", "--subject", "s" * 2000, "--", "touch", "/nonexistent/x"]):
        result = subprocess.run([str(CAPACTL), *words], env=environment, capture_output=True, check=False)
        assert result.returncode == 2, words


def wait_for_line(process):
    assert process.stdout.readline() == b"ready\n"


def test_signals_are_forwarded(rig, environment):
    script = "trap 'echo caught; exit 9' TERM; echo ready; while :; do sleep 0.05; done"
    with subprocess.Popen(command("signal", "sh", "-c", script), env=environment, stdout=subprocess.PIPE) as process:
        wait_for_line(process)
        process.send_signal(signal.SIGTERM)
        assert process.stdout.read() == b"caught\n"
        assert process.wait(20) == 9
    assert events(rig, "signal")["finished"]["data"] | {"command": 0, "duration_ms": 0} == {
        "exit_code": 9, "signal": None, "duration_ms": 0, "command": 0, "output_tail": "ready\ncaught\n"}


def test_a_killed_command_is_told_as_such(rig, environment):
    with subprocess.Popen(command("killed", "sh", "-c", "echo ready; exec sleep 60"), env=environment,
                          stdout=subprocess.PIPE) as process:
        wait_for_line(process)
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 128 + signal.SIGTERM
    data = events(rig, "killed")["finished"]["data"]
    assert (data["exit_code"], data["signal"]) == (143, "SIGTERM")
    nc, = rig.call("list", {"asset": "killed"})  # a killed job has failed
    assert nc["rule"] == "run-failed"


def test_an_ignored_signal_stays_ignored(environment):
    with subprocess.Popen(["nohup", *command("nohup", "sh", "-c", "echo ready; sleep 0.5; echo end")], env=environment,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        wait_for_line(process)
        process.send_signal(signal.SIGHUP)
        assert process.stdout.read() == b"end\n"
        assert process.wait(20) == 0


def test_what_the_command_leaves_running_keeps_its_output(environment, tmp_path):
    """The exit status comes with the command's end, and its output goes on as without capactl."""
    gate = tmp_path / "gate"
    os.mkfifo(gate)
    with subprocess.Popen(command("left", "sh", "-c", '(read -r word <"$0"; echo later) & echo ready; exit 4', str(gate)), env=environment,
                          stdout=subprocess.PIPE) as process:
        wait_for_line(process)
        assert process.wait(60) == 4  # it waits at the gate still
        gate.write_text("go\n")
        assert process.stdout.read() == b"later\n"


def test_a_reader_that_goes_away_ends_the_command_as_alone(environment):
    line = " ".join(f"'{word}'" for word in command("epipe", "yes"))
    result = subprocess.run(["bash", "-c", f"{line} | head -1; echo ${{PIPESTATUS[0]}}"], env=environment, capture_output=True,
                            text=True, timeout=60, check=False)
    assert result.stdout.splitlines() == ["y", "141"]


def test_with_the_daemon_away_the_events_are_spooled(rig, environment, tmp_path):
    away = {**environment, "CAPACTL_INGEST": f"ipc://{tmp_path}/nobody", "CAPACTL_TIMEOUT": "1"}
    result = subprocess.run(command("spooled", "sh", "-c", "echo out; exit 6", kind="backup"), env=away, capture_output=True,
                            check=False)
    assert (result.returncode, result.stdout) == (6, b"out\n")
    assert result.stderr == b""
    assert "spooled" not in events(rig, "spooled")
    flushed = subprocess.run([str(CAPACTL), "emit", "--flush"], env=environment, capture_output=True, text=True, check=True)
    assert flushed.stdout.startswith("2 ")
    assert set(events(rig, "spooled")) == {"started", "finished"}
    assert events(rig, "spooled")["finished"]["type"] == "backup.finished"
    nc, = rig.call("list", {"asset": "spooled"})
    assert nc["rule"] == "backup-failed"


def test_a_spool_that_cannot_be_written_changes_nothing_but_is_told(environment, tmp_path):
    away = {**environment, "CAPACTL_INGEST": f"ipc://{tmp_path}/nobody", "CAPACTL_SPOOL": "/proc/nowhere/spool.db",
            "CAPACTL_TIMEOUT": "0.3"}
    result = subprocess.run(command("lost", "sh", "-c", "echo out; exit 6"), env=away, capture_output=True, text=True,
                            check=False)
    assert (result.returncode, result.stdout) == (6, "out\n")
    assert "the event is lost" in result.stderr and "/proc/nowhere/spool.db" in result.stderr


def test_the_finished_type_may_be_given(rig, environment):
    subprocess.run(command("typed", "true", kind="cleanup.finished"), env=environment, check=True)
    assert {e["type"] for e in events(rig, "typed").values()} == {"cleanup.started", "cleanup.finished"}


@pytest.mark.skipif(not shutil.which("restic"), reason="restic is not installed")
def test_a_backup_that_really_fails(rig, environment, tmp_path):
    """restic without a repository, then with one."""
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "file").write_text("x")
    restic = {**environment, "RESTIC_PASSWORD": "test", "RESTIC_REPOSITORY": str(tmp_path / "repository"),
              "RESTIC_CACHE_DIR": str(tmp_path / "cache")}
    backup = command("restic-data", "restic", "backup", str(tmp_path / "data"), kind="backup")
    failed = subprocess.run(backup, env=restic, capture_output=True, text=True, check=False)
    assert failed.returncode not in (0, 125, 126, 127)
    nc, = rig.call("list", {"asset": "restic-data"})
    assert nc["rule"] == "backup-failed" and nc["occurrences"] == 1
    assert "repository" in rig.call("show", {"ref": nc["ref"]})["statement"]["found"]
    subprocess.run(["restic", "init"], env=restic, capture_output=True, check=True)
    assert subprocess.run(backup, env=restic, capture_output=True, check=False).returncode == 0
    assert rig.call("list", {"asset": "restic-data"})[0]["occurrences"] == 1


# -- what the command says, for an adapter

def adapted(subject, script):
    return [str(CAPACTL), "run", "--adapter", "restic", "--subject", subject, "--", "sh", "-c", script]


def raised(rig, subject):
    return {nc["rule"]: nc["occurrences"] for nc in rig.call("list", {"asset": subject, "all": True})}


ERROR = """echo '{"message_type":"error","error":{"message":"disk is gone"}}' >&2;"""
SUMMARY = """echo plain text; echo '{"message_type":"summary","snapshot_id":"ef8f"}';"""


def test_what_an_adapter_told_is_not_told_twice(rig, environment):
    result = subprocess.run(adapted("said", ERROR + SUMMARY + "exit 3"), env=environment, capture_output=True, text=True, check=False)
    assert (result.returncode, result.stdout.count("\n"), result.stderr.count("\n")) == (3, 2, 1)  # passed through, nothing added
    assert raised(rig, "said") == {"restic-failed": 2}
    finished = events(rig, "said")["finished"]
    assert finished["type"] == "restic.finished"
    assert {key: finished["data"][key] for key in ("exit_code", "messages", "left_out", "reported_by")} == {
        "exit_code": 3, "messages": 2, "left_out": 0, "reported_by": "restic"}


def test_what_no_adapter_told_is_told_by_run(rig, environment):
    """Killed before it said anything, or failed although it said that all is well."""
    subprocess.run(adapted("unsaid", "echo gone >&2; kill -9 $$"), env=environment, capture_output=True, check=False)
    assert raised(rig, "unsaid") == {"run-failed": 1}
    assert "reported_by" not in events(rig, "unsaid")["finished"]["data"]


def test_more_than_an_adapter_is_sent(rig, environment):
    """The newest messages count, complaints beside them, and nobody is left to think it was all."""
    script = ERROR + """i=0; while [ $i -lt 600 ]; do echo '{"message_type":"status","n":'$i'}'; i=$((i+1)); done;""" + SUMMARY
    result = subprocess.run(adapted("much", script), env=environment, capture_output=True, text=True, check=False)
    assert result.returncode == 0 and "251 messages" in result.stderr
    data = events(rig, "much")["finished"]["data"]
    assert (data["messages"], data["left_out"]) == (251, 351)
    assert raised(rig, "much") == {"restic-failed": 1}


def test_a_report_too_large_for_an_event_is_told(rig, environment):
    """One JSON text of many lines: its end alone says nothing to an adapter."""
    script = "echo '{'; i=0; while [ $i -lt 45000 ]; do echo '\"member\": \"%s\",'; i=$((i+1)); done; echo '\"last\": 1}'" % ("x" * 90)
    result = subprocess.run(adapted("report", script), env=environment, capture_output=True, text=True, check=False)
    assert result.returncode == 0 and "0 messages of the last 4 MiB" in result.stderr
    data = events(rig, "report")["finished"]["data"]
    assert (data["messages"], data["cut"]) == (0, True)


def test_what_was_said_is_spooled(rig, environment, tmp_path):
    away = {**environment, "CAPACTL_INGEST": f"ipc://{tmp_path}/nobody", "CAPACTL_TIMEOUT": "0.5"}
    assert subprocess.run(adapted("kept", ERROR + "exit 1"), env=away, capture_output=True, check=False).returncode == 1
    assert raised(rig, "kept") == {}
    subprocess.run([str(CAPACTL), "emit", "--flush"], env=environment, capture_output=True, check=True)
    assert raised(rig, "kept") == {"restic-failed": 1, "run-failed": 1}  # rather twice than not at all: nobody could say


def test_neither_type_nor_adapter(environment):
    result = subprocess.run([str(CAPACTL), "run", "--subject", "x", "--", "true"], env=environment, capture_output=True, text=True, check=False)
    assert result.returncode == 2 and "--adapter" in result.stderr
