"""A local Intuit as a process of its own, for tests: real HTTP on loopback, emptied for each test.

A plugin of tests/conftest.py: one emulator for all tests of a process.
"""

from __future__ import annotations

import contextlib
import selectors
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import parse_qsl

import pytest
import requests

ROOT = Path(__file__).resolve().parent.parent
START_SECONDS = 30
VERIFIER_TOKEN = "emulator-verifier"
READY = "emulator ready "


class Refused(AssertionError):
    """The emulator would not, as QuickBooks does not for a person."""


class Emulator:
    """What a test asks of the emulator: to be somebody in QuickBooks, and to misbehave."""

    def __init__(self, url, pid=None):
        self.url = url
        self.pid = pid
        self._http = requests.Session()
        # Looking for proxies and passwords costs more than the request.
        self._http.trust_env = False

    def close(self):
        self._http.close()

    @property
    def environment(self):
        """For processes that a test starts: where Intuit is."""
        return {
            "INTUIT_ENVIRONMENT": "emulator",
            "EMULATOR_URL": self.url,
            "INTUIT_DISCOVERY_URL": f"{self.url}/.well-known/openid_configuration",
            "QUICKBOOKS_API_URL": f"{self.url}/v3",
            "QUICKBOOKS_APP_URL": f"{self.url}/app",
            # Nobody else shares the emulator: tests need not wait for their turn.
            "QUICKBOOKS_CALLS_PER_SECOND": "1000",
            "QUICKBOOKS_CALLS_PER_MINUTE": "50000",
        }

    def control(self, method, path, body=None, **params):
        response = self._http.request(
            method, f"{self.url}/control/{path}", json=body, params=params, timeout=30
        )
        if not response.ok:
            raise Refused(f"{method} {path}: {response.status_code} {response.text[:500]}")
        return response.json() if response.content else None

    def reset(self, *, samples=False):
        self.control("POST", "reset", {"samples": samples})

    def company(self, name="Bright Ideas Ltd", country="US", currency="USD", **features):
        """Open a company; return its realm."""
        features = {"sales_tax": False, "exempt": False, "multicurrency": False, **features}
        told = {"name": name, "country": country, "currency": currency, **features}
        return self.control("POST", "companies", told)["realm"]

    def grant(self, realm, redirect_uri):
        """Consent as that company's admin, without the page; return the code."""
        told = {"realm": realm, "redirect_uri": redirect_uri}
        return self.control("POST", "grants", told)["code"]

    def add(self, realm, kind, content, *, silent=False):
        """Enter something as a person in QuickBooks; return the object."""
        params = {"silent": 1} if silent else {}
        return self.control("POST", f"{realm}/{kind}", content, **params)[kind]

    def change(self, realm, kind, external_id, content, *, silent=False):
        params = {"silent": 1} if silent else {}
        return self.control("POST", f"{realm}/{kind}/{external_id}", content, **params)[kind]

    def act(self, realm, kind, external_id, verb, content=None):
        """`verb`: inactivate, reactivate, void, delete, merge (with {"into": id})."""
        return self.control("POST", f"{realm}/{kind}/{external_id}/{verb}", content or {})

    def generate(self, realm, **numbers):
        return self.control("POST", f"{realm}/generate", numbers)

    def store(self, realm):
        return self.control("GET", f"{realm}/store")

    def register_redirects(self, *addresses):
        """Where Intuit may send people back to, until the next reset."""
        self.control("POST", "redirects", {"redirect_uris": addresses})

    def consent(self, asked, realm):
        """Agree on Intuit's own page, at the address asked; where the browser is sent then."""
        address, _, query = asked.partition("?")
        page = self._http.get(asked, timeout=30)
        if not page.ok:
            raise Refused(page.text)
        told = dict(parse_qsl(query)) | {"realm": realm, "decision": "connect"}
        answer = self._http.post(address, data=told, allow_redirects=False, timeout=30)
        return answer.headers["Location"]

    def disconnect(self, realm):
        """End the connection inside QuickBooks: the tokens die, nobody is told."""
        self.control("POST", f"{realm}/disconnect")

    def requests(self, path="", *, method=None):
        """The requests of ours that were logged, oldest first, `path` being part of theirs."""
        return [
            each
            for each in self.control("GET", "requests")
            if path in each["path"] and method in (None, each["method"])
        ]

    def forget_requests(self):
        self.control("DELETE", "requests")

    def switch(self, **values):
        return self.control("POST", "switches", values)

    def fail(self, **rule):
        return self.control("POST", "failures", rule)

    def advance(self, seconds):
        self.control("POST", "clock", {"advance_seconds": seconds})

    def stand_still(self):
        """Until the next reset, all happens in one second."""
        self.control("POST", "clock", {"still": True})

    def send_webhooks_to(self, url, *, form="cloudevents"):
        """Deliver to this address from now on, in one of the two shapes; "" for nowhere."""
        told = {"url": url, "verifier_token": VERIFIER_TOKEN, "format": form}
        told["enabled"] = bool(url)
        self.control("POST", "webhooks", told)

    def flush_webhooks(self):
        """Wait until each delivery in the queue was tried once."""
        self.control("POST", "webhooks/flush")


def _ready_line(process):
    """Read the line in which the emulator says where it listens."""
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ)
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and process.poll() is None:
            if selector.select(timeout=0.2):
                line = process.stdout.readline()
                if line.startswith(READY):
                    return line.removeprefix(READY).strip()
    process.kill()
    raise AssertionError(f"The emulator did not start: {process.communicate()[0]}")


@contextlib.contextmanager
def running():
    """An emulator in a process of its own while the block lasts."""
    command = [sys.executable, "-m", "integrations.emulator", "--port", "0", "--store", ":memory:"]
    process = subprocess.Popen(
        [*command, "--log-level", "warning"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        bufsize=1,
    )
    emulator = None
    try:
        emulator = Emulator(_ready_line(process))
        yield emulator
    finally:
        if emulator is not None:
            emulator.close()
        process.terminate()
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        process.stdout.close()


@pytest.fixture(scope="session")
def emulator_process():
    with running() as emulator:
        yield emulator


@pytest.fixture
def emulator(emulator_process, settings):
    """The emulator without any company, and the settings pointing at it."""
    from integrations.quickbooks import discovery

    emulator_process.reset()
    for name, value in emulator_process.environment.items():
        setattr(settings, name, int(value) if value.isdigit() else value)
    discovery.forget()
    return emulator_process
