"""Independent clients for capad: plain pyzmq, written from proto/PROTOCOL.md and from nothing of capad's code.

Dealer keeps several requests open and matches answers by request-id; Requester is a REQ socket, which sends an
empty frame first; Subscriber listens. All give up after a while, so that a test fails instead of hanging.
"""
import contextlib
import json
import pathlib
import subprocess
import sys
import time
import uuid

import pytest
import zmq

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from rig import Rig  # noqa: E402  pylint: disable=wrong-import-position

# Modules that take long, the longest first: several workers take the modules in this order, and one of these at the end would
# keep all others waiting.
LONGEST = ["test_property", "test_walkthrough", "test_acceptance_full", "test_bus", "test_year", "test_windows", "test_follow",
           "test_quickstart", "test_capactl", "test_follow_up_year", "test_webhook", "test_escalation"]

BUS_RULES = [
    {"id": "bus-job-failed", "title": "Job on {/subject} failed", "statement": "exit code {/data/exit_code}",
     "match": {"all": [{"path": "/type", "eq": "bus.job.over"}, {"path": "/data/exit_code", "ne": 0}]},
     "effect": "fail", "fingerprint": ["/source", "/subject"], "grade": "minor", "owner": "backup-team",
     "controls": ["A.8.13"], "triaged": True},
    {"id": "bus-job-good", "match": {"all": [{"path": "/type", "eq": "bus.job.over"}, {"path": "/data/exit_code", "eq": 0}]},
     "effect": "pass", "clears": "bus-job-failed", "fingerprint": ["/source", "/subject"], "title": "Job on {/subject} worked"},
    {"id": "bus-noise", "match": {"path": "/type", "eq": "bus.job.progress"}, "effect": "ignore", "title": "noise"},
]


def event(**members):
    """A CloudEvent that fails rule bus-job-failed, as bytes; members replace its own, None leaves one out."""
    whole = {"specversion": "1.0", "id": uuid.uuid4().hex, "source": "/jobs", "type": "bus.job.over",
             "subject": "db01", "data": {"exit_code": 1}, **members}
    return json.dumps({name: value for name, value in whole.items() if value is not None}).encode()


class Client:
    """One socket and what is common to the kinds."""
    kind = zmq.DEALER

    def __init__(self, context, address, seconds=60):
        self.socket = context.socket(self.kind)
        self.socket.linger = 0
        self.socket.rcvtimeo = int(seconds * 1000)
        self.socket.connect(address)

    def close(self):
        self.socket.close()

    def raw(self, *frames):
        """Sends frames as they are; the frames of the next answer."""
        self.socket.send_multipart([f.encode() if isinstance(f, str) else f for f in frames])
        return self.socket.recv_multipart()

    def ask(self, verb, *body, number=None):
        """One request; (status, JSON). The answer must carry the protocol and the request-id."""
        number = number or uuid.uuid4().hex
        protocol, status, answered, *rest = self.raw("capa1", verb, number, *body)
        assert (protocol, answered, len(rest)) == (b"capa1", number.encode(), 1)
        return status.decode(), json.loads(rest[0])

    def put(self, *events, adapter="", number=None):
        """The verdicts of a PUT that must be acknowledged."""
        status, body = self.ask("PUT", adapter, *events, number=number)
        assert status == "ACK", (status, body)
        assert len(body["verdicts"]) == len(events)
        return body["verdicts"]

    def put_until_acked(self, *events, adapter="", seconds=60):
        """Repeats the same bytes under the same request-id while it is told BUSY."""
        number, deadline = uuid.uuid4().hex, time.monotonic() + seconds
        while True:
            status, body = self.ask("PUT", adapter, *events, number=number)
            if status == "ACK":
                return body["verdicts"]
            assert status == "BUSY" and time.monotonic() < deadline, (status, body)
            time.sleep(body["retry_after_ms"] / 1000)


class Dealer(Client):
    def send(self, verb, *body, number=None):
        number = number or uuid.uuid4().hex
        self.socket.send_multipart([f.encode() if isinstance(f, str) else f for f in ("capa1", verb, number, *body)])
        return number

    def receive(self):
        """(request-id, status, JSON) of the next answer."""
        protocol, status, number, body = self.socket.recv_multipart()
        assert protocol == b"capa1"
        return number.decode(), status.decode(), json.loads(body)


class Requester(Client):
    kind = zmq.REQ


class Subscriber:
    def __init__(self, context, address, topic=""):
        self.socket = context.socket(zmq.SUB)
        self.socket.linger = 0
        self.socket.connect(address)
        self.socket.subscribe(topic)

    def close(self):
        self.socket.close()

    def until(self, wanted, seconds=60):
        """Messages as (topic, sequence, JSON) up to the first for which wanted(...) is true."""
        seen, deadline = [], time.monotonic() + seconds
        while time.monotonic() < deadline:
            if self.socket.poll(100):
                topic, sequence, body = self.socket.recv_multipart()
                seen.append((topic.decode(), int(sequence), json.loads(body)))
                if wanted(*seen[-1]):
                    return seen
        raise AssertionError(f"not published within {seconds} s; seen: {[(t, s) for t, s, _ in seen]}")


class Bench:
    """A rig with capad running on it, and clients that are closed with it."""

    def __init__(self, rig):
        self.rig = rig
        self.context = zmq.Context()
        self.clients = []

    def _made(self, client):
        self.clients.append(client)
        return client

    def dealer(self, endpoint="ingest", **options):
        return self._made(Dealer(self.context, self.rig.endpoint(endpoint), **options))

    def requester(self, endpoint="ingest", **options):
        return self._made(Requester(self.context, self.rig.endpoint(endpoint), **options))

    def subscriber(self, topic=""):
        return self._made(Subscriber(self.context, self.rig.endpoint("publish"), topic))

    def call(self, method, params=None, *files):
        """(status, JSON) of a call."""
        client = Dealer(self.context, self.rig.endpoint("control"))
        try:
            return client.ask("CALL", method, json.dumps(params or {}), *files)
        finally:
            client.close()

    def one(self, sql, *values):
        """The first column of the first row, asked of the database directly."""
        with self.rig.connect() as connection:
            return connection.execute(sql, values).fetchone()[0]

    def close(self):
        for client in self.clients:
            client.close()
        self.context.term()


def wait_for(true, seconds=60):
    """Long enough for a machine with much else to do: only who fails waits so long."""
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "did not become true"
        time.sleep(0.05)


@contextlib.contextmanager
def stopped_writers(bench):
    """The server's side of the writer connections, stopped in its tracks: connected, but no answer."""
    backends = bench.one("SELECT string_agg(pid::text, ' ') FROM pg_stat_activity WHERE application_name LIKE '%%writer%%'").split()
    subprocess.run(["kill", "-STOP", *backends], check=True)
    try:
        yield
    finally:
        subprocess.run(["kill", "-CONT", *backends], check=False)


def restart_with(bench, **members):
    bench.rig.stop()
    config = json.loads((bench.rig.dir / "etc/capad.json").read_text())
    (bench.rig.dir / "etc/capad.json").write_text(json.dumps({**config, **members}))
    bench.rig.start()


def pytest_collection_modifyitems(items):
    place = {name: number for number, name in enumerate(LONGEST)}
    items.sort(key=lambda item: place.get(item.path.stem, len(place)))


def pytest_make_parametrize_id(val, argname):
    """Long texts are no names: they may hold an id that is new in each process, and all workers must name the tests alike."""
    return argname if isinstance(val, (str, bytes)) and len(val) > 60 else None


@pytest.fixture(scope="module")
def shared_rig():
    """One cluster for all tests of a module; each has its own daemon."""
    with Rig("capad-bus", rules=BUS_RULES) as rig:
        yield rig


@pytest.fixture
def bench(shared_rig):  # pylint: disable=redefined-outer-name
    shared_rig.write_config()
    shared_rig.start()
    made = Bench(shared_rig)
    yield made
    made.close()
    shared_rig.stop()
