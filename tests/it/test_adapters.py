"""adapters.list and adapters.test, and what real tools' messages become in a register: nested lists, wrapped messages,
redaction before storing, recovery by the tool, a file of adapters that is wrong.
"""
import json
import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from rig import ROOT, Rig  # noqa: E402  pylint: disable=wrong-import-position
from schemas import check  # noqa: E402  pylint: disable=wrong-import-position

VAULT = (ROOT / "daemon" / "adapters" / "README.md").read_text().split("```json\n")[2].split("```")[0]


@pytest.fixture(name="rig", scope="module")
def rig_fixture():
    with Rig("capad-adapters") as rig:
        rig.start()
        yield rig


def wrapped(data, **extensions):
    return {"specversion": "1.0", "id": "w-1", "source": "hosts/db01", "type": "tool.message", **extensions, "data": data}


def test_list(rig):
    answer = rig.call("adapters.list")
    loaded = {a["id"]: a for a in answer["adapters"]}
    shipped = {a["id"] for p in (ROOT / "daemon" / "adapters").glob("*.json") for a in json.loads(p.read_text())["adapters"]}
    assert loaded.keys() == shipped and len(answer["hash"]) == 64
    trivy = loaded["trivy"]
    assert trivy["each"][0] == "/Results/*" and trivy["rules"] >= 5 and trivy["tests"] >= 5
    assert len(trivy["hash"]) == 64 and trivy["file"].endswith("/adapters.d/trivy.json") and "Raises" in trivy["description"]


def test_a_loaded_one(rig):
    event = json.dumps({"hostname": "n1", "priority": "Critical", "rule": "shell", "output": "sh (password=x y)"})
    answer = rig.call("adapters.test", {"adapter": "falco", "event": event})
    assert answer["ok"] and answer["tests"] >= 5 and not answer["failures"] and answer["adapter"] == "falco"
    part, = answer["shown"]["parts"]
    assert (part["source"], part["type"], part["subject"]) == ("falco/n1", "falco.critical", "n1")
    assert part["matches"][0]["rule"] == "falco-alert" and part["fields"]["host"] == "n1"
    assert answer["shown"]["redacted"] and "password=x" not in answer["shown"]["stored"]


def test_a_file(rig):
    message = '{"tenant": "acme", "sites": [{"host": "h", "checks": [{"no": 1, "state": "ok"}]}]}'
    answer = rig.call("adapters.test", {"path": "vaultwatch.json", "text": VAULT, "event": message})
    assert answer["ok"] and answer["tests"] == 1 and answer["adapter"] == "vaultwatch" and "replaces" not in answer
    assert answer["shown"]["parts"][0]["type"] == "vaultwatch.ok"
    # in the place of the file of its name, and nothing is changed by asking
    falco = (ROOT / "daemon" / "adapters" / "falco.json").read_text().replace('"to": "falco.critical"', '"to": "falco.worst"')
    answer = rig.call("adapters.test", {"path": "falco.json", "text": falco})
    assert not answer["ok"] and answer["replaces"].endswith("/adapters.d/falco.json")
    assert "falco.critical" in answer["failures"][0] and answer["failures"][0].startswith("falco.json:")
    assert rig.call("adapters.test", {"adapter": "falco"})["ok"]


@pytest.mark.parametrize(("change", "sentence"), [
    (('"each": "/sites/*/checks/*"', '"each": "/sites"'), 'ends with "/*"'),
    (('"as": "number"', '"as": "int"'), '"as" can be "number" or "text"'),
    (('"above": "/host"', '"abvoe": "/host"'), 'did you mean "above"?'),
    (('"re": "--token=[^ ]+"', '"re": "("'), "regular expression"),
    (('"id": "vaultwatch"', '"id": "falco"'), 'there is another adapter "falco"'),
])
def test_mistakes_have_a_place(rig, change, sentence):
    answer = rig.call("adapters.test", {"path": "vaultwatch.json", "text": VAULT.replace(*change)})
    assert not answer["ok"]
    place, _, rest = answer["failures"][0].partition(": ")
    assert place.rsplit("/", maxsplit=1)[-1].split(":")[0] in ("vaultwatch.json", "falco.json")
    assert all(number.isdigit() for number in place.split(":")[1:]) and sentence in rest, answer


def test_what_is_not_there(rig):
    answer = rig.call("adapters.test", {"adapter": "flaco"})
    assert not answer["ok"] and 'no adapter "flaco"' in answer["failures"][0]
    with pytest.raises(Exception, match="adapters.test needs"):
        rig.call("adapters.test")


def test_a_report_of_three_levels(rig):
    report = [{"node_type": "node", "tests": [{"section": "4.1", "results": [
        {"test_number": "4.1.1", "status": "FAIL", "scored": True}, {"test_number": "4.1.2", "status": "WARN"}]}]}]
    verdict, = rig.put(wrapped(report, subject="prod"), adapter="kube-bench")
    assert verdict["events"] == 2 and [r["effect"] for r in verdict["results"]] == ["raised"], verdict
    nc = rig.call("show", {"ref": verdict["results"][0]["nc"]})
    assert nc["title"] == "4.1.1 fails on node of prod" and nc["asset"] == "prod" and nc["controls"] == ["A.8.9"]
    report[0]["tests"][0]["results"][0]["status"] = "PASS"
    verdict, = rig.put(wrapped(report, subject="prod"), adapter="kube-bench")
    assert verdict["results"][0] == {**verdict["results"][0], "effect": "evidence", "nc": nc["ref"]}, verdict


def test_events_in_a_text_of_their_message(rig, tmp_path):
    """SNS carries a post as a text: its alerts raise and prove, their bytes are their piece of the text, and are read without its escapes."""
    def carried(status):
        alerts = [{"status": status, "labels": {"alertname": "Übersicht", "host": host, "big": 9007199254740993}, "fingerprint": host} for host in ("n1", "n2")]
        return {"Type": "Notification", "Message": json.dumps({"alerts": alerts}), "Subject": "x"}, alerts

    message, alerts = carried("firing")
    verdict, = rig.put(message, adapter="alertmanager")
    assert verdict["events"] == 2 and [r["effect"] for r in verdict["results"]] == ["raised", "raised"], verdict
    for alert, result in zip(alerts, verdict["results"]):
        nc = rig.call("show", {"ref": result["nc"]})
        assert nc["asset"] == alert["labels"]["host"] and nc["evidence"][0]["event"] == alert, nc
        assert rig.call("event", {"eventno": nc["evidence"][0]["eventno"]})["event"] == alert
        kept = tmp_path / result["nc"]
        assert rig.capactl("evidence", "get", nc["evidence"][0]["ref"], "-o", kept).returncode == 0
        piece = kept.read_text(encoding="utf-8")
        assert piece in json.dumps(message) and json.loads(json.loads(f'"{piece}"')) == alert
    verdict, = rig.put(carried("resolved")[0], adapter="alertmanager")
    assert [r["effect"] for r in verdict["results"]] == ["evidence", "evidence"], verdict
    verdict, = rig.put({"Type": "SubscriptionConfirmation", "Message": "You have chosen to subscribe"}, adapter="alertmanager")
    assert verdict["status"] == "invalid" and "of the JSON in the text at /Message" in verdict["error"], verdict


def test_several_texts_in_one_message(rig):
    """One a line: each has its own events and its own bytes; a bad line refuses the message, and no other of the request."""
    alerts = [{"hostname": "n2", "priority": "Warning", "rule": "r", "output": f"password=x{i} y"} for i in (1, 2)]
    lines = "\n".join(json.dumps(alert) for alert in alerts).encode() + b"\n"
    posts = [{"host": 1, "alerts": [{"status": "firing", "labels": {"alertname": f"Line{i}", "host": "n"}, "fingerprint": f"line{i}"}]} for i in (1, 2)]
    good, bad, again = rig.put(lines, lines + b"{", lines, adapter="falco")
    assert good["status"] == "stored" and good["events"] == 2 and [r["effect"] for r in good["results"]] == ["raised", "occurrence"], good
    assert bad["status"] == "invalid" and "line 3" in bad["error"], bad
    assert [r["effect"] for r in again["results"]] == ["occurrence", "occurrence"], again
    evidence, = rig.call("show", {"ref": good["results"][0]["nc"]})["evidence"]
    assert evidence["event"] == {**alerts[0], "output": evidence["event"]["output"]} and "password=x" not in json.dumps(evidence), evidence
    second = rig.call("event", {"eventno": evidence["eventno"] + 1})["event"]
    assert second == {**alerts[1], "output": second["output"]} and "password=x" not in json.dumps(second), second
    verdict, = rig.put("\n".join(map(json.dumps, posts)).encode(), adapter="alertmanager")
    assert verdict["events"] == 2 and [r["effect"] for r in verdict["results"]] == ["raised", "raised"], verdict
    verdict, = rig.put("\n".join(json.dumps(wrapped({}, id=f"l-{i}")) for i in (1, 2)).encode())
    assert verdict["status"] == "invalid" and "more text behind" in verdict["error"], verdict  # CloudEvents come one by one


def test_controls_that_a_finding_names(rig, tmp_path):
    """They are the nonconformity's, in the numbers of 2022, and `rules explain` says which and what was left out."""
    control = {"id": "cis-2.2.1.1", "title": "Time is synchronized", "impact": 0.7, "results": [{"status": "failed"}],
               "tags": {"ISO27001_2013": ["A.12.4.4", "A.18.2.3", "A.99.1.1"]}}
    report = {"platform": {"target_id": "log01"}, "profiles": [{"name": "cis", "controls": [control]}]}
    verdict, = rig.put(report, adapter="inspec")
    nc = rig.call("show", {"ref": verdict["results"][0]["nc"]})
    assert nc["controls"] == ["A.8.9", "A.8.17", "A.5.36", "A.8.8"], nc
    assert nc["ref"] in [n["ref"] for n in rig.call("list", {"control": "A.8.17"})]
    (tmp_path / "report").write_text(json.dumps(report))
    lines = rig.capactl("rules", "explain", "--adapter", "inspec", tmp_path / "report").stdout.splitlines()
    at = next(i for i, line in enumerate(lines) if "matches: inspec-failed" in line and "not" not in line)
    assert "      controls: A.8.9, A.8.17, A.5.36, A.8.8" in lines[at:] and "      no control of Annex A, left out: A.99.1.1" in lines[at:], lines


def test_a_backup_that_does_not_say_how_it_ended(rig):
    summary = {"message_type": "summary", "snapshot_id": "ef8f"}
    assert rig.put(summary, adapter="restic")[0]["status"] == "ignored"
    verdict, = rig.put(wrapped(summary, subject="/srv", exitcode=3), adapter="restic")
    assert verdict["results"][0]["effect"] == "raised", verdict
    again, = rig.put(wrapped(summary, subject="/srv", exitcode=0), adapter="restic")
    assert (again["results"][0]["effect"], again["results"][0]["nc"]) == ("evidence", verdict["results"][0]["nc"])


def test_secrets_are_not_stored(rig):
    alert = {"action": "created", "alert": {"number": 4, "secret_type": "aws_key", "secret": "AKIAFORTESTING"},
             "repository": {"full_name": "acme/shop"}}
    verdict, = rig.put(alert, adapter="github")
    assert verdict["results"][0]["effect"] == "raised", verdict
    with rig.connect() as connection:
        bodies = [body for (body,) in connection.execute("SELECT body FROM capa.event WHERE source = 'github/acme/shop'")]
        kept = [bytes(body) for (body,) in connection.execute("SELECT body FROM capa.evidence_body")]
    assert bodies and all("[redacted]" in body and "AKIAFORTESTING" not in body for body in bodies)
    assert kept and not any(b"AKIAFORTESTING" in body for body in kept)
    # what was taken out is told with the evidence and with the event; of what nothing was taken out, nothing is
    evidence, = rig.call("show", {"ref": verdict["results"][0]["nc"]})["evidence"]
    assert evidence["redacted"] == ["/alert/secret", "anywhere/secret"], evidence
    check("show", rig.call("show", {"ref": verdict["results"][0]["nc"]}))
    assert "taken out: /alert/secret, anywhere/secret" in rig.capactl("show", verdict["results"][0]["nc"]).stdout
    assert rig.call("event", {"eventno": evidence["eventno"]})["redacted"] == evidence["redacted"]
    verdict, = rig.put({"hostname": "n9", "priority": "Critical", "rule": "shell", "output": "sh"}, adapter="falco")
    evidence, = rig.call("show", {"ref": verdict["results"][0]["nc"]})["evidence"]
    assert "redacted" not in evidence and "redacted" not in rig.call("event", {"eventno": evidence["eventno"]})


def test_hopeless_messages(rig):
    """In no known shape: refused with a reason that says what was looked for, and neighbours are not harmed."""
    good = {"hostname": "n2", "priority": "Warning", "rule": "r", "output": "o"}
    verdicts = rig.put(good, {"neither": 1}, [1], good, adapter="falco")
    assert [v["status"] for v in verdicts] == ["stored", "invalid", "invalid", "stored"], verdicts
    assert 'adapter "falco"' in verdicts[1]["results"][0]["error"]
    verdict, = rig.put({"hello": "world"}, adapter="trivy")
    assert verdict["events"] == 0
    verdict, = rig.put({"hello": "world"}, adapter="alertmanager")
    assert verdict["status"] == "invalid" and "takes its events from /alerts/*" in verdict["error"]


def test_an_adapter_and_its_rules_before_they_are_there(rig, tmp_path):
    """Judged together, as they would be once both are put there; the rules alone know no such adapter."""
    adapter, rules = tmp_path / "adapter.json", tmp_path / "rules.json"
    adapter.write_text(VAULT)
    broken = {"id": "vault-broken", "adapter": "vaultwatch", "title": "Check {/check} is broken", "effect": "fail", "fingerprint": ["/subject", "/check"],
              "match": {"path": "/type", "eq": "vaultwatch.broken"}, "controls": ["A.8.24"]}
    rules.write_text(json.dumps([broken]))
    alone = rig.capactl("rules", "check", str(rules), check=False)
    assert alone.returncode == 1 and 'no adapter "vaultwatch"' in alone.stderr
    assert "no mistake found" in rig.capactl("rules", "check", str(adapter)).stdout
    assert "no mistake found" in rig.capactl("rules", "check", str(adapter), str(rules)).stdout
    assert "as they should be" in rig.capactl("rules", "test", str(rules), str(adapter)).stdout
    rules.write_text(json.dumps([{**broken, "title": "Check {/chekc} is broken"}]))
    both = rig.capactl("rules", "check", str(adapter), str(rules), check=False)
    assert both.returncode == 1 and '"chekc"' in both.stderr and "rules.json:1:" in both.stderr
    slip = rig.capactl("rules", "check", str(rules.with_name("slip.json")), check=False)
    assert slip.returncode == 2 and "slip.json" in slip.stderr
    rules.write_text(json.dumps([{**broken, "adapter": "falko"}]))
    assert 'did you mean "falco"' in rig.capactl("rules", "check", str(rules), check=False).stderr


def test_explained_with_what_the_register_would_do(rig, tmp_path):
    """Which clause decided, what the rule comes to, and what the register adds: an open nonconformity, a hold."""
    alert = {"hostname": "explained", "priority": "Error", "rule": "r", "output": "o"}
    (tmp_path / "alert").write_text(json.dumps(alert))

    def lines():
        return rig.capactl("rules", "explain", "--adapter", "falco", tmp_path / "alert").stdout.splitlines()
    said = lines()
    at = said.index("  matches: falco-alert (fail)")
    assert '      /type is falco.warning: holds (in ["falco.critical", "falco.warning"])' in said[at:] and "      then it raises, or is an occurrence of what was raised." in said[at:], said
    assert said[-1] == "  falco-alert (fail): a new nonconformity of grade observation." and any("more rules are for events of other adapters" in line for line in said), said
    ref = rig.put(alert, adapter="falco")[0]["results"][0]["nc"]
    assert lines()[-1] == f"  falco-alert (fail): an occurrence of {ref} (observation, raised)."
    with rig.connect() as connection:
        number = connection.execute("SELECT max(eventno) FROM capa.event WHERE source = 'falco/explained'").fetchone()[0]
    for word in (str(number), f"EVENT-{number}"):  # as it is stored, by the adapter that took it
        assert rig.capactl("rules", "explain", word).stdout.splitlines() == lines()
    assert rig.capactl("rules", "explain", "99999999", check=False).returncode == 4
    rig.capactl("rules", "hold", "falco-alert", "--reason", "a test")
    assert lines()[-1].startswith("  falco-alert (fail): suppressed: rule falco-alert is held")
    rig.capactl("rules", "release", "falco-alert", "--reason", "tested")
    (tmp_path / "alert").write_text(json.dumps({"event_type": "alert", "src_ip": "10.0.0.1", "dest_ip": "10.0.0.2", "alert": {"action": "blocked", "severity": 1, "category": "c"}}))
    blocked = rig.capactl("rules", "explain", "--adapter", "suricata", tmp_path / "alert").stdout
    assert "then it is counted and not kept, whatever other rules say." in blocked and "in the register" not in blocked, blocked
