"""What QuickBooks refuses: said on the record with a remedy and a button."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone
from django.utils.html import escape

from contacts.models import Contact, Invoice, InvoiceLine, Payment, Product, RecordKind
from contacts.services.contacts import update_contact
from contacts.services.invoicing import Line, update_invoice
from contacts.services.payments import record_payment, void_payment
from contacts.services.products import update_product
from integrations import attention, outbox, tasks
from integrations.attention_wording import remedy, sentence
from integrations.foresight import foreseen
from integrations.held_wording import REFUSALS, why
from integrations.models import Cause, CustomerLink, InvoiceLink, ItemLink, OutboxEntry
from integrations.record_states import states_of
from tests.factories import ContactFactory, ProductFactory
from tests.pushing.test_edits import _there, _writes
from tests.pushing.test_invoices import an_invoice, pay, send, there
from tests.pushing.test_uncertain import later
from tests.signing_in import signed_in

#: facts 2.6: what a write can be refused with, and the words that a person finds for it.
CODES = {
    "500": "refused it. Its code is 500.",
    "600": "counts it as sent already",
    "610": "is gone or inactive there",
    "620": "belong to different customers",
    "2010": "refused it. Its code is 2010.",
    "2020": "asks for something with it that is not sent from here",
    "2030": "refused it. Its code is 2030.",
    "2050": "longer than QuickBooks takes",
    "2090": "refused it. Its code is 2090.",
    "2170": "refused it. Its code is 2170.",
    "2180": "characters that QuickBooks does not take",
    "2210": "not one that QuickBooks takes",
    "2500": "is gone or inactive there",
    "6000": "a rule of the company's books",
    "6070": "refused it. Its code is 6070.",
    "6080": "it has no name",
    "6100": "does not fit the company's tax settings",
    "6140": "its number is taken there",
    "6170": "do not allow its tax",
    "6190": "subscription has ended",
    "6200": "closing date of the books",
    "6210": "closing date of the books",
    "6240": "its name is taken there",
    "6430": "not of the right type",
    "6440": "not of the right type",
    "6470": "not of the right type",
    "6540": "put into a bank deposit",
    "10000": "refused it. Its code is 10000.",
}


@pytest.fixture
def known(connected):
    connected.ada = connected.customer()
    connected.item("Consulting", "100.00")
    connected.pull()
    connected.emulator.forget_requests()
    return connected


@pytest.fixture
def client(known):
    return signed_in(known.admin)


def an_invoice_of(*lines, **fields):
    consulting = Product.objects.get(name="Consulting")
    return an_invoice(Contact.objects.get(), *(lines or [(consulting, 3, "100")]), **fields)


def refuse(world, code, path="/customer", nth=1):
    fault = (
        f'{{"Error":[{{"Message":"no","Detail":"no","code":"{code}"}}],"type":"ValidationFault"}}'
    )
    world.emulator.fail(
        method="POST",
        path=path,
        nth=nth,
        mode="status",
        status=400,
        body=f'{{"Fault":{fault}}}',
    )


def held():
    entry = OutboxEntry.objects.get()
    assert entry.state == "held"
    return entry.held_cause


def test_r23_each_code_has_a_sentence_a_remedy_and_a_button_that_sends_it_again(known, client):
    """The table of all codes: each refuses one of as many contacts, and its button is pressed."""
    assert set(REFUSALS) <= CODES.keys()
    rows = [known.customer(f"Refused {code}", f"c{code}@example.com") for code in CODES]
    known.pull()
    contacts = [Contact.objects.get(email=f"c{code}@example.com") for code in CODES]
    for number, (code, contact) in enumerate(zip(CODES, contacts, strict=True), start=1):
        refuse(known, code, nth=number)
        update_contact(contact, {"phone": code})
    known.work()

    own_page = client.get(contacts[0].get_absolute_url()).content.decode()
    assert CODES["500"] in own_page
    assert "Try again" in own_page
    page = client.get("/attention/").content.decode()
    items = {item.key: item for item in attention.open_items()}
    for (code, words), contact in zip(CODES.items(), contacts, strict=True):
        item = items[f"contact-{contact.pk}"]
        assert (code, words in sentence(item)) == (code, True)
        press = f"/attention/{item.pk}/send_again/"
        for shown in (escape(sentence(item)), escape(remedy(item)), press):
            assert (code, shown in page) == (code, True)
        client.post(press)
    known.work()

    assert [_there(known, row)["PrimaryPhone"]["FreeFormNumber"] for row in rows] == list(CODES)
    assert not attention.open_items().exists()
    assert not OutboxEntry.objects.exists()


def test_5020_is_one_item_of_the_connection_and_what_waits_goes_once_the_right_is_back(known):
    refuse(known, "5020")
    update_contact(Contact.objects.get(), {"phone": "2"})
    known.work()
    [item] = attention.open_items()
    assert (item.cause, item.key) == (Cause.LOST_RIGHTS, "")

    later(known)
    tasks.push(known.connection.pk)

    assert _there(known, known.ada)["PrimaryPhone"]["FreeFormNumber"] == "2"
    assert not attention.open_items().exists()


def test_6210_closed_books_are_told_before_sending_and_release_by_themselves(known):
    closing = {"AccountingInfoPrefs": {"BookCloseDate": "2026-11-30"}}
    known.emulator.change(known.realm, "Preferences", "1", closing)
    tasks.read_company(known.connection.pk)
    invoice = an_invoice_of()
    [sentence] = foreseen(invoice)
    assert "does not lie after the closing date of the books. Change the date" in sentence
    send(known, invoice)
    assert (held(), there(known)) == ("closed_books", [])

    opened = {"AccountingInfoPrefs": {"BookCloseDate": None}}
    known.emulator.change(known.realm, "Preferences", "1", opened)
    tasks.read_company(known.connection.pk)
    known.work()

    assert foreseen(invoice) == []
    assert InvoiceLink.objects.get().invoice == invoice
    assert not attention.open_items().exists()


def test_6190_a_lapsed_subscription_holds_and_is_looked_at_again(known):
    refuse(known, "6190", "/invoice")
    send(known, an_invoice_of())
    assert held() == "subscription_ended"

    later(known)
    known.poll()

    assert len(there(known)) == 1
    assert not OutboxEntry.objects.exists()


def test_6540_a_deposited_payment_holds_its_void_until_it_is_out_of_the_deposit(known):
    invoice = an_invoice_of()
    send(known, invoice)
    payment = pay(invoice, Decimal(120))
    send(known, payment)
    [row] = there(known, "Payment")
    known.act("Payment", row, "deposit")
    known.pull()

    void_payment(Payment.objects.get(), reason="Bounced")
    known.work()

    assert held() == "deposited"
    assert there(known)[0]["Balance"] == 180


def test_r17_taxable_products_bundles_and_inactive_ones_are_told_before_sending(known, client):
    gone = ProductFactory(name="Gone", full_name="Gone", active=False)
    bundle = ProductFactory(name="Set", full_name="Set", type="bundle", taxable=True)
    for product, words in ((gone, "“Gone” is inactive. Make it active"), (bundle, "is a bundle")):
        draft = an_invoice_of((product, 1, "10"), number="")
        Invoice.objects.filter(pk=draft.pk).update(sent_at=None)
        page = client.get(f"/invoices/{draft.pk}/send/").content.decode()
        assert "It will not go to QuickBooks as it is" in page
        assert words in page
        assert ("is taxable, and no tax is added here" in page) == product.taxable


def test_r14_a_draft_of_before_connecting_says_so_and_offers_a_copy_that_is_sent(known, client):
    draft = an_invoice_of(number="")
    before = known.connection.invoices_since_here - timedelta(seconds=1)
    Invoice.objects.filter(pk=draft.pk).update(sent_at=None, created_at=before)
    for page in (draft.get_absolute_url(), f"/invoices/{draft.pk}/send/"):
        assert "It was made before QuickBooks was connected" in client.get(page).content.decode()
    copy = f"/invoices/{draft.pk}/copy/"
    page = client.get(draft.get_absolute_url()).content.decode()
    assert page.count(f'action="{copy}"') == 2

    client.post(copy)

    copied = Invoice.objects.exclude(pk=draft.pk).get()
    assert foreseen(copied) == []
    assert "It was made before" not in client.get(copied.get_absolute_url()).content.decode()
    client.post(f"/invoices/{copied.pk}/send/", {"email": "no"})
    known.work()
    assert [row["TotalAmt"] for row in there(known)] == [300]


@pytest.mark.parametrize("custom", [True, False])
def test_r15_the_number_is_ours_or_quickbooks_and_then_both_are_shown(known, client, custom):
    numbers = {"SalesFormsPrefs": {"CustomTxnNumbers": custom}}
    known.emulator.change(known.realm, "Preferences", "1", numbers)
    tasks.read_company(known.connection.pk)
    invoice = an_invoice_of(number="NW-7")
    send(known, invoice)
    [made] = there(known)
    assert (made["DocNumber"] == "NW-7") is custom
    page = client.get(invoice.get_absolute_url()).content.decode()
    assert (f"number {made['DocNumber']} in QuickBooks" in page) is not custom
    assert "Invoice NW-7" in page


# --- names (R9) ---


def test_6240_the_holder_may_be_a_vendor_an_employee_a_sub_customer_or_inactive(known):
    add = known.emulator.add
    add(known.realm, "Vendor", {"DisplayName": "Alan Vendor"})
    add(known.realm, "Employee", {"GivenName": "Alan", "FamilyName": "Employee"})
    parent = known.customer("Works", "works@example.com")
    known.customer("Alan Sub", email="", Job=True, ParentRef={"value": parent["Id"]})
    renamed = known.customer("Alan Inactive", email="")
    known.act("Customer", renamed, "inactivate")
    # QuickBooks renames what becomes inactive; whoever renames it back holds the name again.
    known.change("Customer", renamed, DisplayName="Alan Inactive")
    for last in ("Vendor", "Employee", "Sub", "Inactive"):
        contact = ContactFactory(
            email=f"{last}@alan.example", first_name="Alan", middle_name="", last_name=last
        )
        outbox.enqueue(known.connection, "contact", contact.pk)
    known.work()

    made = {link.display_name for link in CustomerLink.objects.filter(contact__first_name="Alan")}
    assert made == {
        f"Alan {last} ({last}@alan.example)" for last in ("Vendor", "Employee", "Sub", "Inactive")
    }
    assert not OutboxEntry.objects.exists()


# --- items (R12) ---


def test_r12_a_product_is_the_item_of_its_sku_else_of_its_name_else_a_new_one(known):
    by_sku = known.emulator.add(known.realm, "Item", _item(known, "Oak", Sku="A-1"), silent=True)
    by_name = known.emulator.add(known.realm, "Item", _item(known, "Elm"), silent=True)
    products = [
        ProductFactory(name="Oak table", full_name="Oak table", sku="a-1"),
        ProductFactory(name="Elm", full_name="Elm", sku=""),
        ProductFactory(name="Ash", full_name="Ash", sku=""),
    ]

    send(known, an_invoice_of(*((product, 1, "10") for product in products)))

    ids = [ItemLink.objects.get(product=product).external_id for product in products]
    assert ids[:2] == [by_sku["Id"], by_name["Id"]]
    assert len({row["Id"] for row in there(known, "Item") if row["Name"] == "Ash"} & {ids[2]}) == 1
    assert [row["TotalAmt"] for row in there(known)] == [30]


def test_r12_a_name_that_is_another_products_is_held_with_the_question(known, client):
    product = ProductFactory(name="Consulting", full_name="Consulting: new", sku="")
    invoice = an_invoice(Contact.objects.get(), (product, 1, "10"))
    send(known, invoice)
    [item] = attention.open_items().filter(key=f"product-{product.pk}")
    assert item.facts["why"] == "name_taken"
    assert there(known) == []
    # The invoice waits for it, and its own page says for what, with the button.
    page = client.get(invoice.get_absolute_url()).content.decode()
    assert "The product is not sent to" in page
    assert product.get_absolute_url() in page
    assert f"/attention/{item.pk}/send_again/" in page


def _item(world, name, **more):
    account = {"value": world.income_account()}
    return {"Name": name, "Type": "Service", "UnitPrice": 1, "IncomeAccountRef": account, **more}


# --- numbers (R15) ---


def a_twin(world, **changes):
    """The invoice INV-1001 as somebody typed it in QuickBooks, where nobody told us."""
    consulting = ItemLink.objects.get(product__name="Consulting").external_id
    detail = {"ItemRef": {"value": consulting}, "Qty": 3, "UnitPrice": 100}
    line = {
        "DetailType": "SalesItemLineDetail",
        "Description": "Consulting",
        "Amount": 300,
        "SalesItemLineDetail": detail,
    }
    told = {
        "CustomerRef": {"value": world.ada["Id"]},
        "DocNumber": "INV-1001",
        "TxnDate": "2026-11-23",
        "Line": [line],
    }
    return world.emulator.add(world.realm, "Invoice", told | changes, silent=True)


def test_6140_the_very_same_invoice_is_linked_and_no_second_one_made(known):
    twin = a_twin(known)
    invoice = an_invoice_of()
    send(known, invoice)
    assert [(link.external_id, link.invoice) for link in InvoiceLink.objects.all()] == [
        (twin["Id"], invoice)
    ]
    assert len(there(known)) == 1
    assert not OutboxEntry.objects.exists()


def _linked_already(world):
    a_twin(world)
    world.pull()
    an_hour_ago = timezone.now() - timedelta(hours=1)
    world.change("Invoice", there(world)[0], PrivateNote="Seen")
    world.pull()
    assert InvoiceLink.objects.filter(linked_at__gte=an_hour_ago).count() == 1


def _made_before(world):
    twin = a_twin(world)
    assert twin
    since = world.connection.invoices_since + timedelta(hours=1)
    type(world.connection).objects.update(invoices_since=since)


def _of_another_customer(world):
    other = world.customer("Grace Hopper", "grace@example.com")
    a_twin(world, CustomerRef={"value": other["Id"]})


def _of_another_date(world):
    a_twin(world, TxnDate="2026-11-22")


def _with_other_lines(world):
    line = a_twin(world, DocNumber="other")["Line"][0]
    detail = line["SalesItemLineDetail"] | {"Qty": 1, "UnitPrice": 300}
    a_twin(world, Line=[line | {"SalesItemLineDetail": detail}])


def _with_another_total(world):
    line = a_twin(world, DocNumber="other")["Line"][0]
    off = {
        "Amount": 1,
        "DetailType": "DiscountLineDetail",
        "DiscountLineDetail": {"PercentBased": False},
    }
    a_twin(world, Line=[line, off])


@pytest.mark.parametrize(
    "held_by",
    [
        _linked_already,
        _made_before,
        _of_another_customer,
        _of_another_date,
        _with_other_lines,
        _with_another_total,
    ],
)
def test_6140_where_one_clause_fails_a_person_decides(known, held_by):
    held_by(known)
    before = there(known)
    invoice = an_invoice_of()

    send(known, invoice)

    assert held() == "number_taken"
    [item] = attention.open_items()
    assert item.facts["why"] == "number_taken"
    assert item.facts["txn_id"] in {row["Id"] for row in before}
    assert not InvoiceLink.objects.filter(invoice=invoice).exists()
    assert there(known) == before


# --- currency, tax, discount (R15, R17) ---


@pytest.fixture
def company(emulator, admin):
    """Opens a company elsewhere, connects it, and brings a customer and a product in."""

    def company(**features):
        from tests.engine.world import World

        world = World(emulator, admin, **features)
        world.connect()
        world.work()
        world.ada = world.customer()
        world.item("Consulting", "100.00")
        world.pull()
        return world

    return company


def test_r9_no_customer_of_the_currency_holds_until_there_is_one(company):
    world = company(multicurrency=True)
    invoice = an_invoice_of(currency="EUR")
    [sentence] = foreseen(invoice)
    assert sentence.startswith("No customer of this contact there uses its currency EUR.")
    send(world, invoice)
    assert held() == "other_currency"

    euros = world.customer("Ada Euro", "ada@example.com", CurrencyRef={"value": "EUR"})
    world.pull()
    later(world)
    world.poll()

    [made] = there(world)
    assert (made["CustomerRef"]["value"], made["CurrencyRef"]["value"]) == (euros["Id"], "EUR")
    assert not OutboxEntry.objects.exists()


@pytest.mark.parametrize("required", [False, True])
def test_r15_invoice_and_payment_go_with_several_currencies_whatever_is_asked_of_rates(
    company, required
):
    """facts 4.3, 5.21: Intuit calls ExchangeRate required, clients that leave it out do well."""
    world = company(multicurrency=True)
    world.customer("Ada Euro", "ada@example.com", CurrencyRef={"value": "EUR"})
    world.pull()
    world.emulator.switch(exchange_rate_required=required)
    send(world, an_invoice_of(currency="USD"))
    invoice = Invoice.objects.get()
    record_payment(
        invoice.contact, Decimal(300), invoice.issue_date, allocations={invoice: Decimal(300)}
    )
    world.work()
    [made] = there(world)
    assert (made["CurrencyRef"]["value"], made["ExchangeRate"], made["Balance"]) == ("USD", 1, 0)
    assert there(world, "Payment")[0]["ExchangeRate"] == 1
    update_invoice(invoice, {"memo": "Thank you"})
    world.work()
    assert there(world)[0]["CustomerMemo"]["value"] == "Thank you"
    assert not OutboxEntry.objects.exists()

    # What a euro is worth is not ours to say.
    foreign = an_invoice_of(currency="EUR", number="INV-2")
    send(world, foreign)
    assert len(there(world)) == (1 if required else 2)
    if required:
        assert held() == "rejected"
        assert "exchange rate" in why("rejected", OutboxEntry.objects.get().held_facts)


@pytest.mark.parametrize(("country", "currency"), [("GB", "GBP"), ("CA", "CAD")])
def test_r17_without_exempt_an_invoice_waits_and_leaves_by_itself_once_it_exists(
    company, country, currency
):
    world = company(country=country, currency=currency, sales_tax=True)
    invoice = an_invoice_of(currency=currency)
    [sentence] = foreseen(invoice)
    assert "no tax code named exactly Exempt" in sentence
    send(world, invoice)
    assert (held(), there(world)) == ("no_exempt_code", [])
    # Almost the name is not the name.
    world.emulator.add(world.realm, "TaxCode", {"Name": "exempt", "Active": True})
    later(world)
    world.poll()
    assert (held(), there(world)) == ("no_exempt_code", [])
    [lower] = [row for row in there(world, "TaxCode") if row["Name"] == "exempt"]
    world.change("TaxCode", lower, Name="Exempt")

    later(world)
    world.poll()

    [made] = there(world)
    codes = [
        line["SalesItemLineDetail"]["TaxCodeRef"]["value"]
        for line in made["Line"]
        if "SalesItemLineDetail" in line
    ]
    assert (codes, made["TotalAmt"]) == ([lower["Id"]], 300)
    assert not attention.open_items().exists()


def test_r17_in_the_us_lines_go_as_non_taxable_whatever_the_product_is(company):
    world = company(sales_tax=True)
    Product.objects.update(taxable=True)
    send(world, an_invoice_of())
    [made] = there(world)
    assert made["Line"][0]["SalesItemLineDetail"]["TaxCodeRef"] == {"value": "NON"}
    assert (made["TotalAmt"], made["TxnTaxDetail"]["TotalTax"]) == (300, 0)


def test_r17_outside_the_us_an_item_has_no_taxable_flag_and_nothing_waits_for_one(company):
    world = company(country="GB", currency="GBP")
    product = Product.objects.get(name="Consulting")
    world.emulator.forget_requests()
    update_product(product, {"taxable": True})
    world.work()
    assert (_writes(world), OutboxEntry.objects.count()) == ([], 0)
    assert states_of(RecordKind.PRODUCT, [product.pk])[product.pk].label == "In step"
    update_product(product, {"description": "By the hour"})
    world.work()
    assert len(_writes(world)) == 1
    product.refresh_from_db()
    assert product.taxable is True


def test_r15_another_total_is_shown_at_once(known, client):
    """Here the lines come to more than the total: a cent that somebody changed past the pages."""
    invoice = an_invoice_of()
    InvoiceLine.objects.filter(invoice=invoice).update(unit_price=Decimal(101), amount=303)

    send(known, invoice)

    [item] = attention.open_items()
    assert (item.cause, item.facts["here"], item.facts["there"]) == (
        Cause.OTHER_TOTAL,
        "300.00",
        "303",
    )
    page = client.get(invoice.get_absolute_url()).content.decode()
    assert "counts 303 for this invoice; here it came to 300.00." in page
    invoice.refresh_from_db()
    assert invoice.total == 303


def test_r15_another_total_after_an_edit_is_shown_and_goes_once_they_agree(known):
    invoice = an_invoice_of()
    send(known, invoice)
    lines = InvoiceLine.objects.filter(invoice=invoice)
    lines.update(unit_price=Decimal(101), amount=303)
    update_invoice(Invoice.objects.get(), {"memo": "As agreed"})
    known.work()
    [item] = attention.open_items()
    assert (item.cause, item.facts["there"]) == (Cause.OTHER_TOTAL, "303")

    edited = Line(lines.get().product, "Fitting", Decimal(3), Decimal("101.00"))
    update_invoice(Invoice.objects.get(), {"lines": [edited]})
    known.work()

    assert not attention.open_items().exists()
    assert Invoice.objects.get().total == there(known)[0]["TotalAmt"] == 303


def test_an_import_followed_by_an_untouched_day_pushes_nothing(known):
    from integrations.pushing import sweep

    known.emulator.generate(known.realm, customers=60, items=30)
    known.import_again()
    known.emulator.forget_requests()
    type(known.connection).objects.update(swept_at=timezone.now() - sweep.EVERY)
    known.poll()
    known.poll()
    assert _writes(known) == []
    assert not OutboxEntry.objects.exists()
