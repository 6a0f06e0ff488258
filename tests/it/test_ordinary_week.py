"""An ordinary week of a company with forty hosts, as its tools tell it: tens of thousands of messages, most of them chatter.

What the shipped rules raise of it is fewer than a person can triage in ten minutes (half a minute each), each thing that
did go wrong is among it, and each tool's flood is at most one for each asset. The week is made up in the tools' shapes;
what goes wrong in it is listed in WRONG, everything else is what such tools say when all is well.
"""
import collections
import json
import os
import pathlib
import random
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("CAPA_BUILD", ROOT / "build" / "test"))
SHOW = BUILD / "tests" / "unit" / "core" / "show_frames"
pytestmark = pytest.mark.skipif(not SHOW.is_file(), reason="show_frames is not built; set CAPA_BUILD")

HOSTS = [f"host{n:02}" for n in range(40)]
TRIAGE_IN_TEN_MINUTES = 20
# What went wrong this week: rule, and a word of the title or asset.
WRONG = {
    ("restic-failed", "host07"), ("alertmanager-capacity", "DiskWillFill"), ("alertmanager-certificate", "CertExpires"),
    ("wazuh-agent-lost", "host31"), ("wazuh-vulnerability-critical", "CVE-2026-7777"), ("aide-changed", "host12"),
    ("trivy-vulnerability", "shop"), ("github-secret", "acme/shop"), ("securityhub-control-failed", "bucket-9"),
    ("pagerduty-incident", "checkout"), ("kube-bench-failed", "4.2.6"), ("zabbix-problem", "host20"),
}


def wrapped(data, **extensions):
    return {"specversion": "1.0", "id": "1", "source": "hosts", "type": "t", **extensions, "data": data}


def chatter(rng):
    """Seven days of what is said anyway."""
    for host in HOSTS:
        for _ in range(250):
            yield "wazuh", {"rule": {"level": rng.choice([3, 3, 5, 5, 7, 10]), "description": "sshd: session", "id": "5501"}, "agent": {"name": host}}
            yield "journal", {"_HOSTNAME": host, "PRIORITY": "6", "SYSLOG_IDENTIFIER": "sshd", "MESSAGE": "Accepted publickey", "_SYSTEMD_UNIT": "ssh.service"}
            yield "linux-audit", {"host": {"name": host}, "record_type": "user_login", "result": rng.choice(["success", "success", "fail"])}
        for _ in range(100):
            yield "falco", {"hostname": host, "priority": rng.choice(["Notice", "Informational"]), "rule": "Shell history", "output": "o"}
        for _ in range(7):
            yield "aide", wrapped({"outline": "AIDE found NO differences between database and filesystem. Looks okay!!"}, subject=host)
            yield "restic", wrapped({"message_type": "status", "percent_done": 0.5}, source=f"hosts/{host}", subject="/srv", exitcode=0)
            yield "restic", wrapped({"message_type": "summary", "snapshot_id": "x"}, source=f"hosts/{host}", subject="/srv", exitcode=0)
            yield "journal", {"_HOSTNAME": host, "PRIORITY": "6", "MESSAGE": "Finished logrotate.service", "MESSAGE_ID": "39f53479d3a045ac8e11786248231fbf", "UNIT": "logrotate.service"}
    for _ in range(20000):
        kind = rng.choice(["flow", "dns", "tls", "alert", "stats"])
        message = {"event_type": kind, "src_ip": f"198.51.100.{rng.randrange(250)}", "dest_ip": f"10.0.0.{rng.randrange(40)}"}
        if kind == "alert":
            message["alert"] = {"severity": rng.choice([2, 3]), "action": "allowed", "signature": "scan", "category": "Misc activity"}
        yield "suricata", message
    for _ in range(3000):  # attacks from outside that the sensor stopped
        yield "suricata", {"event_type": "alert", "src_ip": "203.0.113.5", "dest_ip": f"10.0.0.{rng.randrange(40)}",
                           "alert": {"severity": 1, "action": "blocked", "signature": "Exploit", "category": "Attempted Administrator Privilege Gain"}}
    for _ in range(7 * 120):
        yield "aws-securityhub", {"Id": f"arn:{rng.randrange(120)}", "AwsAccountId": "1", "Compliance": {"Status": "PASSED"}, "RecordState": "ACTIVE", "Resources": [{"Id": "r"}]}
        yield "aws-cloudtrail", {"eventSource": "ec2.amazonaws.com", "eventName": "DescribeInstances", "recipientAccountId": "1", "awsRegion": "r", "userIdentity": {"type": "AssumedRole", "arn": "a"}}
        yield "jira", {"webhookEvent": "jira:issue_updated", "issue": {"key": f"WEB-{rng.randrange(90)}", "fields": {"issuetype": {"name": "Story"}}}}
    for day in range(7):
        yield "alertmanager", {"version": "4", "alerts": [{"status": "firing", "labels": {"alertname": "Watchdog"}, "fingerprint": "w"}]}
        for image in ("shop", "blog", "mail"):
            yield "trivy", {"ArtifactName": image, "Results": [{"Target": "debian", "Class": "os-pkgs", "Vulnerabilities": [
                {"VulnerabilityID": f"CVE-{day}-{n}", "PkgName": "p", "Severity": "LOW"} for n in range(40)]}]}


def trouble(rng):
    """What went wrong, as often as the tools say it again."""
    for _ in range(2):
        yield "restic", wrapped({"message_type": "error", "error": {"message": "repository is locked"}}, source="hosts/host07", subject="host07")
    for _ in range(60):  # repeated every few hours
        yield "alertmanager", {"version": "4", "alerts": [
            {"status": "firing", "labels": {"alertname": "DiskWillFill", "host": "host03", "severity": "warning"}, "fingerprint": "d"},
            {"status": "firing", "labels": {"alertname": "CertExpires", "host": "www", "severity": "critical"}, "fingerprint": "c"}]}
    yield "wazuh", {"rule": {"level": 3, "description": "Wazuh agent disconnected.", "id": "504"}, "agent": {"name": "host31"}}
    for _ in range(7):
        yield "wazuh", {"rule": {"level": 13, "description": "v", "id": "23506"}, "agent": {"name": "host02"}, "data": {"vulnerability": {"cve": "CVE-2026-7777", "severity": "Critical", "status": "Active", "package": {"name": "openssl"}}}}
        yield "aws-securityhub", {"Id": "arn:bad", "AwsAccountId": "1", "Title": "Public", "Severity": {"Label": "HIGH"}, "Compliance": {"Status": "FAILED"}, "Resources": [{"Id": "bucket-9"}]}
        yield "trivy", {"ArtifactName": "shop", "Results": [{"Target": "pip", "Class": "lang-pkgs", "Vulnerabilities": [
            {"VulnerabilityID": f"CVE-2026-{n}", "PkgName": "p", "Severity": "HIGH", "FixedVersion": "2"} for n in range(30)]}]}
    yield "aide", wrapped({"outline": "AIDE found differences between database and filesystem!!", "number_of_entries": {"changed": 812}}, subject="host12")
    yield "github", {"action": "created", "alert": {"number": 1, "secret_type": "key", "secret": "s"}, "repository": {"full_name": "acme/shop"}}
    for kind in ("triggered", "acknowledged", "annotated", "escalated", "resolved"):
        yield "pagerduty", {"event": {"id": kind, "event_type": f"incident.{kind}", "data": {"id": "P1", "title": "checkout is slow", "service": {"summary": "checkout"}}}}
    yield "kube-bench", wrapped([{"node_type": "node", "tests": [{"results": [{"test_number": "4.2.6", "status": "FAIL", "scored": True}]}]}], subject="prod")
    for status in ("PROBLEM", "OK", "PROBLEM", "OK"):
        yield "zabbix", {"hostname": "host20", "status": status, "severity": "High", "trigger": f"Load on host20 ({status})", "link": "https://z/?triggerid=7&eventid=1"}
    for _ in range(400):  # one scanner at one host: a flood of alerts is one observation of it
        yield "suricata", {"event_type": "alert", "src_ip": f"198.51.100.{rng.randrange(250)}", "dest_ip": "10.0.0.5",
                           "alert": {"severity": 1, "action": "allowed", "signature": f"s{rng.randrange(90)}", "category": "Attempted Administrator Privilege Gain"}}


@pytest.fixture(name="week", scope="module")
def week_fixture():
    rng = random.Random(7)
    messages = [*chatter(rng), *trouble(rng)]
    rng.shuffle(messages)
    frames = []
    for adapter, message in messages:
        raw = json.dumps(message).encode()
        frames.append(adapter.encode() + b"\t%d\n" % len(raw) + raw)
    run = subprocess.run([SHOW, ROOT / "daemon"], input=b"".join(frames), check=True, capture_output=True, timeout=300)
    raised = collections.defaultdict(list)
    events = refused = 0
    for line in run.stdout.splitlines():
        shown = json.loads(line)
        refused += shown["status"] is not None
        for part in shown["parts"]:
            events += 1
            refused += part["status"] == "invalid"
            for match in part["matches"]:
                if match["effect"] == "fail":
                    raised[match["fingerprint"]].append(match)
    return len(messages), events, refused, raised


def test_nothing_is_refused(week):
    messages, events, refused, _ = week
    assert messages > 50000 and events > messages and refused == 0


def test_a_person_can_triage_it(week):
    raised = week[3]
    titles = sorted(f"{m[0]['rule']}: {m[0]['title']} ({len(m)} times)" for m in raised.values())
    assert len(raised) <= TRIAGE_IN_TEN_MINUTES, titles


def test_all_that_went_wrong_is_there(week):
    raised = week[3]
    for rule, word in WRONG:
        found = [m for m in raised.values() if m[0]["rule"] == rule and (word in m[0]["title"] or word in (m[0]["asset"] or ""))]
        assert len(found) == 1, (rule, word, found)


def test_nothing_else_is(week):
    known = {rule for rule, _ in WRONG} | {"suricata-alert"}
    assert {m[0]["rule"] for m in week[3].values()} == known
    flood, = [m for m in week[3].values() if m[0]["rule"] == "suricata-alert"]
    assert len(flood) == 400 and flood[0]["grade"] == "observation" and flood[0]["asset"] == "10.0.0.5"
