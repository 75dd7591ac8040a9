"""Both sides of a test: a company at the emulator, and the CRM with its worker."""

from __future__ import annotations

from django.conf import settings
from django.db import connection as database
from django_q.models import OrmQ

from integrations import connecting, importing, tasks
from integrations.models import Connection, Run
from integrations.pulling import wake


class World:
    """Acts as a person in QuickBooks, and lets the CRM's tasks run until none is left."""

    def __init__(self, emulator, admin, **company):
        self.emulator = emulator
        self.admin = admin
        self.realm = emulator.company(**company)

    # --- the CRM's side ---

    @property
    def connection(self):
        return Connection.objects.for_realm(self.realm).get()

    def connect(self, realm=None):
        realm = realm or self.realm
        code = self.emulator.grant(realm, redirect_uri())
        return connecting.complete(self.admin, code=code, realm=realm)

    def work(self, limit=200):
        """Run queued tasks as a worker would: each once, outside any transaction."""
        assert not database.in_atomic_block
        for _ in range(limit):
            if not self.work_once():
                return
        raise AssertionError("tasks go on enqueuing each other")

    def work_once(self):
        """Run the task that is next; tells whether there was one."""
        queued = OrmQ.objects.order_by("id").first()
        if queued is None:
            return False
        task = queued.task
        queued.delete()
        _callable(task["func"])(*task["args"], **task["kwargs"])
        return True

    def pull(self):
        """Be woken as by a webhook, and work."""
        wake(self.connection.pk)
        self.work()

    def import_again(self, kind=Run.Kind.IMPORT):
        """As an admin who presses the button; returns the finished run."""
        run = importing.start(self.connection, kind=kind, trigger=Run.Trigger.PERSON, by=self.admin)
        self.work()
        run.refresh_from_db()
        return run

    def poll(self):
        tasks._attend(self.connection)
        self.work()

    # --- QuickBooks' side ---

    def customer(self, name="Ada Lovelace", email="ada@example.com", **content):
        first, _, last = name.partition(" ")
        told = {"DisplayName": name, "GivenName": first, "FamilyName": last, **content}
        if email:
            told["PrimaryEmailAddr"] = {"Address": email}
        return self.emulator.add(self.realm, "Customer", told)

    def item(self, name="Consulting", price="100.00", **content):
        told = {
            "Name": name,
            "Type": "Service",
            "UnitPrice": float(price),
            "IncomeAccountRef": {"value": self.income_account()},
            **content,
        }
        return self.emulator.add(self.realm, "Item", told)

    def income_account(self):
        accounts = self.emulator.store(self.realm).get("Account", [])
        return next(each["Id"] for each in accounts if each["AccountType"] == "Income")

    def invoice(self, customer, item, quantity=2, price=100, **content):
        line = {
            "DetailType": "SalesItemLineDetail",
            "Amount": quantity * price,
            "SalesItemLineDetail": {
                "ItemRef": {"value": item["Id"]},
                "Qty": quantity,
                "UnitPrice": price,
            },
        }
        told = {"CustomerRef": {"value": customer["Id"]}, "Line": [line], **content}
        return self.emulator.add(self.realm, "Invoice", told)

    def payment(self, customer, *parts, total=None):
        lines = [
            {"Amount": amount, "LinkedTxn": [{"TxnId": invoice["Id"], "TxnType": "Invoice"}]}
            for invoice, amount in parts
        ]
        told = {
            "CustomerRef": {"value": customer["Id"]},
            "TotalAmt": total if total is not None else sum(amount for _, amount in parts),
            "Line": lines,
        }
        return self.emulator.add(self.realm, "Payment", told)

    def credit(self, customer, item, invoice, amount):
        """A credit memo, and the payment of nothing by which QuickBooks applies it: returns it."""
        owner = {"CustomerRef": {"value": customer["Id"]}}
        detail = {"ItemRef": {"value": item["Id"]}}
        line = {"DetailType": "SalesItemLineDetail", "SalesItemLineDetail": detail}
        told = owner | {"Line": [line | {"Amount": amount}]}
        memo = self.emulator.add(self.realm, "CreditMemo", told)
        lines = [
            {"Amount": amount, "LinkedTxn": [{"TxnId": each["Id"], "TxnType": kind}]}
            for kind, each in (("Invoice", invoice), ("CreditMemo", memo))
        ]
        return self.emulator.add(self.realm, "Payment", owner | {"TotalAmt": 0, "Line": lines})

    def change(self, kind, row, **content):
        return self.emulator.change(self.realm, kind, row["Id"], content)

    def act(self, kind, row, verb, **content):
        return self.emulator.act(self.realm, kind, row["Id"], verb, content)

    # --- what went over the wire ---

    def reads(self):
        """The metered requests: queries, CDC and single objects."""
        return [
            each
            for each in self.emulator.requests("/v3/company/")
            if each["method"] == "GET" or each["path"].endswith("/query")
        ]


def redirect_uri():
    return f"{settings.SITE_URL}/settings/integrations/quickbooks/callback/"


def _callable(func):
    if callable(func):
        return func
    module, _, name = func.rpartition(".")
    return getattr(__import__(module, fromlist=[name]), name)
