"""What nobody should have sent: references and people that are not there, days that are none, dates that have passed, too
much of it, a version that is stale. Refused with the reason and what to do next, with the codes of the bus and the exit
statuses of capactl; the register is what it was. And two people who work on one nonconformity at once lose nothing.
Of tools and rules: messages in no known shape, rules with mistakes, expressions that explode, clocks fifty years off.
"""
import datetime
import json
import pathlib
import re
import signal
import sys
import threading
import time

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from rig import Rig  # noqa: E402  pylint: disable=wrong-import-position
from test_acceptance_register import PROOF, RULES, Register, policy  # noqa: E402  pylint: disable=wrong-import-position

MIB = 1024 * 1024
EVERY = ["reporter", "owner", "approver", "verifier", "auditor", "isms_manager", "risk_owner", "top_management"]
PEOPLE = {"people": {name: {"roles": EVERY} for name in ("anna", "ben", "carl", "dora")}, "teams": {"ops": {"lead": "anna", "members": ["ben"]}}}


@pytest.fixture(name="rig", scope="module")
def rig_fixture():
    with Rig("capad-bad", policy=policy(), rules=RULES) as rig:
        (rig.dir / "etc/people.json").write_text(json.dumps(PEOPLE))
        rig.start()
        register = Register(rig)
        register.upto(register.new(), "implementing")  # NC-1 with CA-2
        register.do("evidence.add", files=[b"x"], ref="NC-1", **PROOF)
        register.do("follow_up.add", ref="NC-1", kind="manual", every="7d", **{"for": "x3"})
        yield rig


@pytest.fixture(name="register")
def register_fixture(rig):
    return Register(rig)


def head(rig):
    with rig.connect() as connection:
        return connection.execute("SELECT max(seq) FROM capa.journal WHERE topic ~ '^(nc|action|deadline.added|follow_up.added|batch)'").fetchone()[0]


ACTION = {"nc": "NC-1", "title": "more", "owner": "ben", "expect": "x"}
# method, parameters, code, a word of the reason
CALLS = [
    ("show", {"ref": "NC-999"}, "not_found", "NC-999"),
    ("show", {"ref": "CA-999"}, "not_found", "CA-999"),
    ("note", {"ref": "NC-999", "text": "x"}, "not_found", "NC-999"),
    ("action.done", {"action": "CA-999"}, "not_found", "CA-999"),
    ("follow_up.record", {"ref": "FU-99", "result": "ok", "text": "x"}, "not_found", "FU-99"),
    ("approve", {"ref": "B-99"}, "not_found", "B-99"),
    ("undo", {"ref": "B-99", "reason": "x"}, "not_found", "B-99"),
    ("evidence.get", {"id": "EV-999"}, "not_found", "EV-999"),
    ("ack", {"ref": "ESC-9999"}, "not_found", "ESC-9999"),
    ("merge", {"nc": "NC-1", "into": "NC-999", "reason": "x"}, "not_found", "NC-999"),
    ("event", {"eventno": 123456789}, "not_found", "123456789"),
    ("show", {"ref": "NC-"}, "invalid", "reference"),
    ("show", {"ref": "XX-1"}, "invalid", "reference"),
    ("show", {"ref": "NC-99999999999999999999"}, "invalid", "reference"),
    ("people", {"name": "nobody"}, "not_found", "nobody"),
    ("handover", {"from": "nobody", "to": "ben"}, "not_found", "nobody"),
    ("assign", {"ref": "NC-1", "owner": "an\u200bna"}, "invalid", "owner"),
    ("assign", {"ref": "NC-1", "owner": "x" * 500}, "too_big", "owner"),
    ("action.add", {**ACTION, "due": "2026-02-30"}, "invalid", "2026-02-30"),
    ("action.add", {**ACTION, "due": "2026-13-01"}, "invalid", "2026-13-01"),
    ("action.add", {**ACTION, "due": "99999999d"}, "invalid", "99999999d"),
    ("action.add", {**ACTION, "due": "tomorrow"}, "invalid", "tomorrow"),
    ("action.add", {**ACTION, "due": "-3d"}, "invalid", "-3d"),
    ("action.add", {**ACTION, "due": "2026-02-28T25:00:00Z"}, "invalid", "2026-02-28T25"),
    ("action.add", {**ACTION, "due": 17}, "invalid", "due"),
    ("action.add", {**ACTION, "due": "2001-02-28"}, ("refused", "invalid"), "2001-02-28"),
    ("extend", {"ref": "CA-2", "to": "2001-02-28", "reason": "x"}, "refused", "2001-02-28"),
    ("extend", {"ref": "CA-2", "to": "2026-02-30", "reason": "x"}, "invalid", "2026-02-30"),
    ("accept", {"nc": "NC-1", "risk": "R-1", "until": "2001-01-01", "reason": "x"}, ("refused", "invalid"), "2001-01-01"),
    ("accept", {"nc": "NC-1", "risk": "R-1", "until": "9999-01-01", "reason": "x"}, ("refused", "invalid"), ""),
    ("accept", {"nc": "NC-1", "risk": "R-1", "reason": "x"}, "invalid", "until"),
    ("deadline.add", {"nc": "NC-1", "label": "proof", "due": "2001-01-01"}, ("refused", "invalid"), "2001-01-01"),
    ("raise", {"title": "x", "due": {"plan": "2001-01-01"}}, ("refused", "invalid"), "2001-01-01"),
    ("raise", {"title": "x", "due": {"plan": "2026-02-30"}}, "invalid", "2026-02-30"),
    ("raise", {"title": "x", "aware_at": "2999-01-01"}, "invalid", "future"),
    ("clock", {"nc": "NC-1", "law": "gdpr", "from": "2999-01-01"}, ("refused", "invalid"), ""),
    ("follow_up.add", {"ref": "NC-1", "kind": "manual", "every": "0d"}, ("refused", "invalid"), ""),
    ("follow_up.add", {"ref": "NC-1", "kind": "manual", "every": "monthly"}, "invalid", "monthly"),
    ("criterion", {"nc": "NC-1", "method": "manual", "text": "x", "window": "99999999mo"}, "invalid", ""),
    ("list", {"as_of": "2999-01-01"}, ("refused", "invalid"), "2999"),
    ("list", {"since": "2026-02-30"}, "invalid", "2026-02-30"),
    ("triage", {"nc": "NC-1", "grade": "awful"}, "invalid", "grade"),
    ("note", {"ref": "NC-1", "text": "x", "colour": "red"}, "invalid", "colour"),
    ("note", {"ref": "NC-1"}, "invalid", "text"),
    ("note", {"ref": "NC-1", "text": ["a", {"b": 1}]}, "invalid", "text"),
    ("note", {"ref": "NC-1", "text": "x", "if_version": 1}, "conflict", "version"),
    ("note", {"ref": "NC-1", "text": "x", "if_version": "one"}, "invalid", "if_version"),
    ("evidence.add", {"ref": "NC-1", "evidence": [{"name": "x", "frame": 3}]}, "invalid", "attachment 3"),
    ("evidence.add", {"ref": "NC-1", "evidence": [{"event": 987654321}]}, "not_found", "987654321"),
    ("split", {"nc": "NC-1", "fingerprint": "zz"}, "invalid", "zz"),
    ("nothing.at.all", {}, "unknown_method", "nothing.at.all"),
]


@pytest.mark.parametrize("method, params, code, word", CALLS, ids=[f"{n} {c[0]} {str(c[2])}" for n, c in enumerate(CALLS)])
def test_refused_with_the_reason(rig, register, method, params, code, word):
    before = head(rig)
    status, answer = register.ask(method, "anna", **params)
    assert status == "ERR", answer
    assert answer["code"] in (code if isinstance(code, tuple) else (code,)), answer
    assert word in answer["message"], answer
    assert (re.search(r"[.?!]$", answer["message"]) or code == "unknown_method") and len(answer["message"]) < 2000, answer
    assert not re.search(r"\bSQLSTATE\b|\bCA00\d\b|null value|relation|PL/pgSQL|jsonb", json.dumps(answer)), answer
    assert head(rig) == before


CAPACTL = [
    (["show", "999"], 4, "NC-999"), (["show", "CA-999"], 4, "CA-999"), (["show", "XX-1"], 2, ""), (["note", "999", "x"], 4, "NC-999"),
    (["action", "add", "1", "t", "--owner", "ben", "--due", "2026-02-30", "--expect", "x"], (1, 2), "2026-02-30"),
    (["action", "add", "1", "t", "--owner", "ben", "--due", "99999999d", "--expect", "x"], (1, 2), "99999999d"),
    (["action", "add", "1", "t", "--owner", "ben", "--due", "2001-02-28", "--expect", "x"], 1, "2001-02-28"),
    (["accept", "1", "--risk", "R-1", "--until", "2001-02-28", "--reason", "x"], 1, "2001-02-28"),
    (["note", "1", "x", "--if-version", "1"], 1, "version"), (["triage", "1", "--grade", "awful"], 2, "awful"),
    (["evidence", "add", "1", "/no/such/file"], (1, 2), "/no/such/file"), (["people", "nobody"], 4, "nobody"), (["undo", "B-99", "--reason", "x"], 4, "B-99"),
    (["list", "--as-of", "2999-01-01"], 1, "2999"), (["verify", "1", "effective", "x"], 1, "NC-1"), (["nonsense"], 2, "nonsense"), (["note"], 2, ""),
    (["approve", "B-99"], 4, "B-99"), (["follow-up", "record", "FU-99", "ok", "x"], 4, "FU-99"),
]


@pytest.mark.parametrize("words, status, reason", CAPACTL, ids=[" ".join(c[0])[:50] for c in CAPACTL])
def test_exit_status_and_sentence(rig, words, status, reason):
    before = head(rig)
    result = rig.capactl(*words, check=False)
    assert result.returncode in (status if isinstance(status, tuple) else (status,)), result
    assert reason in result.stderr and result.stderr.startswith("capactl: ") and len(result.stderr.splitlines()) < 12, result
    assert head(rig) == before


def test_several_of_which_one_is_wrong(rig):
    """One line of result each, and the exit status tells that one was refused."""
    result = rig.capactl("note", "1", "999", "seen", check=False)
    assert result.returncode in (1, 4) and "NC-999" in result.stderr and "NC-1" in result.stdout
    assert "seen" in rig.capactl("show", "1", "--json").stdout


def test_too_much(rig, register, tmp_path):
    before = head(rig)
    params = json.dumps({"actor": "anna", "ref": "NC-1", **PROOF})
    status, (body, *_) = rig.exchange("control", b"CALL", [b"evidence.add", params.encode(), b"x" * (16 * MIB + 1)])
    assert (status, json.loads(body)["code"]) == ("ERR", "too_big") and "16" in json.loads(body)["message"]
    status, answer = register.ask("note", "anna", ref="NC-1", text="x" * MIB)
    assert (status, answer["code"]) == ("ERR", "too_big")
    status, (body, *_) = rig.exchange("control", b"CALL", [b"evidence.add", params.encode(), *[b"x"] * 9])
    assert status == "ERR" and json.loads(body)["code"] in ("too_big", "invalid")
    big = tmp_path / "big.bin"
    big.write_bytes(b"x" * (16 * MIB + 1))
    result = rig.capactl("evidence", "add", "1", str(big), check=False)
    assert result.returncode in (1, 2) and "big.bin" in result.stderr and "16777216" in result.stderr
    assert head(rig) == before
    status, answer = register.ask("evidence.add", "anna", [b"x" * (16 * MIB)], ref="NC-1", **PROOF)  # as much as may be
    assert status == "OK", answer


def test_names_that_nobody_knows_are_said(register):
    """With a people file a name it does not have is taken with a warning, or refused: never in silence."""
    status, answer = register.ask("assign", "anna", ref="NC-1", owner="nobody")
    assert status == "ERR" and "nobody" in answer["message"] or "nobody" in json.dumps(answer.get("warnings", [])), answer
    register.do("assign", ref="NC-1", owner="anna")


def test_two_people_at_once_lose_nothing(rig, register):
    nc = register.new("major")
    answers, failures = [], []

    def work(who):
        mine = Register(rig)
        for n in range(15):
            for call, params in (("note", {"ref": nc, "text": f"{who} {n}"}), ("label", {"nc": nc, "labels": {f"{who}{n}": "x"}})):
                status, answer = mine.ask(call, who, **params)
                (answers if status == "OK" else failures).append(answer)
    people = [threading.Thread(target=work, args=(who,)) for who in ("anna", "ben", "carl")]
    for one in people:
        one.start()
    for one in people:
        one.join()
    assert failures == [] and len(answers) == 90
    whole = register.show(nc)
    assert {one["text"] for one in whole["notes"]} >= {f"{who} {n}" for who in ("anna", "ben", "carl") for n in range(15)}
    assert len(whole["labels"]) == 45 and len({one["version"] for one in answers}) == 90
    stale = whole["version"]
    results = []
    both = [threading.Thread(target=lambda: results.append(Register(rig).ask("note", "anna", ref=nc, text="mine", if_version=stale)[0])) for _ in range(2)]
    for one in both:
        one.start()
    for one in both:
        one.join()
    assert sorted(results) == ["ERR", "OK"]


# What tools and configuration get wrong: refused or tolerated, and seen in `status` and `coverage`.

def failed(number, **members):
    return {"specversion": "1.0", "id": f"bad-{number}", "source": "hosts/odd", "type": "backup.finished", "subject": f"odd{number}", "data": {"exit_code": 1}, **members}


def await_status(rig, true, seconds=20):
    deadline = time.monotonic() + seconds
    while not true(status := rig.call("status")):
        assert time.monotonic() < deadline, status
        time.sleep(0.02)
    return status


def test_messages_in_no_known_shape(rig):
    """Each is refused by name; its neighbours in the batch are not; status counts it, coverage says whose it was and why."""
    before = rig.call("status")["ingest"]["invalid"]
    verdicts = rig.put(failed(1), b"{", b"\xff", {"hello": "world"}, failed(2), b"[1,2", failed(3, type=7), failed(4))
    assert [v["status"] for v in verdicts] == ["stored", "invalid", "invalid", "invalid", "stored", "invalid", "invalid", "stored"]
    assert all(v["error"] for v in verdicts if v["status"] == "invalid")
    strange = rig.put({"hello": "world"}, [1], b"7", b"plain text", adapter="wazuh")
    assert [v["status"] for v in strange] == ["invalid"] * 4
    assert all('adapter "wazuh"' in v["error"] for v in strange[:3]) and "column 1" in strange[3]["error"]
    assert rig.call("status")["ingest"]["invalid"] == before + 9
    refused = rig.call("coverage", {"what": "refused"})
    assert {"wazuh"} <= {row["adapter"] for row in refused} and sum(row["events"] for row in refused if row["status"] == "invalid") >= 9, refused
    assert all(row["reason"] and row["last_seen"] for row in refused)
    assert "wazuh" in rig.capactl("coverage", "--what", "refused").stdout
    unknown, = rig.put({"specversion": "1.0", "id": "1", "source": "s", "type": "nobody.knows"}, adapter="no-such-adapter")
    assert unknown["status"] == "invalid" and "no-such-adapter" in unknown["error"], unknown


def rule(name, **members):
    return {"id": name, "title": "t", "effect": "fail", "fingerprint": ["/source"], "match": {"path": "/type", "eq": "odd"}, **members}


WRONG_RULES = {  # what is wrong, the rules, a word of the reason
    "what clears goes in a circle": ([rule("p", effect="pass", clears="q"), rule("q", effect="pass", clears="p")], "raises nothing"),
    "clears itself": ([rule("p", effect="pass", clears="p")], "raises nothing"),
    "stands instead of itself, by another": ([rule("p", instead_of="q"), rule("q", instead_of="p")], "circle"),
    "unknown policy": ([rule("p", policy="defualt")], 'no policy "defualt"; did you mean "default"'),
    "unknown rule": ([rule("p", effect="pass", clears="backup-faild")], "backup-faild"),
    "repetitions that explode": ([rule("p", match={"path": "/type", "re": "((a{99}){99}){99}"})], "2,000"),
    "a back-reference": ([rule("p", match={"path": "/type", "re": "(a*)*\\1"})], "back-references"),
    "a control of 2013": ([rule("p", controls=["A.12.3.1"])], "it is A.8.13"),
    "a control that is none": ([rule("p", controls=["A.8.99"])], 'no control "A.8.99"'),
    "no expression": ([rule("p", match={"path": "/type", "re": "("})], ":1:"),
}


@pytest.mark.parametrize("wrong", WRONG_RULES)
def test_rules_with_a_mistake(rig, tmp_path, wrong):
    """Refused with file, line, column and reason; a reload keeps what was in force, says so in status, and forgets it when it is right again."""
    rules, reason = WRONG_RULES[wrong]
    (tmp_path / "odd.json").write_text(json.dumps(rules))
    told = rig.capactl("rules", "check", str(tmp_path / "odd.json"), check=False)
    assert told.returncode == 1 and re.match(r".*odd\.json:1:\d+: ", told.stderr) and reason in told.stderr, told
    before = rig.call("status")["rules"]["hash"]
    place = rig.dir / "etc/rules.d/odd.json"
    place.write_text(json.dumps(rules))
    rig.process.send_signal(signal.SIGHUP)
    status = await_status(rig, lambda s: s["degraded"])
    assert "odd.json:1:" in status["degraded"][0] and reason in status["degraded"][0] and status["rules"]["hash"] == before
    check = rig.capactl("status", "--check", check=False)
    assert check.returncode in (1, 2) and "reload" in rig.capactl("status").stdout, check
    place.unlink()
    rig.process.send_signal(signal.SIGHUP)
    assert await_status(rig, lambda s: not s["degraded"])["rules"]["hash"] == before


def test_expressions_that_backtrack_elsewhere(rig):
    """What takes other engines for ever on 4 KiB is answered here, and so is all that comes behind it."""
    place = rig.dir / "etc/rules.d/odd.json"
    place.write_text(json.dumps([rule(f"odd-{n}", match={"path": "/data/text", "re": expression}) for n, expression in enumerate(
        ["^(a+)+$", "^(a|aa)+$", "^(a|a?)+$", "(.*a){20}$", "^(([a-z])+.)+[A-Z]([a-z])+$"])]))
    before = rig.call("status")["rules"]["hash"]
    rig.process.send_signal(signal.SIGHUP)
    await_status(rig, lambda s: s["rules"]["hash"] != before)
    texts = ["a" * 4090 + "!", "a" * 60000 + "!", "aA" * 2000]
    verdicts = rig.put(*[failed(f"re{n}", type="odd", data={"text": text}) for n, text in enumerate(texts)], failed("behind"))
    assert verdicts[-1]["results"][0]["effect"] == "raised" and {v["status"] for v in verdicts} <= {"stored", "ignored"}, verdicts
    place.unlink()
    rig.process.send_signal(signal.SIGHUP)
    await_status(rig, lambda s: s["rules"]["hash"] == before)


def test_a_clock_fifty_years_off(rig):
    """Ahead, long ago, or no time at all: taken, judged by the receipt, and whose clock it is stands in status."""
    before = rig.call("status")["ingest"]["odd_clock"]
    now = rig.now()
    times = [(now + datetime.timedelta(days=18262)).isoformat(), (now - datetime.timedelta(days=18262)).isoformat(), "yesterday", "0001-01-01T00:00:00Z"]
    verdicts = rig.put(*[failed(f"clock{n}", source=f"hosts/clock{n}", time=moment) for n, moment in enumerate(times)])
    assert {v["status"] for v in verdicts} == {"stored"}
    for verdict in verdicts:
        nc = rig.call("show", {"ref": verdict["results"][0]["nc"]})
        assert abs(datetime.datetime.fromisoformat(nc["first_seen"].replace("Z", "+00:00")) - now) < datetime.timedelta(minutes=5), nc["first_seen"]
    status = rig.call("status")
    assert status["ingest"]["odd_clock"] == before + 2 and status["odd_clock"]["source"] == "hosts/clock1"
    assert "hosts/clock1" in rig.capactl("status").stdout
