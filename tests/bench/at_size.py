"""The import of a large company while people use the pages: memory, the bar's word, answers."""

from __future__ import annotations

import http.client
import re
import statistics
import time
from collections import defaultdict
from dataclasses import dataclass, field
from html import unescape

from tests.bench import importing, lists, memory, surroundings
from tests.bench.report import percentile

EVERY_SECONDS = 2.0
#: A company of more is made in slices, so that its maker need not hold it all.
SLICE = 20_000
#: So many contacts must be there for a page to lie deep among them.
DEEP_FROM = 2_000
REPEATS = 10
SKIPPED_PAGES = 20
#: Of so many pieces of an answer one is taken to look how much memory it costs.
LOOK_EVERY = 20
PAGE_MS = 100
PATIENCE_SECONDS = 3600
#: A promise of the time left is right within this share of what was left, or so many seconds.
RIGHT_WITHIN = 1 / 3
RIGHT_SECONDS = 15

CARD = "/settings/integrations/"
PROGRESS = f"{CARD}quickbooks/progress/"
PAGES = {
    "the card": CARD,
    "contacts": "/contacts/",
    "contacts, a search": "/contacts/?q=hana",
    "products": "/products/",
    "a contact": "/contacts/1/",
    "the first page": "/",
}
_BAR = re.compile(r'aria-valuetext="([^"]*)"')
_DONE = re.compile(r"([\d,]+)(?: of ([\d,]+))? (\w+)(?:, (.+) left)?")
_NEXT = re.compile(r'href="(\?[^"]*after=[^"]+)"')
_UNITS = {"s": 1, "min": 60, "h": 3600}


@dataclass
class Sample:
    """One look: seconds since the start, the bars by noun as the card has them, MB held."""

    at: float
    bars: dict[str, tuple[int, int | None, float | None]]
    worker_mb: float
    emulator_mb: float
    running: bool
    ms: dict[str, float] = field(default_factory=dict)

    @property
    def done(self):
        return sum(done for done, _, _ in self.bars.values())


def measure(report, emulator, size, say):
    say(f"a company of {size.customers:,} customers and {size.items:,} items")
    realm = _company(emulator, size)
    surroundings.empty_tables()
    with surroundings.web() as web, surroundings.worker() as worker:
        surroundings.connect(emulator, realm)
        visitor = Visitor(web.address)
        samples = _watch(visitor, worker, emulator.pid, say)
        _check(size)
        _tell_import(report, size, samples)
        _tell_pages(report, "while it ran", _by_page(samples), aim=True)
        say("the pages afterwards")
        _tell_pages(report, "afterwards", _afterwards(visitor))
        say("skipped records and the summary")
        _tell_pages(report, "afterwards", {"skipped records": _page_through(visitor, "/skipped/")})
        _tell_summary(report, _download(visitor, web.pid))


class Visitor:
    """An admin who is signed in."""

    def __init__(self, address):
        from django.conf import settings

        from contacts.models import User
        from tests.signing_in import session_of

        cookie = f"{settings.SESSION_COOKIE_NAME}={session_of(User.objects.get())}"
        self._address = address
        self._headers = {"Host": "localhost", "Cookie": cookie}

    def get(self, path, **headers):
        """The page's text and the milliseconds it took."""
        connection, response, started = self._ask(path, headers)
        text = response.read().decode()
        connection.close()
        return text, (time.perf_counter() - started) * 1000

    def stream(self, path):
        """Yield an answer in pieces as they come."""
        connection, response, _ = self._ask(path, {})
        while piece := response.read1(1 << 16):
            yield piece
        connection.close()

    def _ask(self, path, headers):
        started = time.perf_counter()
        connection = http.client.HTTPConnection(*self._address, timeout=60)
        connection.request("GET", path, headers=self._headers | headers)
        response = connection.getresponse()
        if response.status != http.HTTPStatus.OK:
            raise SystemExit(f"{path} was answered {response.status}.")
        return connection, response, started


def _company(emulator, size):
    emulator.reset()
    realm = emulator.company("Bench & Sons Ltd")
    for name, number in (("customers", size.customers), ("items", size.items)):
        for made in range(0, number, SLICE):
            emulator.generate(realm, **{name: min(SLICE, number - made)})
    emulator.advance(importing.SETTLED_SECONDS)
    return realm


def _watch(visitor, worker, emulator, say):
    """Look at everything every few seconds until the card says that the import ended."""
    samples, started, deep = [], time.monotonic(), ""
    while not samples or samples[-1].running:
        looked = time.monotonic()
        if looked - started > PATIENCE_SECONDS or worker.poll() is not None:
            raise SystemExit(f"The import did not end; see the logs in {surroundings.FOLDER}.")
        text, _ = visitor.get(PROGRESS, **{"HX-Request": "true"})
        sample = Sample(
            looked - started,
            _bars(text),
            memory.largest_mb(worker.pid),
            memory.held_mb(emulator),
            'hx-trigger="every' in text,
        )
        deep = deep or _deep(sample.done)
        for page, path in (PAGES | ({"contacts, deep": deep} if deep else {})).items():
            if path != PAGES["a contact"] or sample.done:
                sample.ms[page] = visitor.get(path)[1]
        samples.append(sample)
        say(_line(sample))
        time.sleep(max(0.0, looked + EVERY_SECONDS - time.monotonic()))
    return samples


def _deep(number):
    """The address of a page in the middle of the contacts, once there is a middle."""
    if number < DEEP_FROM:
        return ""
    return f"/contacts/?sort=name&after={lists.middle('/contacts/', 'name', number * 3 // 4)}"


def _bars(text):
    """By noun what is done, of how many, and the seconds that are promised to be left."""
    bars = {}
    for told in _BAR.findall(text):
        if found := _DONE.fullmatch(told):
            done, total, noun, left = found.groups()
            bars[noun] = (_number(done), total and _number(total), left and _seconds(left))
    return bars


def _number(text):
    return int(text.replace(",", ""))


def _seconds(left):
    if left == "a few seconds":
        return 5.0
    number, unit = left.removeprefix("about ").split()
    return float(number.replace("½", ".5")) * _UNITS[unit]


def _line(sample):
    bars = ", ".join(_bar(noun, *told) for noun, told in sample.bars.items())
    slowest = max(sample.ms, key=sample.ms.get)
    return (
        f"{sample.at:6.1f} s  {bars or 'starting'}; worker {sample.worker_mb:.0f} MB, emulator"
        f" {sample.emulator_mb:.0f} MB; slowest: {slowest} {sample.ms[slowest]:.0f} ms"
    )


def _bar(noun, done, total, left):
    of = f" of {total:,}" if total else ""
    return f"{done:,}{of} {noun}" + (f", {left:.0f} s left" if left else "")


def _check(size):
    from integrations.models import CustomerLink, ItemLink, Run, SetAside

    run = Run.objects.get(kind=Run.Kind.IMPORT)
    arrived = CustomerLink.objects.count() + ItemLink.objects.count() + SetAside.objects.count()
    if run.status != Run.Status.DONE or arrived < size.rows:
        raise SystemExit(f"The import did not end well: {run.status} {run.message}, {arrived:,}")


def _afterwards(visitor):
    deep = lists.middle("/contacts/", "name", 2 * DEEP_FROM)
    pages = PAGES | {"contacts, deep": f"/contacts/?sort=name&after={deep}"}
    return {page: [visitor.get(path)[1] for _ in range(REPEATS)] for page, path in pages.items()}


def _page_through(visitor, path):
    """Milliseconds of the list's first pages, each the link of the one before."""
    taken, address = [], path
    for _ in range(SKIPPED_PAGES):
        text, ms = visitor.get(address)
        taken.append(ms)
        found = _NEXT.findall(text)
        if not found:
            break
        address = path + unescape(found[-1])
    return taken


@dataclass
class Summary:
    """The run's CSV as it was downloaded."""

    lines: int
    first_ms: float
    seconds: float
    grown_mb: float


def _download(visitor, web):
    from integrations.models import Run

    run = Run.objects.get(kind=Run.Kind.IMPORT)
    before, most = memory.largest_mb(web), 0.0
    started, first, lines = time.perf_counter(), None, 0
    for number, piece in enumerate(visitor.stream(f"/activity/{run.pk}.csv")):
        first = first or time.perf_counter() - started
        lines += piece.count(b"\n")
        if number % LOOK_EVERY == 0:
            most = max(most, memory.largest_mb(web))
    return Summary(lines, first * 1000, time.perf_counter() - started, most - before)


def _by_page(samples):
    taken = defaultdict(list)
    for sample in samples:
        for page, ms in sample.ms.items():
            taken[page].append(ms)
    return taken


def _tell_import(report, size, samples):
    report.fact(
        f"import of {size.customers:,} customers and {size.items:,} items: seconds",
        samples[-1].at,
        "s",
    )
    quarter = max(s.worker_mb for s in samples if s.running and s.done <= size.rows / 4)
    whole = max(s.worker_mb for s in samples)
    report.at_most(
        f"  memory of the worker beside the first quarter's ({quarter:.0f} MB)",
        whole / quarter,
        importing.FLAT,
        "times",
    )
    report.fact("  memory of the emulator", max(s.emulator_mb for s in samples), "MB")
    report.at_most("  looks at a bar that ran backwards or beyond its total", _untrue(samples), 0)
    promises = _promises(samples)
    right = [
        abs(promised - real) <= max(RIGHT_WITHIN * real, RIGHT_SECONDS)
        for promised, real in promises
    ]
    report.at_least(f"  of {len(right)} promises of time left, right", _share(right), 0.9)
    report.fact("  the worst was wrong by", max(abs(p - r) for p, r in promises), "s")


def _untrue(samples):
    wrong, before = 0, {}
    for sample in samples:
        for noun, (done, total, _) in sample.bars.items():
            wrong += done < before.get(noun, 0) or (total is not None and done > total)
            before[noun] = done
    return wrong


def _promises(samples):
    """What the bars promised to be left, each with what was."""
    ended = {}
    for sample in samples:
        for noun, (_, total, _) in sample.bars.items():
            if total is None:
                ended.setdefault(noun, sample.at)
    return [
        (left, ended[noun] - sample.at)
        for sample in samples
        for noun, (_, _, left) in sample.bars.items()
        if left is not None and noun in ended
    ]


def _share(answers):
    return sum(answers) / len(answers) if answers else 1.0


def _tell_pages(report, when, taken, *, aim=False):
    for page, times in taken.items():
        report.at_most(
            f"  {page} {when}: p95 (p50 {statistics.median(times):.0f} ms)",
            percentile(times, 95),
            PAGE_MS,
            "ms",
            aim=aim,
        )


def _tell_summary(report, summary):
    report.fact(f"  summary of {summary.lines:,} lines: first byte", summary.first_ms, "ms")
    report.fact("  all of it", summary.seconds, "s")
    report.fact("  memory it took the web process", summary.grown_mb, "MB")
