"""Reminders: transactional, about one invoice, at most once a day (R8)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core import mail  # noqa: TID251 - reads what was sent
from django.utils import timezone

from contacts.clock import today
from contacts.models import FieldChange, Invoice
from contacts.services.invoicing import NotRemindedError, mark_paid, remind
from tests import consents


def reminded(invoice):
    invoice.refresh_from_db()
    return invoice.reminded_at


def test_r8_a_reminder_goes_whatever_the_consent_with_the_invoice_and_what_is_open(sent, staff):
    consents.put("unsubscribed", sent.contact)
    Invoice.objects.filter(pk=sent.pk).update(due_date=today() - timedelta(days=3))
    sent.refresh_from_db()

    remind(sent, by=staff)

    [message] = mail.outbox
    assert message.to == ["dana@customer.example"]
    assert message.subject == f"Reminder: invoice {sent.number} from Northwind Joinery"
    assert "was due on" in message.body
    assert "To pay: 250.00 USD" in message.body
    assert [name for name, _, _ in message.attachments] == [f"invoice-{sent.number}.pdf"]
    assert "List-Unsubscribe" not in message.message()
    assert timezone.now() - reminded(sent) < timedelta(minutes=1)
    entry = FieldChange.objects.get(field="reminded_at")
    assert (entry.by, entry.note) == (staff, "To dana@customer.example.")


def test_a_second_reminder_waits_for_a_day(sent, staff):
    remind(sent, by=staff)
    stale = Invoice.objects.get(pk=sent.pk)
    stale.reminded_at = None

    for invoice in (Invoice.objects.get(pk=sent.pk), stale):
        with pytest.raises(NotRemindedError):
            remind(invoice, by=staff)
    assert len(mail.outbox) == 1

    Invoice.objects.update(reminded_at=timezone.now() - timedelta(days=1, minutes=1))
    remind(Invoice.objects.get(pk=sent.pk), by=staff)
    assert len(mail.outbox) == 2


def test_nothing_is_reminded_of_that_is_paid_or_cannot_be_reached(sent, staff):
    sent.contact.email = ""
    with pytest.raises(NotRemindedError, match="no email address"):
        remind(sent, by=staff)
    sent.contact.refresh_from_db()
    mark_paid(sent, by=staff)
    sent.refresh_from_db()
    with pytest.raises(NotRemindedError, match="Nothing is left to pay"):
        remind(sent, by=staff)
    assert mail.outbox == []


def test_a_mail_server_that_refuses_leaves_the_invoice_as_it_was(sent, staff, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1

    with pytest.raises(NotRemindedError, match="mail server"):
        remind(sent, by=staff)

    assert reminded(sent) is None
    assert not FieldChange.objects.filter(field="reminded_at").exists()


def test_the_page_asks_first_and_says_why_not(browser, sent):
    page = browser.get(f"/invoices/{sent.pk}/remind/").content.decode()
    assert "dana@customer.example" in page
    assert mail.outbox == []

    answer = browser.post(f"/invoices/{sent.pk}/remind/", follow=True).content.decode()
    assert "A reminder was sent to dana@customer.example." in answer
    assert len(mail.outbox) == 1
    page = browser.get(f"/invoices/{sent.pk}/remind/").content.decode()
    assert "A reminder went within the last day" in page
    assert "Send reminder</button>" not in page
