"""People at random: what the property test's people do, whatever the register thinks of it. A seed decides everything."""
import collections
import json
import random
import re

import psycopg

from register_model import GRADES, LEFT, Broken, Model
from rig import ROOT

# Who may do what. "ops" is a team; "ANNA" and "anna " are anna all the same; "gus" is a stranger to most of it.
ROLES = {
    "anna": ["owner", "approver"], "ben": ["owner", "verifier"], "carla": ["approver", "risk_owner", "verifier"],
    "dora": ["verifier", "auditor"], "erik": ["isms_manager"], "frank": ["top_management", "owner"], "gus": ["reporter"],
    "hal": ["producer", "admin"],
}
ALL_ROLES = sorted({role for roles in ROLES.values() for role in roles})
TEAMS = {"ops": ["ben", "carla"]}
SPAN = re.compile(r"(\d+)(s|m|h|d|bd|w|mo)")
RULES = {"rules": [
    {"id": "backup-failed", "hash": "h0", "title": "Backup failed", "effect": "fail", "owner": "ops", "controls": ["A.8.13"],
     "triaged": True, "policy": "default", "growth": []},
    {"id": "disk-full", "hash": "h1", "title": "Disk full", "effect": "fail", "controls": ["A.8.6"], "policy": "default",
     "growth": [{"occurrences": 3, "within": {"d": 7}, "to": "major"}]},
]}


def spans_of(params):
    """What the daemon gives beside parameters that are durations."""
    units = {"s": ("s", 1), "m": ("s", 60), "h": ("s", 3600), "d": ("d", 1), "bd": ("bd", 1), "w": ("d", 7), "mo": ("mo", 1)}
    spans = {}
    for name, value in params.items():
        if isinstance(value, str) and (found := SPAN.fullmatch(value)):
            member, times = units[found[2]]
            spans[name] = {"mo": 0, "d": 0, "bd": 0, "s": 0, member: int(found[1]) * times}
    return spans


class World:
    """One register and the people who work on it at random; a seed decides everything."""

    def __init__(self, rig, database, seed, strict):
        self.random = random.Random(seed)
        self.owner = rig.connect(database, autocommit=True)
        self.service = rig.connect(database, user="capad", autocommit=True)
        for connection in (self.owner, self.service):
            connection.execute("SET synchronous_commit = off")
            connection.execute("SET client_min_messages = warning")
        self.methods = {row[0]: row[1:] for row in self.owner.execute(
            "SELECT name, changes, needed, params FROM capa.method ORDER BY name").fetchall()}
        self.load(strict)
        self.model = Model(self.owner, TEAMS)
        self.model.strict = strict
        self.model.read(self.now())
        self.log = collections.deque(maxlen=25)
        self.done = collections.Counter()
        self.refused = collections.Counter()
        self.number = 0
        self.lacking = {}

    def load(self, strict):
        self.owner.execute((ROOT / "tests/sql/lib/send.psql").read_text(encoding="utf-8"))
        self.owner.execute("SELECT test.rules(%s)", (json.dumps(RULES),))
        policy = self.owner.execute("SELECT body FROM capa.loaded WHERE kind = 'policy' ORDER BY version DESC LIMIT 1").fetchone()[0]
        self.owner.execute("SELECT api.load('policy', %s, %s, 'test')",
                           ("c" * 64, json.dumps({**policy, "sod": "strict" if strict else "waivable"})))
        people = {"people": {name: {"roles": roles, "manager": "erik"} for name, roles in ROLES.items()},
                  "teams": {name: {"lead": members[0], "members": members} for name, members in TEAMS.items()},
                  "roles": {"isms_manager": ["erik"], "risk_owner": ["carla"], "top_management": ["frank"]}}
        self.owner.execute("SELECT api.load('people', %s, %s, 'test')", ("d" * 64, json.dumps(people)))

    def now(self):
        return self.owner.execute("SELECT capa.now()").fetchone()[0]

    # -- what there is to talk about

    def pick(self, *values):
        return self.random.choice(values)

    def chance(self, share):
        return self.random.random() < share

    def any_nc(self, wanted=lambda nc: True):
        found = [nc["id"] for nc in self.model.rows("nc") if wanted(nc)]
        return self.random.choice(found) if found else 1

    def nc(self):
        """Mostly one that is open, and mostly one of the last ones: they shall get somewhere."""
        if self.chance(0.8):
            opened = [nc["id"] for nc in self.model.rows("nc") if nc["state"] not in LEFT][-8:]
            if opened:
                return self.random.choice(opened)
        return self.any_nc()

    def nc_ref(self):
        return f"NC-{self.nc()}"

    def action_ref(self, nc=None, wanted=lambda a: True):
        found = [a["id"] for a in self.model.rows("action") if (nc is None or a["nc"] == nc) and wanted(a)]
        return f"CA-{self.random.choice(found[-12:])}" if found else "CA-1"

    def one_of(self, table, prefix):
        found = [row["id"] for row in self.model.rows(table)]
        return f"{prefix}-{self.random.choice(found[-6:])}" if found else f"{prefix}-1"

    def request_ref(self):
        found = [q["ref"] for q in self.model.rows("request") if q["state"] == "open"]
        return self.random.choice(found) if found else self.nc_ref()

    def ref(self, method):
        kinds = {"approve": self.request_ref, "refuse": self.request_ref, "undo": lambda: self.one_of("batch", "B"),
                 "ack": lambda: self.pick(self.one_of("escalation", "ESC"), self.nc_ref()),
                 "redact": lambda: self.pick(self.nc_ref(), self.one_of("evidence", "EV"), str(self.random.randrange(1, 60)))}
        if method.startswith("follow_up") and method != "follow_up.add":
            return self.one_of("follow_up", "FU")
        return kinds.get(method, lambda: self.pick(self.nc_ref(), self.nc_ref(), self.action_ref()))()

    def person(self):
        return self.pick(*ROLES) if self.chance(0.93) else self.pick("ANNA", "anna ", "Carla", "ＢＥＮ", "ops", "zoe")

    def moment(self):
        if self.chance(0.8):
            return self.pick("1h", "3d", "10d", "5bd", "30d", "90d", "2mo", "400d", "10s")
        ahead = self.random.randrange(-20, 200)
        return self.owner.execute("SELECT to_char(capa.now() + make_interval(days => %s), 'YYYY-MM-DD')", (ahead,)).fetchone()[0]

    def evidence(self):
        return self.pick([{"name": "proof.txt", "frame": 0}], [{"url": "https://wiki.example/proof"}],
                         [{"event": self.random.randrange(1, 50)}], [{"name": "proof.txt", "frame": 0}])

    # -- parameters by their name

    def value(self, method, name):  # pylint: disable=too-many-return-statements
        if name == "ref":
            return self.ref(method)
        if name in ("nc", "into"):
            return self.pick(self.nc_ref(), self.nc_ref(), str(self.nc())) if self.chance(0.95) or name == "into" else \
                [self.nc_ref() for _ in range(3)]
        if name in ("action", "replaces"):
            return self.action_ref()
        if name == "follow_up":
            return self.one_of("follow_up", "FU")
        if name in ("owner", "actor", "on") or (method == "handover" and name in ("from", "to")):
            return self.person()
        if name == "grade" or (method, name) == ("regrade", "to"):
            return self.pick(*GRADES)
        words = {
            "kind": ["no_recurrence", "evidence", "manual"] if method.startswith("follow_up") else
                    ["correction", "corrective", "preventive", "improvement"],
            "category": ["people", "process", "policy", "technology", "supplier"],
            "method": ["event_silence", "pass_count", "manual"] if method == "criterion" else ["five_whys", "timeline", "other"],
            "verdict": ["accepted", "refused"] if method == "external" else ["effective", "partial", "not_effective"],
            "what": ["plan", "closing"] if method == "external" else
                    ["plan", "extension", "regrade", "short_closing", "rejection", "merge", "acceptance", "batch", "follow_up_stop"],
            "result": ["ok", "failed"], "law": ["nis2", "gdpr"], "need": ["yes", "no"], "elsewhere": ["no", "the web servers"],
            "fact": ["correction", "consequences", "not_applicable", "cause", "similar", "elsewhere", "conclusion", "need", "criterion",
                     "approval", "verdict", "isms", "risk", "done"],
            "source_kind": ["monitoring", "internal_audit", "external_audit", "complaint", "supplier", "authority", "self_report"],
            "isms": ["none", "ISMS-3"], "risk": ["none", "R-7"], "rule": ["backup-failed", "disk-full"], "fingerprint": self.fingerprints(),
            "deadline": ["triage", "contain", "plan", "act", "verify", "action"], "label": ["plan", "closing"], "issuer": ["TUV"],
            "controls": ["A.8.13", "A.5.1"], "requirement": ["27001 10.2", "own rule 4"], "every": ["7d", "1mo", "2w"],
            "for": ["3mo", "x2"], "since": ["5d", "60d"], "suppress": ["10d", "90d"], "window": ["1d", "10d", "90d"],
        }
        if name in words and not (method == "list" and name == "label"):
            return self.random.choice(words[name])
        if name in ("due", "to", "until", "from", "aware_at"):
            return self.moment()
        if name == "evidence":
            return self.evidence()
        if name in ("passes", "no", "cause"):
            return self.random.randrange(1, 4)
        if name in ("auto", "mine", "batch", "end", "restricted", "all"):
            return self.chance(0.6)
        if name == "labels":
            return {"site": self.pick("berlin", "bonn")}
        if name == "why":
            return ["nobody is told"]
        if name == "facts":
            return {"consequences": "none", "elsewhere": "no"}
        return self.pick("by hand", "it was so", "nobody told them")

    def fingerprints(self):
        return [self.pick(*[f["fingerprint"].removeprefix("\\x") for f in self.model.rows("nc") if f.get("fingerprint")] or ["00"])]

    def nonsense(self):
        return self.pick(None, "", "  ", -1, 2**40, 1.5, True, [], {}, ["x"], "NC-0", "NC-99999", "2026-02-30", "99999999d", "\u202e", "x" * 9000,
                         "'; DROP TABLE capa.nc --", "CA--1", {"a": {"b": []}}, "NC-1 ", "nc-1", [None], "\u0000")

    def parameters(self, method):
        _, needed, names = self.methods[method]
        params = {}
        for name in names:
            if name and (name in needed or self.chance(0.35)):
                params[name] = self.value(method, name)
        return params

    # -- operations

    def call(self, method, actor, params, files=None, reading=False):
        """One method as the daemon would call it; None where the register refused it on purpose."""
        roles = ALL_ROLES if self.chance(0.7) else ROLES.get(actor, ["owner", "approver"])
        name = "gateway" if self.chance(0.2) else actor
        params = {**params, "spans": spans_of(params)}
        text = json.dumps(params)
        if "\\u0000" in text:  # the daemon refuses such a body before it comes here
            return None
        if not reading:
            self.log.append(f"{actor} {roles if roles is not ALL_ROLES else '*'}: {method} {json.dumps({k: v for k, v in params.items() if k != 'spans'})[:300]}")
        try:
            row = self.service.execute(
                f"SELECT api.{method.replace('.', '_')}(%s::jsonb, %s, %s::jsonb, %s::bytea[])",
                (json.dumps({"name": name, "roles": roles, "act_for_others": True}), actor, text, files or [])).fetchone()
        except psycopg.Error as error:
            self.judge_error(error, method)
            return None
        self.done[method] += 1
        if isinstance(row[0], dict) and "missing" in row[0] and row[0].get("ref"):
            self.lacking[row[0]["ref"]] = [one["fact"] for one in row[0]["missing"]]
        return row[0]

    def judge_error(self, error, method):
        if not re.fullmatch("CA00[0-6]", error.sqlstate or ""):
            raise Broken(f"{method} failed inside: {error.sqlstate} {error}") from error
        if error.sqlstate == "CA000":
            if self.model.read(self.now()):
                raise Broken(f"a dry run of {method} wrote into the journal")
        elif not reading_well(error.diag.message_primary):
            raise Broken(f"{method} refuses with a sentence nobody can read: {error.diag.message_primary!r}")
        self.refused[error.sqlstate] += 1
        self.log[-1] += f" ⇒ {error.diag.message_primary[:120]}"

    def command(self):
        changing = [name for name, (changes, *_) in self.methods.items() if changes]
        method = self.random.choice(changing)
        params = self.parameters(method)
        if self.chance(0.12):
            names = [name for name in self.methods[method][2] if name] + ["nonsense", "if_version", "waive", "dry_run"]
            params[self.random.choice(names)] = self.nonsense()
        if self.chance(0.04):
            params["dry_run"] = True
        self.call(method, self.person(), params, [b"proof"] if "evidence" in params else None)

    def step(self):
        """What would bring an NC on from where it is, by somebody who might be the wrong one."""
        nc = self.model.tables["nc"].get((self.nc(),))
        if not nc:
            return
        ref = f"NC-{nc['id']}"
        lacking = self.lacking.get(ref)
        method, params = self.for_fact(nc, self.random.choice(lacking)) if lacking and self.chance(0.75) else self.for_state(nc)
        if method == "clock":
            self.clock(self.pick("1 day", "1 day", "4 days"))
        elif method == "event":
            self.event(nc)
        else:
            if method in ("approve", "verify", "confirm") and self.chance(0.2):
                params = {**params, "waive": "we are only three"}
            if self.chance(0.05):
                params = {**params, "if_version": nc["version"]}
            self.call(method, self.person(), params, [b"proof"] if "evidence" in params else None)

    def for_fact(self, nc, fact):
        """The command that would record a fact which the register says is missing."""
        ref = f"NC-{nc['id']}"
        proof = {"evidence": [{"name": "proof.txt", "frame": 0}]}
        live = self.action_ref(nc["id"], lambda a: a["cycle"] == nc["cycle"] and a["state"] not in ("done", "cancelled"))
        done = self.action_ref(nc["id"], lambda a: a["cycle"] == nc["cycle"] and a["state"] == "done")
        add = ("action.add", {"nc": ref, "title": "inventory", "owner": self.pick("ben", "anna", "ops"), "due": self.pick("10d", "60d"), "expect": "no more"})
        verify = ("verify", {"nc": ref, "verdict": self.pick("effective", "effective", "effective", "effective", "partial", "not_effective"),
                             "text": "seen", "isms": "none", "risk": "none", **proof})
        criterion = {"method": self.pick("manual", "pass_count", "event_silence"), "window": self.pick("1d", "5d")}
        criterion.update({"passes": 1} if criterion["method"] == "pass_count" else {"text": "a sample"} if criterion["method"] == "manual" else {})
        commands = {
            "triage": ("triage", {"nc": ref, "grade": self.pick(*GRADES), "owner": self.pick("anna", "ben", "ops"), "controls": ["A.8.13"]}),
            "owner": ("assign", {"ref": ref, "owner": self.pick("anna", "ben", "frank", "ops")}),
            "requirement": ("triage", {"nc": ref, "requirement": ["own rule 4"]}), "statement": ("triage", {"nc": ref, "statement": "found so"}),
            "correction": ("contain", {"nc": ref, "text": "by hand", "consequences": "none", **proof}),
            "correction_evidence": ("evidence.add", {"ref": done, **proof}), "consequences": ("contain", {"nc": ref, "consequences": "none"}),
            "cause": ("cause", {"nc": ref, "text": "moved", "category": "process", "method": "timeline"}), "similar": ("similar", {"nc": ref}),
            "elsewhere": ("similar", {"nc": ref, "elsewhere": "no"}), "conclusion": ("similar", {"nc": ref, "conclude": "not alike"}),
            "need": ("need", {"nc": ref, "need": self.pick("yes", "yes", "yes", "no"), "reason": "again", "isms": "none", "risk": "none"}),
            "need_yes": ("need", {"nc": ref, "need": "yes", "reason": "again"}), "action": add, "action_any": add, "action_done": add,
            "action_owner": ("assign", {"ref": live, "owner": "ben"}), "action_due": ("action.change", {"action": live, "due": "20d"}),
            "expected": ("action.change", {"action": live, "expect": "no more"}), "criterion": ("criterion", {"nc": ref, **criterion}),
            "approval": ("approve", {"ref": ref, "what": "plan"}), "actions_ended": ("action.done", {"action": live, **proof}),
            "action_evidence": ("evidence.add", {"ref": done, **proof}), "window": ("clock", None), "passes": ("event", None), "verdict": verify,
            "verdict_or_proof": verify, "benefit": verify, "isms": ("isms", {"nc": ref, "isms": "none"}), "risk": ("risk", {"nc": ref, "risk": "none"}),
        }
        return commands.get(fact) or self.for_state(nc)

    def for_state(self, nc):
        ref = f"NC-{nc['id']}"
        live = self.action_ref(nc["id"], lambda a: a["cycle"] == nc["cycle"] and a["state"] not in ("done", "cancelled"))
        ways = {
            "planned": [("approve", {"ref": ref, "what": "plan"}), ("criterion", {"nc": ref, "method": "manual", "text": "other", "window": "3d"})],
            "implementing": [("action.cancel", {"action": live, "reason": "other plan"}), ("extend", {"ref": live, "to": "90d", "reason": "late"}),
                             ("assign", {"ref": live, "owner": self.person()})],
            "verifying": [self.for_fact(nc, "verdict"), ("clock", None), ("event", nc)],
            "closed": [("confirm", {"nc": ref}), ("refuse", {"ref": ref, "reason": "no"}), ("event", nc), ("reopen", {"nc": ref, "reason": "after all"})],
            "accepted": [("clock", None), ("event", nc)],
            "rejected": [("reopen", {"nc": ref, "reason": "after all"}), ("event", nc)], "merged": [("event", nc)],
        }
        return self.pick(*ways.get(nc["state"], [("note", {"ref": ref, "text": "seen"}), ("extend", {"ref": ref, "to": "200d", "reason": "late"})]))

    def beside(self):
        """What stands beside the main line, with parameters that make sense: most of these would hardly come by chance."""
        ref, one = self.nc_ref(), f"NC-{self.any_nc(lambda nc: nc['state'] not in LEFT)}"
        opened = [q for q in self.model.rows("request") if q["state"] == "open"]
        if opened and self.chance(0.45):
            q = self.random.choice(opened)
            if self.chance(0.85):
                self.call("approve", self.person(), {"ref": q["ref"], "what": q["kind"], **({"waive": "we are three"} if self.chance(0.1) else {})})
            else:
                self.call("refuse", self.person(), {"ref": q["ref"], "what": q["kind"], "reason": "no"})
            return
        letter = {"evidence": [{"name": "letter.txt", "frame": 0}]}
        method, params = self.pick(
            ("accept", {"nc": one, "risk": "R-3", "until": self.pick("5d", "20d"), "reason": "replaced in spring", "measure": "by hand"}),
            ("merge", {"nc": ref, "into": one, "reason": "the same fault"}), ("split", {"nc": ref, "fingerprint": self.fingerprints()[0]}),
            ("reject", {"nc": [self.nc_ref(), self.nc_ref(), ref], "batch": True, "reason": "a wrong rule"}),
            ("reject", {"rule": self.pick("backup-failed", "disk-full"), "since": "10d", "reason": "a wrong rule"}),
            ("undo", {"ref": self.one_of("batch", "B"), "reason": "it was right"}), ("reject", {"nc": one, "reason": "nothing was wrong"}),
            ("regrade", {"nc": ref, "to": self.pick(*GRADES), "reason": "seen"}), ("extend", {"ref": ref, "to": self.moment(), "reason": "late"}),
            ("follow_up.add", {"ref": ref, "kind": self.pick("no_recurrence", "evidence", "manual"), "every": self.pick("5d", "1mo"),
                               **({"for": self.pick("x3", "2mo")} if self.chance(0.7) else {})}),
            ("follow_up.record", {"ref": self.one_of("follow_up", "FU"), "result": self.pick("ok", "ok", "failed"), "text": "looked", **letter}),
            ("follow_up.stop", {"ref": self.one_of("follow_up", "FU"), "reason": "no need"}),
            ("raise", {"title": "finding", "grade": self.pick("minor", "major"), "owner": self.pick("anna", "ops"), "controls": ["A.5.1"],
                       "source_kind": self.pick("external_audit", "internal_audit", "complaint"), **({"issuer": "Cert AG"} if self.chance(0.5) else {}),
                       "restricted": self.chance(0.2)}),
            ("external", {"nc": ref, "what": self.pick("plan", "closing"), "verdict": self.pick("accepted", "accepted", "refused"), "text": "so", **letter}),
            ("deadline.add", {"nc": ref, "label": self.pick("plan", "proof"), "due": "20d"}), ("deadline.met", {"nc": ref, "label": "proof", "text": "sent"}),
            ("clock", {"nc": ref, "law": self.pick("nis2", "gdpr")}), ("deadline.met", {"nc": ref, "label": "gdpr_notification", "text": "sent"}),
            ("action.wait", {"action": self.action_ref(), "on": "the supplier", "until": "5d"}), ("restrict", {"nc": ref, "restricted": self.chance(0.5)}),
            ("handover", {"from": self.pick("anna", "ben", "frank"), "to": self.pick("anna", "ben", "frank")}),
            ("hold", {"ref": ref, "reason": "a lawsuit", "end": self.chance(0.4)}), ("ack", {"mine": True}),
            ("redact", {"ref": self.pick(self.one_of("evidence", "EV"), ref), "reason": "it names a person"}), ("confirm", {}),
            ("fix", {"nc": ref, "text": "by hand", "cause": "moved", "category": "process", "elsewhere": "no", "conclude": "not alike",
                     "no_further": "once", "isms": "none", "risk": "none", **letter}),
        )
        if method in self.methods:
            self.call(method, self.person(), params, [b"a letter"] if "evidence" in params else None)

    def event(self, of=None):
        """One to four events in a batch: failing, passing, late, worse, of a few fingerprints, some repeated."""
        events = []
        for _ in range(self.pick(1, 1, 1, 2, 4)):
            self.number += 1
            rule = self.pick(0, 1)
            one = {"id": f"e{self.number if self.chance(0.95) else self.random.randrange(1, self.number + 1)}", "rule": rule,
                   "fp": f"{rule}-{self.random.randrange(6)}", "effect": self.pick("fail", "fail", "pass"),
                   "grade": self.pick("minor", "minor", "minor", "major", "critical", "observation"),
                   "type": self.pick("backup.finished", "disk.state")}
            if of and of.get("fingerprint") and (label := self.labels().get(of["fingerprint"])):
                one.update(fp=label, rule=int(label[0]))
            if self.chance(0.15):
                one["time"] = self.owner.execute("SELECT capa.now() - make_interval(mins => %s)",
                                                 (self.random.randrange(1, 6000),)).fetchone()[0].isoformat()
            events.append(one)
        self.log.append("events " + json.dumps(events)[:300])
        results = self.owner.execute("SELECT test.send(%s)", (json.dumps(events),)).fetchone()[0]
        for one in results:
            for result in one.get("results", []):
                self.done["event " + result["effect"]] += 1
        self.log[-1] += " ⇒ " + json.dumps([r.get("results", r["status"]) for r in results])[:160]

    def labels(self):
        """Fingerprints of the test's events, as the register has them."""
        if not hasattr(self, "_labels"):
            names = [f"{rule}-{n}" for rule in (0, 1) for n in range(6)]
            self._labels = {"\\x" + self.owner.execute("SELECT test.fp(%s)", (name,)).fetchone()[0]: name for name in names}
        return self._labels

    def clock(self, by=None):
        by = by or self.pick(*["3 minutes", "2 hours", "1 day", "1 day", "3 days", "9 days"] * 4, "25 days", "70 days")
        self.log.append(f"clock + {by}")
        self.owner.execute("UPDATE capa.clock SET shift = shift + %s::interval", (by,))
        self.tick()

    def tick(self):
        for _ in range(200):
            if not self.service.execute("SELECT api.tick()").fetchone()[0]["more"]:
                return
        raise Broken("the tick says without end that there is more to do")

    def operation(self):
        what = self.random.random()
        if what < 0.53:
            self.step()
        elif what < 0.68:
            self.beside()
        elif what < 0.82:
            self.command()
        elif what < 0.95:
            self.event()
        else:
            self.clock()
        self.model.read(self.now())
        if self.model.counts["sys.degraded"]:
            raise Broken("a tick failed: " + str(self.owner.execute(
                "SELECT max(b.body::json ->> 'data') FROM capa.journal j JOIN capa.journal_body b USING (seq) WHERE j.topic = 'sys.degraded'").fetchone()[0]))

    # -- all of it

    def look_everywhere(self):
        """Every reading method about everything by somebody: never an error of the inside."""
        self.log.append("looks at everything")
        listed = self.page("list", {"all": True})
        self.model.compare_overdue(listed, self.now())
        if len(listed) != len(self.model.tables["nc"]):
            raise Broken(f"list --all has {len(listed)} of {len(self.model.tables['nc'])}")
        for id_ in self.random.sample(sorted(k for k, in self.model.tables["nc"]), min(6, len(listed))):
            self.compare_shown(id_)
            for method, params in (("log", {"ref": f"NC-{id_}"}), ("next", {"nc": f"NC-{id_}"}), ("evidence.list", {"ref": f"NC-{id_}"})):
                self.call(method, "erik", params, reading=True)
        for who in ("anna", "gus"):
            for method, params in (("page", {}), ("next", {}), ("approvals", {"all": True}), ("due", {"within": "90d"}), ("since", {"since": "30d"}),
                                   ("escalations", {}), ("search", {"text": "backup"}), ("status", {})):
                self.call(method, who, params, reading=True)

    def compare_shown(self, id_):
        """show and the journal say the same; a daemon's tick may come between the two, so they are asked again."""
        for _ in range(5):
            shown = self.call("show", "erik", {"ref": f"NC-{id_}"}, reading=True)
            self.model.read(self.now())
            nc = self.model.tables["nc"][(id_,)]
            if all(shown[key] == nc[key] for key in ("state", "cycle", "version", "grade")):
                return
        raise Broken(f"show NC-{id_} says {shown['state']} {shown['cycle']}, the journal {nc['state']} {nc['cycle']}")

    def page(self, method, params):
        found = []
        while True:
            one = self.call(method, "erik", {**params, "limit": 40, **({"after": found[-1]["ref"]} if found else {})}, reading=True)
            found += one
            if len(one) < 40:
                return found

    def check_whole(self):
        self.model.compare()
        self.model.steps_once()
        difference = self.owner.execute("SELECT tbl, side, row FROM capa.rebuild_check() LIMIT 3").fetchall()
        if difference:
            raise Broken(f"rebuilt from the journal the register is another: {difference}")

    def story(self, seed, error):
        return (f"seed {seed} (CAPA_SEED={seed} repeats it), after {sum(self.done.values())} operations: {error}\n"
                + "\n".join(f"  {line}" for line in self.log))

    def close(self):
        self.owner.close()
        self.service.close()


def reading_well(sentence):
    """A refusal is a sentence: it ends, and names no type, function or table of the inside."""
    return len(sentence) > 8 and sentence[-1] in ".?!" and not re.search(r"\b(null value|column|relation|plpgsql|jsonb)\b", sentence)
