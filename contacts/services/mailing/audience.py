"""Who a broadcast goes to: contacts as their list's own filters choose them, and of those the
marketable ones. It is told before sending; at sending it is written down in one statement."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.db import connection, models
from django.db.models import Case, CharField, Count, QuerySet, Value, When
from django.http import QueryDict

from contacts.filters import ContactFilter
from contacts.models import Contact, Delivery, Mailing, MarketingStatus


class PassedOver(models.TextChoices):
    """Why a contact of the audience gets nothing; the label follows how many they are."""

    NON_MARKETABLE = "non_marketable", "non-marketable"
    WAITING = "waiting", "waiting for confirmation"
    UNSUBSCRIBED = "unsubscribed", "unsubscribed"
    NO_ADDRESS = "no_address", "without an email address"
    ARCHIVED = "archived", "archived"


@dataclass(frozen=True, slots=True)
class Outlook:
    """How many a broadcast reaches and how many of its audience it passes over, by reason."""

    reached: int
    passed_over: dict[str, int]

    @property
    def total(self) -> int:
        return self.reached + sum(self.passed_over.values())


def in_words(passed_over: dict[str, int]) -> list[tuple[int, str]]:
    """(how many, why) in the order of `PassedOver`."""
    return [(passed_over[why], str(why.label)) for why in PassedOver if why in passed_over]


def tidy(query: str) -> str:
    """The filters of a contact list's address, in one spelling; what is no filter is dropped."""
    filters = ContactFilter(QueryDict(query))
    given = filters.form.cleaned_data if filters.is_valid() else {}
    return urlencode([(name, value) for name, value in given.items() if value not in ("", None)])


def chosen(query: str) -> QuerySet[Contact]:
    """The contacts that the list shows at this address."""
    found: QuerySet[Contact] = ContactFilter(QueryDict(query), Contact.objects.all()).qs
    return found


def outlook(query: str) -> Outlook:
    """What sending to this audience would do now."""
    rows = _sorted(query).values_list("passed_over").annotate(number=Count("pk"))
    numbers = dict(rows.order_by())
    reached = numbers.pop("", 0)
    return Outlook(reached, {why: numbers[why] for why in PassedOver.values if why in numbers})


def write_down(mailing: Mailing) -> int:
    """One delivery for each contact that the mailing reaches, due now; how many there are."""
    reached = _sorted(mailing.audience).filter(passed_over="")
    sql, parameters = reached.order_by("pk").values("pk", "email").query.sql_with_params()
    table = connection.ops.quote_name(Delivery._meta.db_table)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table}"  # noqa: S608 - our own table
            " (mailing_id, contact_id, address, status, reason, due_at, put_off)"
            f" SELECT %s, pk, email, 'waiting', '', now(), 0 FROM ({sql}) chosen (pk, email)"
            " ON CONFLICT DO NOTHING",
            [mailing.pk, *parameters],
        )
        return int(cursor.rowcount)


def _sorted(query: str) -> QuerySet[Any]:
    status = MarketingStatus
    reasons = (
        When(archived_at__isnull=False, then=Value(PassedOver.ARCHIVED)),
        When(email="", then=Value(PassedOver.NO_ADDRESS)),
        When(marketing_status=status.UNSUBSCRIBED, then=Value(PassedOver.UNSUBSCRIBED)),
        When(marketing_status=status.WAITING, then=Value(PassedOver.WAITING)),
        When(marketing_status=status.NON_MARKETABLE, then=Value(PassedOver.NON_MARKETABLE)),
    )
    return chosen(query).annotate(
        passed_over=Case(*reasons, default=Value(""), output_field=CharField())
    )
