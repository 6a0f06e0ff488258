#!/usr/bin/python3
"""What shipped rules and adapters owe: a test event that each rule matches, the requirement that is unmet and its control of
Annex A, one line that says what raises and what does not; and the example of the adapters' README, loaded and tested as it
stands there.

usage: check_shipped.py REPOSITORY SHOW_FRAMES
"""
import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

ROOT, SHOW = map(pathlib.Path, sys.argv[1:])
DAEMON = ROOT / "daemon"
CONTROLS = {f"A.{clause}.{n}" for clause, last in ((5, 37), (6, 8), (7, 14), (8, 34)) for n in range(1, last + 1)}  # ISO/IEC 27001:2022
# What no message of its tool ends: one record of many alerts or findings, what somebody did, inventories, findings of people.
NEVER_OVER = {
    "audit-clock-changed", "audit-configuration-changed", "audit-finding", "audit-login-failures", "aws-guardduty", "cloudtrail-root-used",
    "falco-alert", "falco-events-lost", "github-transferred", "journal-ssh-failures", "journal-sudo-refused", "ocsf-detection",
    "ocsf-vulnerabilities", "securityhub-threat", "securityhub-vulnerabilities", "suricata-alert", "suricata-compromise", "trivy-secret",
    "wazuh-alert", "wazuh-file-changed", "wazuh-state-critical", "wazuh-state-high", "wazuh-vulnerability-high",
}
HEAD = re.compile(r"// Raises: [^\n]{20,240}\. Not: [^\n]{5,240}\.\n")


def load(kind):
    """The shipped files: their comments are whole lines."""
    files = {p.stem: json.loads(re.sub(r"(?m)^ *//.*$", "", p.read_text())) for p in sorted((DAEMON / kind).glob("*.json"))}
    return files, [item for f in files.values() for item in f[kind]], [t for f in files.values() for t in f["tests"]]


def judged(tests, folder=DAEMON):
    """Every match of every test event, by rule."""
    seen, counted = set(), 0
    frames = b""
    for test in tests:
        event = json.dumps(test["event"]).encode()
        frames += (test.get("adapter") or "-").encode() + b"\t%d\n" % len(event) + event
    run = subprocess.run([SHOW, folder], input=frames, check=True, capture_output=True, timeout=60)
    for line in run.stdout.splitlines():
        for part in json.loads(line)["parts"]:
            seen |= {match["rule"] for match in part["matches"]}
            counted += part["counted_only"]
    return seen, counted


def judged_when_enabled(tests):
    """The same where the templates that are shipped switched off are switched on: they know their tool's events."""
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(DAEMON / "adapters", pathlib.Path(folder) / "adapters")
        (pathlib.Path(folder) / "rules").mkdir()
        for path in (DAEMON / "rules").glob("*.json"):
            (pathlib.Path(folder) / "rules" / path.name).write_text(path.read_text().replace('"enabled": false,', ""))
        return judged(tests, folder)[0]


def check_requirement(rule):
    """What raises names the requirement that is unmet: its first control and what that asks for. What is expected has an interval."""
    if rule["effect"] in ("fail", "missing"):
        control = re.match(r"(A\.\d\.\d+) [A-Z][^:;]+: [^;]+$", rule.get("requirement", ""))
        assert control and control[1] == rule["controls"][0], f"{rule['id']} does not name the requirement that is unmet"
    if rule["effect"] == "missing" and "after" not in rule["expect"]:
        assert not rule.get("enabled", True) and rule["expect"].get("subjects"), f"{rule['id']} expects something of everybody"


def check_recoveries(rules):
    """What a tool says when it is over is a pass rule with the same adapter; where it says nothing, that is known here."""
    raising = {rule["id"]: rule for rule in rules if rule["effect"] == "fail"}
    cleared = set()
    for rule in rules:
        for name in [rule["clears"]] if isinstance(rule.get("clears"), str) else rule.get("clears", []):
            assert rule["effect"] == "pass" and rule.get("adapter") == raising[name].get("adapter"), rule["id"]
            cleared.add(name)
    assert raising.keys() - cleared == NEVER_OVER, (raising.keys() - cleared) ^ NEVER_OVER


def check_rules():
    files, rules, tests = load("rules")
    _, adapters, adapter_tests = load("adapters")
    seen, counted = judged(tests)
    assert not seen & {rule["id"] for rule in rules if not rule.get("enabled", True)}
    seen |= judged_when_enabled(tests)
    for rule in rules:
        if rule["effect"] == "ignore":
            continue
        assert rule["id"] in seen, f"no test event matches rule {rule['id']}"
        named = {c for c in rule["controls"] if isinstance(c, str)}
        assert named and named <= CONTROLS, f"{rule['id']} names no control, or one that is not in Annex A of 2022"
        assert "owner" not in rule and "policy" not in rule, f"{rule['id']} is for one organisation only"
        check_requirement(rule)
    for name in files:
        text = (DAEMON / "rules" / f"{name}.json").read_text()
        assert HEAD.match(text), f"rules/{name}.json does not say in its first line what raises and what does not"
    assert counted >= sum(rule["effect"] == "ignore" for rule in rules) // 2
    check_recoveries(rules)
    of_adapters = {rule.get("adapter") for rule in rules}
    for adapter in adapters:
        said = adapter.get("description", "")
        assert "Raises " in said and re.search(r"\b(prove|counted|raise nothing|raises nothing)", said), f"adapter {adapter['id']} does not say what raises"
        assert any(t["adapter"] == adapter["id"] for t in adapter_tests), f"adapter {adapter['id']} has no test event"
    own_files = {p.stem for p in (DAEMON / "adapters").glob("*.json")} - {"journal", "systemd-unit"}
    assert own_files <= files.keys(), own_files - files.keys()
    assert {a["id"] for a in adapters} - of_adapters <= {"alertmanager", "alertmanager-api", "systemd-unit"}


# These take whatever their tool says, and have no way to tell that it is another one's.
TAKES_ALL = {"alertmanager-api", "aws-event", "borg", "github", "journal", "restic", "systemd-unit"}


def check_strangers():
    """A message of no tool at all is refused by name, or holds no event; it is never taken for one."""
    ids = [a["id"] for a in load("adapters")[1]]
    for message in (b'{"hello":"world"}', b"[]", b"7", b'"text"', b"[[],[1],null]", b'{"alerts":{},"Results":7,"data":null}'):
        frames = b"".join(name.encode() + b"\t%d\n" % len(message) + message for name in ids)
        run = subprocess.run([SHOW, DAEMON], input=frames, check=True, capture_output=True, timeout=60)
        for name, line in zip(ids, run.stdout.splitlines(), strict=True):
            shown = json.loads(line)
            for part in shown["parts"]:
                assert not part["matches"], (name, message, part)
                assert part["status"] == "invalid" or name in TAKES_ALL, (name, message, part)
            for refused in [shown, *shown["parts"]]:
                assert refused["status"] in (None, "ignored") or f'adapter "{name}"' in refused["error"], (name, refused)


def check_readme():
    """Block 1 is a message, 2 the adapter, 3 the rules."""
    text = (DAEMON / "adapters" / "README.md").read_text()
    message, adapter, rules = re.findall(r"```json\n(.*?)```", text, re.S)
    table = text.split("## The shipped ones")[1]
    for path in (DAEMON / "adapters").glob("*.json"):
        assert f"`{path.name}`" in table, f"adapters/README.md does not name {path.name}"
    with tempfile.TemporaryDirectory() as folder:
        for kind, block in (("adapters", adapter), ("rules", rules)):
            (pathlib.Path(folder) / kind).mkdir()
            (pathlib.Path(folder) / kind / "vaultwatch.json").write_text(block)
        run = subprocess.run([SHOW, "--test", folder], capture_output=True, text=True, check=False)
        assert run.returncode == 0 and run.stdout == "3\n", run.stderr
        frame = b"vaultwatch\t%d\n" % len(message.encode()) + message.encode()
        shown = json.loads(subprocess.run([SHOW, folder], input=frame, check=True, capture_output=True).stdout)
    assert [p["matches"][0]["rule"] for p in shown["parts"]] == ["vault-check-broken", "vault-check-ok"]
    assert "s.abc" not in shown["stored"]


def check_operators():
    """The table of operators in rules/README.md: each example is judged, and each operator has one."""
    text = (DAEMON / "rules" / "README.md").read_text()
    rows = re.findall(r"(?m)^\| `(\"[a-z]+\": .*)` \| (.*) \| (.*) \|$", text)
    named = set(re.search(r"OPERATORS…\}` with `([a-z\s]+)`", text)[1].split())
    seen = set()
    for condition, holds, fails in rows:
        tests = json.loads("{%s}" % condition)
        seen |= tests.keys() - {"nocase"}
        rule = {"id": "r", "title": "t", "effect": "fail", "fingerprint": ["/source"], "match": {"path": "/data/v", **tests}}
        with tempfile.TemporaryDirectory() as folder:
            for kind, content in (("rules", [rule]), ("adapters", [])):
                (pathlib.Path(folder) / kind).mkdir()
                if content:
                    (pathlib.Path(folder) / kind / "r.json").write_text(json.dumps(content))
            values = [(f'"v":{v}', True) for v in re.findall(r"`([^`]+)`", holds)] + [(f'"v":{v}', False) for v in re.findall(r"`([^`]+)`", fails)] + [("", False)]
            for value, wanted in values:
                if value or "exists" in tests:
                    event = '{"specversion":"1.0","id":"1","source":"s","type":"t","data":{%s}}' % value
                    frame = b"-\t%d\n" % len(event.encode()) + event.encode()
                    run = subprocess.run([SHOW, folder], input=frame, check=True, capture_output=True)
                    assert bool(json.loads(run.stdout)["parts"][0]["matches"]) == wanted, (condition, value, wanted)
    assert seen == named, (seen, named)


check_rules()
check_operators()
check_strangers()
check_readme()
print("shipped rules and adapters are complete")
