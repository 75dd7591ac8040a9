"""An import while it runs, and what came of it (R3)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from django.db.models import Count

from contacts.display.spans import roughly, spoken
from integrations.models import ImportProgress, Reason, Run, SetAside

#: What people call QuickBooks' kinds: one and many.
NOUNS: Final = {
    "Customer": ("customer", "customers"),
    "Item": ("product", "products"),
    "Invoice": ("invoice", "invoices"),
    "Payment": ("payment", "payments"),
}

FRESH: Final = timedelta(hours=1)
"""How long a finished import stays on top of the card."""

PACED: Final = timedelta(seconds=3)
"""A shorter stretch shows no pace: the first page takes longer than the others."""


@dataclass(frozen=True, slots=True)
class Bar:
    """One kind's progress. `total` is None until QuickBooks has told how many there are."""

    noun: str
    done: int
    total: int | None
    left: str
    finished: bool
    created: int
    updated: int
    unchanged: int
    skipped: int

    @property
    def percent(self) -> int:
        if self.finished:
            return 100
        return min(100 * self.done // self.total, 100) if self.total else 0

    @property
    def text(self) -> str:
        """`1,240 of 3,000 customers`, as a screen reader says it too."""
        if self.finished:
            return f"{self.done:,} {self.noun}"
        if self.total is None:
            return f"Asking for {self.noun}"
        return f"{self.done:,} of {self.total:,} {self.noun}"


@dataclass(frozen=True, slots=True)
class Import:
    """An import or reset run as the card shows it."""

    run: Run
    bars: list[Bar]
    #: Why things were skipped: words and number.
    reasons: list[tuple[str, int]] = field(default_factory=list)
    duration: str = ""
    #: It runs, or ended so lately that its outcome is what people come for.
    fresh: bool = True

    @property
    def running(self) -> bool:
        return self.run.status == Run.Status.RUNNING

    @property
    def failed(self) -> bool:
        return self.run.status == Run.Status.FAILED

    @property
    def created(self) -> int:
        return sum(bar.created for bar in self.bars)

    @property
    def updated(self) -> int:
        return sum(bar.updated for bar in self.bars)

    @property
    def unchanged(self) -> int:
        return sum(bar.unchanged for bar in self.bars)

    @property
    def skipped(self) -> int:
        return sum(bar.skipped for bar in self.bars)

    @property
    def announcement(self) -> str:
        """What a screen reader is told: changes with each quarter of the way, not each second."""
        if self.running:
            shares = [f"{bar.noun} {bar.percent // 25 * 25} %" for bar in self.bars]
            return f"Importing: {', '.join(shares)}" if shares else "The import starts"
        return "The import stopped" if self.failed else "The import is finished"


def latest_import(runs: Sequence[Run], now: datetime) -> Import | None:
    """The import that `runs` (newest first) begins with, with its bars. At most two queries."""
    if not runs:
        return None
    run = runs[0]
    bars = [_bar(progress, now) for progress in run.progress.all()]
    if run.status == Run.Status.RUNNING:
        return Import(run, bars)
    reasons = (
        SetAside.objects.filter(connection=run.connection_id, run=run.pk)
        .values_list("reason")
        .annotate(number=Count("pk"))
        .order_by("-number")
    )
    duration = spoken(run.finished_at - run.started_at) if run.finished_at else ""
    worded = [(str(Reason(reason).label), number) for reason, number in reasons]
    fresh = run.finished_at is not None and now - run.finished_at < FRESH
    return Import(run, bars, worded, duration, fresh)


def _bar(progress: ImportProgress, now: datetime) -> Bar:
    finished = progress.finished_at is not None
    return Bar(
        noun=NOUNS.get(progress.kind, (progress.kind, progress.kind))[1],
        done=progress.done,
        # More may be there by now than were counted: the bar says so rather than run over.
        total=max(progress.total, progress.done) or None,
        left="" if finished else _left(progress, now),
        finished=finished,
        created=progress.created,
        updated=progress.updated,
        unchanged=progress.unchanged,
        skipped=progress.skipped,
    )


def _left(progress: ImportProgress, now: datetime) -> str:
    """Time left at the pace so far; "" while there is no pace to go by."""
    if not progress.started_at or not 0 < progress.done < progress.total:
        return ""
    elapsed: timedelta = now - progress.started_at
    if elapsed < PACED:
        return ""
    return roughly(elapsed * (progress.total - progress.done) / progress.done)
