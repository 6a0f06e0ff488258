"""An ordinary week of a company with forty hosts, as its tools tell it: tens of thousands of messages, most of them chatter,
through a real daemon, a day at a time, by the register's clock.

What the shipped rules make of it can be triaged by one person in ten minutes: half a minute for a nonconformity, ten seconds
for an observation. Each thing that did go wrong is among it. The week is made up in the tools' shapes: WRONG is what went wrong,
NOISE what an honest week also holds (patches, reboots, alerts that come and go), everything else is what tools say when all is well.
Then two days of raw alerts: hundreds about one asset are one record of it, whatever they are, and blocked attacks none.
"""
import collections
import datetime
import json
import pathlib
import random
import sys
import time

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from rig import Rig  # noqa: E402  pylint: disable=wrong-import-position

HOSTS = [f"host{n:02}" for n in range(40)]
SECONDS_FOR = {"critical": 30, "major": 30, "minor": 30, "observation": 10}
# What went wrong this week: rule, and a word of the title or asset.
WRONG = {
    ("restic-failed", "host07"), ("alertmanager-capacity", "DiskWillFill"), ("alertmanager-certificate", "CertExpires"),
    ("wazuh-agent-lost", "host31"), ("aide-changed", "host12"), ("trivy-vulnerability", "shop"), ("github-secret", "acme/shop"),
    ("securityhub-control-failed", "bucket-9"), ("pagerduty-incident", "checkout"),
    ("zabbix-problem", "host20"), ("suricata-alert", "10.0.0.5"), ("systemd-unit-failed", "report.service"),
}
# What else such a week raises, and how often at most: mornings after patches come as a storm, alerts that went away as observations.
NOISE = {"wazuh-vulnerability-critical": 4, "aide-changed": 5, "alertmanager-alert": 8, "grafana-alert": 1, "journal-ssh-failures": 2}


def wrapped(data, **extensions):
    return {"specversion": "1.0", "id": "1", "source": "hosts", "type": "t", **extensions, "data": data}


def wazuh(host, level, **members):
    return "wazuh", {"rule": {"level": level, "description": members.pop("description", "sshd: session"), "id": members.pop("rule", "5501")},
                     "agent": {"name": host}, **members}


def entry(host, at, message, **members):
    return "journal", {"_HOSTNAME": host, "__REALTIME_TIMESTAMP": str(int(at.timestamp() * 1e6)), "PRIORITY": "6", "MESSAGE": message, **members}


def alert(name, status, host, severity="warning"):
    return "alertmanager", {"version": "4", "alerts": [{"status": status, "labels": {"alertname": name, "host": host, "severity": severity}, "fingerprint": f"{name}-{host}"}]}


def login(host, at, result):
    return "linux-audit", {"@timestamp": at.isoformat().replace("+00:00", "Z"), "host": {"name": host}, "record_type": "user_login", "result": result}


def chatter(rng, moments, host):
    """A day of one host, of which nothing is to be raised."""
    for _ in range(36):
        yield wazuh(host, rng.choice([3, 3, 5, 5, 7, 10]))
        yield entry(host, next(moments), "Accepted publickey for ops", SYSLOG_IDENTIFIER="sshd", _SYSTEMD_UNIT="ssh.service")
        yield login(host, next(moments), "success")
    for _ in range(rng.randrange(4)):  # mistyped
        yield entry(host, next(moments), "Failed password for ops from 10.0.0.9 port 1 ssh2", SYSLOG_IDENTIFIER="sshd")
        yield login(host, next(moments), "fail")
    for _ in range(14):
        yield "falco", {"hostname": host, "priority": rng.choice(["Notice", "Informational"]), "rule": "Shell history", "output": "o"}
    yield "restic", wrapped({"message_type": "status", "percent_done": 0.5}, source=f"hosts/{host}", subject="/srv", exitcode=0)
    yield "restic", wrapped({"message_type": "summary", "snapshot_id": "x"}, source=f"hosts/{host}", subject="/srv", exitcode=0)
    yield entry(host, next(moments), "Finished logrotate.service", MESSAGE_ID="39f53479d3a045ac8e11786248231fbf", UNIT="logrotate.service")


def estate(rng):
    """A day of everything that is no host."""
    for _ in range(2800):
        kind = rng.choice(["flow", "dns", "tls", "alert", "stats"])
        message = {"event_type": kind, "src_ip": f"198.51.100.{rng.randrange(250)}", "dest_ip": f"10.0.0.{rng.randrange(40)}"}
        if kind == "alert":
            message["alert"] = {"severity": rng.choice([2, 3]), "action": "allowed", "signature": "scan", "category": "Misc activity"}
        yield "suricata", message
    for _ in range(400):  # attacks from outside that the sensor stopped
        yield "suricata", {"event_type": "alert", "src_ip": "203.0.113.5", "dest_ip": f"10.0.0.{rng.randrange(40)}",
                           "alert": {"severity": 1, "action": "blocked", "signature": "Exploit", "category": "Attempted Administrator Privilege Gain"}}
    for n in range(120):
        yield "aws-securityhub", {"Id": f"arn:{n}", "AwsAccountId": "1", "Compliance": {"Status": "PASSED"}, "RecordState": "ACTIVE", "Resources": [{"Id": "r"}]}
        yield "aws-cloudtrail", {"eventSource": "ec2.amazonaws.com", "eventName": "DescribeInstances", "recipientAccountId": "1", "awsRegion": "r", "userIdentity": {"type": "AssumedRole", "arn": "a"}}
        yield "jira", {"webhookEvent": "jira:issue_updated", "issue": {"key": f"WEB-{n}", "fields": {"issuetype": {"name": "Story"}}}}
        yield "ocsf", {"class_uid": 2004, "severity_id": 3, "status": "New", "status_code": "PASS", "metadata": {"event_code": f"c{n}"}, "resources": [{"uid": "b"}], "cloud": {"account": {"uid": "1"}}}
    for _ in range(8):
        yield "opsgenie", {"action": rng.choice(["Create", "Acknowledge", "AddNote"]), "alert": {"alertId": "x", "message": "m", "alias": "m", "priority": "P5"}}
        yield "aws-event", {"detail-type": "CodeBuild Build State Change", "account": "1", "region": "r", "detail": {"build-status": "SUCCEEDED"}}
        yield "github", {"action": "created", "alert": {"number": rng.randrange(99), "security_advisory": {"severity": "medium"}, "dependency": {"package": {"name": "p"}}}, "repository": {"full_name": "acme/blog"}}
    yield "alertmanager", {"version": "4", "alerts": [{"status": "firing", "labels": {"alertname": "Watchdog"}, "fingerprint": "w"}]}
    yield "pgbackrest", wrapped([{"name": "main", "backup": [{"label": "20261101-010000F", "error": False}], "status": {"code": 0, "message": "ok"}}], source="hosts/db01")
    yield "borg", wrapped({"archive": {"id": "a"}, "repository": {"location": "/backup"}}, source="hosts/mail", subject="/backup", exitcode=0)
    yield "kube-bench", wrapped([{"node_type": "node", "tests": [{"results": [{"test_number": "4.2.6", "status": "PASS", "scored": True}]}]}], subject="prod")
    for image in ("blog", "mail"):
        yield "trivy", {"ArtifactName": image, "Results": [{"Target": "debian", "Class": "os-pkgs", "Vulnerabilities": [
            {"VulnerabilityID": f"CVE-{n}", "PkgName": "p", "Severity": "LOW"} for n in range(40)]}]}


def noise(day, rng, moments):
    """What an honest week also holds."""
    if day == 2:  # a critical flaw in what all hosts have; the next day it is patched, hosts restart, and files differ
        for host in HOSTS:
            yield wazuh(host, 13, rule="23506", data={"vulnerability": {"cve": "CVE-2026-7777", "severity": "Critical", "status": "Active", "package": {"name": "openssl"}}})
    if day == 3:
        for host in HOSTS:
            yield wazuh(host, 3, rule="23502", data={"vulnerability": {"cve": "CVE-2026-7777", "severity": "Critical", "status": "Solved", "package": {"name": "openssl"}}})
            yield wazuh(host, 3, rule="506", description="Wazuh agent stopped.")
            yield wazuh(host, 3, rule="503", description="Wazuh agent started.")
    for host in HOSTS:
        differs = day == 3 or day == 4 and host == "host12"
        yield "aide", wrapped({"outline": "AIDE found differences between database and filesystem!!" if differs else
                               "AIDE found NO differences between database and filesystem. Looks okay!!", "number_of_entries": {"changed": 12}}, subject=host)
    host = f"host{day:02}"  # an alert that fires and is over, each day
    yield alert("LoadHigh", "firing", host)
    yield alert("LoadHigh", "resolved", host)
    if day == 5:
        for status in ("firing", "resolved"):
            yield "grafana", {"alerts": [{"status": status, "labels": {"alertname": f"Latency {day}", "host": "www"}, "fingerprint": f"g{day}"}]}
    for host in ("host00", "host01"):  # two are reached from the Internet, where somebody always tries
        moment = next(moments)
        for second in range(60):
            yield entry(host, moment + datetime.timedelta(seconds=second), f"Failed password for root from 198.51.100.{second} port 1 ssh2", SYSLOG_IDENTIFIER="sshd")
    for _ in range(3):
        yield login(rng.choice(HOSTS), next(moments), "fail")


def trouble(day, rng, moments):
    """What went wrong, as often as the tools say it again."""
    if day == 1:
        for _ in range(2):
            yield "restic", wrapped({"message_type": "error", "error": {"message": "repository is locked"}}, source="hosts/host07", subject="host07")
        yield wazuh("host31", 3, rule="504", description="Wazuh agent disconnected.")
        yield "github", {"action": "created", "alert": {"number": 1, "secret_type": "key", "secret": "s"}, "repository": {"full_name": "acme/shop"}}
        yield entry("host09", next(moments), "report.service: Failed with result 'exit-code'.", MESSAGE_ID="d9b373ed55a64feb8242e02dbe79a49c", UNIT="report.service")
    for _ in range(6):  # repeated every few hours
        yield alert("DiskWillFill", "firing", "host03")
        yield alert("CertExpires", "firing", "www", "critical")
    yield "aws-securityhub", {"Id": "arn:bad", "AwsAccountId": "1", "Title": "Public", "Severity": {"Label": "HIGH"}, "Compliance": {"Status": "FAILED"}, "Resources": [{"Id": "bucket-9"}]}
    yield "trivy", {"ArtifactName": "shop", "Results": [{"Target": "pip", "Class": "lang-pkgs", "Vulnerabilities": [
        {"VulnerabilityID": f"CVE-2026-{n}", "PkgName": "p", "Severity": "HIGH", "FixedVersion": "2"} for n in range(30)]}]}
    if day == 4:
        for kind in ("triggered", "acknowledged", "annotated", "escalated", "resolved"):
            yield "pagerduty", {"event": {"id": kind, "event_type": f"incident.{kind}", "data": {"id": "P1", "title": "checkout is slow", "service": {"summary": "checkout"}}}}
        for status in ("PROBLEM", "OK", "PROBLEM", "OK"):
            yield "zabbix", {"hostname": "host20", "status": status, "severity": "High", "trigger": f"Load on host20 ({status})", "link": "https://z/?triggerid=7&eventid=1"}
        for _ in range(400):  # one scanner at one host
            yield "suricata", {"event_type": "alert", "src_ip": f"198.51.100.{rng.randrange(250)}", "dest_ip": "10.0.0.5",
                               "alert": {"severity": 1, "action": "allowed", "signature": f"s{rng.randrange(90)}", "category": "Attempted Administrator Privilege Gain"}}


def send(rig, messages):
    """What the daemon says of each: messages of one adapter in their order, 500 at once."""
    verdicts = []
    by_adapter = collections.defaultdict(list)
    for adapter, message in messages:
        by_adapter[adapter].append(message)
    for adapter, those in by_adapter.items():
        for first in range(0, len(those), 500):
            verdicts += rig.put(*those[first:first + 500], adapter=adapter)
    return verdicts


def settle(rig):
    """Until nothing that is expected waits to be looked at."""
    deadline = time.monotonic() + 30
    with rig.connect(autocommit=True) as connection:
        while connection.execute("SELECT count(*) FROM capa.expectation WHERE due <= capa.now()").fetchone()[0]:
            assert time.monotonic() < deadline
            time.sleep(0.02)


@pytest.fixture(name="rig", scope="module")
def rig_fixture():
    with Rig("capad-week") as rig:
        rig.start()
        yield rig


@pytest.fixture(name="week", scope="module")
def week_fixture(rig):
    rng = random.Random(7)
    messages, statuses = 0, collections.Counter()
    for day in range(7):
        rig.move_clock("1 day")
        settle(rig)
        evening = rig.now()
        moments = iter(lambda evening=evening: evening - datetime.timedelta(seconds=rng.randrange(86000)), None)
        said = [m for host in HOSTS for m in chatter(rng, moments, host)] + list(estate(rng)) + list(trouble(day, rng, moments))
        rng.shuffle(said)
        said += noise(day, rng, moments)  # a recovery comes after what it recovers from
        messages += len(said)
        statuses.update(verdict["status"] for verdict in send(rig, said))
    rig.move_clock("1 day")
    settle(rig)
    return messages, statuses, rig.call("list", {"all": True})


def about(found, rule, word=""):
    return [nc for nc in found if nc["rule"] == rule and (word in nc["title"] or word in (nc["asset"] or ""))]


def test_nothing_is_refused(week):
    messages, statuses, _ = week
    assert messages > 55000 and set(statuses) == {"stored", "ignored"}, (messages, statuses)


def test_a_person_can_triage_it(week):
    found = week[2]
    grades = collections.Counter(nc["grade"] for nc in found)
    seconds = sum(SECONDS_FOR[nc["grade"]] for nc in found)
    print(f"{week[0]} messages: {dict(grades)}, {seconds} s of triage")
    print(*sorted(f"{nc['grade']} {nc['rule']}: {nc['title']} ({nc['occurrences']} times)" for nc in found), sep="\n")
    assert seconds <= 600, sorted((nc["grade"], nc["rule"], nc["title"], nc["occurrences"]) for nc in found)


def test_all_that_went_wrong_is_there(week):
    for rule, word in WRONG:
        assert len(about(week[2], rule, word)) == 1 or rule == "aide-changed" and about(week[2], rule), (rule, word)
    flood, = about(week[2], "suricata-alert")
    assert flood["occurrences"] == 400 and flood["grade"] == "observation" and flood["asset"] == "10.0.0.5"


def test_nothing_else_is(week):
    rules = collections.Counter(nc["rule"] for nc in week[2])
    assert set(rules) == {rule for rule, _ in WRONG} | set(NOISE), rules
    assert all(rules[rule] <= most for rule, most in NOISE.items()), rules
    waves = [nc for nc in week[2] if nc["rule"] in ("wazuh-vulnerability-critical", "aide-changed") and nc["occurrences"] > 30]
    assert len(waves) == 2, rules  # the morning after the patch is one storm, not forty
    assert {nc["grade"] for nc in about(week[2], "alertmanager-alert")} == {"observation"}  # over before anybody came


def test_replayed_it_is_the_same_week(rig, week):
    """All tools, all adapters: by the same rules `rules replay` comes to the same nonconformities, grades and occurrences."""
    said = rig.call("rules.replay", {"since": "30d"})
    assert (said["more"], said["gone"], said["regraded"], said["lost"], said["refused"]) == ([], [], [], 0, 0)
    assert {m["ref"]: (m["grade"], m["state"], m["occurrences"]) for m in said["same"]} == {nc["ref"]: (nc["grade"], nc["state"], nc["occurrences"]) for nc in week[2]}


# Raw alerts about one asset, as many different ones as there can be; and those that were stopped.
RAW = {
    "wazuh": ("raw-wazuh", lambda n: wazuh("raw-wazuh", 12 + n % 3, rule=str(100000 + n), description=f"alert {n}")[1]),
    "falco": ("raw-falco", lambda n: {"hostname": "raw-falco", "priority": ("Critical", "Error", "Warning")[n % 3], "rule": f"rule {n}", "output": f"o {n}"}),
    "suricata": ("10.9.9.9", lambda n: {"event_type": "alert", "src_ip": f"198.51.100.{n}", "dest_ip": "10.9.9.9",
                                        "alert": {"severity": 1, "action": "allowed", "signature": f"s {n}", "category": "Attempted Administrator Privilege Gain"}}),
    "linux-audit": ("raw-audit", lambda n: {"host": {"name": "raw-audit"}, "record_type": "user_login", "result": "fail", "summary": {"actor": {"primary": str(n)}}}),
    "journal": ("systemd/raw-journal", lambda n: {"_HOSTNAME": "raw-journal", "SYSLOG_IDENTIFIER": "sshd", "MESSAGE": f"Failed password for u{n} from 198.51.100.{n} port 1 ssh2"}),
    "ocsf": ("raw-ocsf", lambda n: {"class_uid": 2004, "severity_id": 4, "status": "New", "finding_info": {"uid": f"d{n}", "title": f"t {n}"}, "device": {"hostname": "raw-ocsf"}}),
    "aws-event": ("raw-instance", lambda n: {"detail-type": "GuardDuty Finding", "account": "1", "region": "r", "id": str(n), "detail": {
        "type": f"Recon {n}", "severity": 5, "resource": {"instanceDetails": {"instanceId": "raw-instance"}}, "service": {"archived": False}}}),
    "aws-securityhub": ("raw-resource", lambda n: {"Id": f"t{n}", "AwsAccountId": "1", "Types": ["TTPs/X"], "Severity": {"Label": "MEDIUM"}, "Resources": [{"Id": "raw-resource"}]}),
}
STOPPED = [
    ("suricata", lambda n: {"event_type": "alert", "src_ip": f"198.51.100.{n}", "dest_ip": "10.8.8.8",
                            "alert": {"severity": 1, "action": "blocked", "signature": f"s {n}", "category": "A Network Trojan was detected"}}),
    ("wazuh", lambda n: {"rule": {"level": 3, "description": f"Host Blocked by firewall-drop Active Response {n}", "id": "651", "groups": ["ossec", "active_response"]}, "agent": {"name": "stopped"}}),
    ("ocsf", lambda n: {"class_uid": 2004, "severity_id": 5, "status": "New", "disposition_id": 2, "finding_info": {"uid": f"b{n}"}, "device": {"hostname": "stopped"}}),
    ("aws-event", lambda n: {"detail-type": "GuardDuty Finding", "account": "1", "region": "r", "id": f"b{n}", "detail": {"type": "Recon", "severity": 8,
                             "resource": {"instanceDetails": {"instanceId": "stopped"}}, "service": {"action": {"portProbeAction": {"blocked": True}}}}}),
    ("aws-securityhub", lambda n: {"Id": f"b{n}", "AwsAccountId": "1", "Types": ["TTPs/X"], "Severity": {"Label": "HIGH"}, "Resources": [{"Id": "stopped"}],
                                   "Action": {"NetworkConnectionAction": {"Blocked": True}}}),
]


@pytest.mark.parametrize("adapter", RAW)
def test_raw_alerts_are_one_observation(rig, week, adapter):  # pylint: disable=unused-argument
    """200 different ones of one asset in a day are one observation of it; the next day adds at most one."""
    asset, make = RAW[adapter]
    for day, most in enumerate((1, 2)):
        send(rig, [(adapter, make(n)) for n in range(200)])
        found = [nc for nc in rig.call("list", {"all": True}) if nc["asset"] == asset]
        assert found and len(found) <= most and {nc["grade"] for nc in found} == {"observation"}, found
        assert sum(nc["occurrences"] for nc in found) == 200 * (day + 1), found
        rig.move_clock("1 day")


@pytest.mark.parametrize("adapter, make", STOPPED, ids=[adapter for adapter, _ in STOPPED])
def test_what_was_stopped_is_counted(rig, week, adapter, make):  # pylint: disable=unused-argument
    before, counted = len(rig.call("list", {"all": True})), rig.call("status")["ingest"]["noise"]
    verdicts = send(rig, [(adapter, make(n)) for n in range(200)])
    assert {v["status"] for v in verdicts} == {"ignored"}
    assert len(rig.call("list", {"all": True})) == before and rig.call("status")["ingest"]["noise"] == counted + 200
