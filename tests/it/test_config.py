"""The options of capad.json: what the program says of itself, its schema, and the shipped file agree."""
import json
import re
import subprocess

import jsonschema
from rig import CAPAD, ROOT


def options():
    """Key and default of each, as `capad --help-config` prints them."""
    lines = subprocess.run([CAPAD, "--help-config"], capture_output=True, text=True, check=True).stdout.splitlines()
    return {first.split()[0]: second.split("default ", 1)[1].split(", read again")[0]
            for first, second in zip(lines[::2], lines[1::2])}


def schema():
    return json.loads((ROOT / "proto/schema/config.json").read_text())


def described(node, prefix=""):
    """Key and schema of each option below node."""
    for name, value in node["properties"].items():
        if value.get("type") == "object":
            yield from described(value, f"{prefix}{name}.")
        elif name != "$schema":
            yield prefix + name, value


def test_schema_has_every_option():
    assert {key for key, _ in described(schema())} == set(options())


def test_defaults_agree():
    printed = options()
    for key, value in described(schema()):
        default = value.get("default")
        if default is None:
            continue
        text = "|".join(default) if isinstance(default, list) else str(default)
        assert printed[key] == text, key


def test_the_shipped_file():
    text = re.sub(r"^\s*//.*$|\s+//.*$", "", (ROOT / "systemd/capad.json").read_text(), flags=re.M)
    jsonschema.validate(json.loads(text), schema())
