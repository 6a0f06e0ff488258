"""The bus as a peer sees it: every request is answered, whatever it holds and whatever the database does."""
import contextlib
import json
import signal
import struct
import subprocess
import threading
import time
import uuid

import pytest
import zmq
from conftest import Dealer, event
from rig import CAPAD

MALFORMED = [
    ((b"",), "malformed", b""),
    ((b"hello",), "malformed", b""),
    ((b"capa2", b"PING", b"r1"), "malformed", None),
    ((b"capa1",), "malformed", b""),
    ((b"capa1", b"PING"), "malformed", b""),
    ((b"capa1", b"FOO", b"r2"), "unknown_verb", b"r2"),
    ((b"capa1", b"ping", b"r3"), "unknown_verb", b"r3"),
    ((b"capa1", b"PUT", b"r4"), "malformed", b"r4"),
    ((b"capa1", b"PUT", b"r5", b""), "malformed", b"r5"),
    ((b"capa1", b"PING", b"r" * 300), "malformed", None),
    ((b"capa1", b"CALL", b"r6", b"status", b"{}"), "unknown_verb", b"r6"),  # not on this endpoint
    ((b"\x00\xff\xfe", b"\x80" * 50, b"\x00"), "malformed", None),
    ((b"capa1", b"PUT", b"r7", b"") + (b"{}",) * 501, "too_big", b"r7"),
    ((b"capa1", b"PUT", b"r8", b"") + (b"x" * (4 << 20),) * 5, "too_big", b"r8"),
    (tuple(b"" for _ in range(2000)), "malformed", b""),
]


@pytest.mark.parametrize("kind", ["dealer", "requester"])
@pytest.mark.parametrize("number", range(len(MALFORMED)))
def test_malformed_is_answered(bench, kind, number):
    frames, code, answered = MALFORMED[number]
    client = getattr(bench, kind)()
    answer = client.raw(*frames)
    if kind == "dealer" and frames[0] == b"" and len(frames) > 1:
        assert answer.pop(0) == b""  # a leading empty frame is given back
    protocol, status, identifier, body = answer
    assert (protocol, status) == (b"capa1", b"ERR")
    assert json.loads(body)["code"] == code, body
    assert answered is None or identifier == answered
    assert client.ask("PING")[0] == "PONG"


def test_control_refuses_what_is_wrong(bench):
    control = bench.dealer("control")
    cases = [
        (("status", "[1]"), "invalid"), (("status", "{\"a\":1,\"a\":2}"), "invalid"), (("status", b"\xff"), "invalid"),
        (("statsu", "{}"), "unknown_method"), (("", "{}"), "malformed"), (("m" * 65, "{}"), "unknown_method"),
        (("show", "{}"), "invalid"), (("show", "{\"ref\":\"NC-999999\"}"), "not_found"),
        (("show", "{\"ref\":\"NC-1\",\"spans\":{}}"), "invalid"), (("list", "{}", b"file"), "invalid"),
        (("raise", " " * ((1 << 20) + 1)), "too_big"), (("raise", "{\"title\":\"a\"}") + (b"f",) * 9, "too_big"),
        (("raise", "{\"title\":\"\\u0000\"}"), "invalid"),
    ]
    for body, code in cases:
        status, answer = control.ask("CALL", *body)
        assert (status, answer["code"]) == ("ERR", code), (body[0], answer)
    assert "did you mean \"status\"" in control.ask("CALL", "statsu", "{}")[1]["message"]
    assert control.ask("PUT", "", event())[1]["code"] == "unknown_verb"
    assert control.ask("CALL", "list", "")[0] == "OK"


def test_verdicts(bench):
    client = bench.requester()
    first = event()
    other = first + b" "
    stored, again, conflict, noise, unknown, broken, nothing, passed = client.put(
        first, first, other, event(type="bus.job.progress"), event(type="nobody.knows"), b'{"specversion":"1.0",', b"",
        event(data={"exit_code": 0}))
    assert (stored["status"], stored["events"], len(stored["results"])) == ("stored", 1, 1)
    assert stored["results"][0]["nc"].startswith("NC-")
    assert again["status"] == "duplicate" and again["results"][0]["nc"] == stored["results"][0]["nc"]
    assert again["results"][0]["effect"] == stored["results"][0]["effect"]
    assert conflict["status"] == "conflict" and conflict["error"]
    assert (noise["status"], noise["results"]) == ("ignored", [])
    assert (unknown["status"], unknown["results"]) == ("ignored", [])
    assert broken["status"] == "invalid" and "line 1, column" in broken["error"]
    assert nothing["status"] == "invalid" and nothing["error"]
    assert passed["status"] == "stored" and passed["results"][0]["effect"] == "evidence"
    assert client.put(first)[0]["status"] == "duplicate"
    assert bench.one("SELECT body FROM capa.event WHERE eventno = (SELECT eventno FROM capa.event_key ORDER BY eventno DESC "
                     "OFFSET 1 LIMIT 1)").encode() == first
    assert bench.one("SELECT count(*) FROM capa.quarantine WHERE body = %s", b'{"specversion":"1.0",') == 1
    assert bench.one("SELECT count(*) FROM capa.ignored WHERE type = 'bus.job.progress'") == 0


def test_one_event_too_big_harms_nobody(bench):
    client = bench.dealer()
    verdicts = client.put(event(), event(data={"exit_code": 1, "x": "y" * (4 << 20)}), event())
    assert [v["status"] for v in verdicts] == ["stored", "too_big", "stored"]
    assert verdicts[1]["error"]


def test_a_full_put_and_the_bytes_survive(bench):
    client = bench.dealer()
    frames = [b'{"specversion":"1.0","id":"%s","source":"/n","type":"bus.job.over","subject":"s%d",'
              b'"data":{"exit_code":9007199254740993, "n":1e5}}' % (uuid.uuid4().hex.encode(), i % 3) for i in range(500)]
    assert {v["status"] for v in client.put(*frames)} == {"stored"}
    with bench.rig.connect() as connection:
        found = {row[0].encode() for row in connection.execute("SELECT body FROM capa.event WHERE source = '/n'")}
    assert found == set(frames)


def test_events_of_one_peer_are_applied_in_order(bench):
    client, source = bench.dealer(), f"/order-{uuid.uuid4().hex}"
    sent = [client.send("PUT", "", event(source=source, data={"exit_code": 1 if i % 2 else 0, "i": i})) for i in range(60)]
    answers = [client.receive() for _ in sent]
    assert {status for _, status, _ in answers} == {"ACK"}
    with bench.rig.connect() as connection:
        order = [json.loads(row[0])["data"]["i"] for row in
                 connection.execute("SELECT body FROM capa.event WHERE source = %s ORDER BY eventno", (source,))]
    assert order == list(range(60))


def run_sql(bench, sql):
    with bench.rig.connect(autocommit=True) as connection:
        connection.execute(sql)


def order_of(bench, source):
    with bench.rig.connect() as connection:
        return [json.loads(row[0])["data"]["i"] for row in
                connection.execute("SELECT body FROM capa.event WHERE source = %s ORDER BY eventno", (source,))]


def test_what_the_database_refuses_harms_no_neighbour(bench):
    """A data error that only the database sees: that event is invalid, all others are stored, in order."""
    client, source = bench.dealer(), f"/spoilt-{uuid.uuid4().hex}"
    run_sql(bench, "ALTER TABLE capa.event ADD CONSTRAINT no_poison CHECK (body NOT LIKE '%poison%')")
    try:
        sent = [client.send("PUT", "", *(event(source=source, data={"exit_code": 1, "i": 2 * i + k, "x": "poison" if i == 7 and k else ""})
                                         for k in range(2))) for i in range(40)]
        answers = {number: (status, body) for number, status, body in (client.receive() for _ in sent)}
    finally:
        run_sql(bench, "ALTER TABLE capa.event DROP CONSTRAINT no_poison")
    assert {status for status, _ in answers.values()} == {"ACK"}
    verdicts = [verdict for number in sent for verdict in answers[number][1]["verdicts"]]
    assert [v["status"] for v in verdicts] == ["invalid" if i == 15 else "stored" for i in range(80)]
    assert verdicts[15]["error"]
    assert order_of(bench, source) == [i for i in range(80) if i != 15]
    assert bench.one("SELECT count(*) FROM capa.quarantine WHERE source = %s", source) == 1
    assert bench.call("status")[1]["ingest"]["careful"] >= 1


def test_serialization_failures_are_repeated(bench):
    client, source = bench.dealer(), f"/flaky-{uuid.uuid4().hex}"
    run_sql(bench, """CREATE SEQUENCE public.flaky;
        CREATE FUNCTION public.flaky() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
        BEGIN
          IF nextval('public.flaky') % 60 = 3 THEN
            RAISE EXCEPTION 'flaky' USING ERRCODE = '40001';
          END IF;
          RETURN NEW;
        END $$;
        CREATE TRIGGER flaky BEFORE INSERT ON capa.event FOR EACH ROW EXECUTE FUNCTION public.flaky()""")
    try:
        sent = [client.send("PUT", "", event(source=source, data={"exit_code": 1, "i": i})) for i in range(40)]
        answers = [client.receive() for _ in sent]
    finally:
        run_sql(bench, "DROP TRIGGER flaky ON capa.event; DROP FUNCTION public.flaky(); DROP SEQUENCE public.flaky")
    acked = [sent.index(number) for number, status, _ in answers if status == "ACK"]
    assert len(acked) > 20 and bench.call("status")[1]["ingest"]["retries"] >= 1
    assert order_of(bench, source) == sorted(acked)


def test_many_peers_at_once(bench):
    peers = [bench.dealer() for _ in range(40)]
    sent = {}
    for i in range(5):
        for n, peer in enumerate(peers):
            sent[peer.send("PUT", "", event(subject=f"peer{n}"), event(subject=f"peer{n}", type="x"))] = (n, i)
    for _ in range(5):
        for n, peer in enumerate(peers):
            number, status, body = peer.receive()
            assert status == "ACK" and sent.pop(number)[0] == n
            assert [v["status"] for v in body["verdicts"]] == ["stored", "ignored"]
    assert not sent


def test_too_many_requests_of_one_peer_are_busy(bench):
    """With the database stopped in its tracks nothing is answered, so the 65th open request is one too many."""
    client = bench.dealer()
    with stopped_writers(bench):
        sent = [client.send("PUT", "", event()) for _ in range(70)]
        early = [client.receive() for _ in range(6)]
        assert {(status, body["reason"]) for _, status, body in early} == {("BUSY", "too many requests of this peer are open")}
        assert bench.dealer().ask("PING")[0] == "PONG"
    late = [client.receive() for _ in range(64)]
    assert {status for _, status, _ in late} == {"ACK"}
    assert {number for number, _, _ in early + late} == set(sent)


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


def test_answered_in_time_though_the_database_hangs(bench):
    restart_with(bench, ingest={"timeout_ms": 1500})
    client = bench.dealer()
    frame = event(subject="hang")
    with stopped_writers(bench):
        started = time.monotonic()
        number = client.send("PUT", "", frame)
        answered, status, body = client.receive()
        assert (answered, status, body["reason"]) == (number, "BUSY", "no answer from the database in time")
        assert 1.3 < time.monotonic() - started < 3.5
        assert client.ask("PING")[0] == "PONG"
    assert client.put_until_acked(frame)[0]["status"] in ("stored", "duplicate")
    assert bench.one("SELECT count(*) FROM capa.event WHERE subject = 'hang'") == 1


def test_terminate_while_the_database_hangs(bench):
    client = bench.dealer()
    with stopped_writers(bench):
        sent = [client.send("PUT", "", event(subject="hang")) for _ in range(8)]
        time.sleep(0.3)
        bench.rig.process.send_signal(signal.SIGTERM)
        started = time.monotonic()
        answers = [client.receive() for _ in sent]
        assert {status for _, status, _ in answers} == {"BUSY"}
        assert bench.rig.process.wait(10) == 0
        assert time.monotonic() - started < 7


def test_two_daemons_on_one_database(bench):
    """Both publish everything; one that has other rules is told so."""
    rig = bench.rig
    config = json.loads((rig.dir / "etc/capad.json").read_text())
    (rig.dir / "etc/second.d").mkdir(exist_ok=True)
    (rig.dir / "etc/second.d/only.json").write_text(
        '{"id": "only-here", "title": "t", "match": {"path": "/type", "eq": "only.here"}, "effect": "fail",'
        ' "fingerprint": ["/subject"], "grade": "minor", "owner": "o", "controls": ["A.8.13"]}')
    second = {name: f"ipc://{rig.dir}/run/second-{name}.sock" for name in config["endpoints"]}
    (rig.dir / "etc/second.json").write_text(json.dumps(
        {**config, "endpoints": second, "rules": ["second.d"], "name": "second", "state_dir": str(rig.dir / "state2")}))
    first_hears = bench.subscriber("")
    first_hears.until(lambda topic, *_: topic == "sys.heartbeat")
    other = subprocess.Popen([CAPAD, "--config", rig.dir / "etc/second.json"], stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        said = first_hears.until(lambda topic, _, message: topic == "sys.degraded")[-1][2]["data"]
        assert (said["reason"], said["kind"]) == ("config_differs", "rules") and said["ours"] != said["theirs"]
        client = Dealer(bench.context, second["ingest"])
        bench.clients.append(client)
        verdict = client.put_until_acked(event(type="only.here", subject="there"))[0]
        ref = verdict["results"][0]["nc"]
        assert verdict["results"][0]["effect"] in ("raised", "occurrence")
        first_hears.until(lambda topic, _, message: topic == "nc.raised" and message["subject"] == ref)
        # Each goes on with its own rules.
        assert bench.dealer().put(event(type="only.here"))[0]["status"] == "ignored"
        assert bench.dealer().put(event())[0]["status"] == "stored"
        # A daemon that comes back from a lost connection loads nothing: what the other one loaded stays the newest.
        loaded = bench.one("SELECT count(*) FROM capa.loaded")
        assert bench.one("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name ~ ' (calls|writer 1)$' "
                         "AND application_name NOT LIKE 'second%%'") == 2
        assert bench.dealer().put_until_acked(event())[0]["status"] == "stored"
        for _ in range(100):
            if bench.call("raise", {"title": "the calls are back"})[0] == "OK":
                break
            time.sleep(0.1)
        assert bench.one("SELECT count(*) FROM capa.loaded") == loaded
    finally:
        other.terminate()
        assert other.wait(10) == 0


def test_busy_while_the_database_is_down(bench):
    client, subscriber = bench.dealer(), bench.subscriber("sys.")
    lost = event()
    subscriber.until(lambda topic, *_: topic == "sys.heartbeat")
    bench.rig.pg_ctl("-m", "fast", "stop")
    try:
        started = time.monotonic()
        status, body = client.ask("PUT", "", lost)
        assert (status, body["reason"]) == ("BUSY", "the database is away") and body["retry_after_ms"] > 0
        assert time.monotonic() - started < 2
        status, body = client.ask("PING")
        assert status == "PONG" and body["database"]["ok"] is False
        status, body = bench.call("status")
        assert status == "OK" and body["database"]["ok"] is False and body["ingest"]["busy"] >= 1
        assert bench.call("list")[1]["code"] == "unavailable"
        said = subscriber.until(lambda topic, _, message: topic == "sys.degraded")
        assert said[-1][2]["data"]["reason"] == "database_away"
        beat = subscriber.until(lambda topic, *_: topic == "sys.heartbeat")[-1][2]
        assert beat["data"]["database"]["ok"] is False
    finally:
        bench.rig.start_cluster()
    assert client.put_until_acked(lost)[0]["status"] == "stored"
    wait_for(lambda: bench.call("list")[0] == "OK")  # each connection comes back by itself


def test_restart_of_postgresql_under_load(bench):
    """All that was acked is there once, in spite of what was repeated."""
    source, acked, stop = f"/restart-{uuid.uuid4().hex}", [], threading.Event()

    def push(client):
        while not stop.is_set():
            frames = [event(source=source, subject=f"s{i}") for i in range(5)]
            for verdict, frame in zip(client.put_until_acked(*frames), frames):
                assert verdict["status"] in ("stored", "duplicate")
                acked.append(json.loads(frame)["id"])

    threads = [threading.Thread(target=push, args=(bench.dealer(),)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for mode in ("immediate", "fast"):
        time.sleep(1)
        bench.rig.restart_cluster(mode)
    time.sleep(1)
    stop.set()
    for thread in threads:
        thread.join(40)
    assert len(acked) > 100
    with bench.rig.connect() as connection:
        stored = [json.loads(row[0])["id"] for row in
                  connection.execute("SELECT body FROM capa.event WHERE source = %s", (source,))]
    assert len(stored) == len(set(stored)) and set(acked) <= set(stored)


def test_kill_9_under_load(bench):
    source, acked = f"/kill-{uuid.uuid4().hex}", set()
    client = bench.dealer()
    open_requests, frames = {}, [event(source=source, subject=f"s{i % 5}") for i in range(400)]
    for frame in frames[:200]:
        open_requests[client.send("PUT", "", frame)] = frame
        if len(open_requests) == 32:
            number, status, _ = client.receive()
            if status == "ACK":
                acked.add(json.loads(open_requests[number])["id"])
            open_requests.pop(number)
    bench.rig.kill()
    bench.rig.start()
    again = bench.dealer()
    for frame in frames:
        assert again.put_until_acked(frame)[0]["status"] in ("stored", "duplicate")
    assert acked
    assert bench.one("SELECT count(*) FROM capa.event WHERE source = %s", source) == len(frames)


def test_terminate_answers_what_is_open(bench):
    client = bench.dealer()
    sent = [client.send("PUT", "", event(subject="end")) for _ in range(40)]
    bench.rig.process.send_signal(signal.SIGTERM)
    answers = [client.receive() for _ in sent]
    assert {status for _, status, _ in answers} <= {"ACK", "BUSY"}
    assert bench.rig.process.wait(10) == 0
    assert not (bench.rig.dir / "run/ingest.sock").exists()


def test_published_in_order_and_replayed_alike(bench):
    subscriber = bench.subscriber()
    subscriber.until(lambda topic, *_: topic == "sys.heartbeat")
    ncs = [bench.call("raise", {"title": f"said {i}", "owner": "anna"})[1]["ref"] for i in range(3)]
    seen = subscriber.until(lambda topic, _, message: topic == "nc.raised" and message["subject"] == ncs[-1])
    numbers = [number for topic, number, _ in seen if topic != "sys.heartbeat"]
    assert numbers == sorted(numbers) and len(set(numbers)) == len(numbers)
    raised = {number: message for topic, number, message in seen if topic == "nc.raised"}
    status, replay = bench.call("journal.read", {"after": min(raised) - 1, "topics": ["nc.raised"]})
    assert status == "OK"
    replayed = {m["sequence"]: m["event"] for m in replay["messages"]}
    assert {number: replayed[number] for number in raised} == raised
    beat = subscriber.until(lambda topic, _, message: topic == "sys.heartbeat" and message["data"]["heads"]["nc"] >= max(raised))
    assert beat[-1][2]["data"]["database"]["ok"] is True


def test_publishing_goes_on_where_it_stopped(bench):
    bench.call("raise", {"title": "before"})
    time.sleep(1.5)  # the place is told with a heartbeat
    bench.rig.stop()
    bench.rig.start()
    subscriber = bench.subscriber("nc.")
    time.sleep(0.5)
    ref = bench.call("raise", {"title": "after"})[1]["ref"]
    seen = subscriber.until(lambda topic, _, message: topic == "nc.raised" and message["subject"] == ref)
    titles = [m["data"]["nc"]["title"] for topic, _, m in seen if topic == "nc.raised"]
    assert titles == ["after"]


def test_pull_survives_the_database_being_away(bench):
    pushed = [event(source="/pull-away", subject=f"p{i % 4}") for i in range(20)]
    with bench.context.socket(zmq.PUSH) as push:
        push.linger = 2000
        push.connect(bench.rig.endpoint("pull"))
        push.send(pushed[0])
        wait_for(lambda: bench.one("SELECT count(*) FROM capa.event WHERE source = '/pull-away'") == 1)
        bench.rig.pg_ctl("-m", "fast", "stop")
        try:
            for i, frame in enumerate(pushed[1:]):
                push.send_multipart([[frame], [b"topic", frame], [b"topic", frame, struct.pack("=I", i)], [b"topic " + frame]][i % 4])
            wait_for(lambda: bench.call("status")[1]["ingest"]["spooled"] >= 19)
        finally:
            bench.rig.start_cluster()
    wait_for(lambda: bench.one("SELECT count(*) FROM capa.event WHERE source = '/pull-away'") == 20)
    with bench.rig.connect() as connection:
        order = [row[0].encode() for row in
                 connection.execute("SELECT body FROM capa.event WHERE source = '/pull-away' ORDER BY eventno")]
    assert order == pushed


def test_gaps_of_a_subscription_are_counted(bench):
    with bench.context.socket(zmq.PUB) as publisher:
        publisher.linger = 0
        address = f"ipc://{bench.rig.dir}/run/others.sock"
        publisher.bind(address)
        restart_with(bench, subscriptions=[{"name": "others", "endpoint": address, "topics": ["alert"]}])
        told = lambda: bench.call("status")[1]["daemon"]["subscriptions"]["others"]  # noqa: E731
        number = 0
        while told()["received"] == 0:  # until the subscription stands
            publisher.send_multipart([b"alert", event(source="/sub"), struct.pack("=I", number)])
            number += 1
            time.sleep(0.05)
        before = told()["lost"]
        publisher.send_multipart([b"other", event(source="/sub"), struct.pack("=I", number)])  # another topic
        publisher.send_multipart([b"alert", event(source="/sub", subject="after the gap"), struct.pack("=I", number + 4)])
        wait_for(lambda: told()["lost"] == before + 4)
        wait_for(lambda: bench.one("SELECT count(*) FROM capa.event WHERE subject = 'after the gap'") == 1)
        publisher.send_multipart([b"alert", b"a", b"b", b"c"])
        wait_for(lambda: bench.call("status")[1]["daemon"]["inflow"]["malformed"] == 1)


def wait_for(true, seconds=20):
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "did not become true"
        time.sleep(0.05)


def test_reload_is_all_or_nothing(bench):
    rules = bench.rig.dir / "etc/rules.d/reload.json"
    client = bench.dealer()
    before = bench.call("status")[1]["rules"]["hash"]
    try:
        rules.write_text('{"id": "reloaded", "title": "t", "match": {"path": "/type", "eq": "new.type"}, "effekt": "fail"}')
        bench.rig.process.send_signal(signal.SIGHUP)
        log = bench.rig.dir / "capad.log"
        wait_for(lambda: "reload refused" in log.read_text())
        assert f"{rules}:1:" in log.read_text()
        assert bench.call("status")[1]["rules"]["hash"] == before
        assert client.put(event(type="new.type"))[0]["status"] == "ignored"
        rules.write_text('{"id": "reloaded", "title": "t", "match": {"path": "/type", "eq": "new.type"}, "effect": "fail",'
                         ' "fingerprint": ["/source"], "grade": "minor", "owner": "o", "controls": ["A.8.13"]}')
        bench.rig.process.send_signal(signal.SIGHUP)
        wait_for(lambda: bench.call("status")[1]["rules"]["hash"] != before)
        assert client.put_until_acked(event(type="new.type"))[0]["status"] == "stored"
    finally:
        rules.unlink()


def test_a_live_socket_is_not_stolen(bench):
    second = subprocess.run([CAPAD, "--config", bench.rig.dir / "etc/capad.json"], capture_output=True, text=True,
                            stdin=subprocess.DEVNULL, timeout=20, check=False)
    assert second.returncode == 1 and "another process listens" in second.stderr
    assert bench.dealer().ask("PING")[0] == "PONG"


@pytest.mark.parametrize("text, place, sentence", [
    ('{\n "endpoint": {}}', ":2:3: ", 'unknown key "endpoint", did you mean'),
    ('{"endpoints": {"ingets": "ipc:///x"}}', ":1:17: ", 'did you mean "endpoints.ingest"'),
    ('{"name": "a", "name": "b"}', ":1:", "name"),
    ('{"database": {"writers": 3}}', ":1:26: ", "from 1 to 2"),
    ('{"principals": [{"name": "x", "roles": ["ownr"]}]}', ":1:", 'did you mean "owner"'),
    ('{"principals": [{"name": "x", "user": "nobody-has-this-name"}]}', "", "no user"),
    ('{"endpoints": 1}', ":1:15: ", "object"),
    ('{"policy": "absent.json"}', "absent.json", "cannot be read"),
    ('{ // comment\n "name": "a" /* and another */ ', ":1:1: ", "never closed"),
])
def test_check_names_the_place(tmp_path, text, place, sentence):
    file = tmp_path / "capad.json"
    file.write_text(text)
    result = subprocess.run([CAPAD, "check", "--config", file], capture_output=True, text=True, check=False)
    assert result.returncode == 1
    assert f"{file}{place}" in result.stderr or place in result.stderr
    assert sentence in result.stderr


def test_check_says_ok(bench):
    result = subprocess.run([CAPAD, "check", "--config", bench.rig.dir / "etc/capad.json"], capture_output=True, text=True, check=False)
    assert (result.returncode, result.stderr) == (0, "") and result.stdout.startswith("ok: ")


def test_tcp_beyond_loopback_needs_keys(bench):
    config = json.loads((bench.rig.dir / "etc/capad.json").read_text())
    config["endpoints"] = {name: f"ipc://{bench.rig.dir}/run/tcp-{name}.sock" for name in ("control", "publish", "pull")}
    config["endpoints"]["ingest"] = "tcp://0.0.0.0:39417"
    file = bench.rig.dir / "etc/tcp.json"
    file.write_text(json.dumps(config))
    result = subprocess.run([CAPAD, "--config", file], capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=20, check=False)
    assert result.returncode == 1 and "curve.secret_key_file" in result.stderr


def test_strangers_are_refused(bench):
    bench.rig.stop()
    config = json.loads((bench.rig.dir / "etc/capad.json").read_text())
    config["principals"] = [{"name": "somebody", "uid": 54321, "roles": ["producer"]}]
    (bench.rig.dir / "etc/capad.json").write_text(json.dumps(config))
    with open(bench.rig.dir / "capad.log", "ab") as log:
        bench.rig.process = subprocess.Popen(  # pylint: disable=consider-using-with
            [CAPAD, "--config", bench.rig.dir / "etc/capad.json"], stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    client = bench.dealer()
    for verb, body in (("PUT", ("", event())), ("PING", ())):
        status, answer = client.ask(verb, *body)
        assert (status, answer["code"]) == ("ERR", "forbidden"), answer
    assert bench.dealer("control").ask("CALL", "list", "{}")[1]["code"] == "forbidden"


def test_curve_lets_known_keys_in_only(bench):
    bench.rig.stop()
    server_public, server_secret = zmq.curve_keypair()
    known_public, known_secret = zmq.curve_keypair()
    secret = bench.rig.dir / "etc/curve.secret"
    secret.write_bytes(server_secret + b"\n")
    secret.chmod(0o600)
    config = json.loads((bench.rig.dir / "etc/capad.json").read_text())
    config["curve"] = {"secret_key_file": str(secret)}
    config["endpoints"]["ingest"] = [bench.rig.endpoint("ingest"), "tcp://127.0.0.1:39418"]
    config["principals"].append({"name": "far", "key": known_public.decode(), "roles": ["producer"], "sources": ["/far"]})
    (bench.rig.dir / "etc/capad.json").write_text(json.dumps(config))
    bench.rig.start()

    def far(public, private):
        client = bench.dealer(seconds=3)
        client.close()
        client.socket = bench.context.socket(zmq.DEALER)
        client.socket.linger, client.socket.rcvtimeo = 0, 3000
        client.socket.curve_serverkey, client.socket.curve_publickey, client.socket.curve_secretkey = server_public, public, private
        client.socket.connect("tcp://127.0.0.1:39418")
        return client

    known = far(known_public, known_secret)
    assert [v["status"] for v in known.put(event(source="/far/away"), event(source="/near"))] == ["stored", "forbidden"]
    with pytest.raises(zmq.Again):
        far(*zmq.curve_keypair()).ask("PING")
    plain = bench.context.socket(zmq.DEALER)
    plain.linger, plain.rcvtimeo = 0, 1500
    plain.connect("tcp://127.0.0.1:39418")
    plain.send_multipart([b"capa1", b"PING", b"r"])
    with pytest.raises(zmq.Again):
        plain.recv_multipart()
    plain.close()
    assert bench.dealer().ask("PING")[0] == "PONG"


def test_a_dead_man_of_a_peer_does_no_harm(bench):
    """Peers that vanish with requests open, or never read their answers."""
    for _ in range(20):
        peer = bench.dealer()
        for _ in range(10):
            peer.send("PUT", "", event(subject="gone"))
        peer.close()
    assert bench.dealer().put(event())[0]["status"] == "stored"
