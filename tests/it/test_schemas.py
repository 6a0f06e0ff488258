"""proto/schema and proto/asyncapi.yaml: valid, without loose ends, and able to refuse. Needs no daemon."""

import copy
import json
import pathlib
import re
import sys

import jsonschema
import pytest
import yaml

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import schemas  # noqa: E402  pylint: disable=wrong-import-position

PROTO = schemas.FOLDER.parent
NAMES = sorted(path.stem for path in schemas.FOLDER.glob("*.json"))
# Configuration files, whose schemas editors use: the bus does not carry them.
CONFIGURATION = {"policy", "config", "rule", "adapter", "people", "webhook"}
HASH = "0123456789abcdef" * 4
TIME = "2026-11-22T01:46:00.000001Z"

SUMMARY = {
    "ref": "NC-17", "title": "Backup of db01 failed", "grade": "minor", "state": "triaged", "cycle": 1, "rule": "backup-failed",
    "fingerprint": HASH, "source": "/backup", "asset": "db01", "owner": "ops", "controls": ["A.8.13"], "occurrences": 2,
    "first_seen": TIME, "last_seen": TIME, "raised_at": TIME, "closed_at": None, "overdue": False,
    "next_due": {"kind": "contain", "due": TIME}, "recurrence_of": None, "version": 3,
}
MISSING = [{"fact": "correction", "sentence": "A correction is missing.", "command": "capactl contain NC-17 TEXT"}]
ESCALATION = {
    "escalation": "ESC-9", "nc": "NC-17", "deadline": {"kind": "triage", "due": TIME, "due_original": TIME}, "level": "L1", "step": 1,
    "planned_at": TIME, "published_at": TIME, "recipients": [{"role": "owner", "name": "ops"}, {"role": "manager", "name": None}],
    "covered": [{"escalation": "ESC-8", "level": "L0", "step": 0, "planned_at": TIME}],
}
ACTION = {"ref": "CA-42", "kind": "corrective", "title": "t", "owner": "ben", "state": "open", "due_original": TIME, "due": TIME,
          "done_at": None, "result": None}

FOLLOW_UP = {"ref": "FU-3", "nc": "NC-17", "action": "CA-42", "kind": "manual", "title": "audit compliance", "owner": "olga", "every": "3mo",
             "until": None, "count": None, "standing": True, "author": "anna", "added_at": TIME, "state": "running", "ended_at": None,
             "ended_by": None, "reason": None, "due": TIME, "overdue": False, "ok": 1, "failed": 0, "missed": 0,
             "periods": [{"no": 1, "from": TIME, "due": TIME, "outcome": "ok", "at": TIME, "by": "olga"}, {"no": 2, "from": TIME, "due": TIME}]}
COVERED = {"from": TIME, "to": TIME, "covered_s": 5, "uncovered": [{"from": TIME, "to": TIME, "why": "away"}], "watched": False,
           "sentence": "covered 5s"}


def published(topic, subject, data):
    return {"specversion": "1.0", "id": "1-7", "source": "capad", "type": f"org.capad.{topic}.v1", "subject": subject, "time": TIME,
            "datacontenttype": "application/json", "sequence": "7", "previous": "4", "epoch": "1", "actor": "anna", "data": data}


GOOD = {
    "event": {"specversion": "1.0", "id": "1", "source": "/backup", "type": "backup.finished", "data": [1]},
    "verdicts": {"verdicts": [
        {"status": "stored", "events": 1, "results": [{"status": "stored", "effect": "raised", "nc": "NC-17"}]},
        {"status": "invalid", "events": 0, "results": [], "error": "why"}]},
    "busy": {"retry_after_ms": 200, "reason": "the database is down"},
    "error": {"code": "refused", "message": "why", "missing": MISSING},
    "pong": {"version": "0.1.0", "epoch": "1", "journal_seq": 7, "database": {"ok": True}},
    "summary": SUMMARY,
    "list": [{**SUMMARY, "missing": MISSING}],
    "show": {**SUMMARY, "missing": MISSING, "statement": {"requirement": "r", "found": "f", "evidence": None}, "corrections": [],
             "causes": [{}], "similar": [], "need_for_action": None, "actions": [ACTION],
             "criterion": {"method": "event_silence", "covered": COVERED}, "follow_ups": [FOLLOW_UP], "verdicts": [],
             "deadlines": [{"kind": "act", "due": TIME, "due_original": TIME, "state": "open"}], "escalations": [ESCALATION],
             "evidence": [{"ref": "EV-3", "kind": "event", "at": TIME, "sha256": HASH, "event": {}}],
             "history": [{"seq": 1, "at": TIME, "sentence": "raised"}]},
    "changed": {"ref": "CA-42", "state": "planned", "nc": SUMMARY, "missing": [], "next": [{"sentence": "s", "command": "c"}]},
    "status": {"version": "0.1.0", "epoch": "1", "database": {"ok": True}, "rules": {"count": 3, "hash": HASH},
               "open": {"critical": 0, "major": 0, "minor": 1, "observation": 0, "ofi": 0}, "overdue": 0,
               "ingest": {"received": 1, "stored": 1, "duplicate": 0, "ignored": 0, "invalid": 0, "conflict": 0, "busy": 0, "spooled": 0},
               "sources": [{"source": "/backup", "events": 1, "last_seen": TIME}], "journal": {"seq": 7, "hash": HASH}},
    "escalation-data": ESCALATION,
    "escalations": [{**ESCALATION, "state": "fired", "acked_by": None, "acked_until": None}],
    "published": published("sys.actor", "NC-17", {}),
    "nc": published("nc.raised", "NC-17", {"what": "raised", "nc": SUMMARY}),
    "action": published("action.done", "CA-42", {"what": "action.done", "nc": SUMMARY}),
    "batch": published("batch.undone", "B-4", {"what": "undo", "sentence": "B-4 undone", "batch": {
        "ref": "B-4", "kind": "rejection", "state": "undone", "count": 1, "ncs": ["NC-17"], "reason": "r", "author": "anna", "added_at": TIME},
        "left_out": [{"ref": "NC-18", "sentence": "it moved on"}]}),
    "rule-held": {k: v for k, v in published("rule.held", "x", {"what": "rules.hold", "sentence": "held", "rule": "r", "hold": {
        "rule": "r", "reason": "wrong", "by": "ina", "since": TIME, "suppressed": 0}}).items() if k != "subject"},
    "silence": published("silence.added", "SIL-3", {"what": "silence.add", "sentence": "until", "silence": {
        "ref": "SIL-3", "state": "running", "asset": "db*", "from": TIME, "until": TIME, "publish_only": False, "reason": "r", "by": "oda", "suppressed": 0}}),
    "follow-up-data": FOLLOW_UP,
    "follow-up": published("follow_up.done", "FU-3", {"what": "follow_up.record", "nc": SUMMARY, "follow_up": FOLLOW_UP, "period": 1,
                                                      "outcome": "ok"}),
    "deadline": published("deadline.changed", "NC-17", {"what": "deadlines", "nc": SUMMARY}),
    "escalation": published("escalation", "ESC-9", {**ESCALATION, "summary": SUMMARY}),
    "sealed": published("evidence.sealed", "x", {"from": 1, "to": 9, "n": 9, "root": HASH}),
    "config-loaded": published("config.loaded", "x", {"kind": "rules", "version": 1, "sha256": HASH, "difference": {}}),
    "heartbeat": published("sys.heartbeat", "x", {"heads": {"nc": 7}, "epoch": "1"}),
    "degraded": published("sys.degraded", "x", {"reason": "the database is down"}),
    "journal-read": {"epoch": "1", "messages": [{"topic": "nc.raised", "sequence": 7, "event": published("nc.raised", "NC-17", {})}],
                     "next": 7, "head": 9},
    "journal-line": {"seq": 1, "row": HASH, "hash": HASH, "open": "{}", "salt": HASH, "body": "{}"},
    "journal-export": {"lines": ["{}"], "next": 1, "head": 1, "hash": HASH},
}
# name, path to a member, its wrong value (ABSENT: taken away)
ABSENT = object()
BAD = [
    ("event", ["specversion"], "0.3"), ("event", ["id"], ""), ("event", ["source"], 7), ("event", ["type"], ABSENT),
    ("event", ["id"], "x" * 1025), ("event", ["subject"], 5), ("event", ["data_base64"], "AA"),
    ("verdicts", ["verdicts"], []), ("verdicts", ["verdicts", 0, "status"], "ok"), ("verdicts", ["verdicts", 0, "events"], ABSENT),
    ("verdicts", ["verdicts", 0, "results", 0, "effect"], "made"), ("verdicts", ["verdicts", 0, "results", 0, "nc"], "17"),
    ("verdicts", ["verdicts", 1, "error"], ABSENT),
    ("busy", ["retry_after_ms"], -1), ("busy", ["reason"], ABSENT),
    ("error", ["code"], "oops"), ("error", ["message"], ""), ("error", ["missing", 0, "sentence"], ABSENT),
    ("pong", ["epoch"], 1), ("pong", ["database"], {}), ("pong", ["journal_seq"], "7"),
    ("summary", ["ref"], "CA-1"), ("summary", ["grade"], "high"), ("summary", ["state"], "overdue"), ("summary", ["overdue"], 0),
    ("summary", ["raised_at"], "2026-11-22 01:46:00"), ("summary", ["next_due"], {"kind": "act"}), ("summary", ["owner"], ABSENT),
    ("summary", ["fingerprint"], "abc"), ("summary", ["controls"], None), ("summary", ["cycle"], 0),
    ("list", [0, "missing"], ABSENT), ("list", [0, "title"], ABSENT),
    ("show", ["actions", 0, "ref"], "NC-1"), ("show", ["actions", 0, "due_original"], ABSENT), ("show", ["criterion"], []),
    ("show", ["evidence", 0, "sha256"], "x"), ("show", ["evidence", 0, "sha256"], ABSENT), ("show", ["evidence", 0, "kind"], "rumour"), ("show", ["deadlines", 0, "state"], "late"), ("show", ["history"], ABSENT),
    ("show", ["statement"], "text"), ("show", ["escalations", 0, "level"], "L9"),
    ("show", ["criterion", "covered", "watched"], ABSENT), ("show", ["criterion", "covered", "uncovered", 0, "why"], ""),
    ("show", ["follow_ups", 0, "state"], "late"), ("show", ["criterion", "method"], "hope"),
    ("rule-held", ["data", "hold", "suppressed"], -1), ("rule-held", ["data", "rule"], ABSENT), ("silence", ["subject"], "NC-17"),
    ("silence", ["data", "silence", "state"], "perhaps"), ("silence", ["data", "silence", "reason"], ABSENT),
    ("batch", ["subject"], "NC-17"), ("batch", ["data", "batch", "state"], "late"), ("batch", ["data", "batch", "ncs"], []),
    ("batch", ["data", "sentence"], ABSENT), ("batch", ["data", "left_out", 0, "sentence"], ABSENT),
    ("follow-up-data", ["kind"], "sometimes"), ("follow-up-data", ["periods", 0, "outcome"], "perhaps"), ("follow-up-data", ["due"], ABSENT),
    ("follow-up", ["subject"], "NC-17"), ("follow-up", ["data", "outcome"], "late"), ("follow-up", ["data", "nc"], ABSENT),
    ("changed", ["nc"], ABSENT), ("changed", ["next", 0, "sentence"], ""), ("changed", ["state"], "done"),
    ("status", ["open", "minor"], ABSENT), ("status", ["journal"], ABSENT), ("status", ["ingest", "busy"], ABSENT),
    ("status", ["rules", "hash"], "x"), ("status", ["database", "ok"], "yes"),
    ("escalation-data", ["recipients", 0, "role"], ABSENT), ("escalation-data", ["deadline", "due"], ABSENT),
    ("escalation-data", ["covered"], ABSENT), ("escalations", [0, "state"], ABSENT),
    ("published", ["type"], "capad.nc"), ("published", ["data"], []), ("published", ["sequence"], 7), ("published", ["time"], ABSENT),
    ("published", ["previous"], "0"),
    ("nc", ["type"], "org.capad.nc.gone.v1"), ("nc", ["subject"], "db01"), ("nc", ["data", "nc"], "NC-17"), ("nc", ["actor"], ABSENT),
    ("action", ["subject"], "NC-17"), ("deadline", ["data", "what"], ABSENT), ("escalation", ["data", "summary"], ABSENT),
    ("escalation", ["data", "level"], ABSENT), ("sealed", ["data", "root"], "x"), ("sealed", ["data", "n"], 0),
    ("config-loaded", ["data", "kind"], "colours"), ("heartbeat", ["data", "heads"], ABSENT), ("heartbeat", ["data", "heads", "nc"], "7"),
    ("degraded", ["data", "reason"], ABSENT), ("degraded", ["data", "reason"], "link_down"),
    ("journal-read", ["messages", 0, "topic"], "nc"), ("journal-read", ["head"], ABSENT), ("journal-read", ["messages", 0, "event"], "{}"),
    ("journal-line", ["row"], HASH.upper()), ("journal-line", ["salt"], ABSENT), ("journal-line", ["redacted"], True),
    ("journal-line", ["open"], ABSENT), ("journal-line", ["seq"], 0), ("journal-export", ["lines"], [{}]),
]


def references(value, place="$"):
    """Every (place, target) of a $ref below value."""
    if isinstance(value, dict):
        for key, member in value.items():
            if key == "$ref":
                yield place, member
            else:
                yield from references(member, f"{place}/{key}")
    elif isinstance(value, list):
        for number, member in enumerate(value):
            yield from references(member, f"{place}/{number}")


def follow(base, document, target):
    """What a $ref names, seen from a document in the folder base."""
    file, _, pointer = target.partition("#")
    if file:
        document = json.loads((base / file).read_text(encoding="utf-8"))
    for segment in filter(None, pointer.split("/")):
        document = document[segment.replace("~1", "/").replace("~0", "~")]
    return document


@pytest.mark.parametrize("name", NAMES)
def test_schema_is_valid(name):
    schema = schemas.load(name)
    jsonschema.Draft202012Validator.check_schema(schema)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["title"]
    for place, target in references(schema):
        if target.startswith("#") or target.startswith("urn:") or ".json" in target:
            if not target.startswith("urn:"):
                assert follow(schemas.FOLDER, schema, target) is not None, place


@pytest.mark.parametrize("name", sorted(GOOD))
def test_good(name):
    schemas.check(name, json.dumps(GOOD[name]).encode())


@pytest.mark.parametrize(("name", "path", "wrong"), BAD, ids=[f"{n}-{'.'.join(map(str, p))}" for n, p, _ in BAD])
def test_bad(name, path, wrong):
    document = copy.deepcopy(GOOD[name])
    at = document
    for step in path[:-1]:
        at = at[step]
    if wrong is ABSENT:
        del at[path[-1]]
    else:
        at[path[-1]] = wrong
    with pytest.raises(AssertionError, match="not a "):
        schemas.check(name, document)


def test_every_schema_is_tried():
    assert set(GOOD) == set(NAMES) - CONFIGURATION - {"common"}
    assert {name for name, _, _ in BAD} == set(GOOD)


def test_status_while_the_database_is_down():
    schemas.check("status", {"version": "0.1.0", "database": {"ok": False}, "ingest": {"received": 3, "busy": 3}})


def test_published_belongs_together():
    event = GOOD["nc"]
    schemas.check_published(b"nc.raised", b"7", json.dumps(event))
    schemas.check_published("escalation.L1.minor", 7, GOOD["escalation"])
    with pytest.raises(AssertionError, match="topic nc.closed"):
        schemas.check_published("nc.closed", 7, event)
    with pytest.raises(AssertionError, match="frame 8"):
        schemas.check_published("nc.raised", 8, event)


@pytest.fixture(name="asyncapi", scope="module")
def asyncapi_fixture():
    return yaml.safe_load((PROTO / "asyncapi.yaml").read_text(encoding="utf-8"))


def test_asyncapi_references(asyncapi):
    found = list(references(asyncapi))
    assert len(found) > 50
    for place, target in found:
        assert follow(PROTO, asyncapi, target) is not None, place


def test_asyncapi_is_whole(asyncapi):
    """Each message has a channel, each channel an operation, each schema of the bus a user."""
    used = {target.rsplit("/", 1)[1] for channel in asyncapi["channels"].values() for _, target in references(channel["messages"])}
    assert used == set(asyncapi["components"]["messages"])
    assert {operation["channel"]["$ref"].rsplit("/", 1)[1] for operation in asyncapi["operations"].values()} == set(asyncapi["channels"])
    reached, todo = set(), [target for _, target in references(asyncapi) if target.endswith(".json")]
    while todo:
        name = pathlib.PurePath(todo.pop().partition("#")[0]).stem
        if name and name not in reached:
            reached.add(name)
            todo += [target for _, target in references(schemas.load(name))]
    assert reached == set(NAMES) - CONFIGURATION


def test_asyncapi_topics_have_their_schema(asyncapi):
    for name, channel in asyncapi["channels"].items():
        for topic in addresses(channel) if name not in ("ingest", "control", "pull") else []:
            schema = schemas.BY_TOPIC.get(topic) or schemas.BY_TOPIC[topic.split(".")[0]]
            (_, target), = references(channel["messages"])
            payload = asyncapi["components"]["messages"][target.rsplit("/", 1)[1]]["payload"]
            assert payload == {"$ref": f"schema/{schema}.json"}, topic


def addresses(channel):
    found = [channel["address"]]
    for name, parameter in channel.get("parameters", {}).items():
        found = [address.replace("{" + name + "}", value) for address in found for value in parameter["enum"]]
    return found


def table(text, heading):
    """First column of the table under a heading of PROTOCOL.md."""
    part = re.split(r"\n#+ ", text.split(f"\n### {heading}\n", 1)[1])[0]
    return set(re.findall(r"^\| `([a-z_]+)` \|", part, re.M))


def test_words_are_those_of_the_protocol():
    text = (PROTO / "PROTOCOL.md").read_text(encoding="utf-8")
    verdict = schemas.load("verdicts")["properties"]["verdicts"]["items"]["properties"]
    assert table(text, "Codes") == set(schemas.load("error")["properties"]["code"]["enum"])
    assert table(text, "Verdicts") == set(verdict["status"]["enum"])
    assert table(text, "Effects") == set(verdict["results"]["items"]["properties"]["effect"]["enum"])


def test_published_are_cloudevents():
    path = PROTO.parent.parent / "shared" / "schemas" / "cloudevents.json"
    if not path.is_file():
        pytest.skip("no CloudEvents schema beside the repository")
    theirs = jsonschema.Draft7Validator(json.loads(path.read_text(encoding="utf-8")))
    for name, document in GOOD.items():
        if isinstance(document, dict) and "specversion" in document:
            theirs.validate(document)
            schemas.check("event", document)
