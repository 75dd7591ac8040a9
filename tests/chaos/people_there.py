"""What people do in QuickBooks, and on both sides at once."""

from __future__ import annotations

from hypothesis import strategies as st

from contacts.models import Contact, Invoice, Origin, Payment
from contacts.services import payments
from integrations.models import CustomerLink, InvoiceLink, PaymentLink
from tests.chaos.acting import CONTACT, FIELD, PICK, act
from tests.chaos.people_here import LINES, PARTS, PeopleHere

VERBS = st.sampled_from(["void", "delete"])


class PeopleThere(PeopleHere):
    @act()
    def customer_there(self):
        self.count += 1
        self.world.customer(f"There{self.count} Two", f"there{self.count}@example.com")

    @act()
    def item_there(self):
        self.count += 1
        self.world.item(f"Made there {self.count}", "20.00")

    @act(pick=PICK, field=FIELD)
    def edit_customer_there(self, pick, field):
        self.type_there(self.row("Customer", pick), field)

    def type_there(self, row, field):
        if row:
            value = self.value()
            shaped = {"FreeFormNumber": value} if field == "phone" else value
            self.world.change("Customer", row, **{CONTACT[field]: shaped})
            self.typed_there["Customer", row["Id"], field] = value

    @act(pick=PICK)
    def edit_item_there(self, pick):
        row = self.row("Item", pick)
        if row:
            value = self.value()
            self.world.change("Item", row, Description=value)
            self.typed_there["Item", row["Id"], "description"] = value

    @act(pick=PICK, item=PICK, quantity=st.integers(1, 5))
    def invoice_there(self, pick, item, quantity):
        customer, item = self.row("Customer", pick), self.row("Item", item)
        if customer and item:
            self.world.invoice(customer, item, quantity=quantity)

    @act(pick=PICK)
    def edit_memo_there(self, pick):
        self.write_memo_there(self.row("Invoice", pick))

    def write_memo_there(self, row):
        if row and row["TotalAmt"]:
            value = self.value()
            self.world.change("Invoice", row, CustomerMemo={"value": value})
            self.typed_there["Invoice", row["Id"], "memo"] = value

    @act(pick=PICK, quantity=st.integers(1, 4))
    def edit_lines_there(self, pick, quantity):
        self.reline_there(self.row("Invoice", pick), quantity)

    def reline_there(self, row, quantity):
        item = self.row("Item", 0)
        if row and item and row["TotalAmt"]:
            value = self.value()
            detail = {"ItemRef": {"value": item["Id"]}, "Qty": quantity, "UnitPrice": 20}
            line = {
                "DetailType": "SalesItemLineDetail",
                "Amount": quantity * 20,
                "Description": value,
                "SalesItemLineDetail": detail,
            }
            self.world.change("Invoice", row, Line=[line])
            self.typed_there["Invoice", row["Id"], "lines"] = value

    @act(pick=PICK, part=PARTS)
    def pay_there(self, pick, part):
        self.receive_there(self.row("Invoice", pick), part)

    def receive_there(self, row, part):
        if row and row["Balance"]:
            share = 1 if part == "a third" else row["Balance"]
            total = share + 5 if part == "more" else share
            self.world.payment({"Id": row["CustomerRef"]["value"]}, (row, share), total=total)

    @act(pick=PICK)
    def pay_several_there(self, pick):
        first = self.row("Invoice", pick)
        if first:
            customer = first["CustomerRef"]["value"]
            owed = [
                (row, row["Balance"])
                for row in self.rows("Invoice").values()
                if row["Balance"] and row["CustomerRef"]["value"] == customer
            ]
            self.world.payment({"Id": customer}, *owed)

    @act(pick=PICK, verb=VERBS)
    def take_back_invoice_there(self, pick, verb):
        self.take_back("Invoice", self.row("Invoice", pick), verb)

    @act(pick=PICK, verb=VERBS)
    def take_back_payment_there(self, pick, verb):
        self.take_back("Payment", self.row("Payment", pick), verb)

    def take_back(self, kind, row, verb):
        if row and (row["TotalAmt"] or verb == "delete"):
            self.world.act(kind, row, verb)

    # --- two people at once ---

    @act(pick=PICK, field=FIELD)
    def one_field_on_both_sides(self, pick, field):
        link = self.one(CustomerLink.objects.filter(gone_at=None), pick)
        if link is not None:
            self.type_here(Contact.objects.get(pk=link.contact_id), field)
            self.type_there(self.rows("Customer").get(link.external_id), field)

    @act(pick=PICK, lines=LINES, quantity=st.integers(1, 4))
    def lines_on_both_sides(self, pick, lines, quantity):
        invoice, row = self.invoice_on_both_sides(pick, origin=Origin.CRM)
        self.reline_there(row, quantity)
        self.reline_here(invoice, lines)

    @act(pick=PICK)
    def memo_on_both_sides(self, pick):
        invoice, row = self.invoice_on_both_sides(pick, origin=Origin.CRM)
        self.write_memo_there(row)
        self.write_memo_here(invoice)

    @act(pick=PICK, part=PARTS)
    def paid_on_both_sides(self, pick, part):
        """The same money entered twice, by two people."""
        invoice, row = self.invoice_on_both_sides(pick, balance__gt=0)
        self.receive_there(row, part)
        self.receive(invoice, part)

    @act(pick=PICK, verb=VERBS)
    def payment_taken_back_on_both_sides(self, pick, verb):
        link = self.one(PaymentLink.objects.filter(gone_at=None, payment__voided_at=None), pick)
        if link is not None:
            self.take_back("Payment", self.rows("Payment").get(link.external_id), verb)
            payments.void_payment(Payment.objects.get(pk=link.payment_id))

    def invoice_on_both_sides(self, pick, **wanted):
        invoices = Invoice.objects.filter(
            voided_at=None, invoice_links__gone_at=None, invoice_links__isnull=False, **wanted
        )
        invoice = self.one(invoices, pick)
        if invoice is None:
            return None, None
        link = InvoiceLink.objects.get(invoice=invoice)
        return invoice, self.rows("Invoice").get(link.external_id)
