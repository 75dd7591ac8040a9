"""Polls that QuickBooks has no news for: cheap, and what waits here is done all the same."""

from __future__ import annotations

import json
from datetime import timedelta

from django.db import connection as database
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from contacts.models import Contact, Invoice
from integrations import tasks
from integrations.models import Attention, Connection, Reason, Run, SetAside, WebhookEvent
from tests.factories import ContactFactory
from tests.pages.records import aside

HOUR = 3600


def rest(world):
    """Let an hour pass, with the cursor behind everything that was there by then."""
    world.emulator.advance(HOUR)
    there = timezone.now() + timedelta(seconds=HOUR - 120)
    Connection.objects.update(cursor=there)
    world.emulator.forget_requests()


def parked(world, kind, row, reason, **more):
    """As an earlier pull would have put it aside."""
    told = {"sync_token": int(row["SyncToken"]), "snapshot": json.dumps(row)}
    aside(world.connection, kind=kind, external_id=row["Id"], reason=reason, **told, **more)


def test_r24_polls_without_news_are_one_read_eleven_statements_and_one_line(connected):
    rest(connected)
    connected.poll()
    connected.emulator.forget_requests()
    polled = connected.connection
    with CaptureQueriesContext(database) as queries:
        tasks._attend(polled)
    told = [each["sql"] for each in queries if each["sql"] not in {"BEGIN", "COMMIT"}]
    assert len(told) <= 11, told
    assert len(connected.reads()) == 1
    # The pull after the import and both polls.
    assert Run.objects.get(kind=Run.Kind.IDLE).repeats == 3


def test_object_that_may_have_been_ours_comes_in_once_nothing_is_in_flight(connected):
    ada = connected.customer()
    parked(connected, "Customer", ada, Reason.CREATE_UNDER_WAY)
    rest(connected)
    connected.poll()
    assert Contact.objects.get().email == "ada@example.com"
    assert not SetAside.objects.exists()


def test_r6_invoice_comes_in_once_its_customer_is_linked(connected):
    ada, item = connected.customer(), connected.item()
    connected.pull()
    invoice = connected.invoice(ada, item)
    parked(connected, "Invoice", invoice, Reason.CUSTOMER_MISSING, waits_for=ada["Id"])
    rest(connected)
    connected.poll()
    assert Invoice.objects.get().contact == Contact.objects.get()
    assert not SetAside.objects.exists()


def test_r23_question_whose_contact_is_gone_closes_itself(connected):
    holder = ContactFactory(email="taken@example.com")
    ada = connected.customer()
    connected.pull()
    connected.change("Customer", ada, PrimaryEmailAddr={"Address": "taken@example.com"})
    connected.pull()
    rest(connected)
    holder.delete()
    connected.poll()
    assert not Attention.objects.filter(closed_at=None).exists()
    assert Contact.objects.get().email == "taken@example.com"


def test_notified_deletion_is_done_though_nothing_else_changed(connected):
    ada, item = connected.customer(), connected.item()
    made = connected.invoice(ada, item)
    connected.pull()
    rest(connected)
    WebhookEvent.objects.create(
        connection=connected.connection,
        dedupe_key="deletion",
        kind="Invoice",
        operation="deleted",
        external_id=made["Id"],
        at=timezone.now(),
        received_at=timezone.now(),
    )
    connected.poll()
    assert WebhookEvent.objects.get().applied_at
    assert Invoice.objects.get().voided_at
