"""The summary of a run as CSV (R3): created, updated with every value replaced, skipped and why."""

from __future__ import annotations

import csv
import io

from django.urls import reverse
from django.utils import timezone

from contacts.models import FieldChange
from integrations.models import Run
from tests.factories import ContactFactory
from tests.pages.records import aside, import_run


def change(record, run, field, old="", new="", note=""):
    FieldChange.objects.create(
        kind="contact",
        record_id=record.pk,
        field=field,
        old=old,
        new=new,
        side="quickbooks",
        at=timezone.now(),
        run=run.pk,
        note=note,
    )


def rows(client, run):
    response = client.get(reverse("integrations:run_csv", args=[run.pk]))
    assert response.streaming
    assert response["Content-Disposition"].startswith('attachment; filename="import-')
    text = b"".join(response.streaming_content).decode()
    return list(csv.DictReader(io.StringIO(text)))


def test_r3_created_updated_and_skipped(as_staff, company):
    run = import_run(company, done=3, status=Run.Status.DONE)
    made, kept = ContactFactory(last_name="New"), ContactFactory(last_name="Known")
    change(made, run, "created", note="Imported from QuickBooks")
    change(kept, run, "phone", "555 0100", "555 0199")
    change(kept, run, "city", "Bayshore", "=cmd()")
    aside(company, label="Cool Cars", run=run.pk, detail="It has never had one.")
    aside(company, external_id="1", label="Of another run", run=run.pk + 1)

    created, phone, city, skipped = rows(as_staff, run)
    assert (created["result"], created["id"], created["name"]) == (
        "created",
        str(made.pk),
        str(made),
    )
    assert (phone["result"], phone["field"], phone["old"], phone["new"]) == (
        "updated",
        "phone",
        "555 0100",
        "555 0199",
    )
    assert city["new"] == "'=cmd()"
    assert (skipped["result"], skipped["name"], skipped["quickbooks_id"]) == (
        "skipped",
        "Cool Cars",
        "900",
    )
    assert skipped["note"] == "No email address. It has never had one."


def test_a_record_deleted_since_has_no_name_any_more(as_staff, company):
    run = import_run(company, done=1, status=Run.Status.DONE)
    contact = ContactFactory()
    change(contact, run, "phone", "1", "2")
    contact.delete()
    (row,) = rows(as_staff, run)
    assert row["name"] == ""


def test_queries_grow_by_thousands_of_rows_only(as_staff, company, django_assert_max_num_queries):
    run = import_run(company, done=3, status=Run.Status.DONE)
    contacts = ContactFactory.create_batch(40)
    for contact in contacts:
        change(contact, run, "phone", "1", "2")
    with django_assert_max_num_queries(10):
        assert len(rows(as_staff, run)) == 40


def test_an_unknown_run_is_no_page(as_staff, db):
    assert as_staff.get(reverse("integrations:run_csv", args=[404])).status_code == 404


def test_a_long_summary_leaves_in_a_few_large_pieces(as_staff, company):
    """Half a million lines, each a piece of its own, took minutes to send."""
    run = import_run(company, done=3, status=Run.Status.DONE)
    contact = ContactFactory()
    for _ in range(30):
        change(contact, run, "phone")
    answer = as_staff.get(reverse("integrations:run_csv", args=[run.pk]))
    heading, changes = answer.streaming_content
    assert (heading.count(b"\n"), changes.count(b"\n")) == (1, 30)
