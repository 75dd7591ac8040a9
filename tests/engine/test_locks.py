"""Whoever locks the rows of a page does it in one pass (design.md, budgets)."""

from __future__ import annotations

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from contacts.models import Contact
from integrations.models import CustomerLink
from integrations.pulling.locks import locked

pytestmark = pytest.mark.django_db(transaction=True)

PAGE = [f"{n}@example.com" for n in range(1000)]


@pytest.fixture
def taken_for_empty():
    """A thousand contacts in a table that had one when PostgreSQL last counted."""
    imported()
    Contact.objects.exclude(email=PAGE[-1]).delete()
    with connection.cursor() as cursor:
        cursor.execute("VACUUM contacts_contact")
    Contact.objects.update(email="")
    imported()


def imported():
    Contact.objects.bulk_create(Contact(email=address) for address in PAGE)


def most_often(plan):
    """How often that part of a plan ran which ran most often."""
    return max([plan["Actual Loops"], *map(most_often, plan.get("Plans", []))])


def test_no_row_makes_the_page_be_read_again_though_the_table_is_taken_for_empty(taken_for_empty):
    theirs = Contact.objects.filter(email__lower__in=PAGE).values("pk")
    touched = theirs.union(CustomerLink.objects.values("contact"), all=True)
    with transaction.atomic():
        with CaptureQueriesContext(connection) as asked:
            rows = locked(Contact, touched)
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {asked[0]['sql']}")
            ((explained,),) = cursor.fetchall()

    assert len(rows) == len(PAGE)
    assert most_often(explained[0]["Plan"]) == 1
