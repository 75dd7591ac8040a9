"""Random histories: people act on both sides while the sync is late, doubled, refused or killed.

In the end both sides are equal, nothing was made twice, and no value that somebody typed has gone
without a trace: where both edited one field, QuickBooks' stands and ours is in the history (R10).
"""

from __future__ import annotations

import os
import random
import signal
from contextlib import suppress
from decimal import Decimal

from django_q.models import OrmQ

from contacts.models import Contact, FieldChange, Invoice, Origin, Payment, Product
from contacts.services import invoicing, payments
from contacts.services.billing.allocating import PaymentError
from contacts.services.contacts import update_contact
from contacts.services.invoicing import InvoicingError, Line
from contacts.services.products import update_product
from integrations import tasks
from integrations.models import (
    Attention,
    CustomerLink,
    InvoiceLink,
    ItemLink,
    OutboxEntry,
)
from integrations.pulling import wake
from integrations.quickbooks.faults import QuickBooksError
from tests.chaos.points import Points, watched
from tests.chaos.sides import calm, complaints, fresh, in_a_process, let_time_pass
from tests.chaos.table import FAULTS
from tests.factories import ContactFactory, ProductFactory

ACTS = 40
WRITES = ("customer", "item", "invoice", "payment")
CONTACT = {"phone": "PrimaryPhone", "first_name": "GivenName", "company": "CompanyName"}


def runner(seed):
    def run(emulator):
        history = History(emulator, seed)
        found = history.run()
        return [*found, *history.told] if found else []

    return run


class History:
    def __init__(self, emulator, seed):
        self.random = random.Random(seed)
        self.world = fresh(emulator)
        self.pk = self.world.connection.pk
        self.count = 0
        self.told = []
        #: The last value typed on each side: (kind, record or Id, field) -> value.
        self.typed_here = {}
        self.typed_there = {}

    def run(self):
        for name in ("customer_there", "contact_here", "item_there", "invoice_here"):
            getattr(self, name)()
        self.sync()
        for _ in range(ACTS):
            act = self.random.choices(*_CHOICES)[0]
            self.told.append(act)
            # A refusal is an answer: a person may not do everything at any time.
            with suppress(InvoicingError, PaymentError, AssertionError):
                getattr(self, act)()
        calm(self.world)
        calm(self.world)
        return self.judge()

    # --- people here ---

    def contact_here(self):
        self.count += 1
        ContactFactory(
            email=f"here{self.count}@example.com", first_name=f"Here{self.count}", last_name="One"
        )

    def product_here(self):
        self.count += 1
        name = f"Made here {self.count}"
        ProductFactory(name=name, full_name=name, sku=f"H-{self.count}")

    def edit_contact_here(self):
        contact = self._one(Contact)
        field = self.random.choice(sorted(CONTACT))
        if contact is not None:
            value = self._value()
            update_contact(contact, {field: value})
            self.typed_here["Customer", contact.pk, field] = value

    def edit_product_here(self):
        product = self._one(Product)
        if product is not None:
            value = self._value()
            update_product(product, {"description": value})
            self.typed_here["Item", product.pk, "description"] = value

    def invoice_here(self):
        contact = self._one(Contact)
        if contact is not None:
            draft = invoicing.create_draft(contact, self._lines(), currency="USD")
            invoicing.mark_sent(draft)

    def edit_invoice_here(self):
        invoice = self._one(Invoice, origin=Origin.CRM, voided_at=None)
        if invoice is not None:
            changes = {"lines": self._lines()} if self._maybe() else {"memo": self._value()}
            invoicing.update_invoice(invoice, changes)

    def pay_here(self):
        invoice = self._one(Invoice, voided_at=None, balance__gt=0)
        if invoice is not None:
            part = invoice.balance if self._maybe() else max(invoice.balance // 3, Decimal(1))
            part = min(part, invoice.balance)
            payments.record_payment(
                invoice.contact, part, invoice.issue_date, allocations={invoice: part}
            )

    def edit_payment_here(self):
        payment = self._one(Payment, voided_at=None)
        if payment is not None:
            payments.update_payment(payment, {"reference": self._value()[:20]})

    def void_payment_here(self):
        payment = self._one(Payment, voided_at=None)
        if payment is not None:
            payments.void_payment(payment)

    def void_invoice_here(self):
        invoice = self._one(Invoice, origin=Origin.CRM, voided_at=None)
        if invoice is not None:
            invoicing.void_invoice(invoice, with_payments=self._maybe())

    # --- people in QuickBooks ---

    def customer_there(self):
        self.count += 1
        self.world.customer(f"There{self.count} Two", f"there{self.count}@example.com")

    def item_there(self):
        self.count += 1
        self.world.item(f"Made there {self.count}", "20.00")

    def edit_customer_there(self):
        row = self._row("Customer")
        field = self.random.choice(sorted(CONTACT))
        if row:
            value = self._value()
            shaped = {"FreeFormNumber": value} if field == "phone" else value
            self.world.change("Customer", row, **{CONTACT[field]: shaped})
            self.typed_there["Customer", row["Id"], field] = value

    def edit_item_there(self):
        row = self._row("Item")
        if row:
            value = self._value()
            self.world.change("Item", row, Description=value)
            self.typed_there["Item", row["Id"], "description"] = value

    def invoice_there(self):
        customer, item = self._row("Customer"), self._row("Item")
        if customer and item:
            self.world.invoice(customer, item, quantity=self.random.randint(1, 5))

    def edit_invoice_there(self):
        row = self._row("Invoice")
        if row and row["TotalAmt"]:
            self.world.change("Invoice", row, CustomerMemo={"value": self._value()})

    def relined_there(self):
        row, item = self._row("Invoice"), self._row("Item")
        if row and item and row["TotalAmt"]:
            line = {
                "DetailType": "SalesItemLineDetail",
                "Amount": 60,
                "Description": self._value(),
                "SalesItemLineDetail": {
                    "ItemRef": {"value": item["Id"]},
                    "Qty": 3,
                    "UnitPrice": 20,
                },
            }
            self.world.change("Invoice", row, Line=[line])

    def pay_there(self):
        row = self._row("Invoice")
        if row and row["Balance"]:
            amount = row["Balance"] if self._maybe() else 1
            self.world.payment({"Id": row["CustomerRef"]["value"]}, (row, amount))

    def void_invoice_there(self):
        row = self._row("Invoice")
        if row and row["TotalAmt"]:
            self.world.act("Invoice", row, "void")

    def delete_invoice_there(self):
        row = self._row("Invoice")
        if row:
            self.world.act("Invoice", row, "delete")

    def void_payment_there(self):
        row = self._row("Payment")
        if row and row["TotalAmt"]:
            self.world.act("Payment", row, "void")

    def delete_payment_there(self):
        row = self._row("Payment")
        if row:
            self.world.act("Payment", row, "delete")

    # --- what the sync does, and what happens to it ---

    def sync(self):
        with suppress(AssertionError):
            self.world.work()

    def pull(self):
        wake(self.pk)
        tasks.pull(self.pk)

    def push(self):
        tasks.push(self.pk)

    def lose_wake_ups(self):
        OrmQ.objects.all().delete()

    def time_passes(self):
        let_time_pass()

    def trouble(self):
        rule = FAULTS[self.random.choice(sorted(FAULTS))]
        path = f"/{self.random.choice(WRITES)}"
        self.world.emulator.fail(method="POST", path=path, count=1, **rule)

    def killed(self):
        """The worker dies somewhere in its push."""
        place = self.random.randint(0, 60)

        def work():
            die = Points(place, lambda: os.kill(os.getpid(), signal.SIGKILL))
            with watched(die), suppress(QuickBooksError):
                tasks.push(self.pk)

        os.waitpid(in_a_process(work), 0)

    # --- the end ---

    def judge(self):
        held = set(
            OutboxEntry.objects.filter(state=OutboxEntry.State.HELD).values_list(
                "kind", "record_id"
            )
        )
        asked = {
            (each.facts.get("kind") or "invoice", each.facts.get("record"))
            for each in Attention.objects.filter(closed_at=None)
        }
        found = complaints(self.world, excused=asked)
        found += [f"held and nobody is asked: {e}" for e in held - asked if not self._waits(e)]
        store = self.world.emulator.store(self.world.realm)
        found += self._fields("Customer", CustomerLink, "contact", store, _customer_value, asked)
        found += self._fields("Item", ItemLink, "product", store, _item_value, asked)
        found += self._lost()
        for invoice in Invoice.objects.filter(sent_at__isnull=False).exclude(
            pk__in=InvoiceLink.objects.values("invoice")
        ):
            if invoice.voided_at is None and ("invoice", invoice.pk) not in held:
                found.append(f"{invoice} never went")
        return found

    def _waits(self, entry):
        return OutboxEntry.objects.filter(
            kind=entry[0], record_id=entry[1], held_cause="dependency"
        ).exists()

    def _fields(self, kind, links, here, store, value_of, asked):
        found = []
        rows = {row["Id"]: row for row in store.get(kind, [])}
        fields = CONTACT if kind == "Customer" else {"description": "Description"}
        for link in links.objects.filter(gone_at=None).select_related(here):
            record, row = getattr(link, here), rows[link.external_id]
            for field in fields:
                ours, theirs = getattr(record, field), value_of(row, field)
                if ours != theirs and field not in link.apart:
                    found.append(f"{kind} {row['Id']} {field}: {ours!r} here, {theirs!r} there")
        return found

    def _lost(self):
        """The last value typed on either side stands, or the history has it."""
        found = []
        for (kind, pk, field), value in self.typed_here.items():
            record = {"Customer": Contact, "Item": Product}[kind].objects.get(pk=pk)
            known = FieldChange.objects.filter(record_id=pk, field=field, old=value)
            if getattr(record, field) != value and not known.exists():
                found.append(f"typed here and lost: {kind} {pk} {field} {value!r}")
        for (kind, external_id, field), value in self.typed_there.items():
            links = {"Customer": CustomerLink, "Item": ItemLink}[kind]
            link = links.objects.filter(external_id=external_id).first()
            if link is None:
                continue
            record = link.contact if kind == "Customer" else link.product
            known = FieldChange.objects.filter(record_id=record.pk, field=field)
            traced = known.filter(old=value).exists() or known.filter(new=value).exists()
            if getattr(record, field) != value and not traced:
                found.append(f"typed there and lost: {kind} {external_id} {field} {value!r}")
        return found

    # --- choosing ---

    def _maybe(self):
        return self.random.random() < 0.5

    def _value(self):
        self.count += 1
        return f"v{self.count}"

    def _one(self, model, **wanted):
        pks = list(model.objects.filter(**wanted).order_by("pk").values_list("pk", flat=True))
        return model.objects.get(pk=self.random.choice(pks)) if pks else None

    def _row(self, kind):
        rows = self.world.emulator.store(self.world.realm).get(kind, [])
        rows = sorted((r for r in rows if r.get("Type") != "Category"), key=lambda r: int(r["Id"]))
        return self.random.choice(rows) if rows else None

    def _lines(self):
        product = self._one(Product)
        lines = [Line(product, self._value(), Decimal(self.random.randint(1, 4)), Decimal("12.50"))]
        if self._maybe():
            lines.append(Line(None, self._value(), Decimal(1), Decimal("7.35")))
        return lines


def _customer_value(row, field):
    found = row.get(CONTACT[field], "")
    return found.get("FreeFormNumber", "") if isinstance(found, dict) else found


def _item_value(row, field):
    return row.get("Description", "")


_WEIGHTS = {
    "contact_here": 2,
    "product_here": 1,
    "edit_contact_here": 3,
    "edit_product_here": 2,
    "invoice_here": 4,
    "edit_invoice_here": 4,
    "pay_here": 5,
    "edit_payment_here": 2,
    "void_payment_here": 2,
    "void_invoice_here": 2,
    "customer_there": 1,
    "item_there": 1,
    "edit_customer_there": 3,
    "edit_item_there": 2,
    "invoice_there": 2,
    "edit_invoice_there": 2,
    "relined_there": 2,
    "pay_there": 3,
    "void_invoice_there": 1,
    "delete_invoice_there": 1,
    "void_payment_there": 1,
    "delete_payment_there": 1,
    "sync": 5,
    "pull": 4,
    "push": 4,
    "lose_wake_ups": 2,
    "time_passes": 2,
    "trouble": 3,
    "killed": 2,
}
_CHOICES = (list(_WEIGHTS), list(_WEIGHTS.values()))
