"""Activity: what the connection did, newest first (R24), and what it cost (R26)."""

from __future__ import annotations

from typing import Final

import django_filters
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.views.decorators.http import require_safe

from contacts import listing
from contacts.display.badges import badge
from contacts.display.spans import spoken
from contacts.listing import Column
from integrations.budget import month_of
from integrations.models import Connection, DailyCount, Run
from integrations.permissions import is_admin

_LOOKS: Final = {
    Run.Status.RUNNING: ("waiting", "sync"),
    Run.Status.DONE: ("ok", "ok"),
    Run.Status.FAILED: ("failed", "failed"),
    Run.Status.STOPPED: ("muted", "void"),
}
_TALLY: Final = ("created", "updated", "removed", "skipped")


class RunFilter(django_filters.FilterSet):  # type: ignore[misc]
    kind = django_filters.ChoiceFilter(choices=Run.Kind.choices, empty_label="Any", label="What")
    status = django_filters.ChoiceFilter(
        choices=Run.Status.choices, empty_label="Any", label="Outcome"
    )

    class Meta:
        model = Run
        fields: tuple[str, ...] = ()


@require_safe
def activity(request: HttpRequest) -> HttpResponseBase:
    """Runs of the company in use; of the last one while none is connected."""
    connection = Connection.objects.order_by("disconnected_at").last()
    live = connection and connection.status != Connection.Status.DISCONNECTED
    return listing.page(
        request,
        Run.objects.filter(connection=connection).select_related("by"),
        RunFilter,
        columns=COLUMNS,
        template="integrations/activity.html",
        sort="-started",
        noun=("run", "runs"),
        extra={
            "connection": connection if live else None,
            "is_admin": is_admin(request),
            "month": month_of(DailyCount.today()),
            "empty_template": "integrations/activity_empty.html",
        },
    )


def _what(run: Run) -> SafeString:
    times = f" × {run.repeats:,}" if run.repeats > 1 else ""
    message = format_html('<span class="soft">{}</span>', run.message) if run.message else ""
    return format_html(
        '<div class="explained"><strong>{}{}</strong>{}</div>',
        run.get_kind_display(),
        times,
        message,
    )


def _trigger(run: Run) -> SafeString:
    if run.trigger == Run.Trigger.PERSON and run.by:
        return format_html("{}", run.by)
    return format_html("{}", run.get_trigger_display())


def _outcome(run: Run) -> SafeString:
    tone, drawing = _LOOKS[Run.Status(run.status)]
    return badge(tone, drawing, run.get_status_display())


def _duration(run: Run) -> SafeString:
    # A folded line's time is its polls' all together, which nobody asks for.
    if run.finished_at is None or run.kind == Run.Kind.IDLE:
        return format_html('<span class="none" aria-label="none">{}</span>', "–")
    took = spoken(run.finished_at - run.started_at)
    return format_html('<span class="nowrap">{}</span>', took)


def _counts(run: Run) -> SafeString:
    # A number stays with its word where the column is narrow.
    told = [(f"{getattr(run, name):,}\xa0{name}",) for name in _TALLY if getattr(run, name)]
    if not told:
        return format_html('<span class="none">{}</span>', "No changes")
    words = format_html_join(", ", "{}", told)
    if run.kind in {Run.Kind.IMPORT, Run.Kind.RESET}:
        address = reverse("integrations:run_csv", args=[run.pk])
        return format_html('<a href="{}" download title="Summary as CSV">{}</a>', address, words)
    return words


COLUMNS: Final = (
    Column("kind", "What", _what),
    Column("trigger", "Begun by", _trigger, hide="phone"),
    Column("started", "Started", listing.when("started_at"), sort="started_at"),
    Column("duration", "Took", _duration, numeric=True, hide="phone"),
    Column("counts", "Records", _counts),
    Column("api_calls", "API calls", numeric=True, hide="phone"),
    Column("status", "Outcome", _outcome),
)
