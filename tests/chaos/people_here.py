"""What people do in the CRM."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import strategies as st

from contacts.models import Contact, Invoice, Origin, Payment, Product
from contacts.services import invoicing, payments
from contacts.services.contacts import update_contact
from contacts.services.invoicing import Line
from contacts.services.products import update_product
from integrations import attention_actions
from integrations.models import Attention, Cause
from integrations.pulling.by_hand import NotPossible
from tests.chaos.acting import FIELD, MAYBE, PICK, Acting, act
from tests.factories import ContactFactory, ProductFactory

#: Quantities and prices; a line without a product goes as the fallback product.
LINES = st.lists(
    st.tuples(MAYBE, st.integers(1, 4), st.sampled_from(["12.50", "7.35", "100"])),
    min_size=1,
    max_size=3,
)
PARTS = st.sampled_from(["all", "a third", "more"])


class PeopleHere(Acting):
    @act()
    def contact_here(self):
        self.count += 1
        ContactFactory(
            email=f"here{self.count}@example.com", first_name=f"Here{self.count}", last_name="One"
        )

    @act()
    def product_here(self):
        self.count += 1
        name = f"Made here {self.count}"
        ProductFactory(name=name, full_name=name, sku=f"H-{self.count}")

    @act(pick=PICK, field=FIELD)
    def edit_contact_here(self, pick, field):
        self.type_here(self.one(Contact.objects, pick), field)

    def type_here(self, contact, field):
        if contact is not None:
            value = self.value()
            update_contact(contact, {field: value})
            self.typed_here["Customer", contact.pk, field] = value

    @act(pick=PICK)
    def edit_product_here(self, pick):
        product = self.one(Product.objects, pick)
        if product is not None:
            value = self.value()
            update_product(product, {"description": value})
            self.typed_here["Item", product.pk, "description"] = value

    @act(pick=PICK, lines=LINES)
    def invoice_here(self, pick, lines):
        contact = self.one(Contact.objects, pick)
        if contact is not None:
            draft = invoicing.create_draft(contact, self.lines(lines), currency="USD")
            invoicing.mark_sent(draft)

    @act(pick=PICK, lines=LINES)
    def edit_lines_here(self, pick, lines):
        self.reline_here(self.one(self.editable(), pick), lines)

    def reline_here(self, invoice, lines):
        if invoice is not None:
            lines = self.lines(lines)
            invoicing.update_invoice(invoice, {"lines": lines})
            self.typed_here["Invoice", invoice.pk, "lines"] = lines[0].description

    @act(pick=PICK)
    def edit_memo_here(self, pick):
        self.write_memo_here(self.one(self.editable(), pick))

    def write_memo_here(self, invoice):
        if invoice is not None:
            value = self.value()
            invoicing.update_invoice(invoice, {"memo": value})
            self.typed_here["Invoice", invoice.pk, "memo"] = value

    @act(pick=PICK, part=PARTS)
    def pay_here(self, pick, part):
        self.receive(self.one(self.open(), pick), part)

    def receive(self, invoice, part):
        """`more` is what nobody owes: it stays as a credit."""
        if invoice is not None:
            balance = invoice.balance
            share = min(max(balance // 3, Decimal(1)), balance) if part == "a third" else balance
            amount = share + 5 if part == "more" else share
            payments.record_payment(
                invoice.contact, amount, invoice.issue_date, allocations={invoice: share}
            )

    @act(pick=PICK, part=PARTS)
    def pay_several_here(self, pick, part):
        first = self.one(self.open(), pick)
        if first is not None:
            owed = self.open().filter(contact=first.contact_id, currency=first.currency)
            shares = {e: e.balance if part != "a third" else e.balance / 2 for e in owed}
            shares = {e: share.quantize(Decimal("0.01")) for e, share in shares.items()}
            amount = sum(shares.values()) + (5 if part == "more" else 0)
            payments.record_payment(first.contact, amount, first.issue_date, allocations=shares)

    @act(pick=PICK)
    def edit_payment_here(self, pick):
        payment = self.one(Payment.objects.filter(voided_at=None), pick)
        if payment is not None:
            payments.update_payment(payment, {"reference": self.value()})

    @act(pick=PICK)
    def divide_payment_otherwise_here(self, pick):
        """Half of each part; the rest becomes a credit."""
        payment = self.one(Payment.objects.filter(voided_at=None), pick)
        if payment is not None:
            shares = {
                each.invoice: (each.amount / 2).quantize(Decimal("0.01"))
                for each in payment.allocations.select_related("invoice")
            }
            payments.update_payment(payment, {"allocations": shares})

    @act(pick=PICK)
    def void_payment_here(self, pick):
        payment = self.one(Payment.objects.filter(voided_at=None), pick)
        if payment is not None:
            payments.void_payment(payment)

    @act(pick=PICK, with_payments=MAYBE)
    def void_invoice_here(self, pick, with_payments):
        invoice = self.one(self.editable(), pick)
        if invoice is not None:
            invoicing.void_invoice(invoice, with_payments=with_payments)

    @act(pick=PICK, action=st.sampled_from(["use_theirs", "send_anyway"]))
    def answer_already_paid(self, pick, action):
        items = Attention.objects.filter(
            closed_at=None, cause=Cause.PUSH_HELD, facts__why="already_paid"
        )
        item = self.one(items, pick)
        if item is not None:
            try:
                getattr(attention_actions, action)(item, self.world.admin, {})
            except NotPossible:
                return

    # --- choosing ---

    def editable(self):
        return Invoice.objects.filter(origin=Origin.CRM, sent_at__isnull=False, voided_at=None)

    def open(self):
        return Invoice.objects.filter(sent_at__isnull=False, voided_at=None, balance__gt=0)

    def lines(self, drawn):
        product = Product.objects.order_by("pk").first()
        return [
            Line(product if known else None, self.value(), Decimal(quantity), Decimal(price))
            for known, quantity, price in drawn
        ]
