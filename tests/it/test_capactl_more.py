"""Light hands: fix, fill, several references, as of a moment, consumers; against a real daemon."""
import json
import os
import pathlib
import re
import stat
import subprocess
import sys
import time

import pytest
from schemas import check

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from rig import CAPACTL, CAPAD, Rig  # noqa: E402  pylint: disable=wrong-import-position


@pytest.fixture(name="rig", scope="module")
def rig_fixture():
    with Rig("capad-hands") as rig:
        rig.start()
        yield rig


def capactl(rig, *arguments, text="", **environment):
    return subprocess.run([str(CAPACTL), *map(str, arguments)], env={**os.environ, **rig.environment, **environment},
                          input=text, text=True, capture_output=True, check=False, timeout=120)


def done(result, status=0):
    assert result.returncode == status, (result.args, result.stdout, result.stderr)
    return result.stdout


def raised(rig, title, **options):
    words = [word for name, value in options.items() for word in ("--" + name.replace("_", "-"), value)]
    return done(capactl(rig, "raise", title, "-q", *words)).strip()


def owned(rig, title, **options):
    return raised(rig, title, **{"owner": "anna", "control": "A.8.13", "statement": "It stood open", "grade": "minor", **options})


def shown(rig, nc, *options):
    return json.loads(done(capactl(rig, "show", nc, "--json", *options)))


# -- several references

def test_each_of_several_gets_its_line(rig):
    first, second = owned(rig, "several one"), owned(rig, "several two")
    listed = f"# to be noted\n\n{first} with a remark behind it\n  {second[3:]}\n"
    said = done(capactl(rig, "note", "-", "seen", text=listed))
    assert [line.split()[0] for line in said.splitlines()] == [first, second]
    assert [n["text"] for nc in (first, second) for n in shown(rig, nc)["notes"]] == ["seen", "seen"]


def test_one_refused_among_several(rig):
    good, other = owned(rig, "good one"), owned(rig, "other one")
    result = capactl(rig, "assign", good, "999999", other, "--owner", "ben")
    assert result.returncode == 1
    assert [line.split()[0] for line in result.stdout.splitlines()] == [good, other]  # in order, and gone on
    assert len(result.stderr.splitlines()) == 1 and "NC-999999: not_found" in result.stderr
    answers = json.loads(done(capactl(rig, "assign", good, "999999", other, "--owner", "carla", "--json"), 1))
    assert [a.get("ref", a.get("code")) for a in answers] == [good, "not_found", other]
    assert shown(rig, other)["owner"] == "carla"


def test_no_answer_stops_and_says_what_was_done(rig):
    nc = owned(rig, "nobody there")
    result = capactl(rig, "--endpoint", f"ipc://{rig.dir}/run/nobody.sock", "note", nc, "17", "x", CAPACTL_TIMEOUT="0.2")
    assert result.returncode == 3 and result.stdout == ""
    assert f"stopped at {nc}; done before it: none; not tried: 1" in result.stderr


def test_blocks_of_several_are_apart(rig):
    first, second = owned(rig, "block one"), owned(rig, "block two")
    for command in (["show"], ["log"], ["next"]):
        blocks = done(capactl(rig, *command, first, second)).split("\n\n")
        assert any(first in b for b in blocks) and any(second in b and first not in b for b in blocks), command
    both = json.loads(done(capactl(rig, "show", first, second, "--json")))
    assert [d["ref"] for d in both] == [first, second]
    done(capactl(rig, "evidence", "list", first, second))


# -- fix

def test_a_minor_one_in_one_command(rig, tmp_path):
    proof = tmp_path / "proof.log"
    proof.write_text("exit 0")
    nc = owned(rig, "fixed at once")
    said = done(capactl(rig, "fix", nc, "Ran it again", "--cause", "Disk was full", "--category", "technology", "--elsewhere", "no",
                        "--conclude", "Nothing in common", "--evidence", proof, "--no-further", "The disk was enlarged",
                        "--isms", "none", "--risk", "none", "--actor", "anna"))
    assert f"{nc} is closed" in said and f"capactl confirm {nc}" in said
    d = shown(rig, nc)
    assert d["consequences"]["text"] == "none reported" if isinstance(d["consequences"], dict) else "none reported" in d["consequences"]
    assert d["need_for_action"]["need"] == "no" and len(d["corrections"]) == 1 and d["evidence"][0]["name"] == "proof.log"


def test_fix_leaves_open_what_it_was_not_told(rig):
    nc = owned(rig, "fixed in part")
    said = done(capactl(rig, "fix", nc, "Restarted", "--cause", "Leak", "--category", "technology", "--actor", "anna"))
    assert f"{nc} is triaged" in said and "evidence" in said
    before = shown(rig, nc)["version"]
    refused = capactl(rig, "fix", nc, "Again", "--cause", "Somebody", "--category", "people", "--actor", "anna")
    assert refused.returncode == 1 and "why" in refused.stderr
    assert shown(rig, nc)["version"] == before and len(shown(rig, nc)["corrections"]) == 1  # nothing of it was kept


def test_fix_is_not_for_major(rig):
    nc = owned(rig, "too big to fix", grade="major")
    refused = capactl(rig, "fix", nc, "x", "--cause", "y", "--category", "process")
    assert refused.returncode == 1 and f"capactl fill {nc}" in refused.stderr


# -- as of

def test_as_of_is_what_it_was(rig):
    nc = owned(rig, "looked back at")
    done(capactl(rig, "contain", nc, "--not-applicable", "gone already", "--consequences", "none", "--actor", "anna"))
    rows = json.loads(done(capactl(rig, "log", nc, "--json")))
    moment = rows[-1]["at"]
    time.sleep(0.05)
    def past(*command):
        return done(capactl(rig, *command, "--as-of", moment, "--json"))
    commands = [["list"], ["list", "--all", "--register"], ["show", nc], ["log", nc], ["next", nc], ["due", "--within", "400d"],
                ["since", "1d"], ["search", "looked"], ["approvals", "--all"], ["evidence", "list", nc], ["escalations"], ["status"], ["coverage"], []]
    first = [past(*c) for c in commands]
    status = dict(zip(map(" ".join, commands), first))["status"]
    check("status", status)
    assert json.loads(status)["journal"]["seq"] == rows[-1]["seq"] and not {"daemon", "database"} & set(json.loads(status))
    said = done(capactl(rig, "status", "--as-of", moment))
    assert "as of" in said.splitlines()[0] and "not known" in said and "database" not in said
    assert done(capactl(rig, "coverage", "--as-of", moment)).startswith("As of ")
    assert capactl(rig, "status", "--check", "--as-of", moment).returncode == 2
    assert json.loads(first[2])["state"] == "contained" and json.loads(first[3]) == rows
    assert nc in done(capactl(rig, "list", "--as-of", moment, "-q")).split()
    done(capactl(rig, "cause", nc, "It was old", "--category", "technology", "--actor", "anna"))
    raised(rig, "one that came later")
    assert shown(rig, nc)["causes"]
    assert [past(*c) for c in commands] == first
    assert shown(rig, nc)["causes"]  # and the register is as it was


def test_as_of_has_its_limits(rig):
    nc = owned(rig, "limits of the past")
    assert json.loads(done(capactl(rig, "list", "--as-of", "2001-01-01", "--json"))) == []
    assert capactl(rig, "show", nc, "--as-of", "2001-01-01").returncode == 4
    later = capactl(rig, "list", "--as-of", "2999-01-01")
    assert later.returncode == 1 and "still to come" in later.stderr
    assert capactl(rig, "list", "--as-of", "1h").returncode == 0
    assert capactl(rig, "note", nc, "x", "--as-of", "1h").returncode == 2


def test_readings_of_the_past_leave_nothing_in_their_session(rig):
    """What PostgreSQL keeps of each until a session ends is let go: after some of them another session reads."""
    def sessions():
        with rig.connect() as c:
            return {pid for pid, in c.execute("SELECT pid FROM pg_stat_activity WHERE application_name ~ ' history$'").fetchall()}

    def read_and_look():
        assert rig.call("list", {"as_of": "2001-01-01"}) == []
        return not sessions() & first

    wait_for(lambda: len(sessions()) == 2)
    first = sessions()
    wait_for(read_and_look)


def test_readings_of_the_past_find_a_session_however_fast_they_come(rig):
    for _ in range(200):
        status, (body, *_) = rig.exchange("control", b"CALL", [b"list", b'{"as_of": "no moment"}'])
        assert status == "ERR" and json.loads(body)["code"] == "invalid", body


# -- fill: the editor is a script that gets the text's path

def editor(tmp_path, script):
    """A program that edits: Python with `text` in hand; returns its command. It keeps what it was shown in seen-N."""
    program = tmp_path / "editor"
    program.write_text("#!/usr/bin/python3\nimport os, pathlib, re, sys\npath = pathlib.Path(sys.argv[1])\ntext = path.read_text()\n"
                       f"folder = pathlib.Path({str(tmp_path)!r})\nturn = len(list(folder.glob('seen-*')))\n"
                       "(folder / f'seen-{turn}').write_text(text)\n"
                       "def put(key, value):\n    global text\n    assert f'\\n{key}:' in text, key\n"
                       "    text = re.sub(rf'(?m)^{re.escape(key)}:.*(\\n[ \\t].*)*', lambda m: f'{key}: {value}', text)\n"
                       f"{script}\npath.write_text(text)\n")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    return {"EDITOR": str(program), "VISUAL": "", "TMPDIR": str(tmp_path)}


def left_behind(tmp_path):
    return list(tmp_path.glob("capactl-*.txt"))


def test_fill_records_all_as_one(rig, tmp_path):
    (tmp_path / "proof.txt").write_text("it closes")
    nc = owned(rig, "a form for all", grade="major")
    before = shown(rig, nc)["version"]
    script = "\n".join([
        "put('contain.text', 'Closed it\\n    and locked it')", f"put('contain.evidence', '{tmp_path}/proof.txt\\n  https://wiki/door')",
        "put('contain.consequences', 'none')", "put('cause.text', 'Nobody looks')", "put('cause.category', 'people')",
        "put('cause.why', 'no round\\n  no list')", "put('similar.elsewhere', 'no')", "put('need', 'yes')",
        "put('need.reason', 'It will be open again')", "put('criterion.method', 'manual')", "put('criterion.text', 'ten evenings')",
        "put('criterion.window', '70d')", "put('action.title', 'A round at eight')", "put('action.owner', 'ben')",
        "put('action.due', '30d')", "put('action.expect', 'locked')", "put('isms', 'none')", "put('risk', 'R-7')"])
    said = done(capactl(rig, "fill", nc, "--actor", "anna", **editor(tmp_path, script)))
    assert f"{nc} is planned" in said and f"capactl approve {nc}" in said
    form = (tmp_path / "seen-0").read_text()
    assert "# missing: no correction is recorded, nor why none applies" in form and "one of: yes, no" in form
    d = shown(rig, nc)
    assert d["corrections"][0]["title"] == "Closed it\nand locked it" and d["causes"][0]["why"] == ["no round", "no list"]
    assert sorted(e["kind"] for e in d["evidence"]) == ["file", "link"]
    assert d["criterion"]["window"]["d"] == 70 and "R-7" in json.dumps(d["risk_update"])
    assert [a["title"] for a in d["actions"] if a["kind"] == "corrective"] == ["A round at eight"]
    assert d["version"] > before and not left_behind(tmp_path)
    rows = [row["seq"] for row in json.loads(done(capactl(rig, "log", nc, "--json"))) if row["kind"] in ("contain", "cause", "need")]
    with rig.connect() as connection:
        written = connection.execute("SELECT count(*), count(DISTINCT xmin::text) FROM capa.journal WHERE seq = ANY(%s)", (rows,)).fetchone()
    assert len(rows) >= 3 and written == (len(rows), 1)  # by one transaction


def test_fill_unchanged_or_emptied_records_nothing(rig, tmp_path):
    nc = owned(rig, "left as it is")
    before = shown(rig, nc)["version"]
    for script in ("pass", "text = ''"):
        said = done(capactl(rig, "fill", nc, **editor(tmp_path, script)))
        assert "nothing is recorded" in said
    assert shown(rig, nc)["version"] == before and not left_behind(tmp_path)


def test_fill_opens_again_with_the_reason(rig, tmp_path):
    nc = owned(rig, "a mistake in it")
    script = ("if turn == 0:\n    put('cause.text', 'Somebody forgot')\n    put('cause.category', 'people')\n    put('contain.text', 'x')\n"
              "elif turn == 1:\n    text = text.replace('cause.category:', 'cause.categry:')\n"
              "else:\n    text = text.replace('cause.categry: people', 'cause.category: process')")
    done(capactl(rig, "fill", nc, "--actor", "anna", **editor(tmp_path, script)))
    assert (tmp_path / "seen-1").read_text().startswith("#! refused: A cause of category people needs at least one why")
    assert re.match(r'#! line \d+: "cause.categry" is no field of this form: did you mean cause.category\?', (tmp_path / "seen-2").read_text())
    assert "cause.text: Somebody forgot" in (tmp_path / "seen-2").read_text()
    d = shown(rig, nc)
    assert d["causes"][0]["category"] == "process" and len(d["corrections"]) == 1 and not left_behind(tmp_path)


def test_fill_given_up_keeps_the_text(rig, tmp_path):
    nc = owned(rig, "given up")
    before = shown(rig, nc)["version"]
    result = capactl(rig, "fill", nc, "--actor", "anna", **editor(tmp_path, "put('cause.text', 'long thought about') if turn == 0 else None"))
    kept = left_behind(tmp_path)
    assert result.returncode == 1 and len(kept) == 1 and str(kept[0]) in result.stderr
    assert "long thought about" in kept[0].read_text() and shown(rig, nc)["version"] == before


def test_two_people_fill_one(rig, tmp_path):
    """While anna writes, ben records something: she is told, saves again, and both are kept."""
    nc = owned(rig, "two at once")
    words = [str(CAPACTL), "note", nc, "ben was here", "--actor", "ben"]
    script = (f"import subprocess\nif turn == 0:\n    put('contain.consequences', 'none')\n    subprocess.run({words!r}, check=True)\n"
              "else:\n    text = re.sub(r'(?m)^#!.*\\n', '', text)")
    done(capactl(rig, "fill", nc, "--actor", "anna", **editor(tmp_path, script)))
    assert "was changed meanwhile" in (tmp_path / "seen-1").read_text()
    d = shown(rig, nc)
    assert d["consequences"] and d["notes"][0]["text"] == "ben was here"


# -- two people at once lose nothing

def test_if_version_tells_of_the_other(rig):
    nc = owned(rig, "versions")
    version = shown(rig, nc)["version"]
    done(capactl(rig, "note", nc, "first", "--if-version", version, "--actor", "anna"))
    late = capactl(rig, "contain", nc, "--consequences", "none", "--if-version", version, "--actor", "ben")
    assert late.returncode == 1 and "conflict" in late.stderr and "changed meanwhile" in late.stderr
    assert not shown(rig, nc)["consequences"]


def test_facts_of_both_are_kept(rig):
    nc = owned(rig, "both at once")
    commands = [[str(CAPACTL), "cause", nc, f"cause {i}", "--category", "process", "--actor", who]
                for i, who in enumerate(["anna", "ben", "carla", "dora", "emil", "fred"])]
    running = [subprocess.Popen(c, env={**os.environ, **rig.environment}, stdout=subprocess.PIPE, stderr=subprocess.PIPE) for c in commands]
    assert [p.wait(60) for p in running] == [0] * 6
    for p in running:
        p.communicate()
    causes = shown(rig, nc)["causes"]
    assert sorted(c["no"] for c in causes) == [1, 2, 3, 4, 5, 6] and sorted(c["text"] for c in causes) == [f"cause {i}" for i in range(6)]


# -- watch: mine, and durable

class Watch:
    """capactl watch, running; its lines as they come."""

    def __init__(self, rig, *options):
        self.process = subprocess.Popen([str(CAPACTL), "watch", *options], env={**os.environ, **rig.environment}, text=True,  # pylint: disable=consider-using-with
                                        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def next(self):
        return json.loads(self.process.stdout.readline())

    def stop(self):
        self.process.kill()
        self.process.communicate()


def position(rig, name):
    status = json.loads(done(capactl(rig, "status", "--json")))
    return {c["name"]: c for c in status["consumers"]}.get(name)


def wait_for(condition, seconds=60):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.05)
    return False


def test_a_durable_consumer_goes_on_where_it_left_off(rig):
    done(capactl(rig, "watch", "--as", "bad name"), 1)
    watch = Watch(rig, "--as", "pager", "--topic", "nc.raised")
    assert wait_for(lambda: position(rig, "pager"))
    first = raised(rig, "while it listens")
    message = watch.next()
    assert message["subject"] == first
    assert wait_for(lambda: position(rig, "pager")["acked"] >= int(message["sequence"]))
    watch.stop()
    missed = [raised(rig, f"while it was away {i}") for i in range(3)]
    assert position(rig, "pager")["behind"] > 0
    watch = Watch(rig, "--as", "pager", "--topic", "nc.raised")
    assert [watch.next()["subject"] for _ in missed] == missed
    assert wait_for(lambda: position(rig, "pager")["behind"] == 0)  # also past what the filter leaves out
    watch.stop()


def test_it_moves_on_only_after_the_command_succeeded(rig, tmp_path):
    out = tmp_path / "out"
    watch = Watch(rig, "--as", "failing", "--topic", "nc.raised", "--exec", "exit 7")
    assert wait_for(lambda: position(rig, "failing"))
    before = position(rig, "failing")["acked"]
    nc = raised(rig, "the pager is broken")
    assert watch.process.wait(20) == 1
    said = watch.process.communicate()[1]
    assert "ended with 7" in said and "--as failing goes on with it" in said
    assert position(rig, "failing")["acked"] < json.loads(done(capactl(rig, "log", nc, "--json")))[0]["seq"] and before is not None
    watch = Watch(rig, "--as", "failing", "--topic", "nc.raised", "--exec", f"cat >> {out}")
    assert wait_for(lambda: out.exists() and nc in out.read_text())
    watch.stop()


def test_watch_for_me(rig):
    watch = Watch(rig, "--for", "me", "--actor", "zoe", "--topic", "nc.", "--after", "0")
    raised(rig, "not hers", owner="anna")
    mine = owned(rig, "hers", **{"owner": "Zoe"})
    message = watch.next()
    assert message["subject"] == mine and message["data"]["nc"]["owner"] == "Zoe"
    watch.stop()


# -- where a mistake is

def test_emit_names_line_and_column(rig, tmp_path):
    lines = tmp_path / "events.ndjson"
    lines.write_text('{"specversion":"1.0","id":"a1","source":"/x","type":"t"}\n\n{"specversion":"1.0","id":oops}\n')
    result = capactl(rig, "emit", lines)
    assert result.returncode == 1 and re.search(r"events\.ndjson:3:2[0-9]: invalid: ", result.stderr), result.stderr
    assert "expected" in result.stderr  # the reason, also behind events that were sent before it
    lines.write_text('{"specversion":"1.0","id":"a2","source":"/x","type":"t"}\n\n  {"specversion":"1.0","id":"a3","source":7,"type":"t"}\n')
    result = capactl(rig, "emit", lines)
    assert result.returncode == 1 and 'events.ndjson:3:43: invalid: the attribute "source" must be' in result.stderr, result.stderr


# -- completion and the manual

def completed(rig, *words, **environment):
    return done(capactl(rig, "--complete", *words, **environment)).split()


def test_completion_knows_what_is_open(rig):
    nc = owned(rig, "to be completed")
    assert nc in completed(rig, "show", "NC-") and nc in completed(rig, "action", "add", "")
    assert "--as-of" in completed(rig, "list", "--") and "--as-of" not in completed(rig, "note", "--")
    assert "effective" in completed(rig, "verify", nc, "") and completed(rig, "show", nc, "--st") != []
    began = time.monotonic()
    assert not any(word.startswith("NC-") for word in completed(rig, "show", "", CAPACTL_ENDPOINT=f"ipc://{rig.dir}/run/nobody.sock"))
    assert time.monotonic() - began < 20  # nobody waits for a completion


def test_manual_has_every_command():
    page = subprocess.run([str(CAPACTL), "--man"], capture_output=True, text=True, check=True).stdout
    said = subprocess.run([str(CAPACTL), "--help"], capture_output=True, text=True, check=True).stdout
    commands = [line[2:20].strip() for line in said.splitlines() if re.match(r"  [a-z]", line)]
    assert len(commands) > 40
    for command in commands:
        assert f'.SS "capactl {command}' in page, command
    assert not re.search(r"(?m)^\.(?!TH|SH|SS|TP)", page)  # no text that roff would take for a request
    capad = subprocess.run([str(CAPAD), "--man"], capture_output=True, text=True, check=True).stdout
    options = subprocess.run([str(CAPAD), "--help-config"], capture_output=True, text=True, check=True).stdout
    for key in re.findall(r"(?m)^([a-z][a-z_.]+) ", options):
        assert "\\fB" + key.replace("-", "\\-") + "\\fR" in capad, key


# -- adapters

def test_adapters_are_listed_and_tested(rig, tmp_path):
    assert "alertmanager" in done(capactl(rig, "adapters", "list"))
    ids = [a["id"] for a in json.loads(done(capactl(rig, "adapters", "list", "--json")))["adapters"]]
    assert "test events, all as they should be" in done(capactl(rig, "adapters", "test", "alertmanager"))
    assert len(json.loads(done(capactl(rig, "adapters", "test", *ids[:2], "--json")))) == 2
    message = tmp_path / "message.json"
    message.write_text("{\"status\":\"firing\"}")
    said = json.loads(done(capactl(rig, "adapters", "test", "alertmanager", "--event", message, "--json")))
    assert said["adapter"] == "alertmanager" and "shown" in said
    unknown = capactl(rig, "adapters", "test", "no-such-adapter")
    assert unknown.returncode == 1 and "adapters list" in unknown.stderr
    broken = tmp_path / "broken.json"
    broken.write_text("{\"id\": \"broken\",\n \"wat\": 1}")
    refused = capactl(rig, "adapters", "test", broken)
    assert refused.returncode == 1 and re.search(r"broken\.json:\d+:\d+: ", refused.stderr), refused.stderr
