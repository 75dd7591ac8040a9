"""A company of QuickBooks and the CRM, emptied for each row; letting time pass; who is equal."""

from __future__ import annotations

import os
import traceback
from contextlib import suppress
from datetime import timedelta
from decimal import Decimal

from django.apps import apps
from django.core.management.color import no_style
from django.db import connection, connections, transaction
from django.utils import timezone
from django_q.models import OrmQ, Task

from contacts.identity import forget
from contacts.models import Contact, Invoice, Payment, Product
from integrations import tasks
from integrations.models import (
    Attention,
    Connection,
    CustomerLink,
    InvoiceLink,
    ItemLink,
    Lease,
    OutboxEntry,
    PaymentLink,
    SetAside,
)
from tests.engine.world import World
from tests.factories import UserFactory

ROUNDS = 12


def fresh(emulator, **company):
    """Both sides empty, connected and imported."""
    world = empty(emulator, **company)
    world.connect()
    world.work()
    return world


def _empty_tables():
    """Forget all records, links, runs and tasks, and count anew.

    Row by row: there are few, and TRUNCATE would make some hundred files.
    """
    labels = ("contacts", "integrations", "account")
    models = [model for label in labels for model in apps.get_app_config(label).get_models()]
    models += [OrmQ, Task]
    with transaction.atomic(), connection.cursor() as cursor:
        for model in models:
            cursor.execute(f"DELETE FROM {model._meta.db_table}")  # noqa: S608 - our own tables
        cursor.execute(";".join(connection.ops.sequence_reset_sql(no_style(), models)))
    forget()


def empty(emulator, **company):
    """A company in which nothing has happened yet, and a CRM that knows nothing of it."""
    _empty_tables()
    emulator.reset()
    return World(emulator, UserFactory(role="admin"), **company)


def let_time_pass():
    """Claims, leases and pauses of whoever died run out."""
    long_ago = timezone.now() - timedelta(hours=1)
    OutboxEntry.objects.update(not_before=long_ago)
    OutboxEntry.objects.filter(state=OutboxEntry.State.IN_FLIGHT).update(claimed_until=long_ago)
    Lease.objects.update(until=long_ago)
    Connection.objects.update(back_off_until=None)


def calm(world):
    """Let the tick do its work until nothing is left to do.

    A round that sent what a person was asked about is none of rest: its echo comes with the next.
    """
    quiet, before = 0, _outbox()
    for _ in range(ROUNDS):
        let_time_pass()
        with suppress(AssertionError):
            world.poll()
        entries = _outbox()
        busy = any(state != OutboxEntry.State.HELD for _, state in entries)
        at_rest = entries == before and not busy and not OrmQ.objects.exists()
        quiet, before = quiet + 1 if at_rest else 0, entries
        if quiet == 2:
            return
    raise AssertionError(f"no end: {list(OutboxEntry.objects.values())}")


def _outbox():
    return set(OutboxEntry.objects.values_list("pk", "state"))


def in_a_process(work):
    """Run it in a process of its own; the signal that killed it, or 0."""
    connections.close_all()
    pid = os.fork()
    if pid == 0:
        try:
            work()
        except BaseException:  # noqa: BLE001 - the child ends here, whatever it was
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    return pid


def attend(world):
    tasks._attend(Connection.objects.get(pk=world.connection.pk))


def complaints(world, excused=None):
    """What is not exactly once and equal on both sides, in words; judged from raw rows.

    `excused`: the (kind, record) that a person was asked about; with it, what was never to be
    sent may be on one side, too.
    """
    store = world.emulator.store(world.realm)
    found = []
    for kind, link, model, here in (
        ("Customer", CustomerLink, Contact, "contact"),
        ("Item", ItemLink, Product, "product"),
        ("Invoice", InvoiceLink, Invoice, "invoice"),
        ("Payment", PaymentLink, Payment, "payment"),
    ):
        there = {row["Id"]: row for row in store.get(kind, []) if row.get("Type") != "Category"}
        links = list(link.objects.all())
        found += [
            f"{kind} {each.external_id} is linked and not there"
            for each in links
            if each.external_id not in there and each.gone_at is None
        ]
        missing = there.keys() - {each.external_id for each in links}
        found += [
            f"{kind} {each} is there and not here"
            for each in missing
            if kind != "Payment" or _pays_ours(there[each])
        ]
        if excused is None:
            linked = {getattr(each, f"{here}_id") for each in links}
            strays = model.objects.exclude(pk__in=linked)
            found += [f"{here} {each.pk} is here and not there" for each in strays]
    found += _money(store, excused or ())
    for entry in OutboxEntry.objects.all():
        if excused is None or entry.state != OutboxEntry.State.HELD:
            found.append(f"{entry} is left: {entry.held_cause} {entry.held_facts}")
    found += [f"set aside: {each}" for each in SetAside.objects.all()]
    return found


def _pays_ours(payment):
    """Whether it pays an invoice that is synced; others are none of our business (R18)."""
    paid = [line["LinkedTxn"][0]["TxnId"] for line in payment["Line"]]
    return InvoiceLink.objects.filter(external_id__in=paid, gone_at=None).exists()


def questions():
    """The items that ask a person."""
    return [
        f"attention: {each.cause} {each.facts}" for each in Attention.objects.filter(closed_at=None)
    ]


def _money(store, excused):
    found = []
    rows = {row["Id"]: row for row in store.get("Invoice", [])}
    for link in InvoiceLink.objects.select_related("invoice").defer("invoice__words"):
        row, invoice = rows.get(link.external_id), link.invoice
        if ("invoice", invoice.pk) in excused:
            continue
        if row is None:
            if invoice.voided_at is None or invoice.balance:
                found.append(f"{invoice} is deleted there and not void here")
            continue
        void = row.get("PrivateNote", "").lower().startswith("voided")
        if void != bool(invoice.voided_at):
            found.append(f"{invoice} is void on one side: there {void}")
        if not void and invoice.total != _amount(row["TotalAmt"]):
            found.append(f"{invoice} total {invoice.total} here, {row['TotalAmt']} there")
        if invoice.balance != _amount(row["Balance"]):
            found.append(f"{invoice} balance {invoice.balance} here, {row['Balance']} there")
        lines = [
            (line.get("Description", ""), _amount(line["Amount"]))
            for line in row["Line"]
            if line["DetailType"] == "SalesItemLineDetail"
        ]
        ours = [(line.description, line.amount) for line in invoice.lines.all()]
        if not void and lines != ours:
            found.append(f"{invoice} lines {ours} here, {lines} there")
    paid = {row["Id"]: row for row in store.get("Payment", [])}
    for payment in Payment.objects.filter(voided_at=None):
        parts = [paid[each.external_id] for each in payment.payment_links.filter(gone_at=None)]
        if ("payment", payment.pk) in excused:
            continue
        total = sum((_amount(row["TotalAmt"]) for row in parts), Decimal(0))
        if parts and payment.amount != total:
            found.append(f"{payment} is {total} there")
        shares = {}
        for row in parts:
            for line in row["Line"]:
                target = line["LinkedTxn"][0]
                if target["TxnType"] == "Invoice":
                    shares[target["TxnId"]] = _amount(line["Amount"])
        here = {
            link: share.amount
            for share in payment.allocations.all()
            for link in share.invoice.invoice_links.values_list("external_id", flat=True)
        }
        if parts and shares != here:
            found.append(f"{payment} pays {here} here, {shares} there")
    return found


def _amount(value):
    return Decimal(str(value))
