"""capa-webhook: HTTP as others speak it, well or ill; and reload."""
import concurrent.futures
import contextlib
import gzip
import json
import pathlib
import socket
import ssl
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from test_webhook import (SECRET, TOKEN, Hook, bearer, event, found, hook_fixture, https,  # noqa: E402,F401  pylint: disable=wrong-import-position,unused-import
                          keys_fixture, rig_fixture)


def raw(hook, text):
    """The answer to bytes as they are, up to the end of the connection."""
    with socket.create_connection(("127.0.0.1", hook.port), timeout=30) as connection:
        with contextlib.suppress(OSError):  # it may answer and close before it has read all
            connection.sendall(text)
            connection.shutdown(socket.SHUT_WR)
        got = b""
        with contextlib.suppress(ConnectionResetError):
            while chunk := connection.recv(65536):
                got += chunk
        return got.decode()


def head(path="/events", *lines):
    return "\r\n".join([f"POST {path} HTTP/1.1", "Host: x", "Content-Type: application/json", *lines, "", ""]).encode()


def test_other_methods_are_told_to_post(hook):
    for method in ("HEAD", "OPTIONS", "PUT", "DELETE", "PATCH", "BREW"):
        connection = hook.connection()
        connection.request(method, "/events")
        answer = connection.getresponse()
        body = answer.read()
        assert (answer.status, answer.getheader("Allow")) == (405, "POST"), method
        assert (body == b"") == (method == "HEAD")
        connection.request("POST", "/events", json.dumps(event("hook-7")), {"Content-Type": "application/json"})
        assert connection.getresponse().status == 200  # on the same connection
        connection.close()


def test_compressed_bodies_are_refused(hook):
    body = gzip.compress(json.dumps(event("hook-8")).encode())
    for encoding in ("gzip", "x-gzip", "deflate", "br", "gzip, identity"):
        status, answer, headers = hook.ask("/events", body, headers={"Content-Encoding": encoding})
        assert (status, headers["Accept-Encoding"]) == (415, "identity") and "compressed" in answer["error"]
    assert hook.ask("/events", event("hook-8"), headers={"Content-Encoding": "identity"})[0] == 200


def test_lengths_that_lie(rig, hook):
    body = json.dumps(event("liar")).encode()
    assert " 400 " in raw(hook, head("/events", "Content-Length: -5") + body)
    assert " 400 " in raw(hook, head("/events", "Content-Length: 5x") + body)
    assert " 200 " not in raw(hook, head("/events", "Content-Length: 5", f"Content-Length: {len(body)}") + body)
    assert " 200 " not in raw(hook, head("/events", f"Content-Length: {len(body) + 9}") + body)  # the rest never comes
    assert " 413 " in raw(hook, head("/events", "Content-Length: 99999999999"))
    assert " 200 " not in raw(hook, head("/events", "Transfer-Encoding: chunked") + b"zz\r\n" + body)
    assert not found(rig, "liar")
    answer = raw(hook, head("/events", f"Content-Length: {len(body)}") + body + b"\x00more")  # what is behind it is another request
    assert answer.startswith("HTTP/1.1 200 ") and [nc["occurrences"] for nc in found(rig, "liar")] == [1]


def test_chunks_and_continue(rig, hook):
    body = json.dumps(event("chunked")).encode()
    connection = hook.connection()
    connection.request("POST", "/events", (body[i:i + 7] for i in range(0, len(body), 7)), {"Content-Type": "application/json"},
                       encode_chunked=True)
    assert connection.getresponse().status == 200 and len(found(rig, "chunked")) == 1
    connection.close()
    body = json.dumps(event("continued")).encode()
    answer = raw(hook, head("/events", f"Content-Length: {len(body)}", "Expect: 100-continue") + body)
    assert answer.startswith("HTTP/1.1 100 ") and "HTTP/1.1 200 " in answer and len(found(rig, "continued")) == 1
    answer = raw(hook, head("/alertmanager", f"Content-Length: {len(body)}", "Expect: 100-continue"))
    assert answer.startswith("HTTP/1.1 401 ")  # said before the body is sent


def test_headers_have_a_limit(hook):
    assert " 431 " in raw(hook, head("/events", "X-Much: " + "x" * 40000))
    assert " 431 " in raw(hook, head("/events", *(f"X-{i}: {'y' * 60}" for i in range(900))))
    assert " 41" in raw(hook, head("/" + "z" * 40000))
    assert hook.ask("/events", event("hook-9"))[0] == 200


# -- reload

def test_reload_takes_a_new_token_at_once(rig, tmp_path):
    fresh = "fresh-" + "c" * 26
    with Hook(rig, tmp_path) as hook:
        kept = hook.connection()

        def post_on_kept(token):
            kept.request("POST", "/token", json.dumps(event("hook-10")), {"Content-Type": "application/json", **bearer(token)})
            answer = kept.getresponse()
            answer.read()
            return answer

        assert post_on_kept(TOKEN).status == 200
        (tmp_path / "token").write_text(fresh)
        hook.config["routes"].append({"path": "/new"})
        hook.write()
        hook.reload("listening on")
        answer = post_on_kept(TOKEN)  # the old token, on a connection that is older than the new one
        assert (answer.status, answer.getheader("Connection").lower()) == (401, "close")
        assert hook.ask("/token", event("hook-10"), headers=bearer(TOKEN))[0] == 401
        assert hook.ask("/token", event("hook-10"), headers=bearer(fresh))[0] == 200
        assert hook.ask("/new", event("hook-10"))[0] == 200


def test_what_cannot_be_reloaded_changes_nothing(rig, tmp_path):
    with Hook(rig, tmp_path) as hook:
        good = json.dumps(hook.config)
        (tmp_path / "webhook.json").write_text(good[:-1])
        hook.reload("reload refused")
        (tmp_path / "webhook.json").write_text(good.replace('"/token"', '"/other"'))
        (tmp_path / "secret").write_text("short")
        hook.reload("reload refused")
        assert "webhook.json:1:" in hook.log.read_text() and "line 1 is no secret" in hook.log.read_text()
        (tmp_path / "secret").write_text(SECRET)
        with socket.create_server(("127.0.0.1", 0)) as taken:
            hook.config["listen"] = f"127.0.0.1:{taken.getsockname()[1]}"
            hook.write()
            hook.reload("reload failed")
        assert hook.ask("/token", event("hook-11"), headers=bearer())[0] == 200
        hook.config["listen"] = "[::1]:0"
        hook.write()
        hook.reload("listening on http://[::1]:")
        with pytest.raises(OSError):
            hook.ask("/events", event("hook-11"))


def test_reloads_turn_nobody_away(rig, tmp_path):
    with Hook(rig, tmp_path) as hook, concurrent.futures.ThreadPoolExecutor(6) as pool:
        asked = [pool.submit(hook.ask, "/events", event(f"reloaded-{number % 3}")) for number in range(240)]
        for _ in range(5):
            hook.reload("listening on")
        assert {answer.result(60)[0] for answer in asked} == {200}
        assert sum(nc["occurrences"] for number in range(3) for nc in found(rig, f"reloaded-{number}")) == 240
        hook.reload("listening on")
        assert hook.stop().count("listening on") == 7


def test_a_new_certificate_is_taken_by_a_reload(rig, keys, tmp_path):
    for name in ("server", "client", "stranger"):
        for kind in ("pem", "key"):
            (tmp_path / f"{name}.{kind}").write_bytes((keys / f"{name}.{kind}").read_bytes())
            (tmp_path / f"{name}.{kind}").chmod(0o600)
    tls = {"certificate": "server.pem", "key": "server.key"}

    def shown(hook):
        with ssl.create_default_context(cafile=keys / "ca.pem").wrap_socket(
                socket.create_connection(("127.0.0.1", hook.port)), server_hostname="127.0.0.1") as connection:
            return dict(part[0] for part in connection.getpeercert()["subject"])["commonName"]

    with Hook(rig, tmp_path, listen="127.0.0.1:0", tls=tls) as hook:
        assert shown(hook) == "server"
        (tmp_path / "server.pem").write_bytes((keys / "client.pem").read_bytes())  # whose key is another
        hook.reload("reload failed")
        assert shown(hook) == "server" and https(hook, keys, event("tls-3"))[0] == 200
        (tmp_path / "server.key").write_bytes((keys / "client.key").read_bytes())
        hook.reload("listening on")
        assert shown(hook) == "client" and https(hook, keys, event("tls-3"))[0] == 200
        hook.config["tls"]["client_ca"] = str(keys / "ca.pem")
        hook.write()
        hook.reload("listening on")
        assert https(hook, keys, event("tls-3"))[0] == 403 and https(hook, keys, event("tls-3"), "client")[0] == 200
