"""CRM invoices become QuickBooks invoices, exactly once (R12, R15-R18)."""

from __future__ import annotations

import datetime
from decimal import Decimal

import pytest

from contacts.models import Allocation, Contact, Invoice, InvoiceLine, Payment, Product
from contacts.signals import record_changed
from integrations.models import Connection, InvoiceLink, OutboxEntry, PaymentLink, SetAside
from tests.factories import ContactFactory, ProductFactory
from tests.pushing.test_edits import _writes


@pytest.fixture
def known(connected):
    """A linked contact and a linked product."""
    connected.customer()
    connected.item("Consulting", "100.00")
    connected.pull()
    connected.emulator.forget_requests()
    return connected


def an_invoice(contact, *lines, discount=Decimal(0), number="INV-1001", **fields):
    """A sent invoice of the CRM, as the authoring service leaves it."""
    subtotal = sum(Decimal(quantity) * Decimal(price) for _, quantity, price in lines)
    total = subtotal - discount
    invoice = Invoice.objects.create(
        contact=contact,
        number=number,
        issue_date=datetime.date(2026, 11, 23),
        due_date=datetime.date(2026, 12, 23),
        currency=fields.pop("currency", "USD"),
        subtotal=subtotal,
        discount=discount,
        total=total,
        balance=total,
        sent_at=contact.created_at,
        **fields,
    )
    for position, (product, quantity, price) in enumerate(lines, start=1):
        InvoiceLine.objects.create(
            invoice=invoice,
            position=position,
            product=product if isinstance(product, Product) else None,
            description=product if isinstance(product, str) else product.name,
            quantity=quantity,
            unit_price=price,
            amount=Decimal(quantity) * Decimal(price),
        )
    return invoice


def send(world, record, *fields):
    record_changed.send(type(record), record=record, fields=frozenset(fields), origin="crm")
    world.work()


def pay(invoice, amount):
    payment = Payment.objects.create(
        contact=invoice.contact,
        date=datetime.date(2026, 11, 23),
        amount=amount,
        currency=invoice.currency,
        reference="Cheque 7",
    )
    Allocation.objects.create(payment=payment, invoice=invoice, amount=amount)
    invoice.balance -= amount
    invoice.save(update_fields=["balance"])
    return payment


def there(world, kind="Invoice"):
    return world.emulator.store(world.realm).get(kind, [])


def test_r15_known_customer_and_item_cost_one_write_and_no_read(known):
    invoice = an_invoice(Contact.objects.get(), (Product.objects.get(name="Consulting"), 3, "100"))

    send(known, invoice, "sent_at")

    assert (len(_writes(known)), len(known.reads())) == (1, 0)
    [sent] = there(known)
    assert (sent["TotalAmt"], sent["Balance"], sent["DocNumber"]) == (300, 300, "INV-1001")
    assert sent.get("EmailStatus", "NotSet") == "NotSet"
    link = InvoiceLink.objects.get()
    assert (link.external_id, link.invoice) == (sent["Id"], invoice)
    assert not OutboxEntry.objects.exists()


def test_r15_one_more_write_if_paid(known):
    invoice = an_invoice(Contact.objects.get(), (Product.objects.get(name="Consulting"), 3, "100"))
    send(known, invoice, "sent_at")
    known.emulator.forget_requests()

    send(known, pay(invoice, Decimal(120)), "created")

    assert (len(_writes(known)), len(known.reads())) == (1, 0)
    assert there(known)[0]["Balance"] == 180
    known.pull()
    invoice.refresh_from_db()
    assert (invoice.balance, invoice.credited) == (Decimal(180), Decimal(0))
    assert Payment.objects.count() == 1
    assert PaymentLink.objects.get().payment == Payment.objects.get()


def test_r15_new_customer_and_two_new_products_cost_the_least_possible(connected):
    connected.pull()
    connected.emulator.forget_requests()
    contact = ContactFactory(email="new@example.com")
    one, two = (
        ProductFactory(name="One", full_name="One", sku=""),
        ProductFactory(name="Two", full_name="Two", sku=""),
    )

    send(connected, an_invoice(contact, (one, 1, "10"), (two, 2, "20.50")), "sent_at")

    # The address is looked up; customer, two items, invoice are written.
    assert (len(_writes(connected)), len(connected.reads())) == (4, 1)
    assert there(connected)[0]["TotalAmt"] == 51
    connected.pull()
    assert (Contact.objects.count(), Invoice.objects.count()) == (1, 1)
    assert Product.objects.filter(name__in=["One", "Two"]).count() == 2


def test_r16_own_webhook_arriving_first_makes_no_second_invoice(known):
    invoice = an_invoice(Contact.objects.get(), (Product.objects.get(name="Consulting"), 1, "100"))
    known.emulator.fail(method="POST", path="/invoice", count=1, mode="reset_after")

    send(known, invoice, "sent_at")
    assert OutboxEntry.objects.get().state == OutboxEntry.State.IN_FLIGHT
    _back_to_work(known)
    known.pull()

    assert Invoice.objects.count() == 1
    assert len(there(known)) == 1
    assert InvoiceLink.objects.get().invoice == invoice
    assert not OutboxEntry.objects.exists()


def test_r16_own_webhook_arriving_first_makes_no_second_payment(known):
    """Nothing on a payment says that it is ours: it is parked until its write has settled."""
    invoice = an_invoice(Contact.objects.get(), (Product.objects.get(name="Consulting"), 3, "100"))
    send(known, invoice, "sent_at")
    known.emulator.fail(method="POST", path="/payment", count=1, mode="reset_after")

    send(known, pay(invoice, Decimal(120)), "created")
    Connection.objects.update(back_off_until=None)
    known.pull()
    assert [row.kind for row in SetAside.objects.all()] == ["Payment"]
    assert not PaymentLink.objects.exists()
    _back_to_work(known)
    known.pull()

    assert PaymentLink.objects.get().payment == Payment.objects.get()
    assert [row["TotalAmt"] for row in there(known, "Payment")] == [120]
    invoice.refresh_from_db()
    assert invoice.balance == 180


def test_r15_edit_and_void_follow(known):
    consulting = Product.objects.get(name="Consulting")
    invoice = an_invoice(Contact.objects.get(), (consulting, 3, "100"))
    send(known, invoice, "sent_at")
    line = invoice.lines.get()
    line.quantity, line.amount = Decimal(4), Decimal(400)
    line.save()
    Invoice.objects.filter(pk=invoice.pk).update(subtotal=400, total=400, balance=400)
    invoice.refresh_from_db()

    send(known, invoice, "lines")
    assert there(known)[0]["TotalAmt"] == 400

    invoice.voided_at, invoice.balance = invoice.sent_at, Decimal(0)
    invoice.save()
    send(known, invoice, "voided_at")
    assert there(known)[0]["PrivateNote"].startswith("Voided")
    known.pull()
    invoice.refresh_from_db()
    assert (invoice.total, invoice.balance, invoice.lines.count()) == (400, 0, 1)


def test_r15_discount_and_free_text_lines_come_to_the_same_total(known):
    contact, consulting = Contact.objects.get(), Product.objects.get(name="Consulting")
    invoice = an_invoice(
        contact, (consulting, 2, "33.33"), ("Travel", 1, "12.34"), discount=Decimal("9.00")
    )

    send(known, invoice, "sent_at")

    [sent] = there(known)
    assert Decimal(str(sent["TotalAmt"])) == invoice.total == Decimal("70.00")
    assert not OutboxEntry.objects.exists()


def test_r18_two_invoices_of_two_customers_are_paid_by_one_payment_each(known):
    contact = Contact.objects.get()
    second = known.customer("Ada Second", "ada@example.com")
    known.pull()
    consulting = Product.objects.get(name="Consulting")
    ours = an_invoice(contact, (consulting, 1, "100"))
    send(known, ours, "sent_at")
    known.invoice(second, {"Id": consulting.item_links.get().external_id}, quantity=1)
    known.pull()
    theirs = Invoice.objects.exclude(pk=ours.pk).get()
    payment = pay(ours, Decimal(100))
    Allocation.objects.create(payment=payment, invoice=theirs, amount=Decimal(40))
    Payment.objects.filter(pk=payment.pk).update(amount=140)

    send(known, payment, "created")
    known.pull()

    amounts = sorted(row["TotalAmt"] for row in there(known, "Payment"))
    assert amounts == [40, 100]
    assert Payment.objects.count() == 1
    assert PaymentLink.objects.filter(payment=payment).count() == 2


@pytest.mark.parametrize(("exempt", "state"), [(True, None), (False, "held")])
def test_r17_outside_the_us_every_line_goes_as_exempt_or_the_invoice_is_held(
    emulator, admin, exempt, state
):
    from tests.engine.world import World

    world = World(emulator, admin, country="GB", currency="GBP", sales_tax=True, exempt=exempt)
    world.connect()
    world.work()
    world.customer()
    world.item("Consulting", "100.00")
    world.pull()
    consulting = Product.objects.get(name="Consulting")

    send(world, an_invoice(Contact.objects.get(), (consulting, 1, "100"), currency="GBP"))

    if state is None:
        assert there(world)[0]["TotalAmt"] == 100
        assert not OutboxEntry.objects.exists()
    else:
        entry = OutboxEntry.objects.get()
        assert (entry.state, entry.held_cause) == ("held", "no_exempt_code")
        assert there(world) == []


def _back_to_work(world):
    OutboxEntry.objects.update(
        not_before=world.connection.connected_at, claimed_until=world.connection.connected_at
    )
    type(world.connection).objects.update(back_off_until=None)
    from integrations import tasks

    tasks.push(world.connection.pk)


def test_r15_discount_changed_in_quickbooks_leaves_no_stale_percentage(known):
    contact, consulting = Contact.objects.get(), Product.objects.get(name="Consulting")
    invoice = an_invoice(
        contact,
        (consulting, 1, "100"),
        discount=Decimal("10.00"),
        discount_percent=Decimal(10),
    )
    send(known, invoice, "sent_at")
    [sent] = there(known)
    lines = [each for each in sent["Line"] if each["DetailType"] != "SubTotalLineDetail"]
    for each in lines:
        if each["DetailType"] == "DiscountLineDetail":
            each["Amount"] = 25
    known.change("Invoice", sent, Line=lines)
    known.pull()

    invoice.refresh_from_db()
    assert (invoice.discount, invoice.discount_percent) == (Decimal(25), None)
    assert invoice.total == Decimal(75)
