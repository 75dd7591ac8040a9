"""CSV of lists: whole, in order of ids, and harmless in a spreadsheet."""

from __future__ import annotations

import csv
import io
from decimal import Decimal

import pytest

from contacts.listing import exports
from contacts.listing.exports import Export, safe_cell
from contacts.models import Contact
from tests.factories import ContactFactory


@pytest.mark.parametrize(
    "text",
    [
        "=1+2",
        "=cmd|' /C calc'!A0",
        "+SUM(A1)",
        "-HYPERLINK(1)",
        "@SUM(A1)",
        "\t=1",
        "\r=1",
        "\n=1",
        "＝1+2",
        "=",
        "@",
    ],
)
def test_text_that_a_spreadsheet_would_run_is_quoted(text):
    assert safe_cell(text) == f"'{text}"


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        ("-12.50", "-12.50"),
        (Decimal("-12.50"), "-12.50"),
        (-3, "-3"),
        ("+1 (503) 555-0100", "+1 (503) 555-0100"),
        ("Ada", "Ada"),
        ("a=1", "a=1"),
        ("", ""),
        (None, ""),
    ],
)
def test_numbers_and_harmless_text_stay_as_they_are(value, cell):
    assert safe_cell(value) == cell


@pytest.mark.django_db
def test_every_record_once_in_chunks(monkeypatch, django_assert_num_queries):
    monkeypatch.setattr(exports, "CHUNK", 3)
    made = ContactFactory.create_batch(7, company='Quote " and, comma\nand line')
    sizes = []

    def rows(chunk):
        sizes.append(len(chunk))
        return [(contact.pk, contact.company) for contact in chunk]

    export = Export("contacts", ["id", "company"], rows)
    with django_assert_num_queries(4):
        response = export.response(Contact.objects.order_by("-last_name"))
        body = b"".join(response).decode()

    lines = list(csv.reader(io.StringIO(body)))
    assert lines[0] == ["id", "company"]
    assert [int(line[0]) for line in lines[1:]] == sorted(contact.pk for contact in made)
    assert {line[1] for line in lines[1:]} == {'Quote " and, comma\nand line'}
    assert sizes == [3, 3, 1]
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert 'filename="contacts-20' in response["Content-Disposition"]
