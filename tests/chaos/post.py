"""Intuit's deliveries, held back to be brought when, as often and in what order one likes."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json

from django.test import Client

from tests.emulator_process import VERIFIER_TOKEN

URL = "/webhooks/quickbooks/"
#: Nobody listens there: the emulator bundles what it has, and we carry it.
NOWHERE = "http://127.0.0.1:9/"


class Post:
    """The deliveries of one emulator, in Intuit's own words, oldest first."""

    def __init__(self, emulator, *, form="cloudevents"):
        self.emulator = emulator
        self.given = set()
        emulator.send_webhooks_to(NOWHERE, form=form)

    def collect(self):
        """The bodies that came into being since the last time."""
        self.emulator.flush_webhooks()
        rows = self.emulator.control("GET", "webhooks")["deliveries"]
        fresh = [row for row in reversed(rows) if row["id"] not in self.given]
        self.given |= {row["id"] for row in fresh}
        return [json.dumps(row["body"]).encode() for row in fresh]


def deliver(body):
    """Hand a body to our door, signed; returns the status of the answer."""
    digest = hmac.digest(VERIFIER_TOKEN.encode(), body, hashlib.sha256)
    headers = {"intuit-signature": base64.b64encode(digest).decode()}
    return Client().post(URL, body, "application/json", headers=headers).status_code
