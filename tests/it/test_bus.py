"""The bus as a peer sees it: every request is answered, whatever it holds and whatever the database does."""
import json
import signal
import socket
import struct
import threading
import time
import uuid

import pytest
import zmq
from conftest import event, restart_with, stopped_writers, wait_for

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


def run_sql(bench, sql):
    with bench.rig.connect(autocommit=True) as connection:
        connection.execute(sql)


def order_of(bench, source):
    with bench.rig.connect() as connection:
        return [json.loads(row[0])["data"]["i"] for row in
                connection.execute("SELECT body FROM capa.event WHERE source = %s ORDER BY eventno", (source,))]


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


def test_answered_in_time_though_the_database_hangs(bench):
    restart_with(bench, ingest={"timeout_ms": 1500})
    client = bench.dealer()
    frame = event(subject="hang")
    with stopped_writers(bench):
        started = time.monotonic()
        number = client.send("PUT", "", frame)
        answered, status, body = client.receive()
        assert (answered, status, body["reason"]) == (number, "BUSY", "no answer from the database in time")
        assert 1.3 < time.monotonic() - started < 9  # not the 10 seconds that are the default
        assert client.ask("PING")[0] == "PONG"
    assert client.put_until_acked(frame)[0]["status"] in ("stored", "duplicate")
    assert bench.one("SELECT count(*) FROM capa.event WHERE subject = 'hang'") == 1


def received(bench):
    return bench.call("status")[1]["ingest"]["received"]


def test_terminate_while_the_database_hangs(bench):
    client = bench.dealer()
    before = received(bench)
    with stopped_writers(bench):
        sent = [client.send("PUT", "", event(subject="hang")) for _ in range(8)]
        wait_for(lambda: received(bench) == before + len(sent))
        bench.rig.process.send_signal(signal.SIGTERM)
        answers = [client.receive() for _ in sent]
        assert {status for _, status, _ in answers} == {"BUSY"}
        assert bench.rig.process.wait(30) == 0  # though the database never answers


def test_busy_while_the_database_is_down(bench):
    client, subscriber = bench.dealer(), bench.subscriber("sys.")
    lost = event()
    subscriber.until(lambda topic, *_: topic == "sys.heartbeat")
    bench.rig.pg_ctl("-m", "fast", "stop")
    try:
        status, body = client.ask("PUT", "", lost)  # at once: what waits for an answer in vain is told another reason
        assert (status, body["reason"]) == ("BUSY", "the database is away") and body["retry_after_ms"] > 0
        status, body = client.ask("PING")
        assert status == "PONG" and body["database"]["ok"] is False
        status, body = bench.call("status")
        assert status == "OK" and body["database"]["ok"] is False and body["ingest"]["busy"] >= 1
        assert bench.call("list")[1]["code"] == "unavailable"
        assert bench.call("status", {"as_of": "1h"})[1]["code"] == "unavailable"  # the daemon knows nothing of the past
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
    for mode in ("immediate", "fast", None):
        so_far = len(acked)
        wait_for(lambda: len(acked) > so_far + 200)  # pylint: disable=cell-var-from-loop
        if mode:
            bench.rig.restart_cluster(mode)
    stop.set()
    for thread in threads:
        thread.join()
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
    wait_for(lambda: bench.one("SELECT max(p.seq) >= max(j.seq) FROM capa.publisher p, capa.journal j"))  # told with a heartbeat
    bench.rig.stop()
    bench.rig.start()
    subscriber = bench.subscriber()
    subscriber.until(lambda topic, *_: topic == "sys.heartbeat")
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


def greeting(mechanism):
    return b"\xff" + bytes(8) + b"\x7f\x03\x00" + mechanism.ljust(20, b"\0") + bytes(32)


def test_what_becomes_of_connections_is_counted(bench):
    told = lambda: bench.call("status")[1]["daemon"]["peers"]["ingest"]  # noqa: E731
    client = bench.dealer()
    client.put(event())
    before = told()
    # over the hard limit: cut, counted; the peer connects again and is served
    client.socket.send_multipart([b"capa1", b"PUT", b"r" * 20, b"", b"x" * (33 << 20)])
    wait_for(lambda: told()["disconnected"] == before["disconnected"] + 1)
    assert client.put(event())[0]["status"] == "stored"
    client.close()  # who leaves is counted the same
    wait_for(lambda: told()["disconnected"] == before["disconnected"] + 2)
    path, n = f"{bench.rig.dir}/run/ingest.sock", 0
    for said in (b"", b"GET / HTTP/1.1\r\n\r\n", greeting(b"PLAIN"), greeting(b"NULL") + b"\x04\x05\x05READX"):
        with socket.socket(socket.AF_UNIX) as peer:
            peer.connect(path)
            peer.sendall(said)
            time.sleep(0.1)
        n += 1
        wait_for(lambda: told()["failed_handshakes"] == before["failed_handshakes"] + n)  # pylint: disable=cell-var-from-loop
    after = told()
    assert (after["disconnected"], after["failed_logins"]) == (before["disconnected"] + 2, before["failed_logins"])
    log = (bench.rig.dir / "capad.log").read_text()
    assert f"ingest: a peer's connection to ipc://{path} failed: it does not keep to ZMTP" in log


def test_many_failing_connections_stop_nobody(bench):
    client = bench.dealer()
    client.put(event())
    before = bench.call("status")[1]["daemon"]["peers"]["ingest"]["failed_handshakes"]
    for _ in range(5000):
        with socket.socket(socket.AF_UNIX) as peer:
            peer.connect(f"{bench.rig.dir}/run/ingest.sock")
    assert client.put(event())[0]["status"] == "stored"
    wait_for(lambda: bench.call("status")[1]["daemon"]["peers"]["ingest"]["failed_handshakes"] == before + 5000)
    bench.rig.process.terminate()
    assert bench.rig.process.wait(10) == 0


def test_a_dead_man_of_a_peer_does_no_harm(bench):
    """Peers that vanish with requests open, or never read their answers."""
    for _ in range(20):
        peer = bench.dealer()
        for _ in range(10):
            peer.send("PUT", "", event(subject="gone"))
        peer.close()
    assert bench.dealer().put(event())[0]["status"] == "stored"
