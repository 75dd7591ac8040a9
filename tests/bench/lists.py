"""The three list pages over many records: first and deep pages, each sort, search, filters."""

from __future__ import annotations

import re
import statistics
import time
from collections import defaultdict
from html import unescape
from urllib.parse import urlencode

from tests.bench import many_invoices, surroundings
from tests.bench.report import percentile

REPEATS = 5
#: Pages followed from a place in the middle, by the page's own link.
DEEP_PAGES = 4
LIMIT_MS = 100
QUERIES = 6
#: So many addresses over the limit are named for each kind of page.
SLOW = 5
_NEXT = re.compile(r'href="(\?[^"]*after=[^"]+)"')

SEARCHES = {
    "/contacts/": ["ada", "smith", "ada smith", "carl.7", "fuchs 5", "555", "nobodyhasthis", "a"],
    "/products/": ["chair", "sku-77", "lamp 12", "manual", "nothinglikeit", "b"],
    "/invoices/": [
        "inv-7",
        "inv-77123",
        "ada",
        "smith",
        "jones 2f",
        "thank",
        "noinvoice",
        "1",
        "i",
    ],
}


def measure(report, invoices, say):
    from django.test import Client
    from django.test.utils import override_settings

    from tests.signing_in import sign_in

    say(f"making {invoices:,} invoices")
    surroundings.empty_tables()
    contacts, products = many_invoices.make(invoices)
    counts = {"/contacts/": contacts, "/products/": products, "/invoices/": invoices}
    client = Client(headers={"host": "localhost"})
    sign_in(client, surroundings.new_admin())
    taken = defaultdict(list)
    queries = []
    with override_settings(DEBUG=False):
        for path, count in counts.items():
            say(f"{path} of {count:,}")
            client.get(path)
            for group, address in [*_addresses(path), *_deep(client, path, count)]:
                times, asked = _get(client, address)
                taken[path, group].append((statistics.median(times), address, times))
                queries.append((asked, address))
        home, _ = _get(client, "/")
    _tell(report, counts, taken, queries)
    report.at_most("the first page: p95", percentile(home, 95), LIMIT_MS, "ms")


def _get(client, address):
    from django.db import connection

    times, asked = [], []
    for _ in range(REPEATS):
        counter = Counter()
        with connection.execute_wrapper(counter):
            started = time.perf_counter()
            response = client.get(address)
            times.append((time.perf_counter() - started) * 1000)
        asked.append(counter.number)
        if response.status_code != 200:
            raise SystemExit(f"{address} was answered {response.status_code}.")
    # A process asks for the business's name once in ten seconds, whatever the page.
    return times, statistics.mode(asked)


class Counter:
    """Counts the statements of a request."""

    number = 0

    def __call__(self, execute, *args):
        self.number += 1
        return execute(*args)


def _tell(report, counts, taken, queries):
    for (path, group), pages in taken.items():
        every = [ms for _, _, times in pages for ms in times]
        slow = sorted((page for page in pages if page[0] > LIMIT_MS), reverse=True)
        report.at_most(
            f"{path} of {counts[path]:,}, {group}: p95 (p50 {statistics.median(every):.0f} ms)",
            percentile(every, 95),
            LIMIT_MS,
            "ms",
        )
        for median, address, _ in slow[:SLOW]:
            report.note(f"slow: {address}, median {median:.0f} ms")
    most = max(queries)
    report.at_most("  most queries of any of them", most[0], QUERIES)
    if most[0] > QUERIES:
        report.note(f"most queries: {most[1]}")


def _addresses(path):
    """The kinds of page, and an address of each."""
    columns, filters = _described(path)
    yield "first page", path
    for column in columns:
        yield "sorted", f"{path}?{urlencode({'sort': column})}"
        yield "sorted", f"{path}?{urlencode({'sort': '-' + column})}"
    for words in SEARCHES[path]:
        yield "search", f"{path}?{urlencode({'q': words})}"
    for chosen in filters:
        yield "filter", f"{path}?{urlencode(chosen)}"
        yield "filter", f"{path}?{urlencode({**chosen, 'q': SEARCHES[path][0]})}"


def _described(path):
    """The columns a list sorts by and each choice of each of its filters."""
    from contacts import filters
    from contacts.views import contacts, invoices, products

    view, kind = {
        "/contacts/": (contacts, filters.ContactFilter),
        "/products/": (products, filters.ProductFilter),
        "/invoices/": (invoices, filters.InvoiceFilter),
    }[path]
    columns = [column.name for column in view.COLUMNS if column.sort is not None]
    chosen = [
        {name: value}
        for name, each in kind.base_filters.items()
        for value, _ in each.extra.get("choices", [])
    ]
    if path == "/invoices/":
        chosen += [{"currency": "EUR"}, {"currency": "USD"}, {"currency": "XYZ"}]
        chosen += [{"issued_from": "2021-01-01", "issued_to": "2021-03-31"}]
        chosen += [{"contact": "1"}, {"contact": "777"}, {"status": "overdue", "currency": "EUR"}]
    return columns, chosen


def _deep(client, path, count):
    """Pages in the middle of each order: a place there, then the page's own links to the next."""
    for column in _described(path)[0]:
        for sort in (column, f"-{column}"):
            address = f"{path}?{urlencode({'sort': sort, 'after': middle(path, sort, count)})}"
            for _ in range(DEEP_PAGES):
                yield "deep", address
                found = _NEXT.findall(client.get(address).content.decode())
                if not found:
                    raise SystemExit(f"{address} has no next page.")
                address = path + unescape(found[-1])


def middle(path, sort, count):
    """The word for the place in the middle of the list, as its own link would spell it."""
    from contacts.listing.keyset import Cursor, Order
    from contacts.models import Contact, Invoice, Product
    from contacts.views import contacts, invoices, products

    view, model = {
        "/contacts/": (contacts, Contact),
        "/products/": (products, Product),
        "/invoices/": (invoices, Invoice),
    }[path]
    column = next(c for c in view.COLUMNS if c.name == sort.removeprefix("-"))
    order = Order(column.name, column.expression, sort.startswith("-"), column.nullable)
    records = model.objects.all()
    field = order.expression.resolve_expression(records.query).output_field
    annotated = records.annotate(listing_value=order.expression).defer("words")
    direction = "-" if order.descending else ""
    ordered = annotated.exclude(listing_value=None).order_by(
        f"{direction}listing_value", f"{direction}pk"
    )
    row = ordered[int(count * 0.45)]
    return Cursor(model._meta.label_lower, order, field).write(order.place_of(row))
