"""Which of many contacts an act reaches, which it leaves out, and why: told before it is done."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any, Final

from django.db import models
from django.db.models import Case, CharField, Count, Exists, OuterRef, Q, QuerySet, Value, When
from django.db.models.functions import Lower
from django.utils import timezone

from contacts.models import Consent, Contact, MarketingStatus

#: No address gets two confirmation emails within this time.
PAUSE: Final = datetime.timedelta(days=1)


class Act(Enum):
    """What a person does to the consent of many contacts."""

    OPT_IN = auto()
    ASK = auto()


class LeftOut(models.TextChoices):
    """Why a contact is left out; the label follows how many they are."""

    NO_ADDRESS = "no_address", "without an email address"
    ARCHIVED = "archived", "archived"
    UNSUBSCRIBED = "unsubscribed", "unsubscribed"
    MARKETABLE = "marketable", "marketable already"
    ASKED = "asked", "asked by email within the last day already"


@dataclass(frozen=True, slots=True)
class Outlook:
    """How many contacts an act reaches and how many it leaves out, by reason."""

    reached: int
    left_out: dict[LeftOut, int]


def outlook(contacts: QuerySet[Contact], act: Act) -> Outlook:
    """What `act` would do now to these contacts."""
    numbers = dict(
        _sorted(contacts, act)
        .values("left_out")
        .annotate(number=Count("pk"))
        .values_list("left_out", "number")
    )
    return Outlook(numbers.get("", 0), {why: numbers[why] for why in LeftOut if why in numbers})


def reached(contacts: QuerySet[Contact], act: Act) -> list[int]:
    """The ids of those that `act` reaches, in the order in which they are locked."""
    found = _sorted(contacts, act).filter(left_out="").order_by("pk")
    return list(found.values_list("pk", flat=True))


def sent_lately() -> Q:
    """Consents whose address got a confirmation email so lately that the next has to wait."""
    return Q(confirmation_sent_at__gt=timezone.now() - PAUSE)


def _sorted(contacts: QuerySet[Contact], act: Act) -> QuerySet[Any]:
    reasons = [
        When(email="", then=Value(LeftOut.NO_ADDRESS)),
        When(archived_at__isnull=False, then=Value(LeftOut.ARCHIVED)),
        When(marketing_status=MarketingStatus.UNSUBSCRIBED, then=Value(LeftOut.UNSUBSCRIBED)),
        When(marketing_status=MarketingStatus.MARKETABLE, then=Value(LeftOut.MARKETABLE)),
    ]
    if act == Act.ASK:
        lately = Consent.objects.filter(
            sent_lately() | Q(confirmation_wanted_at__isnull=False),
            address=Lower(OuterRef("email")),
        )
        reasons.append(When(Exists(lately), then=Value(LeftOut.ASKED)))
    # A filter may have joined or ordered; only who is in it counts.
    chosen = Contact.objects.filter(pk__in=contacts.order_by().values("pk"))
    return chosen.annotate(left_out=Case(*reasons, default=Value(""), output_field=CharField()))
