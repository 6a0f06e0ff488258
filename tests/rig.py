"""A private PostgreSQL cluster with capad on it, for tests and programs that measure, break or walk through it.

Everything lies in one folder under /tmp, which user postgres can reach when root runs this (PostgreSQL
refuses root). fsync is on: what is measured and broken here is durability. Nothing is left behind.
"""
import contextlib
import glob
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import uuid

import psycopg
import zmq

ROOT = pathlib.Path(__file__).resolve().parents[1]
BUILD = pathlib.Path(os.environ.get("CAPA_BUILD", ROOT / "build" / "test"))
CAPAD = BUILD / "daemon" / "app" / "capad"
CAPACTL = BUILD / "client" / "capactl"
GENERATOR = BUILD / "tests" / "bench" / "generator"
ROLES = ["producer", "reporter", "owner", "approver", "verifier", "isms_manager", "risk_owner",
         "top_management", "auditor", "admin"]
# The load's own rule, beside the shipped ones: each failing job is a nonconformity.
LOAD_RULES = [
    {"id": "bench-job-failed", "title": "{/subject} failed with {/data/exit_code}", "statement": "{/data/message}",
     "match": {"all": [{"path": "/type", "eq": "bench.job.finished"}, {"path": "/data/exit_code", "ne": 0}]},
     "effect": "fail", "fingerprint": ["/subject"], "grade": "minor", "owner": "anna", "controls": ["A.8.13"],
     "instead_of": ["run-failed"]},
]


class Rig:
    def __init__(self, prefix="capad-rig", policy=None, rules=(), config=None):
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix=prefix + ".", dir="/tmp"))
        self.dir.chmod(0o755)
        self.bin = pathlib.Path(sorted(glob.glob("/usr/lib/postgresql/*/bin"))[-1])
        self.as_service = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
        self.process = None
        self.extra = config or {}
        self.spans = []  # (started, ended) of each capad, monotonic
        for folder in ("db", "etc/rules.d", "etc/adapters.d", "run", "state"):
            (self.dir / folder).mkdir(parents=True)
        if os.geteuid() == 0:
            shutil.chown(self.dir / "db", "postgres")
        for kind in ("rules", "adapters"):
            for file in (ROOT / "daemon" / kind).glob("*.json"):
                shutil.copy(file, self.dir / "etc" / f"{kind}.d")
        (self.dir / "etc/rules.d/bench.json").write_text(json.dumps([*LOAD_RULES, *rules]))
        if policy:
            (self.dir / "etc/policy.json").write_text(json.dumps(policy))
        else:
            shutil.copy(ROOT / "systemd" / "policy.json", self.dir / "etc" / "policy.json")
        self.write_config()
        self.start_cluster(first=True)
        self.new_database("capad")

    # -- names

    def endpoint(self, name):
        return f"ipc://{self.dir}/run/{name}.sock"

    @property
    def environment(self):
        return {"CAPACTL_ENDPOINT": self.endpoint("control"), "CAPACTL_INGEST": self.endpoint("ingest"),
                "CAPACTL_PUBLISH": self.endpoint("publish"), "XDG_STATE_HOME": str(self.dir / "state"),
                "HOME": str(self.dir), "CAPACTL_TIMEOUT": "60"}

    def write_config(self):
        config = {
            "endpoints": {name: self.endpoint(name) for name in ("ingest", "control", "publish", "pull")},
            "database": {"conninfo": f"host={self.dir}/db dbname=capad user=capad"},
            "rules": ["rules.d"], "adapters": ["adapters.d"], "policy": "policy.json",
            "state_dir": str(self.dir / "state"),
            "principals": [{"name": "rig", "uid": os.getuid(), "roles": ROLES, "act_for_others": True}],
            **self.extra,
        }
        (self.dir / "etc/capad.json").write_text(json.dumps(config, indent=1))

    # -- PostgreSQL

    def pg_ctl(self, *arguments):
        subprocess.run([*self.as_service, self.bin / "pg_ctl", "-D", self.dir / "db/data", "-w", "-s",
                        *arguments], check=True, stdin=subprocess.DEVNULL, cwd=self.dir)

    def start_cluster(self, first=False):
        if first:
            subprocess.run([*self.as_service, self.bin / "initdb", "-D", self.dir / "db/data", "-U", "postgres",
                            "--auth-local=trust", "--auth-host=reject", "-E", "UTF8", "--locale=C.UTF-8",
                            "--no-sync", "--no-instructions"], check=True, stdout=subprocess.DEVNULL, cwd=self.dir)
        self.pg_ctl("-l", self.dir / "db/log", "-o", f"-c listen_addresses='' -c unix_socket_directories='{self.dir}/db' "
                    "-c max_connections=40 -c max_wal_size=4GB", "start")

    def restart_cluster(self, mode="immediate"):
        self.pg_ctl("-m", mode, "stop")
        self.start_cluster()

    def conninfo(self, database="capad", user="postgres"):
        return f"host={self.dir}/db dbname={database} user={user}"

    def connect(self, database="capad", user="postgres", **options):
        return psycopg.connect(self.conninfo(database, user), **options)

    def new_database(self, name):
        """A database with the register in it, as `capad migrate` makes it."""
        with self.connect("postgres", autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{name}"')
        subprocess.run([*migrate_command(self, name)], check=True, stdin=subprocess.DEVNULL,
                       stdout=subprocess.DEVNULL, cwd=self.dir)
        if moment := os.environ.get("CAPA_MOMENT"):  # what holds on a leap day, a Sunday or at a year's end
            with self.connect(name) as connection:
                connection.execute("UPDATE capa.clock SET shift = %s::timestamptz - clock_timestamp()", (moment,))

    # -- capad

    def start(self):
        with open(self.dir / "capad.log", "ab") as log:
            # pylint: disable-next=consider-using-with
            self.process = subprocess.Popen([CAPAD, "--config", self.dir / "etc/capad.json"], stdin=subprocess.DEVNULL,
                                            stdout=log, stderr=log)
        self.wait_ready()

    def wait_ready(self, seconds=60):
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                break
            answer = self.ping()
            if answer and answer["database"]["ok"]:
                return answer
            time.sleep(0.05)
        raise RuntimeError("capad did not become ready:\n" + (self.dir / "capad.log").read_text()[-12000:])

    def ping(self, timeout_ms=1000):
        with zmq.Context() as context, context.socket(zmq.REQ) as socket:
            socket.linger = 0
            socket.rcvtimeo = timeout_ms
            socket.connect(self.endpoint("ingest"))
            socket.send_multipart([b"capa1", b"PING", b"ping-0000000000000001"])
            try:
                frames = socket.recv_multipart()
            except zmq.Again:
                return None
            return json.loads(frames[3]) if frames[1] == b"PONG" else None

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.kill()
        self.process = None

    def resident_kb(self):
        for line in pathlib.Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1])
        return 0

    # -- clients

    def generate(self, **options):
        """Runs the load generator to its end; its report, and "status"."""
        result = subprocess.run(self.generator_command(**options), stdout=subprocess.PIPE, text=True, check=False)
        lines = result.stdout.splitlines()
        return {**json.loads(lines[-1]), "status": result.returncode, "lines": lines[:-1]}

    def generator_command(self, **options):
        command = [str(GENERATOR), "--endpoint", self.endpoint("ingest")]
        for name, value in options.items():
            command += ["--" + name, str(value)]
        return command

    def capactl(self, *arguments, check=True):
        return subprocess.run([str(CAPACTL), *arguments], env={**os.environ, **self.environment}, text=True,
                              stdin=subprocess.DEVNULL, capture_output=True, check=check)

    def exchange(self, endpoint, verb, body, seconds=60):
        """One request by pyzmq, and the frames of its answer after the request-id."""
        with zmq.Context() as context, context.socket(zmq.DEALER) as socket:
            socket.linger = 0
            socket.rcvtimeo = seconds * 1000
            socket.connect(self.endpoint(endpoint))
            number = uuid.uuid4().hex.encode()
            socket.send_multipart([b"capa1", verb, number, *body])
            protocol, status, answered, *rest = socket.recv_multipart()
            assert (protocol, answered) == (b"capa1", number)
            return status.decode(), rest

    def call(self, method, params=None, files=()):
        """A method's result; fails with its error."""
        status, (body, *_) = self.exchange("control", b"CALL", [method.encode(), json.dumps(params or {}).encode(), *files])
        assert status == "OK", body.decode()
        return json.loads(body)

    def put(self, *events, adapter=""):
        """The verdicts over frames (bytes, or anything that becomes JSON)."""
        frames = [event if isinstance(event, bytes) else json.dumps(event).encode() for event in events]
        status, (body, *_) = self.exchange("ingest", b"PUT", [adapter.encode(), *frames])
        assert status == "ACK", (status, body.decode())
        return json.loads(body)["verdicts"]

    # -- time

    def now(self):
        with self.connect() as connection:
            return connection.execute("SELECT capa.now()").fetchone()[0]

    def move_clock(self, interval):
        """Only the owner of the tables can; the notification is what an earlier step would send."""
        with self.connect() as connection:
            connection.execute("UPDATE capa.clock SET shift = shift + %s::interval", (interval,))
            connection.execute("SELECT pg_notify('capa_due', '0')")

    def wait_for_steps(self, seconds=60):
        """Until no deadline has a step whose time has come."""
        deadline = time.monotonic() + seconds
        with self.connect(autocommit=True) as connection:
            while time.monotonic() < deadline:
                behind = connection.execute("SELECT count(*) FROM capa.deadline WHERE next_at <= capa.now()").fetchone()[0]
                if behind == 0:
                    return
                time.sleep(0.01)
        raise AssertionError(f"{behind} deadlines have a step that is due and was not taken")

    # -- end

    def __enter__(self):
        return self

    def __exit__(self, *_):
        try:
            self.stop()
            self.pg_ctl("-m", "immediate", "stop")
            for log in ("capad.log", "db/log") if "PYTEST_CURRENT_TEST" in os.environ else ():  # shown where one failed
                if (self.dir / log).exists():
                    print(f"---- end of {log}\n" + (self.dir / log).read_text(errors="replace")[-12000:])
        finally:
            shutil.rmtree(self.dir, ignore_errors=True)


def free_port():
    """A TCP port of the loopback for a server that cannot choose one itself: below those that the kernel gives to whoever
    connects, so that no other test gets it meanwhile, and beginning elsewhere in each process."""
    for port in range(12000 + os.getpid() % 8000, 30000):
        with contextlib.suppress(OSError), socket.socket() as probe:
            probe.bind(("127.0.0.1", port))
            return port
    raise RuntimeError("no TCP port is free")


def migrate_command(rig, database):
    """capad migrate as the superuser of the private cluster."""
    return [str(CAPAD), "migrate", "--conninfo", rig.conninfo(database)]
