"""Words and badges of broadcasts. `{% load mailing %}`."""

from __future__ import annotations

from collections.abc import Mapping

from django import template
from django.utils.safestring import SafeString

from contacts.display.mailing import mailing_badge
from contacts.display.spans import roughly
from contacts.models import Delivery, Mailing
from contacts.services.mailing import audience
from contacts.services.mailing.merge_fields import FIELDS

register = template.Library()


@register.simple_tag
def mailing_status(mailing: Mailing) -> SafeString:
    return mailing_badge(mailing)


@register.filter
def passed_over(numbers: dict[str, int]) -> list[tuple[int, str]]:
    """(how many, why) of `Outlook.passed_over`."""
    return audience.in_words(numbers)


@register.filter
def tally(counts: Mapping[str, int]) -> list[tuple[str, str, int]]:
    """(status, word, number) of what there is any of; sent always."""
    rows = [
        (status.value, str(status.label).lower(), counts.get(status.value, 0))
        for status in Delivery.Status
    ]
    return [row for row in rows if row[2] or row[0] == Delivery.Status.SENT]


@register.simple_tag
def merge_fields() -> list[tuple[str, str]]:
    """(name, what it stands for) of each."""
    return list(FIELDS.items())


register.filter("roughly", roughly)
