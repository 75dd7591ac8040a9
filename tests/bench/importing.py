"""The import of customers and items, beside a loop of update_or_create and beside the floor."""

from __future__ import annotations

import contextlib
import json
import math
import subprocess
import sys
import time
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from tests.bench import surroundings

SAMPLE = 500
#: Old enough that the pull after the import does not look back on what was imported.
SETTLED_SECONDS = 3600
FLAT = 1.15


@dataclass(frozen=True)
class Taken:
    """What one import took."""

    seconds: float
    cpu: float
    peak_mb: float
    start_mb: float
    reads: int


@dataclass(frozen=True)
class Size:
    customers: int
    items: int

    @property
    def rows(self):
        return self.customers + self.items

    def quarter(self):
        return Size(max(self.customers // 4, 1), max(self.items // 4, 1))


def measure(report, emulator, size, repeats, say):
    label = f"import of {size.customers:,} customers and {size.items:,} items"
    pages = math.ceil(size.customers / 1000) + math.ceil(size.items / 1000)
    realm = _company(emulator, size)
    say(f"{label}, {repeats} times")
    runs = [_import(emulator, realm, unpaced=True) for _ in range(repeats)]
    best = min(runs, key=lambda run: run.seconds)
    say("one update_or_create per row")
    samples = _samples(size)
    row_seconds = min(_row_by_row(samples) for _ in range(repeats))
    together = min(_row_by_row(samples, together=True) for _ in range(repeats))
    say("the floor")
    floor = min(_floor(emulator, realm) for _ in range(repeats))
    say("the same import within Intuit's limits")
    paced = _import(emulator, realm, unpaced=False)
    quarter = size.quarter()
    say(f"an import of {quarter.customers:,} customers and {quarter.items:,} items")
    small = _import(emulator, _company(emulator, quarter), unpaced=True)

    report.at_most(f"{label}: reads", best.reads, pages + 10)
    report.fact("  seconds, limits lifted", best.seconds, "s")
    report.fact("  seconds of our own processor time in it", best.cpu, "s")
    report.fact("  seconds within Intuit's limits", paced.seconds, "s")
    report.fact("  rows a second", size.rows / best.seconds)
    per_row = best.seconds / size.rows
    report.at_least("  times as fast as update_or_create", row_seconds / per_row, 20)
    report.fact("  the same, all of its rows in one transaction", together / per_row)
    report.at_least("  share of the floor's speed", floor / best.seconds, 0.5, aim=True)
    report.at_most(
        f"  peak memory beside a quarter's ({small.peak_mb:.0f} MB)",
        best.peak_mb / small.peak_mb,
        FLAT,
        "times",
    )
    report.note(
        f"Import: best of {repeats}. The floor took {floor:.2f} s. A row took update_or_create"
        f" {row_seconds * 1000:.2f} ms, for the record and its link, mapped but not fetched and"
        f" without history. Memory before the import: {best.start_mb:.0f} MB."
    )


def profile(emulator, size):
    """Where the time of an import goes, by function."""
    import pstats

    path = str(surroundings.FOLDER / "import.prof")
    _import(emulator, _company(emulator, size), unpaced=True, profile=path)
    for order in ("tottime", "cumulative"):
        pstats.Stats(path, stream=sys.stdout).strip_dirs().sort_stats(order).print_stats(45)


def _company(emulator, size):
    emulator.reset()
    realm = emulator.company("Bench & Sons Ltd")
    emulator.generate(realm, customers=size.customers, items=size.items)
    emulator.advance(SETTLED_SECONDS)
    return realm


def _import(emulator, realm, *, unpaced, profile=""):
    surroundings.empty_tables()
    emulator.forget_requests()
    surroundings.connect(emulator, realm)
    command = [sys.executable, "-m", "tests.bench.queue_worker"]
    command += ["--unpaced"] * unpaced + (["--profile", profile] if profile else [])
    done = subprocess.run(
        command, cwd=surroundings.ROOT, stdout=subprocess.PIPE, check=True, text=True
    )
    said = json.loads(done.stdout.splitlines()[-1])
    _check()
    return Taken(
        said["seconds"]["continue_import"],
        said["cpu"],
        said["peak_mb"],
        said["start_mb"],
        len(reads(emulator)),
    )


def _check():
    from contacts.models import FieldChange
    from integrations.models import CustomerLink, ItemLink, Run

    run = Run.objects.get(kind=Run.Kind.IMPORT)
    linked = CustomerLink.objects.count() + ItemLink.objects.count()
    if run.status != Run.Status.DONE or not linked or not FieldChange.objects.exists():
        raise SystemExit(f"The import did not end well: {run.status} {run.message}")


def reads(emulator):
    """The requests that Intuit meters."""
    asked = emulator.requests("/v3/company/")
    return [e for e in asked if e["method"] == "GET" or e["path"].endswith("/query")]


def _samples(size):
    """Rows of what was just imported, in the proportion of its kinds, as they came."""
    from integrations.models import CustomerLink, ItemLink

    customers = round(SAMPLE * size.customers / size.rows)
    numbers = {CustomerLink: customers, ItemLink: SAMPLE - customers}
    return {
        model: list(model.objects.values_list("snapshot", flat=True)[:number])
        for model, number in numbers.items()
    }


def _row_by_row(samples, *, together=False):
    """Seconds for a row of the samples, into tables that are empty again.

    `together` spares the loop its commits.
    """
    from django.db import transaction

    from contacts.models import Contact, Product
    from integrations.models import Connection, CustomerLink, ItemLink
    from integrations.pulling import contact_fields, product_fields
    from integrations.quickbooks.mapping import read_record

    connection = Connection.objects.get()
    for model in (CustomerLink, ItemLink, Contact, Product):
        model.objects.all().delete()
    started = time.perf_counter()
    with transaction.atomic() if together else contextlib.nullcontext():
        for raw in samples[CustomerLink]:
            record = read_record("Customer", raw.encode())
            contact, _ = Contact.objects.update_or_create(
                email__lower=record.email.lower(), defaults=contact_fields.there(record)
            )
            _link(CustomerLink, connection, record, contact=contact)
        for raw in samples[ItemLink]:
            record = read_record("Item", raw.encode())
            product, _ = Product.objects.update_or_create(
                full_name__lower=record.full_name.lower(), defaults=product_fields.there(record)
            )
            _link(ItemLink, connection, record, product=product)
    return (time.perf_counter() - started) / sum(map(len, samples.values()))


def _link(model, connection, record, **linked):
    from django.utils import timezone

    model.objects.update_or_create(
        connection=connection,
        external_id=record.external_id,
        defaults={
            **linked,
            "sync_token": record.sync_token,
            "remote_created_at": record.created_at,
            "remote_updated_at": record.updated_at,
            "snapshot": record.raw,
            "in_step_since": timezone.now(),
        },
    )


def _floor(emulator, realm):
    """Seconds to fetch the same pages as far ahead, decode them and COPY them into one table."""
    import io

    import msgspec
    import requests
    from django.db import connection

    from integrations.importing.read_ahead import AHEAD
    from integrations.models import Connection
    from integrations.quickbooks.pages import split_object, split_rows
    from integrations.quickbooks.query import PAGE_SIZE, select_page

    token = Connection.objects.get().access_token
    http = requests.Session()
    http.headers["Authorization"] = f"Bearer {token}"
    http.headers["Accept"] = "application/json"
    escapes = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})

    def fetch(kind, start):
        url = f"{emulator.url}/v3/company/{realm}/query"
        return http.get(url, params={"query": select_page(kind, start=start)}, timeout=60).content

    def line(kind, raw):
        row = msgspec.json.decode(raw)
        name = row["DisplayName" if kind == "Customer" else "Name"]
        email = row.get("PrimaryEmailAddr", {}).get("Address", "")
        cells = (row["Id"], row["SyncToken"], name, email, raw.decode())
        return "\t".join(cell.translate(escapes) for cell in cells)

    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS floor")
        cursor.execute(
            "CREATE TABLE floor (id text PRIMARY KEY, token text, name text, email text, body text)"
        )
        started = time.perf_counter()
        for kind in ("Customer", "Item"):
            with ThreadPoolExecutor(AHEAD) as readers:
                waiting, start = deque(), 1
                while True:
                    while len(waiting) < AHEAD:
                        waiting.append(readers.submit(fetch, kind, start))
                        start += PAGE_SIZE
                    answer = split_object(split_object(waiting.popleft().result())["QueryResponse"])
                    rows = split_rows(answer[kind]) if kind in answer else []
                    # Items and customers are numbered apart.
                    text = "\n".join(f"{kind}-{line(kind, raw)}" for raw in rows)
                    cursor.copy_expert("COPY floor FROM STDIN", io.StringIO(text))
                    if len(rows) < PAGE_SIZE:
                        break
        taken = time.perf_counter() - started
        cursor.execute("DROP TABLE floor")
    return taken
