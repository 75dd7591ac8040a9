"""One compact story of both sides, told to see whether they are equal in the end."""

from __future__ import annotations

from decimal import Decimal

from django.test import Client

from contacts.models import Contact, Invoice, Payment, Product
from contacts.services import invoicing, payments
from contacts.services.contacts import update_contact
from contacts.services.invoicing import Line
from contacts.services.products import update_product
from integrations.models import Attention, Cause, OutboxEntry, Run
from tests.engine import agreement
from tests.engine.test_payments import assert_adds_up
from tests.factories import ContactFactory
from tests.signing_in import sign_in


class Story:
    """People act on both sides; `sync` lets Intuit's events in, polls, and lets the worker work."""

    def __init__(self, world, receiver):
        self.world = world
        self.receiver = receiver
        self.web = Client()
        self.ada = world.customer(
            PrimaryPhone={"FreeFormNumber": "555-0100"},
            BillAddr={"Line1": "1 Oak Street", "City": "Salem", "CountrySubDivisionCode": "OR"},
        )
        self.bea = world.customer("Bea Miles", "ada@example.com")
        self.item = world.item(Sku="C-1", Taxable=True)
        self.old_item = world.item("Counsel", Sku="C-0")
        self.emulator = world.emulator

    def tell(self):
        self.world.connect()
        self.world.work()
        self.emulator.send_webhooks_to(self.receiver.url)
        self.change()
        self.invoice()
        self.pay()
        self.take_back()
        self.merge()
        self.come_and_go()
        self.a_day_later()

    def sync(self):
        self.emulator.flush_webhooks()
        while self.receiver.deliveries:
            headers, body = self.receiver.deliveries.pop(0)
            answer = self.web.post(
                "/webhooks/quickbooks/",
                body,
                content_type=headers["content-type"],
                headers={"intuit-signature": headers["intuit-signature"]},
            )
            assert answer.status_code == 200
        # The minute's poll: events may be on their way still.
        self.world.pull()

    def change(self):
        self.world.change("Customer", self.ada, CompanyName="Engines Ltd")
        self.world.change("Item", self.item, UnitPrice=120.5)
        self.sync()
        contact = Contact.objects.get(email="ada@example.com")
        update_contact(contact, {"last_name": "King", "phone": ""})
        update_product(Product.objects.get(sku="C-1"), {"description": "Advice by the hour"})
        self.sync()
        # facts 7.14: what QuickBooks did not clear is shown (R15), and a person clears it there.
        asked = Attention.objects.filter(closed_at=None, cause=Cause.NOT_TAKEN)
        cleared = "PrimaryPhone" not in self.stored("Customer", self.ada)
        assert asked.count() == (0 if cleared else 1)
        self.world.change("Customer", self.ada, PrimaryPhone=None)
        self.sync()

    def invoice(self):
        self.theirs = self.world.invoice(self.ada, self.item, quantity=3, price=33.33)
        self.bills = [self.world.invoice(self.bea, self.item) for _ in range(2)]
        self.world.invoice(self.bea, self.old_item, price=10)
        self.emulator.add(self.world.realm, "Vendor", {"DisplayName": "Cy Young"})
        cy = ContactFactory(first_name="Cy", last_name="Young", email="cy@example.com")
        product = Product.objects.get(sku="C-1")
        self.ours = [
            invoicing.create_draft(
                cy, [Line(product, "Advice", quantity, Decimal("19.99"))], currency="USD"
            )
            for quantity in (Decimal(1), Decimal(2))
        ]
        for draft in self.ours:
            invoicing.mark_sent(draft)
        self.sync()

    def pay(self):
        self.world.payment(self.ada, (self.theirs, 50))
        self.paid = self.world.payment(self.bea, (self.bills[0], 200), total=210)
        self.cheques = [
            payments.record_payment(
                invoice.contact, Decimal(5), invoice.issue_date, allocations={invoice: 5}
            )
            for invoice in Invoice.objects.filter(contact__email="cy@example.com")
        ]
        self.sync()

    def take_back(self):
        payments.void_payment(Payment.objects.get(pk=self.cheques[0].pk))
        self.sync()
        invoicing.void_invoice(Invoice.objects.get(pk=self.ours[1].pk), with_payments=True)
        self.world.act("Invoice", self.bills[1], "delete")
        self.world.act("Payment", self.paid, "void")
        self.sync()
        self.world.act("Invoice", self.bills[0], "void")
        self.sync()

    def merge(self):
        self.world.act("Customer", self.bea, "merge", into=self.ada["Id"])
        self.world.act("Item", self.old_item, "merge", into=self.item["Id"])
        self.sync()

    def come_and_go(self):
        twice = [self.world.customer("Dan Twice", "dan@example.com")]
        self.world.act("Customer", twice[0], "inactivate")
        twice.append(self.world.customer("Dan Twice", "dan@example.com"))
        self.sync()
        self.world.act("Customer", twice[1], "inactivate")
        self.sync()
        self.world.act("Customer", twice[1], "reactivate")
        self.sync()

    def a_day_later(self):
        for _ in range(2):
            self.emulator.advance(25 * 3600)
            self.world.change("Customer", self.ada, CompanyName="Engines & Sons")
            self.sync()
        self.emulator.advance(400)
        self.sync()

    def stored(self, kind, row):
        rows = self.emulator.store(self.world.realm)[kind]
        return next(each for each in rows if each["Id"] == row["Id"])

    def judge(self):
        """Raises AssertionError where the sides differ, or where somebody is asked or waits."""
        sign_in(self.web, self.world.admin)
        store = self.emulator.store(self.world.realm)
        agreement.assert_contacts_agree(self.web, store, known={self.ada["Id"], self.bea["Id"]})
        agreement.assert_products_agree(self.web, store)
        seen = {each["Id"] for each in [*store["Invoice"], self.bills[1]]}
        agreement.assert_invoices_agree(self.web, store, since=seen)
        agreement.assert_lines_agree(self.web, store, since=seen)
        assert_adds_up()
        assert not OutboxEntry.objects.exists()
        assert not Attention.objects.filter(closed_at=None).exists()
        assert not Run.objects.filter(status__in=["running", "failed"]).exists()
