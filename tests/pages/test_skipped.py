"""Skipped (R6): every reason in words with a way out, search, filters, CSV."""

from __future__ import annotations

import csv
import io

import pytest
from django.urls import reverse
from django.utils import timezone

from contacts.models import RecordKind
from integrations import outbox
from integrations.models import Connection, OutboxEntry, Reason
from integrations.skipped_wording import wording
from tests.factories import ContactFactory, ProductFactory
from tests.pages.conftest import connected
from tests.pages.records import aside, linked_customer

LIST = "/skipped/"
KINDS = ("Customer", "Item", "Invoice", "Payment")


def page(client, address=LIST, **query):
    response = client.get(address, query)
    assert response.status_code == 200
    return response.content.decode()


def rows(client, address=LIST, **query):
    response = client.get(address, {"format": "csv", **query})
    text = b"".join(response.streaming_content).decode()
    return list(csv.DictReader(io.StringIO(text)))


@pytest.mark.parametrize(
    ("reason", "kind"),
    [
        (reason, kind)
        for reason in Reason
        for kind in KINDS
        # Only invoices and payments wait for something else.
        if not (reason.endswith("_missing") and kind in {"Customer", "Item"})
    ],
)
def test_r6_every_reason_has_a_sentence_and_a_way_out(as_staff, company, reason, kind):
    words = wording(reason, kind)
    assert words.sentence.endswith(".")
    row = aside(company, kind=kind, reason=reason, external_id="77", waits_for="58")
    shown = page(as_staff)
    assert words.sentence in shown
    assert words.label in shown
    leads_to = {
        "object": "Id=77",
        "waited_for": "Id=58",
        "attention": reverse("integrations:attention"),
        "include": reverse("integrations:include", args=[row.pk]),
    }
    assert leads_to[words.fix] in shown


@pytest.mark.parametrize(
    ("kind", "address"),
    [
        ("Customer", "/app/customerdetail?nameId=77"),
        ("Item", "/app/items?itemId=77"),
        ("Invoice", "/app/invoice?txnId=77"),
        ("Payment", "/app/recvpayment?txnId=77"),
    ],
)
def test_links_lead_into_quickbooks(as_staff, company, settings, kind, address):
    settings.QUICKBOOKS_APP_URL = "https://qbo.example/app"
    aside(company, kind=kind, external_id="77", reason="unreadable")
    assert f"https://qbo.example{address}" in page(as_staff)


def test_search_and_filters(as_staff, company):
    aside(company, external_id="1", label="Amy's Bird Sanctuary")
    aside(company, external_id="2", label="Cool Cars", reason="inactive")
    aside(company, external_id="3", label="Bird seed", kind="Item", reason="inactive")
    assert [row["name"] for row in rows(as_staff, q="bird")] == [
        "Amy's Bird Sanctuary",
        "Bird seed",
    ]
    assert [row["name"] for row in rows(as_staff, reason="inactive", kind="Item")] == ["Bird seed"]
    assert "Cool Cars" not in page(as_staff, q="bird")
    assert "Nothing matches" in page(as_staff, q="nobody")


def test_the_csv_has_its_columns_and_no_formula(as_staff, company):
    aside(company, label="=1+1", detail="Its name is odd.")
    (row,) = rows(as_staff)
    assert list(row) == [
        "kind",
        "name",
        "quickbooks_id",
        "reason",
        "explanation",
        "waits_for",
        "since",
    ]
    assert row["name"] == "'=1+1"
    assert (row["kind"], row["quickbooks_id"], row["reason"]) == ("customer", "900", "no_email")
    assert row["explanation"].endswith("Its name is odd.")


def test_what_comes_from_quickbooks_is_text_and_not_markup(as_staff, company):
    aside(company, label="<script>alert(1)</script>", detail="<b>x</b>")
    shown = page(as_staff)
    assert "<script>alert(1)" not in shown
    assert "<b>x</b>" not in shown


def test_paging_shows_each_record_once(as_staff, company):
    for number in range(120):
        aside(company, external_id=str(number), label=f"Customer {number:03}")
    seen, address = [], LIST
    while address:
        response = as_staff.get(address)
        seen += [row.label for row in response.context["page"].rows]
        following = response.context["page"].next_url
        address = f"{LIST}{following}" if following else ""
    assert len(seen) == len(set(seen)) == 120


def test_another_companys_records_are_not_listed(as_staff, company):
    former = connected(
        realm="1", status="disconnected", access_token="", refresh_token="", company_name="Old"
    )
    aside(former, label="Of the former company")
    assert "Of the former company" not in page(as_staff)


def test_r6_contacts_without_an_address_are_listed_as_not_sent(as_staff, company):
    lonely = ContactFactory(without_email=True, first_name="Lonely")
    ContactFactory()
    ContactFactory(without_email=True, archived=True, first_name="Archived")
    linked_customer(company, ContactFactory(without_email=True, first_name="Linked"))
    shown = page(as_staff, "/skipped/contacts/")
    assert "Lonely" in shown
    assert "Archived" not in shown
    assert "Linked" not in shown
    assert reverse("contact_edit", args=[lonely.pk]) in shown
    (row,) = rows(as_staff, "/skipped/contacts/")
    assert (row["id"], row["reason"]) == (str(lonely.pk), "no_email")


def test_r22_not_wanted_can_be_included_again(as_staff, company):
    row = aside(company, reason="not_wanted")
    address = reverse("integrations:include", args=[row.pk])
    assert as_staff.get(address).status_code == 405
    assert as_staff.post(address).status_code == 302


def test_only_what_was_not_wanted_can_be_included_by_hand(as_staff, company):
    row = aside(company, reason="no_email")
    assert as_staff.post(reverse("integrations:include", args=[row.pk])).status_code == 404


def test_r20_what_was_not_sent_is_listed_also_after_disconnecting(as_staff, company):
    contact, product = ContactFactory(first_name="Waits"), ProductFactory(name="Held product")
    gone = ContactFactory()
    for kind, record in (("contact", contact), ("product", product), ("contact", gone)):
        outbox.enqueue(company, RecordKind(kind), record.pk)
    OutboxEntry.objects.filter(kind="product").update(state="held", held_cause="name_taken")
    gone.delete()
    Connection.objects.update(
        status="disconnected", access_token="", refresh_token="", disconnected_at=timezone.now()
    )
    shown = page(as_staff, "/skipped/outgoing/")
    assert reverse("contact", args=[contact.pk]) in shown
    assert "its name is taken there" in shown
    assert "deleted" in shown
    found = rows(as_staff, "/skipped/outgoing/", state="held")
    assert [(row["kind"], row["name"], row["state"]) for row in found] == [
        ("product", "Held product", "held")
    ]


def test_empty_pages_say_what_will_appear(as_staff, db):
    assert "QuickBooks is not connected" in page(as_staff)
    connected()
    assert "Nothing is left out" in page(as_staff)
    assert "Nothing waits" in page(as_staff, "/skipped/outgoing/")
    assert "Every contact has an address" in page(as_staff, "/skipped/contacts/")


def test_queries_do_not_grow_with_the_list(as_staff, company, django_assert_num_queries):
    as_staff.get(LIST)
    aside(company)
    with django_assert_num_queries(5):
        as_staff.get(LIST)
    for number in range(40):
        aside(company, external_id=str(number))
    with django_assert_num_queries(5):
        as_staff.get(LIST)
