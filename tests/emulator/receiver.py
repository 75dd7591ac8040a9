"""An endpoint that webhooks of the emulator are sent to."""

from __future__ import annotations

import contextlib
import http.server
import json
import threading

import pytest

VERIFIER = "emulator-verifier"


class Receiver:
    """`deliveries` as (headers, body); `status` is what it answers next."""

    def __init__(self):
        self.deliveries = []
        self.status = 200
        self.url = ""


@contextlib.contextmanager
def listening():
    box = Receiver()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["content-length"]))
            box.deliveries.append((dict(self.headers.items()), body))
            self.send_response(box.status)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *args):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    box.url = f"http://127.0.0.1:{server.server_port}/hook"
    try:
        yield box
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def receiver(control):
    with listening() as box:
        control.post("webhooks", {"url": box.url, "verifier_token": VERIFIER})
        yield box
        control.post("webhooks", {"url": ""})


def events(receiver, start=0):
    return [event for _, body in receiver.deliveries[start:] for event in json.loads(body)]
