"""Numbers and money under concurrency: real threads, real transactions."""

from __future__ import annotations

import contextlib
import datetime
import threading
from decimal import Decimal
from uuid import uuid4

import pytest
from django.db import Error, connection, transaction

from contacts.models import Allocation, Business, Contact, Invoice, Payment
from contacts.services.invoicing import (
    InvoicingError,
    Line,
    create_draft,
    mark_sent,
    void_invoice,
)
from contacts.services.merging import merge_contacts
from contacts.services.payments import (
    MoreThanOwedError,
    PaymentError,
    record_payment,
    update_payment,
)
from tests.engine.threads import eventually, somebody_waits_for_a_lock
from tests.factories import ContactFactory

pytestmark = pytest.mark.django_db(transaction=True)

DAY = datetime.date(2026, 11, 23)
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


def test_r18_two_people_who_record_the_same_money_pay_once():
    invoice = mark_sent(create_draft(ContactFactory(), LINES))
    five = Decimal(5)

    def pay():
        with contextlib.suppress(MoreThanOwedError):
            record_payment(invoice.contact, five, DAY, allocations={invoice: five})

    assert in_threads(*[pay] * 5) == []
    invoice.refresh_from_db()
    assert (invoice.balance, Payment.objects.count()) == (0, 1)


def test_r16_one_page_sent_twice_at_once_is_one_payment():
    invoice = mark_sent(create_draft(ContactFactory(), LINES))
    page, one = uuid4(), Decimal(1)
    acts = [
        lambda: record_payment(
            invoice.contact, one, DAY, allocations={invoice: one}, entered_as=page
        )
    ] * 5
    assert in_threads(*acts) == []
    invoice.refresh_from_db()
    assert (invoice.balance, Payment.objects.count()) == (Decimal(4), 1)


def test_voiding_and_editing_at_once_never_wait_in_a_ring():
    contact = ContactFactory()
    invoices = [mark_sent(create_draft(contact, LINES)) for _ in range(3)]
    payments = [
        record_payment(contact, Decimal(3), DAY, allocations=dict.fromkeys(invoices, Decimal(1)))
        for _ in range(3)
    ]

    def edit(payment):
        with contextlib.suppress(PaymentError):
            update_payment(
                payment, {"allocations": dict.fromkeys(reversed(invoices), Decimal("0.5"))}
            )

    def void(invoice):
        with contextlib.suppress(PaymentError, InvoicingError):
            void_invoice(invoice, with_payments=True)

    acts = [lambda p=p: edit(p) for p in payments] + [lambda i=i: void(i) for i in invoices]
    assert in_threads(*acts) == []
    assert Allocation.objects.count() == 0
    assert not Invoice.objects.exclude(balance=0).exists()


def test_r5_payment_recorded_while_its_contact_is_merged_meets_no_deadlock():
    kept, gone = ContactFactory(), ContactFactory()
    sent = mark_sent(create_draft(gone, LINES))
    locked, refused = threading.Event(), []

    def merge():
        with transaction.atomic():
            list(Contact.objects.select_for_update().filter(pk=gone.pk))
            locked.set()
            eventually(somebody_waits_for_a_lock)
            merge_contacts(kept, gone)

    def pay():
        locked.wait(10)
        try:
            record_payment(gone, Decimal(5), DAY, allocations={sent: Decimal(5)})
        except PaymentError as error:
            refused.append(str(error))

    assert in_threads(merge, pay) == []
    assert refused == [f"{gone} was merged into another contact. Open that one instead."]
    sent.refresh_from_db()
    assert (sent.contact, sent.balance) == (kept, 5)
