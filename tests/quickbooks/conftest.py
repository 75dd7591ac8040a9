from __future__ import annotations

import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import settings

from integrations.quickbooks import discovery

# A busy machine is no failure.
settings.register_profile("patient", deadline=None)
settings.load_profile("patient")


@dataclass
class Seen:
    """One request as it arrived."""

    method: str
    path: str
    params: dict[str, str]
    headers: dict[str, str]
    body: bytes


@dataclass
class Reply:
    """One answer to give. `hang` waits for the test's end, `drop` closes the line instead."""

    status: int = 200
    body: bytes = b"{}"
    headers: dict[str, str] = field(default_factory=dict)
    hang: bool = False
    drop: bool = False
    announced: int | None = None


class Intuit:
    """A server on loopback that gives the answers a test lined up and remembers the questions."""

    def __init__(self):
        self.seen = []
        self.replies = []
        self.always = Reply()
        self.over = threading.Event()
        stub = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                parts = urlsplit(self.path)
                params = {key: values[0] for key, values in parse_qs(parts.query).items()}
                stub.seen.append(
                    Seen(self.command, parts.path, params, dict(self.headers.items()), body)
                )
                reply = stub.replies.pop(0) if stub.replies else stub.always
                if reply.hang:
                    stub.over.wait(10)
                if reply.hang or reply.drop:
                    self.close_connection = True
                    return
                self.send_response(reply.status)
                for key, value in reply.headers.items():
                    self.send_header(key, value)
                length = len(reply.body) if reply.announced is None else reply.announced
                self.send_header("Content-Length", str(length))
                self.end_headers()
                self.wfile.write(reply.body)
                if reply.announced is not None:
                    self.close_connection = True

            do_GET = do_POST = answer

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True)
        self.thread.start()

    def reply(self, status=200, body=b"{}", **more):
        self.replies.append(Reply(status, body, **more))

    def stop(self):
        self.over.set()
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


@pytest.fixture
def intuit():
    server = Intuit()
    yield server
    server.stop()


@pytest.fixture(autouse=True)
def _no_old_discovery():
    discovery.forget()
