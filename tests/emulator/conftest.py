"""One emulator process for all of these tests, emptied before each; no Django is involved."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import requests

ROOT = Path(__file__).resolve().parents[2]
CALLBACK = "http://localhost:8000/callback/"
SECRET = ("emulator", "emulator-secret")


class Control:
    """The emulator's control side."""

    def __init__(self, url):
        self.url = url
        self.session = requests.Session()

    def post(self, path, body=None, status=200, **params):
        answer = self.session.post(
            f"{self.url}/control/{path}", json=body or {}, params=params, timeout=20
        )
        assert answer.status_code == status, answer.text
        return answer.json()

    def get(self, path, **params):
        answer = self.session.get(f"{self.url}/control/{path}", params=params, timeout=20)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def reset(self, *, samples=False):
        self.post("reset", {"samples": samples})

    def switch(self, **values):
        self.post("switches", values)

    def advance(self, **units):
        seconds = sum(
            units.get(name, 0) * size
            for name, size in (("seconds", 1), ("hours", 3600), ("days", 86400))
        )
        self.post("clock", {"advance_seconds": seconds})

    def company(self, name="Test & Co", **options):
        return self.post("companies", {"name": name, **options})["realm"]

    def code(self, realm):
        return self.post("grants", {"realm": realm, "redirect_uri": CALLBACK})["code"]

    def token(self, auth=SECRET, headers=None, **form):
        return self.session.post(
            f"{self.url}/oauth2/v1/tokens/bearer", data=form, auth=auth, headers=headers, timeout=20
        )

    def exchange(self, code, **more):
        return self.token(grant_type="authorization_code", code=code, redirect_uri=CALLBACK, **more)

    def refresh(self, token, **more):
        return self.token(grant_type="refresh_token", refresh_token=token, **more)

    def connect(self, realm):
        return Books(self, realm, self.exchange(self.code(realm)).json())


class Books:
    """A connected company, seen through the accounting API."""

    def __init__(self, control, realm, tokens):
        self.control = control
        self.realm = realm
        self.tokens = tokens

    def call(self, method, path, body=None, **params):
        return self.control.session.request(
            method,
            f"{self.control.url}/v3/company/{self.realm}/{path}",
            json=body,
            params=params,
            timeout=20,
            headers={
                "Authorization": f"Bearer {self.tokens['access_token']}",
                "Accept": "application/json",
            },
        )

    def ok(self, method, path, body=None, **params):
        answer = self.call(method, path, body, **params)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def fault(self, method, path, body=None, **params):
        """The first error of a 400."""
        answer = self.call(method, path, body, **params)
        assert answer.status_code == 400, answer.text
        assert answer.json()["Fault"]["type"] == "ValidationFault"
        return answer.json()["Fault"]["Error"][0]

    def query(self, statement):
        return self.ok("GET", "query", query=statement)["QueryResponse"]

    def save(self, entity, body, **params):
        return self.ok("POST", entity.lower(), body, **params)[entity]

    def read(self, entity, record_id):
        return self.ok("GET", f"{entity.lower()}/{record_id}")[entity]

    def customer(self, name="Nora Whitfield", **fields):
        return self.save("Customer", {"DisplayName": name, **fields})

    def invoice(self, customer, amount=100, **fields):
        return self.save(
            "Invoice",
            {"CustomerRef": {"value": customer["Id"]}, "Line": [sales_line(amount)], **fields},
        )

    def payment(self, customer, total, *applied, **fields):
        return self.save(
            "Payment",
            {
                "CustomerRef": {"value": customer["Id"]},
                "TotalAmt": total,
                "Line": [
                    {
                        "Amount": amount,
                        "LinkedTxn": [{"TxnId": invoice["Id"], "TxnType": "Invoice"}],
                    }
                    for invoice, amount in applied
                ],
                **fields,
            },
        )

    def cdc(self, since="2026-01-01", entities="Customer,Item,Invoice,Payment"):
        if since == "2026-01-01":
            since = self.control.get("clock")["now"][:10]
        answer = self.ok("GET", "cdc", entities=entities, changedSince=since)
        return answer["CDCResponse"][0]["QueryResponse"]


def sales_line(amount, tax="NON", item="1", **detail):
    content = {"ItemRef": {"value": item}, **detail}
    if tax:
        content["TaxCodeRef"] = {"value": tax}
    return {"Amount": amount, "DetailType": "SalesItemLineDetail", "SalesItemLineDetail": content}


@pytest.fixture(scope="session")
def emulator_url():
    process = subprocess.Popen(
        [sys.executable, "-m", "integrations.emulator", "--port", "0", "--empty"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        line = process.stdout.readline()
        assert line.startswith("emulator ready http://127.0.0.1:"), line
        yield line.split()[-1]
    finally:
        process.terminate()
        process.wait(10)
        process.stdout.close()


@pytest.fixture
def control(emulator_url):
    control = Control(emulator_url)
    control.reset()
    control.post("webhooks", {"url": "", "format": "cloudevents", "enabled": True})
    yield control
    control.session.close()


@pytest.fixture
def books(control):
    """An American company without sales tax, connected."""
    return control.connect(control.company(sales_tax=False))
