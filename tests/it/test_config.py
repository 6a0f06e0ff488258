"""The options of capad.json and the settings of policy.json: what the program says of itself, its schema, and the shipped file agree."""
import json
import re
import subprocess

import jsonschema
from rig import CAPAD, ROOT


def helped():
    """The lines of `capad --help-config`: options of capad.json, settings of policy.json."""
    text = subprocess.run([CAPAD, "--help-config"], capture_output=True, text=True, check=True).stdout
    first, second = re.split(r'\npolicy.json, "settings".*\n', text)
    return first.splitlines(), second.splitlines()


def options():
    """Key and default of each, as `capad --help-config` prints them."""
    lines = helped()[0]
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


def settings_of(node, prefix=""):
    """Names and values of an object, where those of objects are named with a point."""
    for name, value in node.items():
        if isinstance(value, dict):
            yield from settings_of(value, f"{prefix}{name}.")
        else:
            yield prefix + name, value


def described_settings():
    properties = json.loads((ROOT / "proto/schema/policy.json").read_text())["properties"]["settings"]["properties"]
    for name, value in properties.items():
        for member, inner in value.get("properties", {"": value}).items():
            yield f"{name}.{member}".rstrip("."), inner


def test_settings_agree():
    """Help, schema and the commented section of the shipped policy name the same settings with the same defaults and bounds."""
    lines = helped()[1]
    printed = {first.split()[0]: re.fullmatch(r" +default (\S+), from (\S+) to (\S+)", second).groups()
               for first, second in zip(lines[::2], lines[1::2])}
    written = {}
    for name, value in described_settings():
        bounds = (value["minimum"], value["maximum"]) if "minimum" in value else re.search(r"; (\S+) to (\S+)$", value["description"]).groups()
        written[name] = tuple(str(x) for x in (value["default"], *bounds))
    assert written == printed
    text = (ROOT / "systemd/policy.json").read_text()
    section = re.search(r'  // "settings": (\{\n(?:  //.*\n)*?  // \}),\n', text).group(1).replace("  //", "")
    assert dict(settings_of(json.loads(section))) == {name: value["default"] for name, value in described_settings()}
    whole = re.sub(r"^\s*//.*$|\s+//.*$", "", text, flags=re.M)
    with_settings = {**json.loads(whole), "settings": json.loads(section)}
    jsonschema.validate(with_settings, json.loads((ROOT / "proto/schema/policy.json").read_text()))
