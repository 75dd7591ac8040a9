"""Consent while others act on the same address: real threads, real transactions (R8)."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager

import pytest
from django.db import connection, transaction

from contacts.models import Contact
from contacts.services.consent.acting import opt_in, request_confirmation
from contacts.services.consent.unsubscribing import unsubscribe
from contacts.services.consent.writing import Trace
from contacts.services.contacts import create_contact, update_contact
from tests import consents
from tests.consent.conftest import events
from tests.engine.threads import eventually, meanwhile
from tests.factories import ContactFactory

pytestmark = pytest.mark.django_db(transaction=True)


@contextmanager
def unsubscribing_meanwhile(address):
    """Somebody unsubscribes the address and has to wait until what the block did is committed."""
    with ExitStack() as afterwards, transaction.atomic():
        yield
        afterwards.enter_context(meanwhile(unsubscribe, address, Trace()))
        eventually(somebody_waits_for_us)


def somebody_waits_for_us():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_locks"
            " WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid))"
        )
        return cursor.fetchone()[0] > 0


def test_r8_who_unsubscribes_while_the_address_gets_its_contact_stays_unsubscribed():
    with unsubscribing_meanwhile("ada@example.com"):
        create_contact({"email": "Ada@Example.com"})

    assert Contact.objects.get().marketing_status == "unsubscribed"
    consents.assert_agreement()


def test_r8_who_unsubscribes_while_a_contact_takes_the_address_stays_unsubscribed():
    contact = ContactFactory(email="old@example.com", consent="marketable")
    with unsubscribing_meanwhile("ada@example.com"):
        update_contact(contact, {"email": "ada@example.com"})

    contact.refresh_from_db()
    assert contact.marketing_status == "unsubscribed"
    consents.assert_agreement()


def test_r8_who_unsubscribes_while_the_contact_leaves_the_address_is_heard():
    contact = ContactFactory(email="ada@example.com", consent="marketable")
    with unsubscribing_meanwhile("ada@example.com"):
        update_contact(contact, {"email": "new@example.com"})

    contact.refresh_from_db()
    assert contact.marketing_status == "non_marketable"
    assert [what for what, _, _ in events("ada@example.com")] == ["left", "unsubscribed"]
    consents.assert_agreement()


@pytest.mark.parametrize("act", ["opt in", "ask"])
def test_r8_who_unsubscribes_while_a_person_acts_for_many_stays_unsubscribed(staff, act):
    ContactFactory.create_batch(3)
    ContactFactory(email="ada@example.com")
    with unsubscribing_meanwhile("ada@example.com"):
        if act == "opt in":
            opt_in(Contact.objects.all(), reason="Fair", by=staff)
        else:
            request_confirmation(Contact.objects.all(), by=staff)

    assert Contact.objects.get(email="ada@example.com").marketing_status == "unsubscribed"
    assert Contact.objects.exclude(marketing_status="unsubscribed").count() == 3
    consents.assert_agreement()
