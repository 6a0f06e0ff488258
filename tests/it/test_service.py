"""The daemon as its administrator sees it: configuration, reload, keys, systemd, several of them."""
import contextlib
import json
import os
import pathlib
import signal
import socket
import subprocess

import pytest
import zmq
from conftest import Dealer, event, wait_for
from rig import CAPAD, free_port


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
        wait_for(lambda: bench.call("raise", {"title": "the calls are back"})[0] == "OK")
        assert bench.one("SELECT count(*) FROM capa.loaded") == loaded
    finally:
        other.terminate()
        assert other.wait(30) == 0


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


def state_of(process):
    """R, S, T (stopped), as in proc(5)."""
    return pathlib.Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()[0]


def test_settings_of_the_register(bench):
    """Member "settings" of policy.json: refused with its place, loaded with its difference beside the policy, which stays the version it was."""
    file, log = bench.rig.dir / "etc/policy.json", bench.rig.dir / "capad.log"
    shipped = file.read_text()
    before = bench.call("status")[1]
    assert before["settings"]["version"] == 0 and before["settings"]["values"]["late_after"] == "5m"
    hears = bench.subscriber("")

    def reload(settings):
        file.write_text(shipped.replace('  "sod":', f'  "settings": {settings},\n  "sod":'))
        bench.rig.process.send_signal(signal.SIGHUP)

    try:
        reload('{"retention": {"evnts": "30d"}}')
        wait_for(lambda: 'did you mean "retention.events"' in log.read_text())
        assert f"{file}:{shipped[:shipped.index('  ' + chr(34) + 'sod')].count(chr(10)) + 1}:" in log.read_text()
        reload('{"late_after": "10m", "retention": {"keys": "30d"}}')
        said = hears.until(lambda topic, _, message: topic == "config.loaded" and message["data"]["kind"] == "settings")[-1][2]["data"]
        assert said["difference"]["places"] == [{"path": "/late_after/s", "from": 300, "to": 600}, {"path": "/retention.keys/d", "from": 400, "to": 30}]
        assert "retention.keys (30d) is shorter than retention.events (90d)" in log.read_text()
        after = bench.call("status")[1]
        assert after["settings"]["changed"] == {"late_after": "5m", "retention.keys": "400d"} and after["policy"] == before["policy"]
        shown = bench.rig.capactl("status").stdout
        assert "late_after 10m (default 5m), retention.keys 30d (default 400d)" in shown
        checked = subprocess.run([CAPAD, "check", "--config", bench.rig.dir / "etc/capad.json"], capture_output=True, text=True, check=True)
        assert f"{file}: retention.keys (30d) is shorter than" in checked.stderr
        # what another daemon loaded since is told
        bench.one("SELECT api.load('settings', repeat('e', 64), '{\"retention\":{}}', 'another')")
        said = hears.until(lambda topic, _, message: topic == "sys.degraded")[-1][2]["data"]
        assert (said["reason"], said["kind"], said["theirs"]) == ("config_differs", "settings", "e" * 64)
    finally:
        file.write_text(shipped)
        bench.rig.process.send_signal(signal.SIGHUP)
        hears.until(lambda topic, _, message: topic == "sys.degraded" and message["data"]["over"])
    assert bench.call("status")[1]["settings"]["changed"] == {}


def test_what_systemd_is_told(bench):
    """READY, STATUS with the database's state, RELOADING, STOPPING; the watchdog is fed only while there is progress."""
    bench.rig.stop()
    heard = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    heard.settimeout(60)
    heard.bind(str(bench.rig.dir / "notify"))

    def until(wanted):
        lines = []
        while not any(line.startswith(wanted) for line in lines):
            lines += heard.recv(4096).decode().split("\n")
        return lines

    environment = {**os.environ, "NOTIFY_SOCKET": str(bench.rig.dir / "notify"), "WATCHDOG_USEC": "600000"}
    with open(bench.rig.dir / "capad.log", "ab") as log:
        bench.rig.process = subprocess.Popen(  # pylint: disable=consider-using-with
            [CAPAD, "--config", bench.rig.dir / "etc/capad.json"], stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=environment)
    try:
        assert any(line.startswith("STATUS=Senders are told to wait") for line in until("READY=1"))
        until("STATUS=Serving")
        for _ in range(3):
            until("WATCHDOG=1")
        bench.rig.process.send_signal(signal.SIGHUP)
        assert any(line.startswith("MONOTONIC_USEC=") for line in until("READY=1"))
        bench.rig.process.send_signal(signal.SIGSTOP)
        wait_for(lambda: state_of(bench.rig.process) == "T")
        heard.setblocking(False)
        with contextlib.suppress(BlockingIOError):
            while True:
                heard.recv(4096)
        heard.settimeout(1)
        with pytest.raises(TimeoutError):
            heard.recv(4096)  # a hung loop is silent
        bench.rig.process.send_signal(signal.SIGCONT)
        heard.settimeout(60)
        until("WATCHDOG=1")
        bench.rig.process.terminate()
        until("STOPPING=1")
        assert bench.rig.process.wait(10) == 0
    finally:
        heard.close()
        (bench.rig.dir / "notify").unlink()


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
    config["endpoints"]["ingest"] = f"tcp://0.0.0.0:{free_port()}"
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
    address = f"tcp://127.0.0.1:{free_port()}"
    config["endpoints"]["ingest"] = [bench.rig.endpoint("ingest"), address]
    config["principals"].append({"name": "far", "key": known_public.decode(), "roles": ["producer"], "sources": ["/far"]})
    (bench.rig.dir / "etc/capad.json").write_text(json.dumps(config))
    bench.rig.start()

    def far(public, private, seconds):
        client = bench.dealer()
        client.close()
        client.socket = bench.context.socket(zmq.DEALER)
        client.socket.linger, client.socket.rcvtimeo = 0, seconds * 1000
        client.socket.curve_serverkey, client.socket.curve_publickey, client.socket.curve_secretkey = server_public, public, private
        client.socket.connect(address)
        return client

    known = far(known_public, known_secret, 60)
    assert [v["status"] for v in known.put(event(source="/far/away"), event(source="/near"))] == ["stored", "forbidden"]
    told = lambda: bench.call("status")[1]["daemon"]["peers"]["ingest"]  # noqa: E731
    assert told()["failed_logins"] == 0
    stranger = far(*zmq.curve_keypair(), 3)
    with pytest.raises(zmq.Again):
        stranger.ask("PING")
    stranger.close()
    wait_for(lambda: told()["failed_logins"] >= 1)
    plain = bench.context.socket(zmq.DEALER)
    plain.linger, plain.rcvtimeo = 0, 1500
    plain.connect(address)
    plain.send_multipart([b"capa1", b"PING", b"r"])
    with pytest.raises(zmq.Again):
        plain.recv_multipart()
    plain.close()
    wait_for(lambda: told()["failed_handshakes"] >= 1)
    before = told()["disconnected"]
    known.close()  # the refused ones are not counted as gone as well
    wait_for(lambda: told()["disconnected"] == before + 1)
    assert "failed: its key was refused" in (bench.rig.dir / "capad.log").read_text()
    assert bench.dealer().ask("PING")[0] == "PONG"
