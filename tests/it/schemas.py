"""Real messages against proto/schema, for the integration tests: check("verdicts", body) raises with the place and
the reason. Documents are bytes, text, or what json.loads gives."""

import functools
import json
import pathlib
import warnings

import jsonschema

FOLDER = pathlib.Path(__file__).resolve().parents[2] / "proto" / "schema"

# First word of the topic, or the whole topic: its schema. Others are checked as published.json.
BY_TOPIC = {
    "nc": "nc",
    "action": "action",
    "deadline": "deadline",
    "follow_up": "follow-up",
    "batch": "batch",
    "rule": "rule-held",
    "silence": "silence",
    "escalation": "escalation",
    "evidence.sealed": "sealed",
    "config.loaded": "config-loaded",
    "sys.heartbeat": "heartbeat",
    "sys.degraded": "degraded",
}


def load(name):
    return json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))


@functools.cache
def validator(name):
    schema = load(name)
    with warnings.catch_warnings():
        # Newer versions of jsonschema call this old; Debian 12's has nothing else.
        warnings.simplefilter("ignore", DeprecationWarning)
        resolver = jsonschema.RefResolver(f"{FOLDER.as_uri()}/{name}.json", schema)
        return jsonschema.Draft202012Validator(schema, resolver=resolver)


def parsed(document):
    return json.loads(document) if isinstance(document, (bytes, str)) else document


def check(name, document):
    """The document, parsed; AssertionError if it is not what proto/schema/NAME.json says."""
    value = parsed(document)
    faults = sorted(validator(name).iter_errors(value), key=lambda fault: list(map(str, fault.absolute_path)))
    if faults:
        lines = [f"{fault.json_path}: {fault.message[:300]}" for fault in faults[:5]]
        raise AssertionError(f"not a {name}: " + "; ".join(lines) + f"\nin {json.dumps(value)[:2000]}")
    return value


def check_published(topic, sequence, event):
    """One message of publish, or of journal.read: topic, sequence and event belong together."""
    topic = topic.decode() if isinstance(topic, bytes) else topic
    name = BY_TOPIC.get(topic) or BY_TOPIC.get(topic.split(".")[0]) or "published"
    value = check("published" if parsed(event).get("redacted") else name, event)
    word = "escalation" if topic.startswith("escalation.") else topic
    assert value["type"] == f"org.capad.{word}.v1", f"topic {topic} carries {value['type']}"
    if "sequence" in value:
        assert value["sequence"] == str(int(sequence)), f"{topic}: frame {sequence!r}, event {value['sequence']}"
    return value
