"""An endpoint that webhooks of the emulator are sent to."""

from __future__ import annotations

import http.server
import json
import threading

import pytest

VERIFIER = "emulator-verifier"


@pytest.fixture
def receiver(control):
    """A webhook endpoint; `status` is what it answers next."""
    box = type("Box", (), {"deliveries": [], "status": 200})()

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
    control.post(
        "webhooks",
        {"url": f"http://127.0.0.1:{server.server_port}/hook", "verifier_token": VERIFIER},
    )
    yield box
    control.post("webhooks", {"url": ""})
    server.shutdown()
    thread.join()
    server.server_close()


def events(receiver, start=0):
    return [event for _, body in receiver.deliveries[start:] for event in json.loads(body)]
