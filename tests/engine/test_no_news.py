"""Polls that QuickBooks has no news for: cheap, and what waits here is done all the same."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.db import connection as database
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from contacts.models import Contact, Invoice
from integrations import tasks
from integrations.models import Attention, Connection, Reason, Run, SetAside, WebhookEvent
from tests.factories import ContactFactory

HOUR = 3600


@pytest.fixture
def quiet(connected):
    """An hour later, with the cursor behind everything that was there by then."""

    def rest():
        connected.emulator.advance(HOUR)
        there = timezone.now() + timedelta(seconds=HOUR - 120)
        Connection.objects.update(cursor=there)
        connected.emulator.forget_requests()

    connected.rest = rest
    return connected


def parked(world, kind, row, reason, waits_for=""):
    """As an earlier pull would have put it aside."""
    SetAside.objects.create(
        connection=world.connection,
        kind=kind,
        external_id=row["Id"],
        reason=reason,
        waits_for=waits_for,
        sync_token=int(row["SyncToken"]),
        snapshot=json.dumps(row),
        since=timezone.now(),
    )


def test_r24_polls_without_news_are_one_read_eleven_statements_and_one_line(quiet):
    quiet.rest()
    quiet.poll()
    quiet.emulator.forget_requests()
    polled = quiet.connection
    with CaptureQueriesContext(database) as queries:
        tasks._attend(polled)
    told = [each["sql"] for each in queries if each["sql"] not in {"BEGIN", "COMMIT"}]
    assert len(told) <= 11, told
    assert len(quiet.reads()) == 1
    # The pull after the import and both polls.
    assert Run.objects.get(kind=Run.Kind.IDLE).repeats == 3


def test_object_that_may_have_been_ours_comes_in_once_nothing_is_in_flight(quiet):
    ada = quiet.customer()
    parked(quiet, "Customer", ada, Reason.CREATE_UNDER_WAY)
    quiet.rest()
    quiet.poll()
    assert Contact.objects.get().email == "ada@example.com"
    assert not SetAside.objects.exists()


def test_r6_invoice_comes_in_once_its_customer_is_linked(quiet):
    ada, item = quiet.customer(), quiet.item()
    quiet.pull()
    parked(quiet, "Invoice", quiet.invoice(ada, item), Reason.CUSTOMER_MISSING, ada["Id"])
    quiet.rest()
    quiet.poll()
    assert Invoice.objects.get().contact == Contact.objects.get()
    assert not SetAside.objects.exists()


def test_r23_question_whose_contact_is_gone_closes_itself(quiet):
    holder = ContactFactory(email="taken@example.com")
    ada = quiet.customer()
    quiet.pull()
    quiet.change("Customer", ada, PrimaryEmailAddr={"Address": "taken@example.com"})
    quiet.pull()
    quiet.rest()
    holder.delete()
    quiet.poll()
    assert not Attention.objects.filter(closed_at=None).exists()
    assert Contact.objects.get().email == "taken@example.com"


def test_notified_deletion_is_done_though_nothing_else_changed(quiet):
    ada, item = quiet.customer(), quiet.item()
    made = quiet.invoice(ada, item)
    quiet.pull()
    quiet.rest()
    WebhookEvent.objects.create(
        connection=quiet.connection,
        dedupe_key="deletion",
        kind="Invoice",
        operation="deleted",
        external_id=made["Id"],
        at=timezone.now(),
        received_at=timezone.now(),
    )
    quiet.poll()
    assert WebhookEvent.objects.get().applied_at
    assert Invoice.objects.get().voided_at
