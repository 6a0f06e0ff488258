"""The world outside, as people meet it at the command line: a certification body that has the last word on its finding, the clock
of a law, an action that waits for a supplier, and a nonconformity that not everybody may read, neither on the bus nor offline.
"""
import json
import os
import pathlib
import sys
import time

import pytest
import zmq

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import schemas  # noqa: E402  pylint: disable=wrong-import-position
from rig import ROLES, Rig  # noqa: E402  pylint: disable=wrong-import-position

SECRET = "Grapefruit"


@pytest.fixture(name="rig", scope="module")
def rig_fixture():
    """The gateway is user root or whoever runs this; olaf, a principal that only others act for, owns and approves, and no more."""
    people = [{"name": name, "uid": 60000 + n, "roles": roles}
              for n, (name, roles) in enumerate({"olaf": ["owner", "approver", "reporter"], "anna": ["owner", "approver"], "bob": ["owner"],
                                                 "whistler": ["reporter"]}.items())]
    with Rig("capad-outside", config={"principals": [
            {"name": "rig", "uid": os.getuid(), "roles": ROLES, "act_for_others": True}, *people]}) as rig:
        rig.start()
        yield rig


@pytest.fixture(name="act")
def act_fixture(rig):
    """act("anna", "show", "1") is what anna sees; with code= another exit status is expected."""
    def act(who, *arguments, code=0):
        done = rig.capactl(*arguments, "--actor", who, check=False)
        assert done.returncode == code, (arguments, done.stdout, done.stderr)
        return done.stdout + done.stderr
    return act


@pytest.fixture(name="letter")
def letter_fixture(tmp_path):
    file = tmp_path / "letter.pdf"
    file.write_bytes(b"%PDF-1.4 we hereby ...")
    return str(file)


def plan(act, nc, letter):
    act("anna", "cause", nc, "Nobody is named for it", "--category", "process")
    act("anna", "similar", nc, "--elsewhere", "no")
    act("anna", "need", nc, "yes", "it is required")
    act("anna", "criterion", nc, "--method", "manual", "--text", "a restore is watched", "--window", "1s")
    done = act("anna", "action", "add", nc, "Name one, test each month", "--owner", "bob", "--due", "20d", "--expect", "tests", "-q")
    assert "CA-" in done
    return done.strip(), letter


def test_certification_body(rig, act, letter):
    """A certification body asks for NC-17: its plan accepted, its closing refused once, then accepted."""
    act("rita", "raise", "Restores are not tested", "--grade", "major", "--owner", "anna", "--statement", "none in a year",
        "--source-kind", "external_audit", "--issuer", "TUV Nord", "--external-ref", "NC-17", "--requirement", "iso 27001:2022 10.2 d",
        "--control", "a.8.13", "--due", "plan=20d", "--due", "evidence=45d", "--label", "audit=2026")
    shown = act("aud", "show", "1")
    assert "TUV Nord" in shown and "NC-17" in shown and "ISO/IEC 27001:2022 10.2 d" in shown and "external evidence" in shown
    assert "NC-1" in act("aud", "list", "--control", "10.2") and "NC-1" in act("aud", "list", "--control", "A.8.13")
    assert "NC-1" not in act("aud", "list", "--control", "A.8.1")
    act("anna", "contain", "1", "Restored one", "--evidence", letter, "--consequences", "none")
    action, _ = plan(act, "1", letter)
    act("carla", "approve", "1")
    assert json.loads(act("aud", "show", "1", "--json"))["state"] == "planned"
    assert "TUV Nord set a date for the plan" in act("anna", "next", "1")
    act("ina", "external", "1", "plan", "accepted", "Fine with us", "--evidence", letter)
    assert json.loads(act("aud", "show", "1", "--json"))["state"] == "implementing"

    # one waits for the supplier meanwhile
    act("bob", "action", "wait", action, "--on", "the tape supplier", "--until", "3d", "--reason", "tapes ordered")
    assert "waits on the tape supplier until" in act("aud", "show", "1")
    assert "waits on the tape supplier until" in act("aud", "list")
    assert "has passed" in act("bob", "action", "wait", action, "--on", "x", "--until", "2020-01-01", code=1)
    # a later date takes a letter and a second person
    assert "no letter of theirs" in act("anna", "extend", "1", "--deadline", "evidence", "--to", "60d", "--reason", "tapes", code=1)
    act("anna", "extend", "1", "--deadline", "evidence", "--to", "60d", "--reason", "tapes", "--evidence", letter)
    assert "nobody decides alone" in act("anna", "approve", "1", code=1)
    act("carla", "approve", "1")

    act("bob", "action", "done", action, "--evidence", letter)
    rig.move_clock("2 seconds")
    act("dora", "verify", "1", "effective", "Two tests seen", "--isms", "none", "--risk", "none")
    assert "TUV Nord has not accepted the closing" in act("anna", "next", "1")
    act("ina", "external", "1", "closing", "accepted", "by phone", code=1)
    act("ina", "external", "1", "closing", "refused", "One of the two was no restore")
    refused = json.loads(act("aud", "show", "1", "--json"))
    assert (refused["state"], refused["cycle"], refused["cycles"][1]["begun_by"]) == ("contained", 2, "issuer")
    assert refused["actions"][0]["result"] == "ineffective"

    action, _ = plan(act, "1", letter)
    act("carla", "approve", "1")
    act("bob", "action", "done", action, "--evidence", letter)
    rig.move_clock("2 seconds")
    act("dora", "verify", "1", "effective", "Three restores watched", "--isms", "none", "--risk", "none")
    act("ina", "external", "1", "closing", "accepted", "Closed", "--evidence", letter)
    closed = json.loads(act("aud", "show", "1", "--json"))
    assert closed["state"] == "closed"
    schemas.check("show", closed)
    assert [x["verdict"] for x in closed["external_closing"]] == ["refused", "accepted"]
    assert "Its issuer's word" in act("aud", "show", "1")
    act("anna", "deadline", "met", "1", "evidence", "Sent", "--evidence", letter)
    assert [(o["label"], o["state"]) for o in json.loads(act("aud", "show", "1", "--json"))["obligations"]] == [("evidence", "met")]


def test_clock(act, letter):
    act("rita", "raise", "Mail server taken over", "--grade", "minor", "--owner", "anna", "--control", "A.5.24", "--source-kind", "incident")
    nc = json.loads(act("aud", "search", "Mail server", "--json"))[0]["ref"]
    act("anna", "clock", nc, "nis2", "--from", "2h")
    assert "already" in act("anna", "clock", nc, "nis2", code=1)
    act("anna", "deadline", "met", nc, "nis2_early_warning", "--evidence", letter)
    due = json.loads(act("aud", "due", "--within", "7d", "--json"))
    assert ["nis2_notification"] == [d["label"] for d in due if d["nc"] == nc and d["kind"] == "clock"]
    assert "date of the law" in act("anna", "extend", nc, "--deadline", "nis2_notification", "--to", "9d", "--reason", "busy", code=1)
    act("anna", "label", nc, "site=berlin", "team=mail")
    act("anna", "label", nc, "--remove", "team")
    assert json.loads(act("aud", "list", "--label", "site=berlin", "--json"))[0]["labels"] == {"site": "berlin"}


def test_a_later_date_is_noted_and_said_in_local_time(act):
    said = act("anna", "raise", "From the auditor", "--grade", "minor", "--owner", "anna", "--control", "A.5.1", "--due", "plan=300d")
    assert "plan stays due" in said and "as the policy asks" in said
    assert "000000Z" not in said, "a person reads local time"


def test_restricted(rig, act, tmp_path):
    """Nothing of a restricted one is on the bus, in replay, or in what others read; the journal verifies for them all the same."""
    context = zmq.Context()
    socket = context.socket(zmq.SUB)
    socket.linger = 0
    socket.subscribe(b"")
    socket.connect(rig.endpoint("publish"))
    assert socket.poll(10000)  # a heartbeat: it listens
    proof = tmp_path / f"{SECRET}.txt"
    proof.write_text(SECRET)
    done = act("whistler", "raise", f"{SECRET} was taken", "--grade", "critical", "--owner", "anna", "--control", "A.6.8", "--asset", f"{SECRET}-host",
               "--source-kind", "complaint", "--restricted", "--evidence", str(proof), "--due", "answer=10d", "-q")
    nc = done.strip()
    act("anna", "contain", nc, f"{SECRET} stopped", "--consequences", SECRET)
    act("anna", "note", nc, SECRET)
    heard, until = [], time.monotonic() + 20
    while time.monotonic() < until and not any(f'"{nc}"'.encode() in m[2] and b'"note"' in m[2] for m in heard):
        if socket.poll(200):
            heard.append(socket.recv_multipart())
    socket.close()
    context.term()
    ours = [m for m in heard if f'"{nc}"'.encode() in m[2]]
    assert len(ours) >= 4, [m[0] for m in heard]
    for topic, _, body in heard:
        assert SECRET.encode() not in body and b"whistler" not in body, (topic, body)
    for topic, sequence, body in ours:
        schemas.check_published(topic, sequence, body)
        message = json.loads(body)
        assert message["actor"] in ("restricted", "system") and message["data"]["nc"]["title"] == "restricted"
    # replay is what was said live
    replay = {m["sequence"]: m["event"] for m in rig.call("journal.read", {"after": int(ours[0][1]) - 1})["messages"]}
    assert all(replay[int(m[1])] == json.loads(m[2]) for m in ours)

    assert SECRET not in act("olaf", "list", "--all") and "restricted" in act("olaf", "list")
    for command in (["show", nc], ["log", nc], ["next", nc], ["evidence", "list", nc], ["note", nc, "x"], ["assign", nc, "--owner", "olaf"],
                    ["deadline", "met", nc, "answer"]):
        assert "is restricted" in act("olaf", *command, code=1), command
    for command in (["since"], ["search", SECRET], ["due", "--within", "60d"], ["approvals", "--all"], ["journal", "export"], []):
        assert SECRET not in act("olaf", *command).replace(f'"{SECRET}"', ""), command
    assert "withheld" in act("olaf", "journal", "export") and "The journal is whole" in act("olaf", "journal", "verify")
    assert "withheld" not in act("rig", "journal", "export") and "The journal is whole" in act("rig", "journal", "verify")
    for who in ("anna", "whistler", "rig"):
        assert SECRET in act(who, "show", nc)
    act("anna", "restrict", nc, "no", code=1)
    act("rig", "restrict", nc, "no", "--reason", "it is told in the paper")
    assert SECRET in act("olaf", "show", nc)
