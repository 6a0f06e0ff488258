"""The link of a subscription, by a real publisher that is killed and comes back, and by an address where nobody is: what it
carries is not blamed, it is told, and nothing else passes by it.

What the register makes of times is tested in tests/sql (link), when a link stands in tests/unit (bus/link, app/standing).
"""
import json
import pathlib
import re
import subprocess
import sys
import uuid

import pytest
from conftest import wait_for

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import rig as rigs  # noqa: E402  pylint: disable=wrong-import-position

RULES = [
    {"id": "reading-missing", "title": "No reading of {/subject}", "effect": "missing", "controls": ["A.7.5"],
     "match": {"path": "/type", "eq": "t.reading"}, "expect": {"every": "24h", "grace": "2h", "subjects": ["hall", "roof"]}},
    {"id": "far-missing", "title": "Nothing of {/subject}", "effect": "missing", "controls": ["A.7.5"],
     "match": {"all": [{"path": "/type", "eq": "t.far"}, {"path": "/source", "startswith": "/nowhere/"}]},
     "expect": {"every": "24h", "subjects": ["moon"]}},
    {"id": "too-warm", "title": "{/subject} is too warm", "effect": "fail", "fingerprint": ["/subject"], "controls": ["A.7.5"],
     "owner": "ops", "triaged": True, "grade": "minor", "match": {"path": "/type", "eq": "t.warm"}},
]
# Publishes each line of its standard input, behind a topic, once somebody has subscribed.
PUBLISHER = """
import sys, zmq
socket = zmq.Context().socket(zmq.XPUB)
socket.setsockopt(zmq.XPUB_VERBOSE, 1)
socket.bind(sys.argv[1])
socket.recv()
for line in sys.stdin:
    socket.send_multipart([b"readings", line.strip().encode()])
"""


class Publisher:
    def __init__(self, address):
        # pylint: disable-next=consider-using-with
        self.process = subprocess.Popen([sys.executable, "-c", PUBLISHER, address], stdin=subprocess.PIPE, text=True)

    def say(self, kind, source, subject):
        self.process.stdin.write(json.dumps({"specversion": "1.0", "id": uuid.uuid4().hex, "source": source, "type": "t." + kind,
                                             "subject": subject}) + "\n")
        self.process.stdin.flush()

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.process.stdin.close()


@pytest.fixture(name="rig")
def rig_fixture(tmp_path):
    subscriptions = [{"name": "sensors", "endpoint": f"ipc://{tmp_path}/sensors.sock", "sources": ["/sensors/"]},
                     {"name": "nowhere", "endpoint": f"ipc://{tmp_path}/nobody.sock", "sources": "/nowhere/"},
                     {"name": "learns", "endpoint": f"ipc://{tmp_path}/sensors.sock"}]
    with rigs.Rig("capad-link", rules=RULES, config={"endpoints.heartbeat_ms": 200, "subscriptions": subscriptions}) as rig:
        rig.publisher = Publisher(subscriptions[0]["endpoint"])
        try:
            rig.start()
            yield rig
        finally:
            rig.publisher.kill()


def one(rig, sql):
    with rig.connect() as connection:
        return connection.execute(sql).fetchone()[0]


def connected(rig, name):
    return rig.call("status")["daemon"]["subscriptions"][name]["connected"]


def known(rig):
    """What the register knows of the links: {name: whether it stands}."""
    return one(rig, "SELECT coalesce(jsonb_object_agg(name, up), '{}') FROM capa.link_now")


def told(rig, reason="link_down"):
    found = rig.call("journal.read", {"after": 0, "topics": ["sys.degraded"], "limit": 100})["messages"]
    return [m["event"]["data"] for m in found if m["event"]["data"]["reason"] == reason]


def missed(rig):
    return {nc["asset"] for nc in rig.call("list", {"all": True})}


def await_ticked(rig):
    wait_for(lambda: one(rig, "SELECT count(*) FROM capa.expectation WHERE due <= capa.now()") == 0)


def test_publisher_is_killed_and_comes_back(rig, tmp_path):
    wait_for(lambda: known(rig) == {"sensors": True, "learns": True, "nowhere": False})
    rig.publisher.say("reading", "/sensors/1", "hall")
    wait_for(lambda: one(rig, "SELECT count(*) FROM capa.passed WHERE source = '/sensors/1'") > 0)
    wait_for(lambda: one(rig, "SELECT count(*) FROM capa.link_source WHERE link = 'learns' AND source = '/sensors/1'") == 1)
    assert one(rig, "SELECT count(*) FROM capa.link_source WHERE link <> 'learns'") == 0  # they say what they carry
    rows = one(rig, "SELECT count(*) FROM capa.journal WHERE topic NOT LIKE 'evidence.%'")
    rig.publisher.kill()
    wait_for(lambda: not connected(rig, "sensors"))
    shown = rig.capactl("status").stdout
    assert "sensors is down since" in shown and f"no publisher at ipc://{tmp_path}/sensors.sock" in shown
    check = rig.capactl("status", "--check", check=False)
    assert check.returncode == 1 and "3 links down" in check.stdout
    wait_for(lambda: known(rig) == {"sensors": False, "learns": False, "nowhere": False})
    assert one(rig, "SELECT count(*) FROM capa.journal WHERE topic NOT LIKE 'evidence.%'") == rows
    rig.move_clock("30h")
    await_ticked(rig)
    # roof was never heard of, and nothing says by what it would come; moon would come from nowhere
    wait_for(lambda: missed(rig) == {"roof"})
    wait_for(lambda: {t["subscription"] for t in told(rig) if not t["over"]} == {"sensors", "learns", "nowhere"})
    wait_for(lambda: told(rig, "coverage_unknown"))
    assert {u.get("subscription") for u in rig.call("status")["coverage"]["unknown"]} >= {"sensors", "nowhere"}
    assert re.search(r"^  not heard +from .* to .*: the link was down of subscription \w+ \(and \d+ more times", rig.capactl("status").stdout, re.M)
    assert any(line["group"] == "links" and line["title"] == "sensors" for line in rig.call("page")["lines"])
    rig.publisher = Publisher(f"ipc://{tmp_path}/sensors.sock")
    wait_for(lambda: known(rig) == {"sensors": True, "learns": True, "nowhere": False})
    assert "sensors stands since" in rig.capactl("status").stdout
    rig.move_clock("2m")
    wait_for(lambda: {t["subscription"] for t in told(rig) if t["over"]} == {"sensors", "learns"})
    rig.move_clock("90h")
    await_ticked(rig)
    wait_for(lambda: missed(rig) == {"roof", "hall"})


def test_other_sources_are_forbidden(rig):
    """Also of what waited in the spool while the database was away."""
    wait_for(lambda: known(rig) == {"sensors": True, "learns": True, "nowhere": False})
    refused = "SELECT count(*) FROM capa.quarantine WHERE status = 'forbidden' AND source = '/else'"
    rig.publisher.say("warm", "/else", "cellar")
    wait_for(lambda: one(rig, refused) == 1 and one(rig, "SELECT count(*) FROM capa.link_source WHERE link = 'learns'") == 1)
    rig.pg_ctl("-m", "fast", "stop")
    try:
        rig.publisher.say("warm", "/else", "cellar")
        rig.publisher.say("warm", "/sensors/1", "hall")
        wait_for(lambda: rig.call("status")["ingest"]["spooled"] == 4)  # by two subscriptions
    finally:
        rig.start_cluster()
    wait_for(lambda: one(rig, refused) == 2)
    wait_for(lambda: one(rig, "SELECT count(*) FROM capa.event WHERE source = '/sensors/1' AND type = 't.warm'") == 1)
    wait_for(lambda: one(rig, "SELECT string_agg(link || source, ' ' ORDER BY source) FROM capa.link_source") == "learns/else learns/sensors/1")
    assert {(nc["asset"], nc["source"]) for nc in rig.call("list", {"rule": "too-warm"})} == {("cellar", "/else"), ("hall", "/sensors/1")}
