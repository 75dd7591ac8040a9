"""Changes arrive by themselves: add, edit, inactivate, invoice, pay, void, delete (R4, R13)."""

from __future__ import annotations

from decimal import Decimal

from contacts.models import Allocation, Contact, Invoice, Payment, Product
from integrations.models import CustomerLink, InvoiceLink, Run
from tests.engine import agreement


def test_r4_added_and_edited_customer_arrives(connected):
    ada = connected.customer()
    connected.pull()
    assert Contact.objects.get().first_name == "Ada"

    connected.change("Customer", ada, GivenName="Augusta", PrimaryPhone={"FreeFormNumber": "7"})
    connected.pull()

    contact = Contact.objects.get()
    assert (contact.first_name, contact.phone) == ("Augusta", "7")


def test_r4_cursor_is_intuits_clock_however_fast_ours_is(world):
    world.emulator.advance(-3600)
    world.connect()
    world.work()
    world.customer()
    world.pull()
    world.customer("Bea Miles", "bea@example.com")
    world.pull()

    assert Contact.objects.count() == 2


def test_r7_inactivated_customer_keeps_its_contact_and_its_name(connected):
    ada = connected.customer(CompanyName="Analytical Engines")
    connected.pull()
    connected.act("Customer", ada, "inactivate")
    connected.pull()

    contact = Contact.objects.get()
    assert (contact.name, contact.company) == ("Ada Lovelace", "Analytical Engines")
    assert contact.archived_at is None
    assert CustomerLink.objects.get().active is False


def test_r11_inactivated_item_is_marked_inactive(connected):
    item = connected.item("Consulting")
    connected.pull()
    connected.act("Item", item, "inactivate")
    connected.pull()

    product = Product.objects.get(name="Consulting")
    assert (product.name, product.active) == ("Consulting", False)


def test_r13_invoice_with_payment_void_and_deletion(connected, staff_client):
    ada, item = connected.customer(), connected.item()
    first, second = connected.invoice(ada, item), connected.invoice(ada, item, quantity=3)

    def both_sides_agree():
        store = connected.emulator.store(connected.realm)
        agreement.assert_contacts_agree(staff_client, store)
        agreement.assert_invoices_agree(staff_client, store, since={first["Id"], second["Id"]})

    connected.pull()
    both_sides_agree()
    assert set(Invoice.objects.values_list("total", flat=True)) == {Decimal(200), Decimal(300)}

    payment = connected.payment(ada, (first, 50))
    connected.pull()
    both_sides_agree()
    paid = InvoiceLink.objects.get(external_id=first["Id"]).invoice
    assert (paid.balance, paid.credited) == (Decimal(150), Decimal(0))
    assert Allocation.objects.get().amount == Decimal(50)

    connected.act("Payment", payment, "delete")
    connected.act("Invoice", second, "void")
    connected.pull()
    both_sides_agree()
    paid.refresh_from_db()
    assert paid.balance == Decimal(200)
    assert Payment.objects.get().voided_at is not None
    voided = InvoiceLink.objects.get(external_id=second["Id"]).invoice
    assert voided.voided_at is not None
    assert (voided.total, voided.balance, voided.lines.count()) == (Decimal(300), Decimal(0), 1)

    connected.act("Invoice", first, "delete")
    connected.pull()
    paid.refresh_from_db()
    assert (paid.void_note, paid.balance) == ("Deleted in QuickBooks.", Decimal(0))
    both_sides_agree()


def test_r14_invoices_from_before_connecting_never_appear(world):
    ada, item = world.customer(), world.item()
    old = world.invoice(ada, item)
    world.emulator.advance(10)
    world.connect()
    world.work()

    world.change("Invoice", old, PrivateNote="edited later")
    new = world.invoice(ada, item)
    world.pull()

    assert list(InvoiceLink.objects.values_list("external_id", flat=True)) == [new["Id"]]


def test_idle_poll_is_one_read_and_writes_no_record(connected):
    connected.customer()
    connected.pull()
    connected.emulator.forget_requests()
    before = list(Contact.objects.values())

    connected.poll()
    connected.poll()

    assert len(connected.reads()) == 2
    assert list(Contact.objects.values()) == before
    idle = Run.objects.filter(kind=Run.Kind.IDLE).latest("pk")
    assert idle.repeats >= 2


def test_r18_parked_invoice_and_its_payment_come_in_together(connected):
    nobody, item = connected.customer("No Address", email=None), connected.item()
    invoice = connected.invoice(nobody, item)
    connected.pull()
    connected.payment(nobody, (invoice, 200))
    connected.pull()
    assert not Payment.objects.exists()

    connected.change("Customer", nobody, PrimaryEmailAddr={"Address": "now@example.com"})
    connected.pull()

    assert Invoice.objects.get().balance == 0
    assert Payment.objects.get().amount == Decimal(200)
