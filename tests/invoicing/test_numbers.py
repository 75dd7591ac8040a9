"""Numbers under concurrency: real threads, real transactions."""

from __future__ import annotations

import threading
from decimal import Decimal

import pytest
from django.db import Error, connection, transaction

from contacts.models import Business, Invoice
from contacts.services.invoicing import Line, create_draft, mark_sent
from tests.factories import ContactFactory

pytestmark = pytest.mark.django_db(transaction=True)

LINES = [Line(description="x", quantity=Decimal(1), unit_price=Decimal(5))]


def in_threads(*acts):
    errors = []

    def run(act):
        try:
            act()
        except (Error, AssertionError) as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
        assert not thread.is_alive()
    return errors


def test_numbers_have_no_gaps_when_many_send_at_once():
    contact = ContactFactory()
    drafts = [create_draft(contact, LINES) for _ in range(12)]
    assert in_threads(*(lambda d=d: mark_sent(d) for d in drafts)) == []
    numbers = sorted(Invoice.objects.values_list("number", flat=True))
    assert numbers == [f"INV-{n}" for n in range(1001, 1013)]


def test_r16_two_workers_that_send_one_draft_draw_one_number():
    draft = create_draft(ContactFactory(), LINES)
    assert in_threads(*[lambda: mark_sent(draft)] * 6) == []
    draft.refresh_from_db()
    assert draft.number == "INV-1001"
    assert Business.objects.get().next_invoice_number == 1002


def test_a_sending_that_fails_gives_its_number_back():
    contact = ContactFactory()
    failed, sent = create_draft(contact, LINES), create_draft(contact, LINES)

    class PowerCutError(Exception):
        pass

    def fail():
        with transaction.atomic():
            assert mark_sent(failed).number == "INV-1001"
            raise PowerCutError

    with pytest.raises(PowerCutError):
        fail()
    assert mark_sent(sent).number == "INV-1001"
    failed.refresh_from_db()
    assert (failed.number, failed.sent_at) == ("", None)
