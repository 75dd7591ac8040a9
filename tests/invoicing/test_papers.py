"""The invoice as a PDF and by email."""

from __future__ import annotations

import io
import unicodedata
from decimal import Decimal

import pytest
from django.core import mail  # noqa: TID251  (reads what was sent)
from PIL import Image
from pypdf import PdfReader

from contacts.models import FieldChange, Invoice
from contacts.papers import invoice_pdf, pdf_name
from contacts.services.invoicing import (
    Line,
    NotEmailedError,
    create_draft,
    email_invoice,
    mark_paid,
    mark_sent,
    update_invoice,
)
from tests import consents
from tests.factories import ContactFactory, ProductFactory


def text_of(content: bytes) -> str:
    pages = PdfReader(io.BytesIO(content)).pages
    text = " ".join(page.extract_text() for page in pages)
    return unicodedata.normalize("NFC", " ".join(text.split()))


def png(width=40, height=20) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (width, height), (11, 102, 97)).save(file, "PNG")
    return file.getvalue()


@pytest.fixture
def identified(business):
    business.address = "12 Mill Lane\nPortland"
    business.tax_number = "82-1234567"
    business.how_to_pay = "Bank of Maine, account 123456789"
    business.logo, business.logo_type = png(), "image/png"
    business.save()
    return business


def test_the_paper_shows_who_what_and_how_much(identified, draft, staff):
    update_invoice(draft, {"discount_percent": Decimal("7.5"), "memo": "Thank you, Dana."})
    sent = mark_sent(draft, by=staff)
    content = invoice_pdf(sent)
    text = text_of(content)
    for words in (
        "Northwind Joinery",
        "12 Mill Lane",
        "Tax number 82-1234567",
        "Invoice",
        "NW-501",
        "Dana Reeves",
        "Oak table 2 100.00 200.00",
        "Delivery 1 50.00 50.00",
        "Subtotal 250.00 USD",
        "Discount (7.5 %) −18.75 USD",
        "Total 231.25 USD",
        "Balance due 231.25 USD",
        "Thank you, Dana.",
        "Bank of Maine, account 123456789",
        "Page 1 of 1",
    ):
        assert words in text
    assert len(PdfReader(io.BytesIO(content)).pages[0].images) == 1


def test_a_paid_invoice_shows_what_was_paid_and_asks_for_nothing(identified, sent):
    mark_paid(sent)
    sent.refresh_from_db()
    text = text_of(invoice_pdf(sent))
    assert "Paid −250.00 USD" in text
    assert "Balance due 0.00 USD" in text
    assert "How to pay" not in text


def test_drafts_and_void_ones_say_so(draft):
    assert "Draft of an invoice" in text_of(invoice_pdf(draft))
    assert pdf_name(draft) == f"invoice-draft-{draft.pk}.pdf"


NAMES = (
    "Zoë Łukasiewicz",
    "Ελένη Παπαδοπούλου",
    "Юлия Щербакова",
    "李明",
    "山田太郎",
    "김철수",
    "สมชาย",
)


def test_every_name_can_be_read_on_it(business):
    business.name = NAMES[0]
    business.save()
    contact = ContactFactory(first_name=NAMES[1], last_name="")
    draft = create_draft(contact, [Line(None, name, Decimal(1), Decimal(5)) for name in NAMES[2:]])
    text = text_of(invoice_pdf(draft))
    assert [name for name in NAMES if name not in text] == []


def test_scripts_from_right_to_left_are_set_too(business, caplog):
    contact = ContactFactory(first_name="مريم Nguyễn", last_name="שרה")
    draft = create_draft(contact, [Line(None, "नमस्ते 🙂", Decimal(1), Decimal(5))])
    assert "שרה" in text_of(invoice_pdf(draft))
    # A letter that no font has is told in the log.
    assert caplog.text == ""


def test_scripts_may_follow_each_other(business):
    business.name = "北京木工"
    business.save()
    contact = ContactFactory(
        first_name="Zoë", last_name="", company="李明木工", line1="東京", line2="4 Elm Street"
    )
    draft = create_draft(contact, [Line(None, f"椅子 {n}", 1, Decimal(5)) for n in range(60)])
    text = text_of(invoice_pdf(draft))
    for words in ("北京木工 Draft of", "Zoë 李明木工 東京 4 Elm Street", "椅子 59 1 5.00 5.00"):
        assert words in text
    assert "Total 300.00 USD" in text


def test_many_lines_take_many_pages_each_with_its_head(business, contact):
    lines = [Line(None, f"Line {n}", Decimal(1), Decimal(1)) for n in range(1, 121)]
    draft = create_draft(contact, lines)
    pages = PdfReader(io.BytesIO(invoice_pdf(draft))).pages
    assert len(pages) > 2
    assert all("Product or service" in page.extract_text() for page in list(pages)[:-1])
    assert "Total 120.00 USD" in text_of(invoice_pdf(draft))


@pytest.mark.parametrize(
    "content", [b"\x89PNG\r\n\x1a\nno picture", png()[:60], b"\xff\xd8\xff\x00"]
)
def test_a_broken_logo_spoils_no_invoice(business, draft, content):
    business.logo, business.logo_type = content, "image/png"
    business.save()
    assert "Northwind Joinery" in text_of(invoice_pdf(draft))


def test_what_people_type_is_text_and_nothing_else(business):
    contact = ContactFactory(first_name="**Bold** {nb} __x__", last_name="")
    product = ProductFactory(name="A\tB")
    draft = create_draft(contact, [Line(product, "<b>x</b>\n--", Decimal(1), Decimal(5))])
    text = text_of(invoice_pdf(draft))
    assert "<b>x</b>" in text
    assert "**Bold**" in text


def test_the_pdf_is_downloaded_under_its_number(browser, sent):
    answer = browser.get(f"/invoices/{sent.pk}/pdf/")
    assert answer["Content-Type"] == "application/pdf"
    assert answer["Content-Disposition"] == 'attachment; filename="invoice-NW-501.pdf"'
    assert answer.content.startswith(b"%PDF-")


def test_a_hostile_number_makes_a_harmless_file_name():
    assert pdf_name(Invoice(pk=1, number='x"\r\n/../é.exe')) == "invoice-x-..-.exe.pdf"


def test_r15_sending_by_email_sends_one_mail_with_the_pdf(identified, draft, staff):
    mark_sent(draft, by=staff, email=True)
    mark_sent(draft, by=staff, email=True)
    (message,) = mail.outbox
    assert message.to == ["dana@customer.example"]
    assert message.subject == "Invoice NW-501 from Northwind Joinery"
    assert "To pay: 250.00 USD" in message.body
    assert "Bank of Maine, account 123456789" in message.body
    ((name, content, kind),) = message.attachments
    assert (name, kind) == ("invoice-NW-501.pdf", "application/pdf")
    assert "NW-501" in text_of(content)
    draft.refresh_from_db()
    assert draft.emailed_at
    entry = FieldChange.objects.get(record_id=draft.pk, field="emailed_at")
    assert (entry.by, entry.note) == (staff, "To dana@customer.example.")


def test_marking_as_sent_alone_mails_nothing(draft, staff):
    mark_sent(draft, by=staff)
    assert mail.outbox == []


def test_r8_an_invoice_is_no_advertising(draft):
    consents.put("unsubscribed", draft.contact)
    mark_sent(draft, email=True)
    assert len(mail.outbox) == 1


def test_a_mail_server_that_refuses_leaves_the_invoice_sent(browser, draft, settings):
    settings.EMAIL_BACKEND = "tests.invoicing.test_papers.RefusingBackend"
    page = browser.post(f"/invoices/{draft.pk}/send/", {"email": "yes"}, follow=True)
    draft.refresh_from_db()
    assert draft.number == "NW-501"
    assert draft.emailed_at is None
    assert "is marked as sent. It could not be emailed" in page.content.decode()


def test_drafts_and_contacts_without_address_are_not_emailed(business, draft):
    with pytest.raises(NotEmailedError):
        email_invoice(draft)
    noah = ContactFactory(email="")
    sent = mark_sent(create_draft(noah, [Line(None, "x", Decimal(1), Decimal(5))]))
    with pytest.raises(NotEmailedError, match="has no email address"):
        email_invoice(sent)
    assert mail.outbox == []


def test_emailing_again_asks_first(browser, sent):
    page = browser.get(f"/invoices/{sent.pk}/email/")
    assert b"dana@customer.example" in page.content
    assert mail.outbox == []
    browser.post(f"/invoices/{sent.pk}/email/")
    assert len(mail.outbox) == 1


class RefusingBackend:
    def __init__(self, *args, **kwargs):
        pass

    def send_messages(self, messages):
        raise ConnectionRefusedError
