"""Records changed on both sides; what is told of invoices and payments was a random history once
(R10, R18).
"""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.utils import timezone
from django_q.models import OrmQ

from contacts.models import Contact, FieldChange, Invoice, Payment, Product
from contacts.services import invoicing, payments
from contacts.services.contacts import update_contact
from contacts.services.invoicing import Line
from integrations import tasks
from integrations.models import InvoiceLink, PaymentLink, Reason, SetAside
from integrations.pulling import wake
from tests.chaos.sides import let_time_pass as time_passes


@pytest.fixture
def sent(connected):
    """An invoice of the CRM over 100 that is in QuickBooks."""
    connected.customer()
    connected.item("Consulting", "100.00")
    connected.pull()
    line = Line(Product.objects.get(name="Consulting"), "Advice", Decimal(1), Decimal(100))
    draft = invoicing.create_draft(Contact.objects.get(), [line], currency="USD")
    invoicing.mark_sent(draft)
    connected.work()
    return Invoice.objects.get()


def there(world, invoice):
    wanted = InvoiceLink.objects.get(invoice=invoice).external_id
    rows = world.emulator.store(world.realm)["Invoice"]
    return next(row for row in rows if row["Id"] == wanted)


def test_r10_memo_that_gives_way_to_quickbooks_stays_in_history(connected, sent):
    connected.change("Invoice", there(connected, sent), CustomerMemo={"value": "theirs"})
    invoicing.update_invoice(sent, {"memo": "ours"})
    connected.work()

    sent.refresh_from_db()
    assert sent.memo == there(connected, sent)["CustomerMemo"]["value"] == "theirs"
    assert FieldChange.objects.filter(field="memo", old="ours", new="theirs").count() == 1


def test_r10_edit_of_a_contact_that_waits_while_its_customer_changes_is_kept_and_sent(connected):
    ada = connected.customer(PrimaryPhone={"FreeFormNumber": "1"}, CompanyName="Engines")
    connected.pull()
    contact = Contact.objects.get()
    update_contact(contact, {"phone": "ours", "company": "Looms"})
    OrmQ.objects.all().delete()
    connected.change("Customer", ada, CompanyName="Mills", GivenName="Augusta")
    pull(connected)

    contact.refresh_from_db()
    assert (contact.first_name, contact.phone, contact.company) == ("Augusta", "ours", "Mills")
    lost = FieldChange.objects.get(field="company", old="Looms", new="Mills")
    assert lost.note == "Changed on both sides: QuickBooks won."

    connected.poll()
    [row] = connected.emulator.store(connected.realm)["Customer"]
    assert (row["PrimaryPhone"]["FreeFormNumber"], row["CompanyName"]) == ("ours", "Mills")


def relined_there(world, invoice, description):
    row = there(world, invoice)
    line = {**row["Line"][0], "Description": description, "Amount": 50}
    line["SalesItemLineDetail"] = {**line["SalesItemLineDetail"], "UnitPrice": 50, "Qty": 1}
    world.change("Invoice", row, Line=[line])


def test_r22_lines_that_quickbooks_replaces_stay_in_history(connected, sent):
    relined_there(connected, sent, "Advice, shortened")
    connected.work()
    pull(connected)

    assert sent.lines.get().description == "Advice, shortened"
    change = FieldChange.objects.get(field="lines", record_id=sent.pk)
    assert change.old == "1 × Advice at 100 = 100.00"
    assert change.new == "1 × Advice, shortened at 50 = 50.00"
    assert change.note == ""


def test_r10_lines_edited_on_both_sides_say_so_in_history(connected, sent):
    relined_there(connected, sent, "theirs")
    edited = Line(Product.objects.get(name="Consulting"), "ours", Decimal(2), Decimal(100))
    invoicing.update_invoice(sent, {"lines": [edited]})
    connected.work()

    assert sent.lines.get().description == "theirs"
    lost = FieldChange.objects.get(field="lines", old__contains="ours")
    assert lost.note == "Changed on both sides: QuickBooks won."


def test_r10_lines_that_quickbooks_only_reworded_bring_their_total_along(connected, sent):
    row = there(connected, sent)
    line = {**row["Line"][0], "Description": "Advice, in other words"}
    connected.change("Invoice", row, Line=[line])
    edited = Line(sent.lines.get().product, "More advice", Decimal(2), Decimal(100))
    invoicing.update_invoice(sent, {"lines": [edited]})

    connected.work()
    connected.poll()

    sent.refresh_from_db()
    assert sent.lines.get().description == "Advice, in other words"
    assert (sent.subtotal, sent.total, sent.balance) == (100, 100, 100)
    assert there(connected, sent)["TotalAmt"] == 100


def paid_here(invoice, amount):
    return payments.record_payment(
        invoice.contact, Decimal(amount), invoice.issue_date, allocations={invoice: Decimal(amount)}
    )


def owed(invoice):
    invoice.refresh_from_db()
    return invoice.balance


def test_r18_balance_of_quickbooks_comes_in_less_the_payment_on_its_way(connected, sent):
    paid_here(sent, 40)
    OrmQ.objects.all().delete()
    connected.payment({"Id": InvoiceLink.objects.get().customer_id}, (there(connected, sent), 25))
    pull(connected)
    assert owed(sent) == 35

    connected.poll()
    assert owed(sent) == there(connected, sent)["Balance"] == 35


def test_r18_payment_taken_back_before_it_was_sent_gives_back_what_it_took(connected, sent):
    payment = paid_here(sent, 100)
    connected.emulator.fail(method="POST", path="/payment", count=1, mode="reset_before")
    connected.work()
    connected.payment({"Id": InvoiceLink.objects.get().customer_id}, (there(connected, sent), 30))
    pull(connected)

    payments.void_payment(payment)
    time_passes()
    connected.poll()

    assert owed(sent) == there(connected, sent)["Balance"] == 70


def test_r18_payment_voided_here_and_deleted_there_gives_back_its_part_once(connected, sent):
    payment = paid_here(sent, 100)
    connected.work()
    connected.pull()
    connected.act("Payment", {"Id": PaymentLink.objects.get().external_id}, "delete")
    payments.void_payment(payment)
    OrmQ.objects.all().delete()
    pull(connected)
    assert owed(sent) == 100

    connected.poll()
    assert owed(sent) == there(connected, sent)["Balance"] == 100


def pull(world):
    """A pull without the push that waits."""
    wake(world.connection.pk)
    tasks.pull(world.connection.pk)


def test_r18_payment_there_on_an_invoice_whose_answer_was_lost_pays_it_here(connected, sent):
    """It came in with another invoice's share while nobody knew that the second is ours."""
    line = Line(Product.objects.get(name="Consulting"), "More advice", Decimal(1), Decimal(40))
    second = invoicing.create_draft(sent.contact, [line], currency="USD")
    connected.emulator.fail(method="POST", path="/invoice", mode="reset_after", count=1)
    invoicing.mark_sent(second)
    connected.work()
    made = connected.emulator.store(connected.realm)["Invoice"][-1]
    assert not InvoiceLink.objects.filter(invoice=second).exists()
    customer = {"Id": made["CustomerRef"]["value"]}
    connected.payment(customer, (there(connected, sent), 25), (made, 40))
    time_passes()
    pull(connected)

    for _ in range(2):
        time_passes()
        connected.poll()
    [payment] = Payment.objects.all()
    assert payment.elsewhere == 0
    assert dict(payment.allocations.values_list("invoice", "amount")) == {
        sent.pk: 25,
        second.pk: 40,
    }
    assert (owed(sent), owed(second)) == (75, 0)


def test_r18_payment_divided_otherwise_here_and_moved_there_follows_quickbooks_with_its_invoices(
    connected, sent
):
    """The second invoice has not moved in QuickBooks: only the payment tells of it."""
    line = Line(Product.objects.get(name="Consulting"), "More advice", Decimal(1), Decimal(40))
    second = invoicing.mark_sent(
        invoicing.create_draft(sent.contact, [line], currency="USD"), by=None
    )
    connected.work()
    payment = payments.record_payment(
        sent.contact, Decimal(140), sent.issue_date, allocations={sent: 100, second: 40}
    )
    connected.work()
    connected.poll()
    relined_there(connected, sent, "Less advice")
    payments.update_payment(payment, {"allocations": {sent: 50, second: 20}})
    assert owed(second) == 20

    pull(connected)

    assert dict(payment.allocations.values_list("invoice", "amount"))[second.pk] == 40
    assert owed(second) == there(connected, second)["Balance"] == 0


def test_r18_payment_there_that_waited_for_an_answer_of_ours_settles_its_invoice(connected, sent):
    """While our own create is in flight the other one might be ours, too: it is parked."""
    connected.emulator.fail(method="POST", path="/payment", mode="reset_after", count=1)
    paid_here(sent, 10)
    connected.work()
    connected.payment({"Id": InvoiceLink.objects.get().customer_id}, (there(connected, sent), 90))
    pull(connected)
    assert owed(sent) == 90

    time_passes()
    connected.poll()

    assert Payment.objects.count() == 2
    assert owed(sent) == there(connected, sent)["Balance"] == 0


def test_r18_part_that_is_linked_and_still_parked_is_taken_off_its_invoice_once(connected, sent):
    """A pull parked it in the very moment in which its own answer was settled."""
    payment = paid_here(sent, 40)
    connected.work()
    part = PaymentLink.objects.get()
    SetAside.objects.create(
        connection=connected.connection,
        kind="Payment",
        external_id=part.external_id,
        reason=Reason.CREATE_UNDER_WAY,
        sync_token=part.sync_token,
        snapshot=part.snapshot,
        since=timezone.now(),
    )
    payments.update_payment(payment, {"note": "by bank"})
    connected.change("Invoice", there(connected, sent), CustomerMemo={"value": "theirs"})

    pull(connected)
    assert owed(sent) == there(connected, sent)["Balance"] == 60

    connected.work()
    assert owed(sent) == there(connected, sent)["Balance"] == 60
    assert not SetAside.objects.exists()
