"""A dossier: one folder or zip that proves an NC within the whole journal and shows nothing of another. It is checked by its own
script (dash, and a PATH with nothing but the core utilities), by capactl without capad, and by a reader written here from
client/README.md; and each of its bytes matters.
"""
import hashlib
import json
import os
import pathlib
import random
import re
import shutil
import subprocess
import sys
import zipfile

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from conftest import BUS_RULES, event, wait_for  # noqa: E402  pylint: disable=wrong-import-position
from rig import CAPACTL, Rig  # noqa: E402  pylint: disable=wrong-import-position

COREUTILS = ("cat", "cut", "dirname", "head", "mkdir", "paste", "rm", "sha256sum", "split", "tail", "wc")
SECRET = "UNCLE BOB"       # text of the redacted one
OTHER = "OTHER PEOPLES"    # text of an NC that is in no dossier
FILE = bytes(range(256)) * 40 + "ünïcode\n".encode()


@pytest.fixture(name="rig", scope="module")
def rig_fixture():
    with Rig("capad-dossier", rules=BUS_RULES) as rig:
        rig.start()
        yield rig


@pytest.fixture(name="place", scope="module")
def place_fixture(tmp_path_factory):
    return tmp_path_factory.mktemp("dossier")


@pytest.fixture(name="only_coreutils", scope="module")
def only_coreutils_fixture(tmp_path_factory):
    folder = tmp_path_factory.mktemp("bin")
    for name in COREUTILS:
        (folder / name).symlink_to(shutil.which(name))
    return folder


def do(rig, actor, *arguments, check=True):
    result = rig.capactl("--actor", actor, *map(str, arguments), check=False)
    assert not check or result.returncode == 0, (arguments, result.stdout, result.stderr)
    return result


def one(rig, sql):
    with rig.connect() as connection:
        return connection.execute(sql).fetchone()[0]


def verify_sh(folder, path, *arguments):
    return subprocess.run([shutil.which("dash"), str(folder / "verify.sh"), *arguments], env={"PATH": str(path), "TMPDIR": "/tmp"},
                          cwd="/", stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace", check=False)


def offline(path, *arguments, check=False):
    """capactl journal verify, with no capad to ask."""
    return subprocess.run([str(CAPACTL), "journal", "verify", "--file", str(path), *arguments], stdin=subprocess.DEVNULL, text=True,
                          env={**os.environ, "CAPACTL_ENDPOINT": "ipc:///nonexistent/control.sock"}, capture_output=True, check=check)


def read_chain(folder):
    """Walks the chain as client/README.md says; the rows in full by number, and the head."""
    previous = "0" * 64
    rows = (folder / "journal/rows.txt").read_text().splitlines()
    for line in rows:
        row, given = line.split(" ")
        previous = hashlib.sha256(f"{previous} {row}\n".encode()).hexdigest()
        assert previous == given
    bodies = {}
    for line in (folder / "proof.txt").read_text().splitlines():
        if line.startswith("row "):
            _, seq, salt = line.split(" ")
            opened = (folder / f"journal/{seq}.open").read_bytes()
            assert hashlib.sha256(opened).hexdigest() == rows[int(seq) - 1].split(" ")[0]
            if salt in ("redacted", "withheld"):
                bodies[int(seq)] = salt
                assert not (folder / f"journal/{seq}.body").exists()
                continue
            body = (folder / f"journal/{seq}.body").read_bytes()
            assert json.loads(opened)["digest"] == hashlib.sha256(bytes.fromhex(salt) + body).hexdigest()
            bodies[int(seq)] = json.loads(body)
    return bodies, f"{len(rows)}:{previous}"


@pytest.fixture(name="story", scope="module")
def story_fixture(rig, tmp_path_factory):
    """NC-1 with files and events, another one beside it, one redacted, all sealed."""
    files = tmp_path_factory.mktemp("files")
    (files / "log of ..db01;$(x).bin").write_bytes(FILE)
    (files / "secret.txt").write_text(SECRET)
    (files / "other.txt").write_text(OTHER)
    rig.put(event(id="fail-1-" + "x" * 20, data={"exit_code": 1, "big": 9007199254740993}))
    rig.put(event(id="other-1-" + "x" * 20, subject=OTHER, data={"exit_code": 2}))
    rig.put(event(id="fail-2-" + "x" * 20))
    do(rig, "anna", "contain", "NC-1", "ran it <b>again</b> & by hand", "--consequences", "none", "--evidence", files / "log of ..db01;$(x).bin")
    do(rig, "anna", "cause", "NC-2", "disk of " + OTHER, "--category", "technology")
    do(rig, "anna", "evidence", "add", "NC-2", files / "other.txt")
    do(rig, "anna", "cause", "NC-1", "the disk was full", "--category", "technology")
    do(rig, "anna", "similar", "NC-1", "--elsewhere", "no", "--conclude", "the same disk")
    do(rig, "anna", "raise", SECRET, "--grade", "minor", "--owner", "anna", "--control", "A.5.1", "--statement", SECRET)
    do(rig, "anna", "evidence", "add", "NC-3", files / "secret.txt")
    do(rig, "anna", "redact", "NC-3", "--reason", "a person asked for it")
    do(rig, "bert", "approve", "NC-3")
    rig.move_clock("2 minutes")
    wait_for(lambda: one(rig, "SELECT (SELECT max(last) FROM capa.seal) = (SELECT max(eventno) FROM capa.event)"))
    rig.put(event(id="pass-1-" + "x" * 20, data={"exit_code": 0}, subject="db07"))
    do(rig, "anna", "note", "NC-1", "a remark after the seal")
    return files


@pytest.fixture(name="dossier", scope="module")
def dossier_fixture(rig, place, story):  # pylint: disable=unused-argument
    folder = place / "NC-1"
    out = json.loads(do(rig, "anna", "dossier", "NC-1", "-o", folder, "--json").stdout)
    assert out["dossier"] == str(folder) and out["ncs"] == ["NC-1"] and out["files"] >= 2
    return folder


def test_what_is_in_it(rig, dossier):
    bodies, head = read_chain(dossier)
    assert head == (dossier / "proof.txt").read_text().splitlines()[1].removeprefix("head ").replace(" ", ":")
    record = json.loads((dossier / "NC-1.json").read_text())
    shown = rig.call("show", {"ref": "NC-1"})
    changing = ("similar", "history", "version", "next", "deadlines", "escalations", "next_due")
    assert {k: v for k, v in record.items() if k not in changing} == {k: v for k, v in shown.items() if k not in changing}
    assert '9007199254740993' in (dossier / "NC-1.json").read_text(), "bytes of events pass untouched"
    [file] = (dossier / "evidence").iterdir()
    assert file.read_bytes() == FILE and re.fullmatch(r"EV-\d+-[A-Za-z0-9_.-]+", file.name)
    assert sorted(p.read_bytes() for p in (dossier / "events").iterdir()) == [event(id="fail-1-" + "x" * 20, data={"exit_code": 1, "big": 9007199254740993})]
    assert all(b in ("redacted", "withheld") or b.get("subject", "NC-1") == "NC-1" or b["subject"].startswith(("CA-", "ESC-")) for b in bodies.values())
    html = (dossier / "index.html").read_text()
    for text in ("Root causes", "the disk was full", "ran it &lt;b&gt;again&lt;/b&gt; &amp; by hand", "A.8.13", "Deadlines", "the same disk"):
        assert text in html, text
    assert "<script" not in html and "http://" not in html and "https://" not in html


def test_nothing_of_another(dossier):
    for path in dossier.rglob("*"):
        if path.is_file():
            data = path.read_bytes()
            for text in (OTHER, SECRET):
                assert text.encode() not in data and text not in path.name, path


def test_its_own_script(dossier, only_coreutils):
    result = verify_sh(dossier, only_coreutils)
    assert result.returncode == 0, result.stdout + result.stderr
    assert "WRONG" not in result.stdout and result.stderr == ""
    assert re.search(r"1 files and 1 events are those .*of the events 1 were sealed", result.stdout), result.stdout
    head = (dossier / "proof.txt").read_text().splitlines()[1].split(" ", 1)[1].replace(" ", ":")
    known = verify_sh(dossier, only_coreutils, head)
    assert known.returncode == 0 and "the head that you gave is in it" in known.stdout
    seq, digest = head.split(":")
    for wrong in (f"{seq}:{digest[:-1]}{'0' if digest[-1] != '0' else '1'}", f"{int(seq) + 1}:{digest}", "x", "3:"):
        assert verify_sh(dossier, only_coreutils, wrong).returncode == 1, wrong


def test_capactl_without_capad(dossier):
    result = offline(dossier)
    assert result.returncode == 0, result.stderr
    counts = json.loads(offline(dossier, "--json").stdout)
    assert counts["verified"] and (counts["files"], counts["events"], counts["sealed"], counts["loose"]) == (1, 1, 1, 0)
    assert counts["rows"] == counts["bodies"] + counts["bare"] + counts["withheld"] + counts["redacted"]
    rows = (dossier / "journal/rows.txt").read_text().splitlines()
    assert offline(dossier, "--head", "3:" + rows[2].split(" ")[1]).returncode == 0
    assert offline(dossier, "--head", "3:" + rows[3].split(" ")[1]).returncode == 1


def tampered(dossier, copy, relative, change):
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(dossier, copy)
    change(copy / relative)
    return copy


def flip(path):
    data = bytearray(path.read_bytes())
    at = random.Random(str(path.name)).randrange(len(data))
    data[at] ^= 1
    path.write_bytes(data)


def sums_again(folder):
    """What somebody does who knows how it works: the list of hashes fits again."""
    lines = []
    for line in (folder / "SHA256SUMS").read_text().splitlines():
        name = line[66:]
        if (folder / name).exists():
            lines.append(f"{hashlib.sha256((folder / name).read_bytes()).hexdigest()}  {name}\n")
    (folder / "SHA256SUMS").write_text("".join(lines))


def files_of(folder):
    return sorted(str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file())


def test_every_file_matters(dossier, place, only_coreutils):
    for name in files_of(dossier):
        copy = tampered(dossier, place / "copy", name, flip)
        assert offline(copy).returncode == 1, name
        if name != "verify.sh":  # who changes the script can make it say anything: it is checked by capactl, or by its SHA-256
            result = verify_sh(copy, only_coreutils)
            assert result.returncode == 1 and "WRONG" in result.stdout, (name, result.stdout)
    for name in files_of(dossier):
        if name != "verify.sh":
            copy = tampered(dossier, place / "copy", name, pathlib.Path.unlink)
            assert offline(copy).returncode == 1 and verify_sh(copy, only_coreutils).returncode != 0, name
    copy = tampered(dossier, place / "copy", "evidence/EV-99-added.txt", lambda path: path.write_text("added"))
    assert offline(copy).returncode == 1 and verify_sh(copy, only_coreutils).returncode == 1


@pytest.mark.parametrize("change", (
    lambda text: "`" + text[1:],  # no digit: sha256sum passes over such a line, and says that all others hold
    lambda text: text[:64] + "!" + text[65:],
    lambda text: text[:65] + "!" + text[66:],
    lambda text: text.replace("\n", "\v", 1),
    lambda text: text.rstrip("\n"),
    lambda text: text + "and more\n",
    lambda text: text[text.index("\n") + 1:],
    lambda text: ""))
def test_a_list_of_hashes_that_cannot_be_read_proves_nothing(change, dossier, place, only_coreutils):
    copy = tampered(dossier, place / "copy", "SHA256SUMS", lambda path: path.write_text(change(path.read_text())))
    result = verify_sh(copy, only_coreutils)
    assert result.returncode == 1 and "WRONG" in result.stdout, result.stdout
    assert offline(copy).returncode == 1


def test_who_fits_the_sums_again_is_found_by_the_chain(dossier, place, only_coreutils):
    names = [n for n in files_of(dossier) if n.startswith(("journal/", "evidence/", "events/"))] + ["proof.txt"]
    for name in names:
        copy = tampered(dossier, place / "copy", name, flip)
        sums_again(copy)
        ours, theirs = offline(copy), verify_sh(copy, only_coreutils)
        assert ours.returncode == 1, (name, ours.stdout)
        assert theirs.returncode in (1, 2) or name == "proof.txt" and "Proved" not in theirs.stdout, (name, theirs.stdout)

    def forge(path):  # evidence, and what proof.txt says of it, and a row of its own making
        [file] = (path / "evidence").iterdir()
        old = hashlib.sha256(file.read_bytes()).hexdigest()
        file.write_bytes(b"forged")
        new = hashlib.sha256(b"forged").hexdigest()
        proof = (path / "proof.txt").read_text().replace(old, new)
        row = re.search(rf"^file \S+ \d+ (\d+) {new}", proof, re.M)[1]
        body = (path / f"journal/{row}.body").read_text().replace(old, new)
        (path / "journal/999999.body").write_text(body)
        (path / "proof.txt").write_text(proof.replace(f" {row} {new}", f" 999999 {new}"))
        with (path / "SHA256SUMS").open("a") as sums:
            sums.write(f"{'0' * 64}  journal/999999.body\n")
        sums_again(path)

    copy = tampered(dossier, place / "copy", ".", forge)
    assert offline(copy).returncode == 1 and verify_sh(copy, only_coreutils).returncode == 1


def test_zip(rig, dossier, place, only_coreutils):
    path = place / "auditor.zip"
    do(rig, "anna", "dossier", "NC-1", "-o", path)
    with zipfile.ZipFile(path) as zipped:
        assert zipped.testzip() is None and all(name.startswith("auditor/") and ".." not in name for name in zipped.namelist())
        zipped.extractall(place / "unzipped")
    assert (place / "unzipped/auditor/NC-1.json").exists()
    assert {re.sub(r"^journal/.*", "journal", n) for n in files_of(dossier)} == {re.sub(r"^journal/.*", "journal", n) for n in files_of(place / "unzipped/auditor")}
    assert offline(path).returncode == 0
    assert verify_sh(place / "unzipped/auditor", only_coreutils).returncode == 0
    with zipfile.ZipFile(path) as zipped:
        entries = zipped.infolist()
    whole = path.read_bytes()
    for entry in entries:  # a byte in the middle of each entry's packed data
        data, at = bytearray(whole), entry.header_offset
        begins = at + 30 + int.from_bytes(whole[at + 26:at + 28], "little") + int.from_bytes(whole[at + 28:at + 30], "little")
        data[begins + entry.compress_size // 2] ^= 4
        path.write_bytes(data)
        assert offline(path).returncode in (1, 2), entry.filename


def test_a_redacted_one(rig, place, story, only_coreutils):  # pylint: disable=unused-argument
    folder = place / "NC-3"
    do(rig, "anna", "dossier", "NC-3", "-o", folder)
    bodies, _ = read_chain(folder)
    assert "redacted" in bodies.values()
    assert "gone EV-" in (folder / "proof.txt").read_text()
    for path in folder.rglob("*"):
        assert not path.is_file() or SECRET.encode() not in path.read_bytes(), path
    result = verify_sh(folder, only_coreutils)
    assert result.returncode == 0 and re.search(r"[1-9]\d* lost it by redactions", result.stdout), result.stdout
    counts = json.loads(offline(folder, "--json").stdout)
    assert counts["redacted"] == list(bodies.values()).count("redacted") and len(counts["redacted_by"]) == 1
    # without the row that says so, the same content is missed
    text = (folder / "proof.txt").read_text()
    naming = counts["redacted_by"][0]
    text = re.sub(rf"^row {naming} .*$", f"row {naming} withheld", text, flags=re.M)
    (folder / "proof.txt").write_text(text)
    (folder / f"journal/{naming}.body").unlink()
    sums_again(folder)
    assert "no row says" in verify_sh(folder, only_coreutils).stdout
    assert "LOST CONTENT" in offline(folder).stderr


def test_the_whole_journal_names_its_redactions(rig, story):  # pylint: disable=unused-argument
    result = rig.capactl("journal", "verify")
    assert re.search(r"[1-9]\d* redacted by rows \d+", result.stdout), result.stdout
    counts = json.loads(rig.capactl("journal", "verify", "--json").stdout)
    messages = rig.call("journal.read", {"after": 0, "limit": 1000})["messages"]
    empty = [m for m in messages if m["event"].get("redacted")]
    assert len(empty) == counts["redacted"] and all("data" not in m["event"] for m in empty)
    assert [m["sequence"] for m in messages if m["topic"] == "evidence.redacted" and m["event"]["data"]["rows"]] == counts["redacted_by"]


def test_heads_of_mails(rig, place, story):  # pylint: disable=unused-argument
    lines = [json.loads(line) for line in rig.capactl("journal", "export").stdout.splitlines()]
    mails = place / "heads.mbox"
    mails.write_text("From capad Mon Jan  1\nSubject: head\n\n"
                     f"capad journal head {lines[4]['seq']}:{lines[4]['hash']}\n\nFrom capad Tue Jan  2\n\n"
                     f"capad journal head {lines[9]['seq']}:{lines[9]['hash'][:40]}=\n{lines[9]['hash'][40:]}\n")
    result = rig.capactl("journal", "verify", "--mbox", str(mails))
    assert "the heads given are in it" in result.stdout
    mails.write_text(mails.read_text() + f"capad journal head 3:{lines[9]['hash']}\n")
    assert "REWRITTEN" in rig.capactl("journal", "verify", "--mbox", str(mails), check=False).stderr
    mails.write_text("no head\n")
    assert rig.capactl("journal", "verify", "--mbox", str(mails), check=False).returncode == 2


def test_two_in_one(rig, place, story, only_coreutils):  # pylint: disable=unused-argument
    folder = place / "two"
    do(rig, "anna", "dossier", "NC-1", "2", "-o", folder)
    assert (folder / "NC-1.json").exists() and (folder / "NC-2.json").exists()
    assert OTHER in (folder / "index.html").read_text()
    assert verify_sh(folder, only_coreutils).returncode == 0 and offline(folder).returncode == 0
    assert len(list((folder / "evidence").iterdir())) == 2 and len(list((folder / "events").iterdir())) == 2


def test_refusals(rig, dossier, place):
    assert do(rig, "anna", "dossier", "NC-1", "-o", dossier, check=False).returncode == 2, "never over what is there"
    assert do(rig, "anna", "dossier", "NC-99", "-o", place / "none", check=False).returncode == 4
    assert not (place / "none").exists()
    assert do(rig, "anna", "dossier", "NC-1", "-o", place / "no/where", check=False).returncode == 2
    assert offline(place / "nothing").returncode == 2
    (place / "empty").mkdir()
    assert offline(place / "empty").returncode == 1


def test_an_event_that_expired(rig, place, story, only_coreutils):  # pylint: disable=unused-argument
    """Last, since it moves the clock: its partition goes, what is evidence and its proof stay."""
    rig.move_clock("200 days")
    wait_for(lambda: one(rig, "SELECT count(*) FROM capa.event_gone WHERE nc = 1") >= 2)
    folder = place / "expired"
    do(rig, "anna", "dossier", "NC-1", "-o", folder)
    result = verify_sh(folder, only_coreutils)
    assert result.returncode == 0, result.stdout
    assert re.search(r"2 occurrences that retention has removed", result.stdout), result.stdout
    assert re.search(r"2 events are those whose .*of the events 2 were sealed", result.stdout), result.stdout
    assert json.loads(offline(folder, "--json").stdout)["expired"] == 2


def test_hold_and_redaction_of_evidence(rig, place, story):  # pylint: disable=unused-argument
    listed = json.loads(do(rig, "anna", "evidence", "list", "NC-2", "--json").stdout)
    ref = next(e["ref"] for e in listed if e["kind"] == "file")
    do(rig, "anna", "hold", "NC-2", "--reason", "a court asks")
    assert "a court asks" in do(rig, "anna", "show", "NC-2").stdout
    refused = do(rig, "anna", "redact", ref, "--reason", "r", check=False)
    assert refused.returncode == 1 and "under hold" in refused.stderr and "--end" in refused.stderr
    do(rig, "anna", "hold", "NC-2", "--end", "--reason", "over")
    assert f"capactl approve {ref}" in do(rig, "anna", "redact", ref, "--reason", "the wrong file").stdout
    assert do(rig, "anna", "approve", ref, check=False).returncode == 1, "not by oneself"
    assert ref in do(rig, "bert", "approvals").stdout
    do(rig, "bert", "approve", ref)
    gone = do(rig, "anna", "evidence", "get", ref, "-o", place / "gone", check=False)
    assert gone.returncode == 4 and "redacted" in gone.stderr and not (place / "gone").exists()
    assert "removed: redacted" in do(rig, "anna", "evidence", "list", "NC-2").stdout
    event_ref = next(e for e in listed if e["kind"] == "event")
    do(rig, "anna", "redact", f"EVENT-{event_ref['eventno']}", "--reason", "a name in it")
    do(rig, "bert", "approve", f"EVENT-{event_ref['eventno']}")
    assert do(rig, "anna", "evidence", "get", event_ref["ref"], "-o", place / "gone", check=False).returncode == 4
    assert rig.capactl("journal", "verify").returncode == 0


def test_limits_of_attachments(rig, place, story):  # pylint: disable=unused-argument
    big = place / "big.bin"
    with big.open("wb") as file:
        file.truncate(16 * 1024 * 1024 + 1)
    result = do(rig, "anna", "evidence", "add", "NC-1", big, check=False)
    assert result.returncode in (1, 2) and "big.bin" in result.stderr and "16777216" in result.stderr, result.stderr
    with big.open("r+b") as file:
        file.truncate(16 * 1024 * 1024)
        file.write(os.urandom(1000))
    added = json.loads(do(rig, "anna", "evidence", "add", "NC-1", big, "--json").stdout)["evidence"][0]
    do(rig, "anna", "evidence", "get", added, "-o", place / "back.bin")
    assert (place / "back.bin").read_bytes() == big.read_bytes()
