"""An adapter for a tool that capad does not ship, written from daemon/adapters/README.md alone: the webhook of Uptime
Kuma (uptime-kuma/adapter.json, rules.json), tried before it is there, put there, and met by messages in the tool's shape.
"""
import json
import pathlib
import shutil
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from rig import ROOT, Rig  # noqa: E402  pylint: disable=wrong-import-position

HERE = pathlib.Path(__file__).resolve().parent / "uptime-kuma"


@pytest.fixture(name="rig", scope="module")
def rig_fixture():
    with Rig("capad-own-adapter") as rig:
        shutil.copy(HERE / "adapter.json", rig.dir / "etc/adapters.d/uptime-kuma.json")
        shutil.copy(HERE / "rules.json", rig.dir / "etc/rules.d/uptime-kuma.json")
        rig.start()
        yield rig


def message(status, number=7, at="2026-11-22 01:46:00.250", **monitor):
    """What the tool posts, with more members than anybody looks at."""
    return {"heartbeat": {"monitorID": number, "status": status, "time": at, "msg": "timeout of 48000ms exceeded" if status == 0 else "200 - OK",
                          "ping": None, "important": True, "duration": 60, "retries": 2, "timezone": "Europe/Berlin", "timezoneOffset": "+01:00",
                          "localDateTime": "2026-11-22 02:46:00"},
            "monitor": {"id": number, "name": f"Site {number}", "description": None, "url": "https://user:s3cret-word@shop.example.org/health",
                        "method": "GET", "hostname": None, "port": None, "type": "http", "interval": 60, "basic_auth_user": "probe",
                        "basic_auth_pass": "s3cret-word", "headers": '{"Authorization": "Bearer s3cret-word"}', "tags": [], **monitor},
            "msg": f"[Site {number}] [{'🔴 Down' if status == 0 else '✅ Up'}]"}


def test_it_is_not_shipped():
    for folder in ("adapters", "rules"):
        assert not any("uptime-kuma" in file.read_text() for file in (ROOT / "daemon" / folder).glob("*.json"))


def test_its_own_tests(rig):
    answer = rig.call("adapters.test", {"adapter": "uptime-kuma"})
    assert answer["ok"] and answer["tests"] == 5 and not answer["failures"], answer
    failing = (HERE / "adapter.json").read_text().replace('"to": "uptime-kuma.down"', '"to": "uptime-kuma.low"')
    answer = rig.call("adapters.test", {"path": "uptime-kuma.json", "text": failing})
    assert not answer["ok"] and "uptime-kuma.low" in answer["failures"][0], answer


def test_down_and_up_again(rig):
    down, again, other, pending, upkeep = rig.put(
        message(0), message(0, at="2026-11-22 01:47:00.250"), message(0, 8, hostname="web02", tags=[{"name": "Production", "value": ""}]),
        message(2, 9), message(3, 9), adapter="uptime-kuma")
    assert [v["results"][0]["effect"] for v in (down, again, other)] == ["raised", "occurrence", "raised"], (down, again, other)
    assert [v["status"] for v in (pending, upkeep)] == ["ignored", "ignored"]
    first, second = (rig.call("show", {"ref": v["results"][0]["nc"]}) for v in (down, other))
    assert again["results"][0]["nc"] == first["ref"] != second["ref"]
    assert (first["title"], first["asset"], first["grade"]) == ("Site 7 on shop.example.org is down", "shop.example.org", "minor")
    assert (second["title"], second["asset"], second["grade"]) == ("Site 8 on web02 is down", "web02", "major")
    assert first["occurrences"] == 2 and first["statement"]["found"] == "timeout of 48000ms exceeded" and first["controls"] == ["A.8.6"]
    up, unknown = rig.put(message(1), message(1, 99), adapter="uptime-kuma")
    assert (up["results"][0]["effect"], up["results"][0]["nc"]) == ("evidence", first["ref"])
    assert "nc" not in unknown["results"][0], unknown


def test_no_secret_is_kept(rig):
    rig.put(message(0, 20), adapter="uptime-kuma")
    with rig.connect() as connection:
        bodies = [body for (body,) in connection.execute("SELECT body FROM capa.event WHERE source = 'uptime-kuma'")]
        kept = [bytes(body) for (body,) in connection.execute("SELECT body FROM capa.evidence_body")]
    assert bodies and all("[redacted]" in body and "s3cret-word" not in body for body in bodies)
    assert kept and not any(b"s3cret-word" in body for body in kept)


def test_other_messages(rig):
    """The button that tries a webhook has no heartbeat; what is no object, or another tool's, raises nothing."""
    verdicts = rig.put({"heartbeat": None, "monitor": None, "msg": "Uptime Kuma Testing"}, {"alerts": []}, b'"text"', b"{", adapter="uptime-kuma")
    assert [v["status"] for v in verdicts][:2] == ["ignored", "ignored"] and verdicts[3]["status"] == "invalid", verdicts
    assert not any(r["effect"] == "raised" for v in verdicts for r in v.get("results", [])), json.dumps(verdicts)
