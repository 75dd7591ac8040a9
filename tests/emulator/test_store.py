"""The store holds hundreds of thousands of records: what the sync asks goes by an index."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from integrations.emulator import cdc, query
from integrations.emulator.books import Books
from integrations.emulator.control.generate import generate
from integrations.emulator.emulator import App, Emulator
from integrations.emulator.samples.load import open_company
from integrations.emulator.store import Store
from integrations.quickbooks.query import count_of, select_page

LONG_AGO = datetime.now(UTC) - timedelta(days=3)

# Whole lists, a page at a time: the order too comes from the index.
LISTS = {
    "a page of the import": select_page("Customer", start=2001),
    "a page of the import of items": select_page("Item", start=2001),
    "its count": count_of("Customer"),
    "a page of catching up": select_page(
        "Customer", updated_from=LONG_AGO, order="MetaData.LastUpdatedTime"
    ),
    "a page full of one second": select_page(
        "Payment", updated_from=LONG_AGO, order="MetaData.LastUpdatedTime", start=951
    ),
    "a page of looking for deletions": select_page(
        "Invoice", created_from=LONG_AGO, order="MetaData.CreateTime"
    ),
    "Intuit's clock": count_of("Invoice"),
}
# Few rows: the index and the column that find them.
FEW = (
    ("record_id", "id", select_page("Payment", ids=["1", "2"])),
    ("record_email", "email", select_page("Customer", where={"PrimaryEmailAddr": "a@b.example"})),
    ("record_name", "name", select_page("Customer", where={"DisplayName": "Ada"})),
    ("record_name", "name", select_page("Item", where={"Name": "Rake"})),
    ("record_number", "number", select_page("Item", where={"Sku": "X-1"})),
    ("record_number", "number", select_page("Invoice", where={"DocNumber": "1001"})),
    (
        "record_customer",
        "customer",
        select_page("Payment", where={"CustomerRef": "1"}, created_from=LONG_AGO),
    ),
)


@pytest.fixture(scope="module")
def books():
    store = Store(":memory:")
    emulator = Emulator(store, App())
    realm = open_company(emulator, "Plenty Ltd", sales_tax=False).realm
    books = Books(emulator, realm, person=True)
    generate(books, customers=50, items=20, invoices=20)
    yield books
    store.db.close()


def plan(books, ask):
    """The steps by which SQLite finds what `ask` asks for."""
    statements = []
    books.store.db.set_trace_callback(statements.append)
    try:
        ask()
    finally:
        books.store.db.set_trace_callback(None)
    return [
        row["detail"]
        for statement in statements
        for row in books.store.rows(f"explain query plan {statement}")
        if row["detail"] != "SCAN (subquery-1)"
    ]


@pytest.mark.parametrize("name", LISTS)
def test_a_page_of_a_list_is_neither_scanned_nor_sorted(books, name):
    steps = plan(books, lambda: query.answer(books, LISTS[name]))
    assert "SEARCH record USING" in " ".join(steps)
    assert not [step for step in steps if step.startswith("SCAN") or "TEMP B-TREE" in step]


@pytest.mark.parametrize(("index", "column", "statement"), FEW)
def test_few_rows_are_found_by_their_index(books, index, column, statement):
    steps = " ".join(plan(books, lambda: query.answer(books, statement)))
    assert f"INDEX {index} (realm=? AND entity=? AND {column}=?)" in steps
    assert "SCAN" not in steps


def test_cdc_neither_scans_nor_sorts_the_books(books):
    steps = plan(
        books, lambda: cdc.answer(books, "Customer,Item,Invoice,Payment", LONG_AGO.isoformat())
    )
    assert len(steps) == 8  # four lists and four of what was removed
    assert not [step for step in steps if step.startswith("SCAN") or "TEMP B-TREE" in step]
