"""What goes out comes back: a round trip loses nothing that we own, whatever it holds."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from integrations.pushing.likeness import same_invoice, same_payment
from integrations.quickbooks.mapping import read_record
from integrations.quickbooks.mapping.text import address, line, name, paragraph
from integrations.quickbooks.outgoing import customers, invoices, items, payments
from integrations.quickbooks.outgoing.body import decoded, encoded
from integrations.quickbooks.outgoing.invoices import OutgoingInvoice, OutgoingLine
from integrations.quickbooks.outgoing.payments import OutgoingPayment
from tests.quickbooks import samples

texts = st.text(max_size=40)
one_line = texts.map(line)
names = texts.map(name)
days = st.dates(date(2000, 1, 1), date(2100, 12, 31))
cents = st.integers(1, 10**11).map(lambda number: Decimal(number).scaleb(-2))
prices = st.integers(-(10**12), 10**12).map(lambda number: Decimal(number).scaleb(-7))
quantities = st.integers(1, 10**10).map(lambda number: Decimal(number).scaleb(-4))
ids = st.integers(1, 10**6).map(str)
people = st.fixed_dictionaries(
    {
        **dict.fromkeys(("first_name", "middle_name", "last_name", "company"), names),
        "email": st.sampled_from(["", "ada@example.com", "O'Hara+x@example.co.uk"]).map(address),
        **dict.fromkeys(("phone", "line1", "line2", "line3", "line4", "line5"), one_line),
        **dict.fromkeys(("city", "region", "postal_code", "country"), one_line),
    }
)
products = st.fixed_dictionaries(
    {
        "name": names.filter(bool),
        "sku": one_line,
        "description": texts.map(paragraph),
        "unit_price": st.none() | prices.map(abs),
        "type": st.sampled_from(["service", "noninventory"]),
        "taxable": st.booleans(),
        "active": st.just(True),
    }
)


@st.composite
def lines(draw):
    description = paragraph(draw(texts))
    if draw(st.integers(0, 4)) == 0:
        return OutgoingLine(None, description or "Words", None, None, None)
    quantity, price = draw(quantities), draw(prices)
    amount = (quantity * price).quantize(Decimal("0.01"))
    return OutgoingLine(draw(ids), description, quantity, price, amount)


@st.composite
def sent_invoices(draw):
    return OutgoingInvoice(
        customer_id=draw(ids),
        number=line(draw(texts))[:21].strip(),
        issue_date=draw(days),
        due_date=draw(days),
        currency=draw(st.sampled_from(["", "USD", "EUR"])),
        memo=paragraph(draw(texts)),
        discount=draw(st.just(Decimal(0)) | cents),
        tax_code_id=draw(st.sampled_from([None, "NON", "7"])),
        global_tax=draw(st.booleans()),
        lines=tuple(draw(st.lists(lines(), min_size=1, max_size=5))),
        line_class_id=draw(st.sampled_from(["", "3"])),
    )


def answered(entity, body, before=None):
    """The object as QuickBooks keeps a body: what it adds, and what a sparse update leaves."""
    sent = decoded(body)
    kept = {**(before or {}), **sent}
    kept |= {"Id": "7", "SyncToken": "0", "MetaData": samples.METADATA, "sparse": False}
    for number, row in enumerate(kept.get("Line", []) if entity == "Invoice" else [], start=1):
        if row["DetailType"] != "DiscountLineDetail":
            row |= {"Id": str(number), "LineNum": number}
    if entity == "Invoice":
        kept["Line"] = [row for row in kept["Line"] if "SubTotalLineDetail" not in row]
        signed = [
            -row["Amount"] if "DiscountLineDetail" in row else row.get("Amount", 0)
            for row in kept["Line"]
        ]
        total = sum(map(Decimal, signed), Decimal(0))
        subtotal = {"Amount": total, "DetailType": "SubTotalLineDetail", "SubTotalLineDetail": {}}
        kept |= {"TotalAmt": total, "Balance": total}
        kept["Line"].append(subtotal)
    if entity == "Payment":
        applied = sum((Decimal(row["Amount"]) for row in kept["Line"]), Decimal(0))
        kept["UnappliedAmt"] = Decimal(kept["TotalAmt"]) - applied
    return kept


def read(entity, kept):
    record = read_record(entity, encoded(kept))
    assert type(record).__name__ == f"{entity}Record", record
    return record


@settings(max_examples=50)
@given(people, people, st.data())
def test_r7_a_customer_comes_back_as_it_was_sent_and_as_it_was_edited(fields, edited, data):
    shown = customers.display_name(fields, with_address=data.draw(st.booleans()))
    kept = answered("Customer", customers.create(fields, display_name=shown or "X", currency=""))
    assert {key: getattr(read("Customer", kept), key) for key in fields} == fields

    changed = data.draw(st.sets(st.sampled_from(sorted(fields)), min_size=1))
    after = fields | {key: edited[key] for key in changed}
    kept = answered("Customer", customers.update("7", 0, after, changed), kept)
    assert {key: getattr(read("Customer", kept), key) for key in fields} == after
    assert kept["DisplayName"] == (shown or "X")


@given(products, st.sampled_from(["US", "GB"]))
def test_r12_an_item_comes_back_as_it_was_sent(fields, country):
    body = items.create(fields, income_account_id="79", country=country)
    record = read("Item", answered("Item", body))
    told = fields if country == "US" else {k: v for k, v in fields.items() if k != "taxable"}
    assert {"kind" if key == "type" else key for key in told} <= set(type(record).__slots__)
    assert {k: getattr(record, "kind" if k == "type" else k) for k in told} == told
    assert record.income_account_id == "79"


@given(sent_invoices())
def test_r15_an_invoice_comes_back_as_it_was_sent(invoice):
    body = invoices.create(invoice)
    record = read("Invoice", answered("Invoice", body))
    assert (record.customer_id, record.doc_number) == (invoice.customer_id, invoice.number)
    assert (record.issue_date, record.due_date) == (invoice.issue_date, invoice.due_date)
    assert (record.memo, record.discount, record.tax) == (invoice.memo, invoice.discount, 0)
    assert [
        (each.description, each.quantity, each.unit_price, each.amount) for each in record.lines
    ] == [(each.description, each.quantity, each.unit_price, each.amount) for each in invoice.lines]
    assert same_invoice(record, decoded(body))


@settings(max_examples=50)
@given(sent_invoices(), sent_invoices())
def test_r15_an_edit_keeps_what_quickbooks_holds_besides(before, after):
    kept = answered("Invoice", invoices.create(before))
    for row in kept["Line"]:
        if "SalesItemLineDetail" in row:
            row["SalesItemLineDetail"] |= {"ServiceDate": "2026-11-01", "ClassRef": {"value": "9"}}
    kept |= {"PrivateNote": "Theirs", "CustomField": [{"DefinitionId": "1"}]}
    body = invoices.update("7", 0, after, snapshot=encoded(kept).decode())
    record = read("Invoice", answered("Invoice", body, kept))
    assert [(each.description, each.amount) for each in record.lines] == [
        (each.description, each.amount) for each in after.lines
    ]
    assert (record.memo, record.discount) == (after.memo, after.discount)
    assert "PrivateNote" not in decoded(body)
    sent = [row for row in decoded(body)["Line"] if "DiscountLineDetail" not in row]
    held = [row for row in kept["Line"] if row.get("Id")]
    for ours, theirs in zip(sent, held, strict=False):
        if ours["DetailType"] == theirs["DetailType"]:
            assert ours["Id"] == theirs["Id"]
        if "SalesItemLineDetail" in ours and "SalesItemLineDetail" in theirs:
            assert ours["SalesItemLineDetail"]["ServiceDate"] == "2026-11-01"
            assert ours["SalesItemLineDetail"]["ClassRef"] == {"value": "9"}


@given(
    ids, days, st.lists(st.tuples(ids, cents), max_size=4, unique_by=lambda e: e[0]), texts, texts
)
def test_r18_a_payment_comes_back_as_it_was_sent(customer, day, applied, reference, note):
    amount = sum((each for _, each in applied), Decimal(5))
    payment = OutgoingPayment(
        customer, day, amount, "", line(reference), paragraph(note), tuple(applied)
    )
    body = payments.create(payment)
    record = read("Payment", answered("Payment", body))
    assert (record.customer_id, record.date, record.amount) == (customer, day, amount)
    assert (record.reference, record.note) == (payment.reference, payment.note)
    assert {each.invoice_id: each.amount for each in record.applied} == dict(applied)
    assert record.unapplied == 5
    assert same_payment(record, decoded(body))


@given(people)
def test_facts_4_1_a_display_name_fits_and_has_no_forbidden_sign(fields):
    for with_address in (False, True):
        shown = customers.display_name(fields, with_address=with_address)
        assert len(shown) <= customers.LONGEST_NAME
        assert not set(shown) & set(":\t\n")


def test_amounts_are_json_numbers_with_their_digits():
    body = encoded({"UnitPrice": Decimal("92.5633333"), "Amount": Decimal("100.00")})
    assert body == b'{"UnitPrice":92.5633333,"Amount":100.00}'
    assert json.loads(body)["Amount"] == 100
