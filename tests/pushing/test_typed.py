"""Nothing that a person can type into our forms is refused for its keys or lengths (2010, 2050)."""

from __future__ import annotations

import datetime
import json
import uuid
from decimal import Decimal

import pytest
import requests
from django.core.exceptions import ValidationError
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from contacts.forms.contacts import ContactForm
from contacts.forms.invoice_lines import LineForm
from contacts.forms.invoices import InvoiceForm
from contacts.forms.payments import PaymentForm
from contacts.forms.products import ProductForm
from contacts.services.invoicing import AmountsError, totals_of
from integrations.quickbooks.outgoing import customers, invoices, items, payments
from integrations.quickbooks.outgoing.invoices import OutgoingInvoice, OutgoingLine
from integrations.quickbooks.outgoing.payments import OutgoingPayment

DAY = datetime.date(2026, 11, 23)
#: A batch takes thirty bodies (facts 2.5): few requests for many bodies.
BATCH = 30
#: The only refusal that typing may earn: a name that is taken.
EXPECTED = {"6240"}

signs = "aé漢😀 \t\n\r:\"'<>&,;@\\%()\u00a0\u200b\x00\x07\ud7ff"


def typed(longest):
    """Short texts, and ones about as long as the field takes."""
    short = st.text(signs, max_size=12)
    beginnings = st.text(signs, min_size=1, max_size=6)
    lengths = st.sampled_from([longest - 1, longest, longest + 1])
    long = st.builds(lambda t, n: (t * (n // len(t) + 1))[:n], beginnings, lengths)
    return short | long


def filled(form, **more):
    """Everything a person may send for the form's fields, at about their lengths."""
    return st.fixed_dictionaries(
        {name: typed(_longest(field)) for name, field in form.base_fields.items()} | more
    )


def fullest(form, **more):
    """The longest that every field takes."""
    fields = form.base_fields.items()
    return {name: "é" * _longest(field) for name, field in fields} | more


def _longest(field):
    return next((each.longest for each in field.validators if hasattr(each, "longest")), 20)


figures = st.sampled_from(["", "1", "0.0000001", "9999999", "1,234.5", "-3", "99999999999", "1.5"])
contacts = filled(
    ContactForm,
    email=st.sampled_from(["", "a@b.example", f"{'x' * 60}@{'y' * 30}.example", "two@a.b, c@d.e"]),
)
products = filled(
    ProductForm,
    type=st.sampled_from(["service", "noninventory"]),
    unit_price=figures,
    taxable=st.sampled_from(["", "on"]),
    active=st.just("on"),
)
lines = st.fixed_dictionaries(
    {
        "item": st.just(""),
        "description": typed(4000),
        "quantity": figures,
        "unit_price": figures,
    }
)
headers = st.fixed_dictionaries({"memo": typed(1000), "lines": st.lists(lines, max_size=3)})
received = st.fixed_dictionaries({"reference": typed(21), "note": typed(3900)})

few = settings(
    max_examples=3,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture
def batch(connected):
    """Sends bodies of one kind, as many as fit into a request; returns what is refused."""
    url = f"{connected.emulator.url}/v3/company/{connected.realm}/batch"
    headers = {
        "Authorization": f"Bearer {connected.connection.access_token}",
        "Accept": "application/json",
    }
    connected.customer()

    def refused(entity, bodies):
        assert bodies
        faults = set()
        for start in range(0, len(bodies), BATCH):
            asked = [
                {"bId": str(number), "operation": "create", entity: json.loads(body)}
                for number, body in enumerate(bodies[start : start + BATCH])
            ]
            answer = requests.post(
                url, json={"BatchItemRequest": asked}, headers=headers, timeout=30
            ).json()
            for each in answer["BatchItemResponse"]:
                for error in each.get("Fault", {}).get("Error", []):
                    faults.add((error["code"], error["Detail"][:90]))
        return {each for each in faults if each[0] not in EXPECTED}

    return refused


def test_what_is_refused_is_seen(batch):
    body = customers.create({}, display_name="é" * 501, currency="")
    [(code, _)] = batch("Customer", [body])
    assert code == "2050"


@few
@given(st.lists(contacts, min_size=40, max_size=40))
def test_no_contact_is_refused(batch, typed_in):
    # All address lines together have a limit of their own.
    longest = fullest(ContactForm, email=f"{'x' * 60}@{'y' * 30}.example", line5="")
    forms = [ContactForm(values) for values in [longest, *typed_in]]
    saved = [form.cleaned_data for form in forms if form.is_valid()]
    bodies = [
        customers.create(
            fields, display_name=customers.display_name(fields, with_address=longer), currency=""
        )
        for fields in saved
        for longer in (False, True)
        if fields["email"]
    ]
    assert batch("Customer", bodies) == set()


@few
@given(st.lists(products, min_size=40, max_size=40))
def test_no_product_is_refused(batch, typed_in):
    longest = fullest(ProductForm, type="service", unit_price="99999999999", taxable="on")
    forms = [ProductForm(values) for values in [longest, *typed_in]]
    saved = [form.cleaned_data for form in forms if form.is_valid()]
    bodies = [items.create(fields, income_account_id="1", country="US") for fields in saved]
    assert batch("Item", bodies) == set()


@few
@given(st.lists(headers, min_size=30, max_size=30))
def test_no_invoice_is_refused(batch, typed_in):
    memo = InvoiceForm.base_fields["memo"]
    bodies = []
    row = {"item": "", "description": "é" * 4000, "quantity": "9999999", "unit_price": "999"}
    longest = {"memo": "é" * 1000, "lines": [row]}
    for number, values in enumerate([longest, *typed_in]):
        try:
            read = [_line(row) for row in values["lines"]]
            said = memo.clean(values["memo"])
            totals_of([line.amount for line in read])
        except (ValidationError, AmountsError):
            continue
        if any(line.amount is not None for line in read):
            bodies.append(invoices.create(_invoice(number, said, read)))
    assert batch("Invoice", bodies) == set()


@few
@given(st.lists(received, min_size=30, max_size=30))
def test_no_payment_is_refused(batch, typed_in):
    reference, note = (PaymentForm.base_fields[name] for name in ("reference", "note"))
    bodies = []
    for values in [{"reference": "é" * 21, "note": "é" * 3900}, *typed_in]:
        try:
            texts = reference.clean(values["reference"]), note.clean(values["note"])
        except ValidationError:
            continue
        bodies.append(payments.create(OutgoingPayment("1", DAY, Decimal(5), "", *texts, ())))
    assert batch("Payment", bodies) == set()


def _line(row):
    """The line as the page reads it. Raises ValidationError for what it refuses."""
    form = LineForm(row, 0, bound=True)
    line = form.read({}, own_prices=True) if form.is_valid() else None
    if line is None:
        raise ValidationError("refused")
    return line


def _invoice(number, memo, lines):
    return OutgoingInvoice(
        customer_id="1",
        number=f"N-{uuid.uuid4().hex[:12]}-{number}",
        issue_date=DAY,
        due_date=None,
        currency="",
        memo=memo,
        discount=Decimal(0),
        tax_code_id="NON",
        global_tax=False,
        lines=tuple(
            OutgoingLine("1", line.description, line.quantity, line.unit_price, line.amount)
            for line in lines
        ),
    )
