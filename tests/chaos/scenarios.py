"""What seldom happens to the inbound flow and the connection, each as a story of its own.

Every story begins with both sides empty and returns what is wrong in the end, in words.
"""

from __future__ import annotations

from tests.chaos import changes, copied_database, databases, midway, workers


def rows():
    """Every row as (name, what runs it)."""
    for count in (999, 1000, 1001):
        yield f"{count:,} changes between two polls", changes.between_two_polls(count, 0)
    yield "1,001 changes of two kinds between two polls", changes.between_two_polls(600, 401)
    for cap, per_entity in (("answer", False), ("kind", True)):
        yield (
            f"deletions behind 1,000 customers, cut per {cap}",
            changes.cut_before_deletions(per_entity=per_entity, customers=1000),
        )
        yield (
            f"deletions behind 1,000 invoices, cut per {cap}",
            changes.cut_before_deletions(per_entity=per_entity, invoices=1000),
        )
        yield (
            f"deletions behind 900 customers and 200 invoices, cut per {cap}",
            changes.cut_before_deletions(per_entity=per_entity, customers=900, invoices=200),
        )
    yield "3,000 changes in one second, 150 of which change again", changes.one_second
    yield "changes older than 29 days, deletions among them", changes.a_month_away
    yield "merged, inactivated and reactivated in mid-import", midway.moved_in_mid_import
    for what, spoil in midway.SPOILED.items():
        yield f"a page that cannot be read for one row: {what}", midway.unreadable_page(spoil)
    for form in ("cloudevents", "legacy"):
        yield f"events before, during and after the import: {form}", midway.events_at_any_time(form)
    yield "pulls of four processes at once", workers.pulls_at_once
    yield "a stale page of every kind, late", workers.stale_page
    for punished in (False, True):
        name = "refreshed by six processes at once" + ", second use punished" * punished
        yield name, workers.refreshed_at_once(punished)
    for grace, name in ((24, "its token still works"), (0, "its token is dead")):
        yield f"restored from an hour ago, {name}", databases.restored(grace)
    yield "a copy on another address", databases.copied
    yield "a true copy of the database, with workers on another address", copied_database.copied
