"""Needs attention (R23): each cause has a sentence, a remedy and buttons that work."""

from __future__ import annotations

import json

import pytest
from django.urls import reverse
from django_q.models import OrmQ

from contacts.models import Contact, Payment, Product, RecordKind
from integrations import attention, outbox
from integrations.attention_actions import ACTIONS
from integrations.attention_wording import WORDING, buttons
from integrations.held_wording import HELD
from integrations.models import Attention, Cause, CustomerLink, ItemLink, OutboxEntry, Run
from integrations.pushing.outcome import Held
from tests.factories import ContactFactory, InvoiceFactory, PaymentFactory, ProductFactory
from tests.pages.conftest import connected
from tests.pages.records import aside, import_run, linked_customer

LIST = "/attention/"
ITEM = {
    "Id": "7",
    "SyncToken": "0",
    "Name": "Pest Control",
    "FullyQualifiedName": "Pest Control",
    "Type": "Service",
    "Active": True,
    "UnitPrice": 35,
    "MetaData": {
        "CreateTime": "2026-11-20T10:00:00-08:00",
        "LastUpdatedTime": "2026-11-20T10:00:00-08:00",
    },
}


def opened(company, cause, why="already_paid"):
    """An item of this cause, as the engine opens it, with what it is about."""
    key, facts = "", {}
    if cause == Cause.MERGE_CONTACTS:
        contact, other = ContactFactory(first_name="Amy"), ContactFactory(first_name="Aimee")
        key, facts = str(contact.pk), {"contact": contact.pk, "other": other.pk, "customer": "1"}
    elif cause == Cause.PRODUCT_MATCH:
        products = [ProductFactory(name="Pest Control").pk, ProductFactory().pk]
        aside(
            company, kind="Item", external_id="7", reason="match_unclear", snapshot=json.dumps(ITEM)
        )
        key, facts = "7", {"item": "7", "name": "Pest Control", "products": products}
    elif cause == Cause.IMPORT_FAILED:
        import_run(company, done=5, status=Run.Status.FAILED)
    elif cause == Cause.RECONNECT:
        facts = {"reason": "It expired."}
    elif cause == Cause.PUSH_HELD:
        payment = PaymentFactory()
        facts = {"kind": "payment", "record": payment.pk, "why": why, "code": "6240"}
        outbox.enqueue(company, RecordKind.PAYMENT, payment.pk)
        OutboxEntry.objects.update(state="held", held_cause=why)
        OrmQ.objects.all().delete()
        key = f"payment-{payment.pk}"
    elif cause == Cause.OTHER_TOTAL:
        invoice = InvoiceFactory(sent=True)
        key = f"invoice-{invoice.pk}"
        facts = {"record": invoice.pk, "here": "100.00", "there": "100.01"}
    elif cause == Cause.NOT_TAKEN:
        contact = ContactFactory(phone="555 0100")
        linked_customer(company, contact, apart=["phone"])
        facts = {"kind": "contact", "record": contact.pk, "fields": ["phone"]}
        key = f"contact-{contact.pk}"
    elif cause == Cause.COPIED_DATABASE:
        facts = {"site_url": company.site_url}
    attention.open_item(company, cause, key, facts)
    return Attention.objects.get()


def press(client, item, action, **chosen):
    address = reverse("integrations:attention_act", args=[item.pk, action])
    return client.post(address, chosen, follow=True)


@pytest.mark.parametrize("cause", Cause)
def test_r23_every_cause_is_worded_and_has_a_button(as_admin, company, cause):
    item = opened(company, cause)
    page = as_admin.get(LIST).content.decode()
    words = WORDING[cause]
    told = words.sentence(company.company_name, item.facts)
    assert told.endswith((".", "?"))
    shown = buttons(item, admin=True)
    for text in (words.remedy(item.facts), *(button.label for button in shown)):
        assert text in page.replace("&#x27;", "'")
    assert sum(button.primary for button in shown) == 1


@pytest.mark.parametrize(
    ("cause", "action", "why"),
    [
        (cause, button.action, button.only_for or "rejected")
        for cause, words in WORDING.items()
        for button in words.buttons
        if not button.page
    ],
)
def test_r23_every_button_does_what_it_says(as_admin, company, cause, action, why):
    """The table of all buttons: pressing one settles its item, or leads to where it is settled."""
    item = opened(company, cause, why)
    chosen = {"choice": item.facts.get("other") or (item.facts.get("products") or [""])[0]}
    response = press(as_admin, item, action, **chosen)
    assert response.status_code == 200
    page = response.content.decode()
    assert "tone-success" in page
    item.refresh_from_db()
    if action == "try_again":
        # Closes itself with QuickBooks' answer.
        assert OrmQ.objects.count() == 1
    else:
        assert item.closed_at is not None
        assert "Nothing needs you" in page


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("cause", "button"),
    [(cause, each) for cause, words in WORDING.items() for each in words.buttons if each.page],
)
def test_r23_buttons_that_lead_elsewhere_lead_there(as_admin, company, emulator, cause, button):
    if cause == Cause.COPIED_DATABASE:
        company.site_url = "https://elsewhere.example"
        company.save()
    opened(company, cause)
    address = reverse(button.page)
    assert address in as_admin.get(LIST).content.decode()
    if button.asks:
        assert as_admin.get(address).status_code == 200
    else:
        assert as_admin.post(address).headers["Location"].startswith(emulator.url)


def test_every_action_is_a_button_and_the_reverse():
    offered = {
        button.action for words in WORDING.values() for button in words.buttons if not button.page
    }
    assert offered == set(ACTIONS)


def test_r5_merging_keeps_the_chosen_contact_and_all_invoices(as_staff, company):
    item = opened(company, Cause.MERGE_CONTACTS)
    goes, stays = (Contact.objects.get(pk=item.facts[name]) for name in ("contact", "other"))
    linked_customer(company, goes)
    invoice = InvoiceFactory(contact=goes)
    press(as_staff, item, "merge", choice=stays.pk)
    invoice.refresh_from_db()
    assert invoice.contact == stays
    assert not Contact.objects.filter(pk=goes.pk).exists()
    assert stays.customer_links.count() == 1


def test_r5_keeping_apart_changes_nothing(as_staff, company):
    item = opened(company, Cause.MERGE_CONTACTS)
    before = list(Contact.objects.order_by("pk").values("pk", "email", "first_name"))
    press(as_staff, item, "keep_apart")
    assert list(Contact.objects.order_by("pk").values("pk", "email", "first_name")) == before


def test_every_cause_to_hold_has_its_own_words():
    assert set(HELD) == set(Held)


@pytest.mark.parametrize("why", [*Held, "", "of a later version"])
def test_every_reason_to_hold_a_record_is_worded(as_staff, company, why):
    item = opened(company, Cause.PUSH_HELD)
    payment = Payment.objects.get()
    Attention.objects.update(facts=item.facts | {"why": why, "name": "Amy's Bird Sanctuary"})
    page = as_staff.get(LIST).content.decode()
    assert "{" not in WORDING[Cause.PUSH_HELD].sentence("Bright Ideas", {**item.facts, "why": why})
    assert payment.get_absolute_url() in page


def test_r18_sending_anyway_stays_with_the_entry(as_staff, company):
    item = opened(company, Cause.PUSH_HELD)
    press(as_staff, item, "send_anyway")
    entry = OutboxEntry.objects.get()
    assert (entry.state, entry.held_facts) == ("waiting", {"send_anyway": True})


def test_r18_sending_anyway_is_only_for_payments_that_are_there_already(as_staff, company):
    item = opened(company, Cause.PUSH_HELD)
    Attention.objects.update(facts=item.facts | {"why": "rejected"})
    assert "Send anyway" not in as_staff.get(LIST).content.decode()
    assert press(as_staff, item, "send_anyway").status_code == 403


@pytest.mark.parametrize("kind", ["invoice", "payment", "product"])
def test_the_record_in_question_is_named(as_staff, company, kind):
    factories = {"invoice": InvoiceFactory, "payment": PaymentFactory, "product": ProductFactory}
    record = factories[kind]()
    facts = {"kind": kind, "record": record.pk, "why": "rejected"}
    attention.open_item(company, Cause.PUSH_HELD, f"{kind}-{record.pk}", facts)
    assert str(record) in as_staff.get(LIST).content.decode()


def test_r15_what_was_not_taken_can_be_taken_over(as_staff, company):
    item = opened(company, Cause.NOT_TAKEN)
    press(as_staff, item, "take_theirs")
    assert Contact.objects.get().phone == ""


def test_r15_or_sent_once_more(as_staff, company):
    item = opened(company, Cause.NOT_TAKEN)
    press(as_staff, item, "send_again")
    assert OutboxEntry.objects.get().state == "waiting"
    assert CustomerLink.objects.get().apart == []


@pytest.mark.parametrize("choice", ["", "abc", "99999999", "9" * 40])
def test_merging_without_a_choice_does_nothing(as_staff, company, choice):
    item = opened(company, Cause.MERGE_CONTACTS)
    response = press(as_staff, item, "merge", choice=choice)
    assert "Choose the contact that stays" in response.content.decode()
    assert Contact.objects.count() == 2


def test_merging_with_a_contact_that_is_gone_closes_the_item(as_staff, company):
    item = opened(company, Cause.MERGE_CONTACTS)
    Contact.objects.get(pk=item.facts["contact"]).delete()
    response = press(as_staff, item, "merge", choice=item.facts["other"])
    assert "nothing to merge" in response.content.decode()
    item.refresh_from_db()
    assert item.closed_at


def test_r11_the_chosen_product_is_linked(as_staff, company):
    item = opened(company, Cause.PRODUCT_MATCH)
    press(as_staff, item, "choose_product", choice=item.facts["products"][1])
    assert ItemLink.objects.get().product_id == item.facts["products"][1]


def test_r11_none_of_them_makes_a_new_product(as_staff, company):
    item = opened(company, Cause.PRODUCT_MATCH)
    press(as_staff, item, "new_product")
    assert ItemLink.objects.get().product_id not in item.facts["products"]
    assert Product.objects.count() == 3


def test_r11_only_an_offered_product_can_be_chosen(as_staff, company):
    item = opened(company, Cause.PRODUCT_MATCH)
    stranger = ProductFactory()
    response = press(as_staff, item, "choose_product", choice=stranger.pk)
    assert "Choose one of the products" in response.content.decode()
    assert not ItemLink.objects.exists()


@pytest.mark.parametrize(
    ("cause", "action"),
    [
        (cause, button.action)
        for cause, words in WORDING.items()
        for button in words.buttons
        if button.for_admins and not button.page
    ],
)
def test_staff_can_neither_see_nor_press_what_touches_the_connection(
    as_staff, company, cause, action
):
    item = opened(company, cause)
    page = as_staff.get(LIST).content.decode()
    assert "An admin can settle this." in page
    assert reverse("integrations:attention_act", args=[item.pk, action]) not in page
    assert press(as_staff, item, action).status_code == 403
    item.refresh_from_db()
    assert item.closed_at is None
    assert not OrmQ.objects.exists()


def test_a_second_press_says_that_it_is_settled(as_staff, company):
    item = opened(company, Cause.MERGE_CONTACTS)
    press(as_staff, item, "keep_apart")
    assert "settled meanwhile" in press(as_staff, item, "keep_apart").content.decode()


@pytest.mark.parametrize("action", ["adopt", "connect", "nonsense", "import_again"])
def test_a_button_of_another_cause_is_no_button(as_admin, company, action):
    item = opened(company, Cause.MERGE_CONTACTS)
    assert press(as_admin, item, action).status_code == 404


def test_opening_twice_is_one_item_with_the_newer_facts(company):
    attention.open_item(company, Cause.RECONNECT, facts={"reason": "first"})
    attention.open_item(company, Cause.RECONNECT, facts={"reason": "second"})
    assert Attention.objects.get().facts == {"reason": "second"}
    assert attention.close_item(company, Cause.RECONNECT)
    assert not attention.close_item(company, Cause.RECONNECT)
    attention.open_item(company, Cause.RECONNECT)
    assert Attention.objects.count() == 2


def test_the_rail_counts_open_items_of_the_company_in_use(as_staff, company):
    opened(company, Cause.RECONNECT)
    assert 'aria-label="1 open"' in as_staff.get("/contacts/").content.decode()


def test_questions_of_a_disconnected_company_rest(as_staff, db):
    former = connected(status="disconnected", access_token="", refresh_token="")
    attention.open_item(former, Cause.MERGE_CONTACTS, "1", {"contact": 1, "other": 2})
    assert "Nothing needs you" in as_staff.get(LIST).content.decode()


def test_the_list_takes_as_many_queries_for_many_items(
    as_admin, company, django_assert_num_queries
):
    def open_some(number):
        for _ in range(number):
            one, two = ContactFactory(), ContactFactory()
            facts = {"contact": one.pk, "other": two.pk}
            attention.open_item(company, Cause.MERGE_CONTACTS, str(one.pk), facts)

    as_admin.get(LIST)
    open_some(1)
    with django_assert_num_queries(5):
        as_admin.get(LIST)
    open_some(30)
    with django_assert_num_queries(5):
        as_admin.get(LIST)
