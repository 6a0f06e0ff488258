"""The register as its journal tells it, kept in Python, and what must never become of it.

A Model reads the journal's rows one after the other, computes the chain again, applies each row's changes to its own
tables, and complains about every change that must not be: nothing here calls a function of the register. It keeps what
the register forgets (who owned what, who wrote a plan, what was ever closed), so that separation of duties and history
are judged by records of its own. test_property.py drives it.
"""
import collections
import datetime
import hashlib
import json
import re
import unicodedata

GRADES = ["ofi", "observation", "minor", "major", "critical"]
LEFT = {"closed", "rejected", "merged"}
EXTERNAL = {"internal_audit", "external_audit", "complaint", "authority"}
ISSUED = {"external_audit", "authority"}
# What a row keeps for ever, whatever happens to it.
FIXED = {
    "nc": ["raised_at", "raised_by", "source_kind", "rule", "fingerprint", "recurrence_of", "policy", "policy_version"],
    "cycle": ["began_at", "begun_by", "base"],
    "record": ["nc", "cycle", "fact", "no", "author", "at"],
    "action": ["nc", "cycle", "kind", "author", "added_at"],
    "evidence": ["nc", "sha256", "author", "at"],
    "request": ["kind", "nc", "cycle", "ref", "authors", "hash", "opened_at"],
    "deadline": ["nc", "cycle", "kind", "action", "follow_up", "due_original"],
    "escalation": ["deadline", "due", "step", "n", "nc", "level", "planned_at", "published_at", "state", "recipients"],
    "follow_up": ["nc", "action", "kind", "author", "added_at"],
    "follow_up_period": ["from_at"],
    "obligation": ["nc", "kind", "source", "started_at", "added_at"],
    "batch": ["kind", "rule", "ncs", "author", "added_at"],
}
# Two moments of a row of which the first is never after the second: no duration is negative.
ORDER = {
    "nc": [("aware_at", "raised_at"), ("raised_at", "closed_at")],
    "cycle": [("began_at", "ended_at")],
    "record": [("at", "retracted_at")],
    "action": [("added_at", "started_at"), ("added_at", "done_at")],
    "request": [("opened_at", "decided_at")],
    "deadline": [("started_at", "due")],
    "escalation": [("planned_at", "published_at"), ("published_at", "acked_at")],
    "follow_up": [("added_at", "ended_at")],
    "follow_up_period": [("from_at", "due"), ("from_at", "decided_at")],
    "obligation": [("started_at", "due"), ("added_at", "met_at")],
    "batch": [("added_at", "decided_at"), ("decided_at", "undone_at")],
}


class Broken(AssertionError):
    """An invariant of the register does not hold."""


def moment(text):
    """A moment as JSON of PostgreSQL or of the journal has it; infinity is beyond all."""
    if text in ("infinity", "-infinity"):
        edge = datetime.datetime.max if text == "infinity" else datetime.datetime.min
        return edge.replace(tzinfo=datetime.timezone.utc)
    text = re.sub(r"\.(\d+)", lambda m: "." + m[1][:6].ljust(6, "0"), text.replace("Z", "+00:00"))
    return datetime.datetime.fromisoformat(text)


def person(name):
    """What a name is to a reader: case, blanks and forms of letters make no other person."""
    return " ".join(unicodedata.normalize("NFKC", name or "").split()).lower()


def redacted(before, after):
    """Is this the same but for texts that were taken out, and the hash of the plan, whose texts are others now?"""
    if isinstance(before, dict) and isinstance(after, dict):
        return before.keys() == after.keys() and all(k in ("hash", "plan") or redacted(before[k], after[k]) for k in before)
    if isinstance(before, list) and isinstance(after, list):
        return len(before) == len(after) and all(redacted(b, a) for b, a in zip(before, after))
    return before == after or after == "[redacted]"


class Model:
    def __init__(self, connection, people):
        self.connection = connection
        self.teams = {person(name): {person(p) for p in members} for name, members in people.items()}
        self.tables = collections.defaultdict(dict)
        self.keys = dict(connection.execute(
            "SELECT c.relname, array_agg(a.attname::text ORDER BY a.attnum) FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid "
            "JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = ANY (i.indkey) "
            "WHERE i.indisprimary AND c.relnamespace = 'capa'::regnamespace GROUP BY 1").fetchall())
        self.ways = set(connection.execute("SELECT from_state, into_state FROM capa.transition").fetchall())
        self.seq, self.hash, self.at = 0, bytes(32), ""
        self.owners = collections.defaultdict(set)     # (nc, cycle): everyone who owned it or one of its actions, or did one
        self.nc_owners = collections.defaultdict(set)  # (nc, cycle): everyone who owned the NC itself
        self.planners = collections.defaultdict(set)   # (nc, cycle): everyone who wrote a part of its plan
        self.extenders = collections.defaultdict(set)  # (nc, cycle): everyone who approved an extension
        self.ended = {}                                # (nc, cycle): the closing as it was when it was made
        self.batch = []                                # [(table, before, after)] of the journal rows read last
        self.counts = collections.Counter()
        self.strict = True

    def people(self, names):
        """Names with teams expanded to their members."""
        keys = {person(n) for n in names if n}
        return keys.union(*(self.teams.get(k, set()) for k in keys)) if keys else keys

    def rows(self, table):
        return self.tables[table].values()

    # -- reading

    def read(self, now):
        """Takes in what the journal has more, one operation's worth, and judges it; now: the register's clock."""
        self.batch = []
        rows = self.connection.execute(
            "SELECT j.seq, j.at::text, j.topic, j.open, j.digest, j.hash, b.salt, b.body FROM capa.journal j "
            "LEFT JOIN capa.journal_body b USING (seq) WHERE j.seq > %s ORDER BY j.seq", (self.seq,)).fetchall()
        actors = []
        for seq, at, topic, line, digest, hash_, salt, body in rows:
            self.link(seq, at, line, hash_)
            if body is None:
                raise Broken(f"row {seq} lost its content before it was read")
            if hashlib.sha256(salt + body.encode()).digest() != digest or json.loads(line)["digest"] != digest.hex():
                raise Broken(f"row {seq}: the digest is not of its content")
            event = json.loads(body)
            actors.append(event["actor"].rpartition(" for ")[2])
            for change in event["data"].get("changes", []):
                for row in change["rows"]:
                    self.take(change["table"], row, actors[-1])
            self.counts[topic.split(".L")[0]] += 1
        self.judge(now)
        return len(rows)

    def link(self, seq, at, line, hash_):
        if seq != self.seq + 1:
            raise Broken(f"the journal has a gap: {self.seq}, then {seq}")
        if self.at and moment(at) <= moment(self.at):
            raise Broken(f"row {seq} is not later than the one before")
        row = hashlib.sha256(line.encode()).hexdigest()
        if hashlib.sha256(f"{self.hash.hex()} {row}\n".encode()).digest() != hash_:
            raise Broken(f"row {seq} does not continue the chain")
        self.seq, self.hash, self.at = seq, hash_, at

    def take(self, table, row, actor):
        key = tuple(row[k] for k in self.keys[table])
        before = self.tables[table].get(key)
        if before:
            for name in FIXED.get(table, ()):
                if before.get(name) is not None and row.get(name) != before[name]:
                    if not self.may_move(table, name, before, row):
                        raise Broken(f"{table} {key}: {name} was {before[name]} and is {row.get(name)}: references and dates stick")
        for first, second in ORDER.get(table, ()):
            if before and (before.get(first), before.get(second)) == (row.get(first), row.get(second)):
                continue
            if row.get(first) and row.get(second) and moment(row[first]) > moment(row[second]) and not (
                    second == "due" and row.get("nc") and self.merging(row["nc"])):  # an earlier date that was taken over
                raise Broken(f"{table} {key}: {first} {row[first]} is after {second} {row[second]}")
        self.tables[table][key] = row
        self.batch.append((table, before, row))
        check = getattr(self, "take_" + table, None)
        if check:
            check(before, row, actor)

    def may_move(self, table, name, before, row):
        """The window's end is a computed moment, and so is the deadline that begins with it. The target of a merge takes over what
        others set dates for, and the earlier of both dates: never a later one."""
        if table == "deadline" and name == "due_original":
            return before["kind"] in ("window", "verify") or (
                moment(row["due_original"]) < moment(before["due_original"]) and self.merging(row["nc"]))
        if (table, name) == ("request", "hash"):  # of a plan whose texts were taken out
            return self.redacting()
        return table in ("obligation", "follow_up", "deadline") and name == "nc" and self.merging(row["nc"])

    def redacting(self):
        return any(t == "request" and r["kind"] == "redaction" and r["state"] == "approved" for t, _, r in self.batch)

    def merging(self, into):
        return any(t == "nc" and r["state"] == "merged" and b and b["state"] != "merged" and r["merged_into"] == into for t, b, r in self.batch)

    # -- one change

    def take_nc(self, before, row, _actor):
        here = (row["id"], row["cycle"])
        if before is None:
            if row["state"] != "raised" or row["cycle"] != 1:
                raise Broken(f"NC-{row['id']} was born {row['state']} in cycle {row['cycle']}")
        else:
            if before["state"] != row["state"] and (before["state"], row["state"]) not in self.ways:
                raise Broken(f"NC-{row['id']} went from {before['state']} to {row['state']}: there is no such way")
            if row["cycle"] not in (before["cycle"], before["cycle"] + 1) or row["version"] < before["version"]:
                raise Broken(f"NC-{row['id']}: cycle {before['cycle']} to {row['cycle']}, version {before['version']} to {row['version']}")
            if before["state"] == "merged" and row["state"] == "merged" and before["merged_into"] != row["merged_into"]:
                raise Broken(f"NC-{row['id']} is merged into NC-{row['merged_into']}, it was NC-{before['merged_into']}")
        if row.get("owner"):
            self.owners[here].add(row["owner"])
            self.nc_owners[here].add(row["owner"])

    def take_cycle(self, before, row, _actor):
        key = (row["nc"], row["no"])
        if key in self.ended and {k: row.get(k) for k in self.ended[key]} != self.ended[key]:
            nc = self.tables["nc"][(row["nc"],)]
            undone = [q for t, _, q in self.batch if t == "request" and q["nc"] == row["nc"] and q["kind"] == "short_closing"
                      and q["state"] == "refused"]
            if self.ended[key]["ended_how"] in ("verdict", "evidence") or not undone:
                raise Broken(f"the closing of NC-{nc['id']} in cycle {row['no']} was {self.ended[key]} and is lost: {row}")
            del self.ended[key]
        if row.get("ended_as") == "closed":
            self.ended[key] = {k: row.get(k) for k in ("ended_at", "ended_as", "ended_how", "ended_by")}
            self.counts[f"closed by {row['ended_how']}"] += 1
        elif before and before.get("ended_at") and row.get("ended_at") != before["ended_at"] and row.get("ended_at"):
            raise Broken(f"cycle {key} ended {before['ended_at']} and again {row['ended_at']}")

    def take_action(self, before, row, actor):
        here = (row["nc"], row["cycle"])
        if before is None:
            if row["kind"] != "correction":
                self.planners[here].add(row["author"])
        elif before.get("due_original") and row["due_original"] != before["due_original"]:
            raise Broken(f"CA-{row['id']}: due_original was {before['due_original']} and is {row['due_original']}")
        elif row["kind"] != "correction" and [row.get(k) for k in ("title", "expected", "owner", "cause")] != [
                before.get(k) for k in ("title", "expected", "owner", "cause")]:
            self.planners[here].add(actor)
        if row["kind"] != "correction":
            self.owners[here] |= {name for name in (row.get("owner"), row.get("done_by")) if name}

    def take_record(self, before, row, actor):
        here = (row["nc"], row["cycle"])
        if before:
            if before["value"] != row["value"] and not (self.redacting() and redacted(before["value"], row["value"])):
                raise Broken(f"record {row['id']} ({row['fact']}) was rewritten: {before['value']} is {row['value']}")
            if before.get("retracted_at") and before["retracted_at"] != row.get("retracted_at"):
                raise Broken(f"record {row['id']} was retracted twice")
            return
        if row["fact"] == "criterion":
            self.planners[here].add(row["author"])
        elif row["fact"] == "verdict" and row["author"] != "system":
            self.check_verdict(here, row)
        elif row["fact"] == "waiver" and self.strict:
            raise Broken(f"separation was waived by {actor} though the policy is strict")

    def check_verdict(self, here, row):
        nc = self.tables["nc"][(here[0],)]
        barred = self.people(self.owners[here] | self.planners[here] | self.extenders[here])
        if nc["grade"] != "ofi" and person(row["author"]) in barred and not self.waived(here, nc):
            raise Broken(f"{row['author']} judged cycle {here[1]} of NC-{here[0]} and had a part in it: {sorted(barred)}")
        self.counts[f"verdict {row['value']['verdict']}"] += 1

    def waived(self, here, nc):
        """Was separation waived in this operation, where it may be?"""
        found = [r for t, b, r in self.batch if t == "record" and b is None and r["fact"] == "waiver" and (r["nc"], r["cycle"]) == here]
        if found and (nc["grade"] == "critical" or nc.get("issuer") or nc["source_kind"] in ISSUED):
            raise Broken(f"separation was waived on NC-{nc['id']}: {nc['grade']}, {nc['source_kind']}")
        if found and not all(r["value"].get("reason") for r in found):
            raise Broken(f"separation was waived on NC-{nc['id']} without a reason")
        return bool(found)

    def take_request(self, before, row, _actor):
        if before and before["state"] != "open" and row["state"] != before["state"]:
            raise Broken(f"request {row['id']} ({row['kind']}) was {before['state']} and is {row['state']}")
        if row["state"] not in ("approved", "refused") or (before and before["state"] != "open"):
            return
        self.counts[f"request {row['kind']} {row['state']}"] += 1
        if row["state"] == "approved" and row["kind"] == "extension":
            self.extenders[(row["nc"], row["cycle"])].add(row["decided_by"])

    def take_deadline(self, before, row, _actor):
        if before is None or row["kind"] in ("window", "verify"):
            return
        if moment(row["due"]) > moment(before["due"]) and row["kind"] in ("triage", "contain", "plan", "act", "clock"):
            if not [q for t, _, q in self.batch if t == "request" and q["kind"] == "extension" and q["state"] == "approved"
                    and q["deadline"] == row["id"]]:
                raise Broken(f"the {row['kind']} deadline of NC-{row['nc']} moved to {row['due']} and nobody approved it")

    # -- one operation

    def judge(self, now):
        for nc in {r["nc"] for t, _, r in self.batch if "nc" in r and r["nc"]} | {r["id"] for t, _, r in self.batch if t == "nc"}:
            self.judge_nc(self.tables["nc"][(nc,)])
        for table, before, row in self.batch:
            if table == "request" and row["state"] in ("approved", "refused") and (before is None or before["state"] == "open"):
                self.judge_request(row)
            elif table == "nc" and before and before["state"] != row["state"]:
                self.judge_way(before, row, now)
            elif table == "nc" and before and GRADES.index(row["grade"]) < GRADES.index(before["grade"]):
                self.judge_lowered(before, row)
            elif table == "batch" and row["state"] == "approved" and person(row["decided_by"]) in self.people([row["author"]]):
                raise Broken(f"B-{row['id']} was approved by its author {row['author']}")
            elif table == "follow_up" and row["state"] == "stopped" and before["state"] == "running" and self.strict:
                self.needs(row["nc"], ["follow_up_stop"], f"FU-{row['id']} was stopped early")

    def judge_nc(self, nc):
        here = (nc["id"], nc["cycle"])
        actions = [a for a in self.rows("action") if (a["nc"], a["cycle"]) == here and a["kind"] != "correction"]
        if nc["state"] == "verifying" and not any(a["state"] == "done" for a in actions):
            raise Broken(f"NC-{nc['id']} is verifying and no action was done")
        if nc["state"] == "verifying" and any(a["state"] not in ("done", "cancelled") for a in actions):
            raise Broken(f"NC-{nc['id']} is verifying and an action is open")
        if (nc["state"] in LEFT) != bool(nc.get("closed_at")):
            raise Broken(f"NC-{nc['id']} is {nc['state']}, closed_at {nc.get('closed_at')}")
        if (nc["state"] == "accepted") != bool(nc.get("accepted_until")):
            raise Broken(f"NC-{nc['id']} is {nc['state']}, accepted_until {nc.get('accepted_until')}")
        if nc["state"] == "closed" and here not in self.ended:
            raise Broken(f"NC-{nc['id']} is closed, its cycle {nc['cycle']} did not end so")
        if nc["state"] == "closed" and nc["grade"] in ("critical", "major") and nc["closed_how"] != "verdict":
            raise Broken(f"NC-{nc['id']} is {nc['grade']} and was closed by {nc['closed_how']}")
        if nc["state"] in ("triaged", "contained", "analysed", "planned", "implementing", "verifying") and not nc.get("owner"):
            raise Broken(f"NC-{nc['id']} is {nc['state']} and has no owner")

    def judge_request(self, row):
        here = (row["nc"], row["cycle"])
        decider = person(row["decided_by"])
        barred = self.people(row["authors"])
        if row["nc"] and row["kind"] == "plan" and row["state"] == "approved":
            barred |= self.people(self.planners[here])
        if row["kind"] in ("acceptance", "short_closing"):
            barred |= self.people(self.nc_owners[here])
        if decider == "system" or decider not in barred:
            return
        if not row["nc"] or not self.waived(here, self.tables["nc"][(row["nc"],)]):
            raise Broken(f"{row['decided_by']} decided on their own {row['kind']} of {row['ref']}: {row['state']}")

    def needs(self, nc, kinds, what):
        """Was one of these requests approved in this operation, or a batch it is in? (Who may is judge_request's.)"""
        if not [q for t, _, q in self.batch if t == "request" and q["kind"] in kinds and q["state"] == "approved"
                and (q["nc"] == nc or q["kind"] == "batch" or q["what"].get("nc") == nc)]:
            raise Broken(f"NC-{nc}: {what}, and no second person approved it")

    def overdue(self, nc, at):
        """As people read it: an open deadline, the window apart, lies behind."""
        return any(d["nc"] == nc and not d.get("met_at") and not d.get("void_at") and d["kind"] != "window"
                   and moment(d["due"]) < at for d in self.rows("deadline"))

    def judge_way(self, before, row, _now):
        self.counts[f"{before['state']} → {row['state']}"] += 1
        if row["state"] == "rejected" and (before["grade"] in ("critical", "major") or before["source_kind"] in EXTERNAL):
            self.needs(row["id"], ["rejection", "batch"], f"a {before['grade']} one of {before['source_kind']} was rejected")
        elif row["state"] == "merged" and (before["grade"] in ("critical", "major") or before["source_kind"] in EXTERNAL):
            self.needs(row["id"], ["merge"], f"a {before['grade']} one of {before['source_kind']} was merged")
        elif row["state"] == "accepted":
            self.needs(row["id"], ["acceptance"], "it was accepted")
        elif row["state"] == "closed" and row["closed_how"] == "verdict":
            self.judge_closing(row)

    def judge_closing(self, nc):
        here = (nc["id"], nc["cycle"])
        verdicts = [r for r in self.rows("record") if (r["nc"], r["cycle"]) == here and r["fact"] == "verdict" and not r.get("retracted_at")]
        if nc["grade"] not in ("observation",) and not any(v["value"]["verdict"] == "effective" for v in verdicts):
            raise Broken(f"NC-{nc['id']} was closed by verdict, and nobody said effective")
        if nc.get("issuer") and not [r for r in self.rows("record") if (r["nc"], r["cycle"]) == here and r["fact"] == "external_closing"
                                     and not r.get("retracted_at") and r["value"].get("verdict") == "accepted"]:
            raise Broken(f"NC-{nc['id']} of {nc['issuer']} was closed without its word")

    def judge_lowered(self, before, row):
        """A lower grade is a second person's decision; the first one that anybody gives is not lower than a default."""
        if before["rule"] or before["triaged"] or before["grade_decided"]:
            self.needs(row["id"], ["regrade"], f"the grade fell from {before['grade']} to {row['grade']}")

    # -- now and then

    def compare(self):
        """The tables as they are, and as the journal says: read by nothing of the register's own."""
        for table, in self.connection.execute("SELECT name FROM capa.register_table ORDER BY name").fetchall():
            found = {tuple(row[k] for k in self.keys[table]): row
                     for row, in self.connection.execute(f"SELECT to_jsonb(t) FROM capa.{table} t").fetchall()}
            told = self.tables[table]
            if set(found) != set(told):
                raise Broken(f"{table}: only in the register {set(found) - set(told)}, only in the journal {set(told) - set(found)}")
            for key, row in found.items():
                if {k: v for k, v in row.items() if v is not None} != {k: v for k, v in told[key].items() if v is not None}:
                    raise Broken(f"{table} {key} is {row}, the journal says {told[key]}")

    def compare_overdue(self, listed, now):
        """What list says of overdue; a moment of the clock about a due date may be either."""
        second = datetime.timedelta(seconds=5)
        for one in listed:
            nc = int(one["ref"][3:])
            if self.overdue(nc, now - second) == self.overdue(nc, now) != one["overdue"]:
                raise Broken(f"{one['ref']} is listed as overdue={one['overdue']}, its deadlines say {self.overdue(nc, now)}")
            if one["overdue"] and not one.get("next_due"):
                raise Broken(f"{one['ref']} is overdue and nothing is due")

    def steps_once(self):
        seen = collections.Counter((e["deadline"], e["due"], e["step"], e["n"]) for e in self.rows("escalation"))
        if seen and max(seen.values()) > 1:
            raise Broken(f"a step was taken twice: {seen.most_common(1)}")
        for one in self.rows("escalation"):
            if one["state"] == "covered" and self.tables["escalation"].get((one["covered_by"],), {}).get("state") != "fired":
                raise Broken(f"ESC-{one['id']} is covered by ESC-{one['covered_by']}, which did not fire")
