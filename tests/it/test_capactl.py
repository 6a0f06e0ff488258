"""capactl against a real daemon: what it prints, what it exits with, and what it must never do."""
import json
import os
import pathlib
import pty
import re
import select
import shutil
import signal
import subprocess
import sys
import time

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from rig import CAPACTL, ROOT, Rig  # noqa: E402  pylint: disable=wrong-import-position


@pytest.fixture(name="rig", scope="module")
def rig_fixture():
    with Rig("capad-capactl") as rig:
        rig.start()
        yield rig


def capactl(rig, *arguments, text=None, **environment):
    """Runs it; standard input is `text`, or nothing."""
    return subprocess.run([str(CAPACTL), *map(str, arguments)], env={**os.environ, **rig.environment, **environment},
                          input=text if text is not None else "", text=True, capture_output=True, check=False, timeout=120)


def done(result, status=0):
    assert result.returncode == status, (result.args, result.stdout, result.stderr)
    return result.stdout


def raised(rig, title="Backup of db02 failed", **options):
    words = [word for name, value in options.items() for word in ("--" + name.replace("_", "-"), value)]
    return done(capactl(rig, "raise", title, "-q", *words)).strip()


def test_one_fact_after_the_other(rig, tmp_path):
    proof = tmp_path / "proof.txt"
    proof.write_text("done by hand")
    nc = raised(rig, "The door does not lock", statement="It stood open", requirement="A.7.2", control="A.7.2")
    assert re.fullmatch(r"NC-\d+", nc)
    number = nc[3:]
    said = done(capactl(rig, "triage", number, "--grade", "minor", "--owner", "anna", "--actor", "anna"))
    assert nc in said and "triaged" in said and f"capactl contain {nc}" in said  # the next step
    done(capactl(rig, "contain", nc, "Locked it", "--evidence", proof, "--consequences", "None found", "--actor", "anna"))
    refused = capactl(rig, "cause", nc, "Somebody forgot", "--category", "people", "--actor", "anna")
    assert refused.returncode == 1 and "why" in refused.stderr and refused.stdout == ""
    done(capactl(rig, "cause", nc, "No round", "--category", "process", "--actor", "anna"))
    done(capactl(rig, "similar", nc, "--elsewhere", "no", "--conclude", "None", "--actor", "anna"))
    done(capactl(rig, "need", nc, "yes", "It will happen again", "--isms", "none", "--risk", "none", "--actor", "anna"))
    done(capactl(rig, "criterion", nc, "--method", "manual", "--text", "Look at ten evenings", "--actor", "anna"))
    added = done(capactl(rig, "action", "add", nc, "A round at eight", "--owner", "ben", "--due", "30d", "--expect",
                         "Door locked", "--actor", "anna"))
    action = re.search(r"CA-\d+", added)[0]
    shown = json.loads(done(capactl(rig, "show", number, "--json")))
    assert shown["state"] in ("planned", "implementing"), shown["missing"]
    assert [a["ref"] for a in shown["actions"]] == [action]
    if shown["state"] == "planned":
        assert nc in done(capactl(rig, "approvals", "--actor", "carla"))
        done(capactl(rig, "approve", nc, "--actor", "carla"))
    assert "extension" in done(capactl(rig, "extend", action, "--to", "40d", "--reason", "Ill", "--actor", "ben"))
    assert capactl(rig, "approve", action, "--actor", "ben").returncode == 1
    done(capactl(rig, "approve", action, "--actor", "carla"))
    assert capactl(rig, "action", "done", action, "--actor", "ben").returncode == 1
    done(capactl(rig, "action", "done", action[3:], "--evidence", proof, "--actor", "ben"))
    page = done(capactl(rig, "show", nc))
    for words in ("verifying", "anna", "No round", "A round at eight", "proof.txt", "the window is open until", "Criterion"):
        assert words in page, words
    assert "Z" not in re.search(r"the window is open until (.*)", page)[1]  # people read local time
    for command in (["log", nc], ["next", nc], ["evidence", "list", nc]):
        assert done(capactl(rig, *command)).strip(), command
    listed = json.loads(done(capactl(rig, "list", "--owner", "anna", "--json")))
    assert nc in [row["ref"] for row in listed]


def test_json_is_what_the_daemon_sent(rig):
    event = ('{"specversion":"1.0","id":"big-1","source":"t","type":"backup.finished","subject":"big",'
             '"data":{"exit_code":1,"bytes":9007199254740993}}')
    done(capactl(rig, "emit", "-", text=event))
    nc = json.loads(done(capactl(rig, "list", "--asset", "big", "--json")))[0]["ref"]
    shown = done(capactl(rig, "show", nc, "--json"))
    assert '"bytes":9007199254740993' in shown
    status, frames = rig.exchange("control", b"CALL", [b"list", b'{"asset":["big"],"limit":2000}'])
    assert status == "OK"
    assert done(capactl(rig, "list", "--asset", "big", "--json")).encode() == frames[0] + b"\n"


def test_several_references_and_standard_input(rig):
    first, second = raised(rig, "First of several"), raised(rig, "Second of several")
    result = capactl(rig, "assign", first, "999999", second[3:], "--owner", "dora")
    assert result.returncode == 1
    assert [line.split()[0] for line in result.stdout.splitlines()] == [first, second]
    assert "NC-999999" in result.stderr and "not_found" in result.stderr
    done(capactl(rig, "note", "-", "From a list", text=f"{first}\n\n{second} and more words\n"))
    for nc in (first, second):
        notes = json.loads(done(capactl(rig, "show", nc, "--json")))["notes"]
        assert [note["text"] for note in notes] == ["From a list"]
    both = json.loads(done(capactl(rig, "show", first, second, "--json")))
    assert [nc["ref"] for nc in both] == [first, second]
    assert both[0]["owner"] == "dora"


def test_exit_codes(rig, tmp_path):
    assert capactl(rig, "show", "999999").returncode == 4
    assert capactl(rig, "lits").returncode == 2
    assert "did you mean list?" in capactl(rig, "lits").stderr
    assert capactl(rig, "list", "--grade", "huge").returncode == 2
    assert capactl(rig, "note", "1").returncode == 2
    assert capactl(rig, "contain", raised(rig), "x", "--evidence", tmp_path / "none").returncode == 2
    away = capactl(rig, "list", CAPACTL_ENDPOINT=f"ipc://{tmp_path}/nobody", CAPACTL_TIMEOUT="1")
    assert away.returncode == 3
    assert f"no answer from ipc://{tmp_path}/nobody: is capad running?" in away.stderr
    assert capactl(rig, "list", CAPACTL_TIMEOUT="soon").returncode == 2
    for words in ("--help", "list --help", "action add --help", "--version"):
        assert done(capactl(rig, *words.split()))


def test_if_version_and_dry_run(rig):
    nc = raised(rig, "Dry and versioned")
    before = json.loads(done(capactl(rig, "show", nc, "--json")))
    assert "would be" in done(capactl(rig, "assign", nc, "--owner", "dora", "--dry-run"))
    assert json.loads(done(capactl(rig, "show", nc, "--json")))["owner"] == before["owner"]
    assert capactl(rig, "assign", nc, "--owner", "dora", "--if-version", before["version"] + 7).returncode == 1
    done(capactl(rig, "assign", nc, "--owner", "dora", "--if-version", before["version"]))
    assert json.loads(done(capactl(rig, "show", nc, "--json")))["owner"] == "dora"


def test_hostile_text_never_reaches_the_terminal(rig):
    nc = raised(rig, "Nice \x1b]0;owned\x07\x1b[2Jtitle \u202egnp.exe", statement="a\x1b[31mb\x9bc\rd")
    for command in (["list"], ["show", nc], ["log", nc], ["search", "Nice"], ["since"], ["list", "--register"], []):
        for stream in (capactl(rig, *command).stdout, on_terminal(rig, *command, NO_COLOR="1")):
            assert not re.search("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202e]", stream.replace("\r\n", "\n")), command


def on_terminal(rig, *arguments, **environment):
    """What it writes to a terminal of 200 columns."""
    leader, follower = pty.openpty()
    subprocess.run(["stty", "cols", "200", "rows", "50"], stdin=follower, check=True)
    with subprocess.Popen([str(CAPACTL), *arguments], stdin=follower, stdout=follower, stderr=follower,
                          env={**os.environ, "TERM": "xterm", **rig.environment, **environment}) as process:
        os.close(follower)
        written = b""
        while True:
            try:
                part = os.read(leader, 65536)
            except OSError:
                break
            if not part:
                break
            written += part
        process.wait(30)
    os.close(leader)
    return written.decode()


def test_colours_on_a_terminal_only(rig):
    raised(rig, "Coloured", grade="major")
    assert "\x1b[" in on_terminal(rig, "list")
    assert "\x1b[" not in on_terminal(rig, "list", NO_COLOR="1")
    assert "\x1b[" not in on_terminal(rig, "list", TERM="dumb")
    assert "\x1b[" not in done(capactl(rig, "list"))


def test_wide_characters_are_aligned(rig):
    raised(rig, "Aligned one", owner="\u65e5\u672c", asset="width")
    raised(rig, "Aligned two", owner="Zo\u0065\u0301", asset="width")
    lines = done(capactl(rig, "list", "--asset", "width")).splitlines()
    columns = set()
    for line in lines[1:]:
        before = line[:line.index("Aligned")]
        wide = sum(2 if "\u2e80" < c < "\ua000" else 0 if c == "\u0301" else 1 for c in before)
        columns.add(wide)
    assert len(lines) == 3 and len(columns) == 1, lines


def test_evidence_comes_back_as_it_went(rig, tmp_path):
    nc = raised(rig, "With evidence")
    big = tmp_path / "big.bin"
    big.write_bytes(os.urandom(9 * 1024 * 1024))  # more than one page of evidence.get
    done(capactl(rig, "evidence", "add", nc, big))
    done(capactl(rig, "evidence", "add", nc, "https://example.org/ticket/7"))
    rows = json.loads(done(capactl(rig, "evidence", "list", nc, "--json")))
    assert [row["kind"] for row in rows] == ["file", "link"]
    back = tmp_path / "back.bin"
    done(capactl(rig, "evidence", "get", rows[0]["ref"], "-o", back))
    assert back.read_bytes() == big.read_bytes()
    assert capactl(rig, "evidence", "get", rows[0]["ref"], "-o", back).returncode == 2  # never overwrites
    assert done(capactl(rig, "evidence", "get", rows[1]["ref"])) == "https://example.org/ticket/7\n"


def test_journal_verify(rig, tmp_path):
    raised(rig, "One for the journal")
    whole = done(capactl(rig, "journal", "verify"))
    head = re.search(r"\d+:[0-9a-f]{64}", whole)[0]
    export = tmp_path / "journal.ndjson"
    export.write_text(done(capactl(rig, "journal", "export")))
    lines = export.read_text().splitlines()
    assert head in done(capactl(rig, "journal", "verify", "--file", export, "--head", head))

    def verified(changed, *options):
        return capactl(rig, "journal", "verify", "--file", "-", *options, text="\n".join(changed) + "\n")

    assert verified(lines).returncode == 0
    middle = len(lines) // 2
    tampered = verified([*lines[:middle], lines[middle].replace('\\"', '\\"x', 1), *lines[middle + 1:]])
    assert tampered.returncode == 1 and "BROKEN" in tampered.stderr
    gap = verified([*lines[:middle], *lines[middle + 1:]])
    assert gap.returncode == 1 and f"seq {middle}" in gap.stderr
    cut = verified(lines[:-1], "--head", head)
    assert cut.returncode == 1 and "CUT" in cut.stderr
    other = verified(lines, "--head", head[:-1] + ("0" if head[-1] != "0" else "1"))
    assert other.returncode == 1 and "REWRITTEN" in other.stderr
    assert verified(["not a row"]).returncode == 1
    told = json.loads(capactl(rig, "journal", "verify", "--json", "--file", "-", text="\n".join(lines[1:])).stdout)
    assert (told["verified"], told["rows"]) == (False, 0) and "seq" in told["reason"]
    assert json.loads(done(capactl(rig, "journal", "verify", "--json")))["verified"] is True
    assert verified([]).returncode == 1
    assert capactl(rig, "journal", "verify", "--head", "12").returncode == 2


class Watcher:
    """capactl watch in the background; its lines as they come."""

    def __init__(self, rig, *arguments):
        # pylint: disable-next=consider-using-with
        self.process = subprocess.Popen([str(CAPACTL), "watch", *arguments], env={**os.environ, **rig.environment},
                                        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.buffer = b""

    def until(self, condition, seconds=60):
        """All messages so far, once the condition holds for them."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            messages = [json.loads(line) for line in self.buffer.split(b"\n")[:-1]]
            if condition(messages):
                return messages
            if select.select([self.process.stdout], [], [], 0.2)[0]:
                part = os.read(self.process.stdout.fileno(), 1 << 20)
                assert part, self.process.stderr.read().decode()
                self.buffer += part
        raise AssertionError([message["type"] for message in messages])

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.communicate()


def sequences(messages):
    return [int(message["sequence"]) for message in messages]


def replayed(rig, topics=()):
    params = {"after": 0, "limit": 5000, **({"topics": list(topics)} if topics else {})}
    return [(m["topic"], int(m["sequence"])) for m in rig.call("journal.read", params)["messages"]]


def test_watch_replays_and_goes_on_without_a_gap(rig):
    raised(rig, "Before the watch")
    with Watcher(rig, "--after", "0") as watch:
        watch.until(lambda messages: len(messages) >= len(replayed(rig)))
        after = raised(rig, "During the watch")
        messages = watch.until(lambda messages: any(m["type"] == "org.capad.nc.raised.v1" and m["subject"] == after
                                                    for m in messages))
        expected = [sequence for _, sequence in replayed(rig)]
        messages = watch.until(lambda messages: sequences(messages)[-1] >= expected[-1])
        assert sequences(messages) == expected
        assert not any(m["type"].startswith("org.capad.sys.heartbeat") for m in messages)


def test_watch_survives_a_restart_of_the_daemon(rig):
    # From here on, not from whenever it has started.
    with Watcher(rig, "--topic", "nc.raised", "--after", str(rig.call("journal.read", {"after": 0, "limit": 1})["head"])) as watch:
        first = raised(rig, "Before the restart")
        watch.until(lambda messages: [m["subject"] for m in messages] == [first])
        rig.stop()
        with rig.connect() as connection:  # nothing of the daemon is left that could still tell it
            assert connection.execute("SELECT 1").fetchone()
        rig.start()
        refs = [first, raised(rig, "After the restart"), raised(rig, "And one more")]
        messages = watch.until(lambda messages: len(messages) >= len(refs))
        assert [m["subject"] for m in messages] == refs
        assert watch.process.poll() is None


def test_watch_follows_into_a_new_epoch():
    """The database goes back in time: what happens then has sequences that were given before, and is not passed over."""
    with Rig("capad-epoch") as rig:
        rig.start()
        raised(rig, "Before the copy")
        rig.stop()
        rig.pg_ctl("-m", "fast", "stop")
        shutil.copytree(rig.dir / "db" / "data", rig.dir / "db" / "copy")
        if os.geteuid() == 0:
            subprocess.run(["chown", "-R", "postgres", rig.dir / "db" / "copy"], check=True)
        (rig.dir / "db" / "copy").chmod(0o700)
        rig.start_cluster()
        rig.start()
        with Watcher(rig, "--topic", "nc.raised") as watch:
            for number in range(5):
                raised(rig, f"Lost with the database {number}")
            watch.until(lambda messages: len(messages) == 5)
            rig.stop()
            rig.pg_ctl("-m", "fast", "stop")
            shutil.rmtree(rig.dir / "db" / "data")
            (rig.dir / "db" / "copy").rename(rig.dir / "db" / "data")
            rig.start_cluster()
            with rig.connect() as connection:  # what a daemon asks that remembers a later row
                connection.execute("SELECT api.epoch(999999, repeat('0', 64), NULL)")
            rig.start()
            after = raised(rig, "After the restore")
            assert int(after[3:]) > 10000
            messages = watch.until(lambda messages: messages and messages[-1]["subject"] == after)
            assert len(messages) == 6
            assert messages[-1]["epoch"] != "1"


def test_watch_exec(rig, tmp_path):
    head = rig.call("journal.read", {"after": 0, "limit": 1})["head"]
    nc = raised(rig, "To be executed")
    with Watcher(rig, "--topic", "nc.raised", "--after", str(head), "--exec", f"cat >>{tmp_path}/out; touch {tmp_path}/done"):
        deadline = time.monotonic() + 30
        while not (tmp_path / "done").exists() and time.monotonic() < deadline:
            time.sleep(0.02)
    assert json.loads((tmp_path / "out").read_text().splitlines()[0])["subject"] == nc
    failing = capactl(rig, "watch", "--topic", "nc.raised", "--after", head, "--exec", "exit 7")
    assert failing.returncode == 1 and "--after" in failing.stderr and "7" in failing.stderr


def test_watch_with_nobody_there(rig, tmp_path):
    away = capactl(rig, "watch", CAPACTL_ENDPOINT=f"ipc://{tmp_path}/nobody", CAPACTL_TIMEOUT="1")
    assert away.returncode == 3


def test_rules(rig, tmp_path):
    assert "backup-failed" in done(capactl(rig, "rules", "list"))
    done(capactl(rig, "rules", "check"))
    assert "as they should be" in done(capactl(rig, "rules", "test"))
    wrong = tmp_path / "wrong.json"
    wrong.write_text('{"id":"x","title":"x",\n "match":{"all":[]},"effect":"fial"}')
    refused = capactl(rig, "rules", "check", wrong)
    assert refused.returncode == 1 and re.search(r"wrong\.json:\d+:\d+: ", refused.stderr)
    event = tmp_path / "event.json"
    event.write_text('{"specversion":"1.0","id":"1","source":"s","type":"backup.finished","subject":"db9","data":{"exit_code":1}}')
    assert "backup-failed" in done(capactl(rig, "rules", "explain", event))
    done(capactl(rig, "emit", "--type", "nobody.knows.this"))
    assert "nobody.knows.this" in done(capactl(rig, "coverage"))


def rule_file(path, *rules, tests=()):
    path.write_text(json.dumps({"rules": rules, "tests": tests}))
    return path


def test_a_file_of_rules_is_checked_among_the_others(rig, tmp_path):
    match = {"all": [{"path": "/type", "eq": "nightly.finished"}, {"path": "/data/exit_code", "ne": 0}]}
    own = {"id": "nightly-failed", "title": "{/subject}", "match": match, "effect": "fail", "fingerprint": ["/subject"],
           "instead_of": ["run-failed"]}
    trial = {"name": "only ours", "expect": [{"rule": "nightly-failed"}],
             "event": {"specversion": "1.0", "id": "1", "source": "s", "type": "nightly.finished", "subject": "db9",
                       "data": {"exit_code": 1}}}
    good = rule_file(tmp_path / "nightly.json", own, tests=[trial])
    assert "Together with the files that capad loads" in done(capactl(rig, "rules", "check", good))
    assert "as they should be" in done(capactl(rig, "rules", "test", good))
    # the shipped rule is there: without "instead_of" it matches as well
    bad = rule_file(tmp_path / "nightly.json", {**own, "instead_of": []}, tests=[trial])
    assert "run-failed" in capactl(rig, "rules", "test", bad).stderr
    assert capactl(rig, "rules", "test", bad).returncode == 1
    for member, value, said in (("instead_of", ["run-faild"], 'did you mean "run-failed"?'), ("adapter", "alertmanger", "there is no adapter"),
                                ("id", "backup-failed", str(rig.dir / "etc/rules.d/cloudevents.json"))):
        wrong = rule_file(tmp_path / "wrong.json", {**own, member: value})
        refused = capactl(rig, "rules", "check", wrong)
        assert refused.returncode == 1 and said in refused.stderr and "wrong.json:1:" in refused.stderr, refused.stderr
    done(capactl(rig, "rules", "check", rule_file(tmp_path / "am.json", {**own, "adapter": "alertmanager"})))
    cleared = {"id": "nightly-good", "match": {"path": "/type", "eq": "nightly.good"}, "effect": "pass", "title": "good",
               "fingerprint": ["/source", "/type", "/subject"], "missing": "null", "clears": "run-failed"}
    done(capactl(rig, "rules", "check", rule_file(tmp_path / "pass.json", cleared)))


def test_a_file_of_rules_takes_the_place_of_the_one_of_its_name(rig, tmp_path):
    loaded = rig.dir / "etc/rules.d/run.json"
    copy = tmp_path / "run.json"
    copy.write_text(loaded.read_text())
    for path in (copy, loaded):
        assert f"In the place of {loaded}" in done(capactl(rig, "rules", "check", path))
    answer = json.loads(done(capactl(rig, "rules", "check", copy, "--json")))
    assert answer["replaces"] == str(loaded) and answer["ok"] and answer["rules"] == rig.call("status")["rules"]["count"]
    copy.rename(tmp_path / "other.json")
    refused = capactl(rig, "rules", "check", tmp_path / "other.json")
    assert refused.returncode == 1 and 'the id "run-failed" is already' in refused.stderr and str(loaded) in refused.stderr
    # what others refer to is missed
    (tmp_path / "cloudevents.json").write_text('[]')
    assert "rules" in json.loads(done(capactl(rig, "rules", "check", tmp_path / "cloudevents.json", "--json")))
    (rig.dir / "etc/rules.d/leaning.json").write_text('[{"id":"leaning","match":{"path":"/type","eq":"x"},"effect":"fail","title":"x",'
                                                      '"fingerprint":["/subject"],"instead_of":["run-failed"]}]')
    try:
        (tmp_path / "run.json").write_text('[]')
        refused = capactl(rig, "rules", "check", tmp_path / "run.json")
        assert refused.returncode == 1 and "leaning.json:1:" in refused.stderr and 'no rule "run-failed"' in refused.stderr
    finally:
        (rig.dir / "etc/rules.d/leaning.json").unlink()


def test_completion(rig):
    script = ('source "$1"; COMP_WORDS=(capactl action ca); COMP_CWORD=2; _capactl; echo "${COMPREPLY[@]}"; '
              'COMP_WORDS=(capactl list --grade ""); COMP_CWORD=3; _capactl; echo "${COMPREPLY[@]}"')
    result = subprocess.run(["bash", "-c", script, "-", ROOT / "client" / "capactl.bash"], capture_output=True, text=True,
                            check=True, env={**os.environ, **rig.environment,
                                             "PATH": f"{CAPACTL.parent}:{os.environ['PATH']}"})
    assert result.stdout.splitlines() == ["cancel", "critical major minor observation ofi"], result


def test_raise_refuses_an_absurd_past(rig):
    refused = capactl(rig, "raise", "Found in an old folder", "--aware-at", "1066-10-14")
    assert refused.returncode == 1 and "1066-10-14" in refused.stderr and "how long ago" in refused.stderr


def test_what_was_cancelled_can_be_replaced(rig):
    nc = raised(rig, "The spare key is gone")
    first = re.search(r"CA-\d+", done(capactl(rig, "action", "add", nc, "Buy a safe", "--owner", "ben", "--due", "30d")))[0]
    done(capactl(rig, "action", "cancel", first, "--reason", "too dear"))
    second = re.search(r"CA-\d+", done(capactl(rig, "action", "add", nc, "Buy a box", "--owner", "ben", "--replaces", first)))[0]
    actions = {action["ref"]: action for action in rig.call("show", {"ref": nc})["actions"]}
    assert actions[second]["due_original"] == actions[first]["due_original"]
    refused = capactl(rig, "action", "add", nc, "Buy a bag", "--owner", "ben", "--replaces", first)
    assert refused.returncode == 1 and second in refused.stderr


def test_every_command_of_a_refusal_can_be_typed(rig):
    """What the register suggests is a command that this client has, with options that it takes."""
    with rig.connect() as connection:
        commands = {row[0] for row in connection.execute("SELECT command FROM capa.guard WHERE command <> ''")}
    assert len(commands) > 15
    for command in commands:
        words = command.replace("{ref}", "NC-1").replace("{action}", "CA-1").replace("{grade}", "minor").split()[1:]
        assert not re.search(r"[{}]", " ".join(words)), command
        # an endpoint where nobody is: understood means no answer, not usage
        words = [__file__ if word in ("FILE", "FILE|URL") else word for word in words]
        result = capactl(rig, *words, CAPACTL_ENDPOINT="ipc:///nonexistent/socket", CAPACTL_TIMEOUT="0.05")
        assert result.returncode == 3, (command, result.stderr)


def test_every_command_named_in_sql_exists():
    """Hints in the register's sentences: the command is there, and takes the options named."""
    hints = set()
    for file in (ROOT / "sql").rglob("*.sql"):
        for line in file.read_text().splitlines():
            if not line.lstrip().startswith("--"):
                hints |= set(re.findall(r"capactl ([a-z][^'`]*)", line))
    assert len(hints) > 30
    for hint in hints:
        words = re.findall(r"^[a-z-]+|(?<= )[a-z-]+", hint)
        for n in (2, 1):
            helped = subprocess.run([str(CAPACTL), *words[:n], "--help"], capture_output=True, text=True, check=False)
            if helped.returncode == 0:
                break
        assert helped.returncode == 0, hint
        for option in re.findall(r"(?<= )--[a-z-]+", re.split(r"\bcapactl\b", hint)[0]):
            assert option in helped.stdout, (hint, option)


@pytest.mark.skipif(not shutil.which("valgrind"), reason="valgrind is not installed")
@pytest.mark.parametrize("arguments", [["emit", "--type", "valgrind.test"], ["show", "NC"], ["list"], ["status"],
                                       ["run", "--type", "valgrind", "--subject", "x", "--", "sh", "-c", "echo; exit 5"]])
def test_valgrind(rig, arguments):
    nc = raised(rig, "For valgrind")
    arguments = [nc if word == "NC" else word for word in arguments]
    result = subprocess.run(["valgrind", "-q", "--error-exitcode=99", "--leak-check=full", "--errors-for-leak-kinds=definite",
                             str(CAPACTL), *arguments], env={**os.environ, **rig.environment, "CAPACTL_TIMEOUT": "30"},
                            stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    assert result.returncode == (5 if arguments[0] == "run" else 0), result.stderr


def test_status_check():
    """0 well, 1 something is overdue, 3 nobody answers. A register of its own: its clock is moved."""
    with Rig("capad-check") as rig:
        rig.start()
        assert done(capactl(rig, "status", "--check")).startswith("CAPAD OK - 0 open")
        raised(rig, "Will be late", grade="minor")
        for _ in range(12):  # triage is due after 5 working days, L2 comes 14 days later; no step goes out at night
            if rig.call("escalations", {"unacked": True}):
                break
            rig.move_clock("10 days" if not rig.call("status")["overdue"] else "8 hours")
            rig.wait_for_steps()
        assert done(capactl(rig, "status", "--check"), 1).startswith("CAPAD WARNING - 1 open, 1 overdue")
        late = json.loads(done(capactl(rig, "list", "--overdue", "--json")))
        assert [nc["overdue"] for nc in late] == [True]
        rows = json.loads(done(capactl(rig, "escalations", "--unacked", "--json")))
        assert rows and rows[0]["nc"] == "NC-1"
        assert rows[0]["escalation"] in done(capactl(rig, "escalations"))
        assert done(capactl(rig, "ack", "--mine", "--actor", "nobody")).startswith("Nothing to acknowledge: ")
        done(capactl(rig, "ack", rows[0]["escalation"]))
        assert capactl(rig, "ack").returncode == 2
        rig.process.send_signal(signal.SIGTERM)
        rig.process.wait(20)
        assert done(capactl(rig, "status", "--check", CAPACTL_TIMEOUT="1"), 3).startswith("CAPAD UNKNOWN")


def test_acknowledging_all_of_mine():
    """Of several NCs at once: each escalation is named; then there is nothing left."""
    with Rig("capad-mine") as rig:
        rig.start()
        mine = [raised(rig, f"Late {i}", grade="minor", owner="anna") for i in range(2)]
        for _ in range(12):
            if {e["nc"] for e in rig.call("escalations", {"unacked": True})} == set(mine):
                break
            rig.move_clock("10 days" if not rig.call("status")["overdue"] else "8 hours")
            rig.wait_for_steps()
        waiting = [e["escalation"] for e in rig.call("escalations", {"unacked": True})]
        said = done(capactl(rig, "ack", "--mine", "--actor", "anna", "--dry-run"))
        assert all(f"{ref} of NC-" in said for ref in waiting) and "would be acknowledged, until" in said, said
        said = done(capactl(rig, "ack", "--mine", "--actor", "anna"))
        assert len(waiting) >= 2 and len(said.splitlines()) == len(waiting), said
        assert all(f"{ref} of NC-" in said for ref in waiting) and "is acknowledged, until" in said, said
        assert done(capactl(rig, "ack", "--mine", "--actor", "anna")).startswith("Nothing to acknowledge: ")
        assert done(capactl(rig, "ack", "--mine", "--actor", "anna", "--json")).startswith("{")
