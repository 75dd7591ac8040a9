"""Each record's state in words, in one query for any number of them (R22)."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import pytest
from django.urls import reverse
from django.utils import timezone

from contacts.models import Contact, RecordKind
from integrations import attention, outbox
from integrations.models import Cause, CustomerLink, OutboxEntry
from integrations.pushing.outcome import Held
from integrations.record_panels import panel_for
from integrations.record_states import states_of
from tests.factories import ContactFactory, InvoiceFactory, PaymentFactory, ProductFactory
from tests.pages.conftest import connected
from tests.pages.records import linked_customer, linked_invoice

pytestmark = pytest.mark.django_db


def state(record, kind=RecordKind.CONTACT):
    return states_of(kind, [record.pk]).get(record.pk)


def test_in_step_with_its_link_and_company(company, settings):
    settings.QUICKBOOKS_APP_URL = "https://qbo.example/app"
    link = linked_customer(company, ContactFactory())
    found = state(link.contact)
    assert (found.label, found.tone, found.reason) == ("In step", "ok", "")
    assert found.external_id == "58"
    assert found.external_url == "https://qbo.example/app/customerdetail?nameId=58"
    assert found.company == "Bright Ideas Ltd"
    assert found.since == link.in_step_since


def test_an_edit_that_was_not_sent_is_waiting(company):
    link = linked_customer(company, ContactFactory())
    Contact.objects.filter(pk=link.contact_id).update(phone="555 0100", postal_code="94105")
    found = state(link.contact)
    assert (found.label, found.tone) == ("Waiting", "waiting")
    assert found.reason == "Edited here, not in QuickBooks yet: phone, postal code."


def test_r5_a_contact_whose_customer_may_be_another_contact_is_held(as_staff, company):
    link = linked_customer(company, ContactFactory())
    other = ContactFactory()
    facts = {"contact": link.contact_id, "other": other.pk}
    attention.open_item(company, Cause.MERGE_CONTACTS, str(link.contact_id), facts)
    found = state(link.contact)
    assert (found.label, found.tone) == ("Held", "held")
    assert found.reason.startswith("Its customer in QuickBooks has the address of another contact")
    page = as_staff.get(link.contact.get_absolute_url()).content.decode()
    assert f"/attention/{attention.open_items().get().pk}/merge/" in page
    assert str(other) in page
    attention.close_item(company, Cause.MERGE_CONTACTS, str(link.contact_id))
    assert state(link.contact).label == "In step"


def test_a_contact_is_inactive_once_all_its_customers_are(company):
    link = linked_customer(company, ContactFactory(), active=False)
    found = state(link.contact)
    assert (found.label, found.tone) == ("Inactive", "muted")
    assert "wait until it is active" in found.reason
    linked_customer(company, link.contact, "59", is_main=False)
    assert state(link.contact).label == "In step"


def test_a_field_without_a_common_base_is_not_unsent(company):
    link = linked_customer(company, ContactFactory(), apart=["phone"])
    Contact.objects.filter(pk=link.contact_id).update(phone="555 0100")
    assert state(link.contact).label == "In step"


@pytest.mark.parametrize("why", Held)
@pytest.mark.parametrize("linked", [True, False])
def test_a_held_record_says_why(company, why, linked):
    contact = ContactFactory()
    if linked:
        linked_customer(company, contact)
    outbox.enqueue(company, RecordKind.CONTACT, contact.pk)
    assert state(contact).label == "Waiting"
    OutboxEntry.objects.update(state="held", held_cause=why)
    found = state(contact)
    assert (found.label, found.tone) == ("Held", "held")
    assert found.reason.startswith("Not sent to QuickBooks: ")


@pytest.mark.parametrize(
    ("fields", "label"),
    [
        ({"frozen_at": timezone.now()}, "Not synced"),
        ({"gone_at": timezone.now()}, "Gone"),
        ({"without_email": True}, "Skipped"),
    ],
)
def test_what_stops_a_link_is_said(company, fields, label):
    found = state(linked_customer(company, ContactFactory(), **fields).contact)
    assert found.label == label
    assert found.reason


def test_r22_what_is_gone_there_is_not_linked_to(company):
    contact = ContactFactory()
    link = linked_customer(company, contact)
    assert state(contact).external_url.endswith(f"nameId={link.external_id}")
    type(link).objects.update(gone_at=timezone.now())
    assert (state(contact).label, state(contact).external_url) == ("Gone", "")


def test_r19_a_frozen_invoice_says_that_payments_stay_here_too(as_staff, company):
    before = company.invoices_since - timedelta(days=1)
    link = linked_invoice(company, frozen_at=timezone.now(), remote_created_at=before)
    found = state(link.invoice, RecordKind.INVOICE)
    assert found.label == "Frozen"
    for page in ("payments/new", "pay"):
        asked = as_staff.get(f"/invoices/{link.invoice_id}/{page}/").content.decode()
        assert "QuickBooks will not hear of this payment" in asked
    assert "a payment recorded here stays here" in found.reason


@pytest.mark.parametrize(
    ("fields", "label"),
    [
        ({"status": "reconnect_needed"}, "Waiting"),
        ({"site_url": "https://elsewhere.example"}, "Waiting"),
        ({"paused_at": timezone.now()}, "Paused"),
    ],
)
def test_what_stops_the_connection_is_said(fields, label):
    found = state(linked_customer(connected(**fields), ContactFactory()).contact)
    assert found.label == label
    assert found.reason


def test_r21_a_disconnected_companys_link_is_not_synced():
    former = connected(status="disconnected", access_token="", refresh_token="")
    found = state(linked_customer(former, ContactFactory()).contact)
    assert (found.label, found.external_id) == ("Not synced", "")
    assert found.reason == "Bright Ideas Ltd is disconnected."


def test_r21_the_company_in_use_counts_before_a_former_one(company):
    former = connected(realm="1", status="disconnected", access_token="", refresh_token="")
    contact = ContactFactory()
    linked_customer(former, contact, external_id="1")
    linked_customer(company, contact, external_id="2")
    assert state(contact).external_id == "2"


def test_the_main_customer_speaks_for_the_contact(company):
    contact = ContactFactory()
    linked_customer(company, contact, external_id="1", is_main=False)
    linked_customer(company, contact, external_id="2", is_main=True)
    assert state(contact).external_id == "2"


def test_r6_a_contact_without_an_address_is_skipped_once_connected():
    contact = ContactFactory(without_email=True)
    assert state(contact).label == "Not synced"
    connected()
    assert state(contact).label == "Skipped"


def test_an_invoice_shows_its_number_there(company):
    link = linked_invoice(company, doc_number="1037")
    found = state(link.invoice, RecordKind.INVOICE)
    assert (found.label, found.external_number) == ("In step", "1037")
    assert found.external_url.endswith("/invoice?txnId=17")


@pytest.mark.parametrize("path", ["/contacts/", "/products/", "/invoices/"])
@pytest.mark.parametrize("query", ["", "?q=x", "?sort=-newest"])
def test_a_list_with_its_states_costs_six_queries_at_most(
    as_staff, company, django_assert_max_num_queries, path, query
):
    ContactFactory(first_name="Xenia", origin="quickbooks")
    InvoiceFactory(number="X1", contact=ContactFactory(last_name="Xu"))
    ProductFactory(name="X-ray")
    as_staff.get(path)
    with django_assert_max_num_queries(6):
        assert as_staff.get(path + query).status_code == 200


@pytest.mark.parametrize(
    ("kind", "factory"),
    [
        (RecordKind.CONTACT, ContactFactory),
        (RecordKind.PRODUCT, ProductFactory),
        (RecordKind.INVOICE, InvoiceFactory),
        (RecordKind.PAYMENT, PaymentFactory),
    ],
)
def test_one_query_for_any_number(company, django_assert_num_queries, kind, factory):
    ids = [factory().pk for _ in range(12)]
    with django_assert_num_queries(1):
        assert {found.label for found in states_of(kind, ids).values()} == {"Not synced"}
    with django_assert_num_queries(0):
        assert states_of(kind, []) == {}


def panel(rf, person, record, kind=RecordKind.CONTACT):
    request = rf.get("/")
    request.user = person
    return panel_for(request, kind, record)


def test_the_panel_lists_the_customers_and_marks_the_main_one(rf, staff, company):
    contact = ContactFactory()
    main = linked_customer(company, contact, external_id="1", display_name="Main Street")
    other = linked_customer(
        company, contact, external_id="2", display_name="Side Street", is_main=False
    )
    html = panel(rf, staff, contact)
    assert html.index("Main Street") < html.index("Side Street")
    assert reverse("integrations:make_main", args=[other.pk]) in html
    assert reverse("integrations:make_main", args=[main.pk]) not in html


@pytest.mark.parametrize(
    ("made", "label"),
    [(timedelta(hours=-1), "Frozen"), (timedelta(hours=1), "Not synced"), (None, "Frozen")],
)
def test_r19_a_frozen_invoice_tells_a_reset_from_a_person(company, made, label):
    at = company.invoices_since + made if made else None
    link = linked_invoice(company, frozen_at=timezone.now(), remote_created_at=at)
    assert state(link.invoice, RecordKind.INVOICE).label == label


@pytest.mark.parametrize(
    ("contact", "offers"),
    [
        (ContactFactory, {"send_contact", "link_contact"}),
        (partial(ContactFactory, without_email=True), {"link_contact"}),
        (partial(ContactFactory, archived_at=timezone.now()), set()),
    ],
)
def test_r22_the_panel_of_an_unlinked_contact_offers_what_is_possible(
    rf, staff, company, contact, offers
):
    record = contact()
    html = panel(rf, staff, record)
    addresses = {
        name: reverse(f"integrations:{name}", args=[record.pk])
        for name in ("send_contact", "link_contact")
    }
    assert {name for name, address in addresses.items() if address in html} == offers


def test_the_panel_is_empty_without_a_connection(rf, staff, db):
    assert panel(rf, staff, ContactFactory()) == ""


@pytest.mark.parametrize("kind", [RecordKind.INVOICE])
def test_the_panel_of_an_invoice_names_its_number(rf, staff, company, kind):
    link = linked_invoice(company, doc_number="1037")
    assert "Invoice 1037" in panel(rf, staff, link.invoice, kind)


def test_r5_make_main_by_a_person(as_staff, company):
    contact = ContactFactory()
    linked_customer(company, contact, external_id="1")
    other = linked_customer(company, contact, external_id="2", is_main=False)
    address = reverse("integrations:make_main", args=[other.pk])
    assert as_staff.get(address).status_code == 405
    assert as_staff.post(address).headers["Location"] == reverse("contact", args=[contact.pk])
    assert CustomerLink.objects.get(is_main=True) == other
    as_staff.post(address)
    assert CustomerLink.objects.get(is_main=True) == other


def test_make_main_needs_a_living_link_of_the_company_in_use(as_staff, company):
    former = connected(realm="1", status="disconnected", access_token="", refresh_token="")
    contact = ContactFactory()
    of_former = linked_customer(former, contact, external_id="1", is_main=False)
    gone = linked_customer(company, contact, external_id="2", is_main=False, gone_at=timezone.now())
    for link in (of_former, gone):
        address = reverse("integrations:make_main", args=[link.pk])
        assert as_staff.post(address).status_code == 404


def held(company, record, kind, why=Held.NAME_TAKEN, **facts):
    """As the push leaves a record that QuickBooks refused."""
    outbox.enqueue(company, kind, record.pk)
    OutboxEntry.objects.update(state="held", held_cause=why)
    facts = {"kind": kind, "record": record.pk, "why": why, **facts}
    attention.open_item(company, Cause.PUSH_HELD, outbox.named(kind, record.pk), facts)


@pytest.mark.parametrize(
    ("factory", "kind"),
    [
        (ContactFactory, RecordKind.CONTACT),
        (ProductFactory, RecordKind.PRODUCT),
        (partial(InvoiceFactory, sent=True), RecordKind.INVOICE),
        (PaymentFactory, RecordKind.PAYMENT),
    ],
)
def test_r23_a_held_record_says_so_on_its_page_and_has_a_retry_button(
    as_staff, company, factory, kind
):
    record = factory()
    held(company, record, kind)
    item = attention.open_items().get()
    address = reverse("integrations:attention_act", args=[item.pk, "send_again"])

    page = as_staff.get(record.get_absolute_url()).content.decode()
    assert "its name is taken there" in page
    assert "Names are unique in QuickBooks" in page
    assert address in page

    answer = as_staff.post(address, {"next": record.get_absolute_url()})
    assert answer.headers["Location"] == record.get_absolute_url()
    assert OutboxEntry.objects.get().state == "waiting"
    page = as_staff.get(record.get_absolute_url()).content.decode()
    assert address not in page
    assert state(record, kind).label == "Waiting"


def test_r10_a_conflict_that_quickbooks_did_not_take_is_settled_on_the_record(as_staff, company):
    contact = ContactFactory(phone="555 0100")
    linked_customer(company, contact, apart=["phone"])
    facts = {"kind": "contact", "record": contact.pk, "fields": ["phone"]}
    attention.open_item(company, Cause.NOT_TAKEN, f"contact-{contact.pk}", facts)
    page = as_staff.get(contact.get_absolute_url()).content.decode()
    assert "did not take what was sent for this contact: phone." in page
    assert "Send once more" in page


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example/", "home", ""])
def test_the_way_back_from_a_record_stays_on_this_site(as_staff, company, elsewhere):
    contact = ContactFactory()
    held(company, contact, RecordKind.CONTACT)
    item = attention.open_items().get()
    address = reverse("integrations:attention_act", args=[item.pk, "send_again"])
    assert as_staff.post(address, {"next": elsewhere}).headers["Location"] == "/attention/"


def test_what_other_records_ask_is_not_shown(as_staff, company):
    one, other = ContactFactory(), ContactFactory()
    held(company, one, RecordKind.CONTACT)
    assert "taken there" not in as_staff.get(other.get_absolute_url()).content.decode()
