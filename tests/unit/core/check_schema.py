#!/usr/bin/python3
"""The JSON Schemas of rules and adapters: they take every shipped file, and refuse what the loader refuses.

usage: check_schema.py REPOSITORY
"""
import copy
import json
import pathlib
import re
import sys

import jsonschema

ROOT = pathlib.Path(sys.argv[1])
RULE = {
    "id": "r",
    "title": "t",
    "effect": "fail",
    "fingerprint": ["/source"],
    "match": {"path": "/type", "eq": "t"},
}
ADAPTER = {"id": "a", "source": "s", "type": "t"}
WRONG_RULES = [
    {"titel": "x"},
    {"id": "a b"},
    {"effect": "fial"},
    {"effect": "missing"},
    {"effect": "pass"},
    {"match": {"any": []}},
    {"match": {"path": "/x"}},
    {"match": {"path": "x", "eq": 1}},
    {"match": {"path": "/x", "eq": [1]}},
    {"match": {"path": "/x", "equals": 1}},
    {"match": {"path": "/x", "in": "a"}},
    {"match": {"path": "/x", "lt": True}},
    {"match": {"all": [{"path": "/x", "eq": 1}], "any": [{"path": "/x", "eq": 1}]}},
    {"grade": "mayor"},
    {"grade": {"path": "/x", "map": [{"eq": 1, "to": "minor"}]}},
    {"grade": {"base": "minor", "raise": [{"no_pass_for": "48h"}]}},
    {"grade": {"base": "minor", "raise": [{"occurrences": 1, "within": "7d", "to": "major"}]}},
    {"count": {"n": 1, "within": "10m"}},
    {"count": {"n": 5}},
    {"count": {"n": 5, "within": "10m", "clock": "wall"}},
    {"effect": "pass", "clears": "q", "count": {"n": 5, "within": "10m"}},
    {"expect": {"every": "24h"}},
    {"sequence": {"events": [{"path": "/type", "eq": "a"}, {"path": "/type", "eq": "b"}], "within": "1h", "by": "/subject"}},
    {"triaged": True},
    {"missing": "zero"},
    {"clears": "r"},
    {"controls": 7},
    {"controls": [7]},
    {"controls": [{"edition": 2013}]},
    {"controls": [{"path": "/x", "edition": 2005}]},
    {"controls": [{"path": "/x", "year": 2013}]},
    {"controls": [{"path": "/x", "map": [{"eq": "AC-6", "to": "logging"}]}]},
    {"controls": [{"path": "/x", "map": [{"to": "A.8.9"}]}]},
    {"controls": [{"path": "/x", "edition": 2013, "map": [{"eq": "AC-6", "to": "A.8.2"}]}]},
    {"controls": ["A.8.9"] * 17},
]
FULL_RULE = {**RULE, "controls": [
    {"path": "/data/tags/iso", "edition": 2013}, {"path": "/data/tags/*", "capture": "ISO ([0-9.]+)"},
    {"path": "/data/tags/nist", "map": [{"startswith": "AC-6", "to": ["A.5.15", "A.8.2"]}, {"eq": "CM-6", "to": "A.8.9"}]}, "A.8.9"]}
WRONG_ADAPTERS = [
    {"each": "/alerts"},
    {"subject": {}},
    {"subject": {"path": "/a", "document": "/b"}},
    {"subject": {"path": "/a", "else": "b"}},
    {"subject": 7},
    {"subject": []},
    {"fields": {"data": "x"}},
    {"sevrity": "x"},
    {"each": []},
    {"each": ["/a/*", "/b"]},
    {"each": {"path": "/a"}},
    {"each": [{"path": "/a", "json": "/b"}]},
    {"each": [{"path": "/a", "json": "/b/*", "as": "text"}]},
    {"optional": True},
    {"subject": {"path": "/a", "above": "/b"}},
    {"subject": {"template": "{/a}", "json": "/b"}},
    {"subject": {"path": "/a", "as": "int"}},
    {"subject": {"path": "/a", "nocase": True}},
    {"fields": {"envelope": "x"}},
    {"delivery": {}},
    {"redact": {"re": "x"}},
    {"redact": {"path": "/a", "anywhere": "b"}},
    {"redact": {"anywhere": "/b"}},
]


def validator(name):
    schema = json.loads((ROOT / "proto/schema" / name).read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


def check(schema, folder, sound, wrong):
    for path in sorted((ROOT / "daemon" / folder).glob("*.json")):
        errors = list(schema.iter_errors(json.loads(re.sub(r"(?m)^ *//.*$", "", path.read_text()))))
        assert not errors, f"{path}: {errors[0].json_path}: {errors[0].message}"
    assert schema.is_valid(sound) and schema.is_valid([sound, sound])
    for change in wrong:
        broken = {**copy.deepcopy(sound), **change}
        assert not schema.is_valid(broken), f"taken, though wrong: {json.dumps(broken)}"
    for key in ("id", "source" if folder == "adapters" else "match"):
        broken = {k: v for k, v in sound.items() if k != key}
        assert not schema.is_valid(broken), f"taken without {key}"


FULL_ADAPTER = {
    "id": "a",
    "description": "d",
    "each": ["/a/*/b/*", {"path": "/records/*/message", "json": "/alerts/*"}, "/*"],
    "optional": True,
    "source": [{"envelope": "/source"}, "s"],
    "type": {"path": "/results/*/status", "nocase": True, "map": [{"eq": "FAILED", "to": "f"}], "else": "o"},
    "subject": [{"above": "/host"}, {"document": "/message", "json": "/host", "as": "text"}],
    "delivery": [{"envelope": "/id"}, {"above": "/run"}],
    "redact": ["/a/*", {"anywhere": "password"}, {"path": "/m", "re": "token=[^ ]+"}],
}
assert validator("adapter.json").is_valid(FULL_ADAPTER)
assert validator("rule.json").is_valid(FULL_RULE)
check(validator("rule.json"), "rules", RULE, WRONG_RULES)
check(validator("adapter.json"), "adapters", ADAPTER, WRONG_ADAPTERS)
print("schemas agree with the shipped files")
