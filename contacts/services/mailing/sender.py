"""The right to send mailings: one worker has it at a time, until a moment.

Each step is one statement that compares before it sets, on the database's clock: a sender that
died is replaced once its time has run out, and one that lives on cannot write any more.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import uuid4

from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils import timezone

from contacts.models import MailSender

#: Longer than a mail server may take for a message's text (EMAIL_TIMEOUT, twice).
HELD: Final = timedelta(seconds=60)
SHORTEST_BACK_OFF: Final = timedelta(seconds=30)
LONGEST_BACK_OFF: Final = timedelta(minutes=15)


class SenderLostError(Exception):
    """Another worker sends now; what is not committed is void."""


@dataclass(slots=True)
class Sender:
    """The right to send, in our hands."""

    owner: str
    #: When the pace lets the next message go.
    free_at: datetime

    def keep(self) -> None:
        """Have it for as long again, and store the pace. SenderLostError when it is gone.

        First in a transaction it holds off every other sender until the transaction ends.
        """
        self._change(until=Now() + HELD, free_at=self.free_at)

    def release(self) -> None:
        """Let the next one in. SenderLostError when it is gone."""
        self._change(owner="", until=None, free_at=self.free_at)

    def all_well(self) -> None:
        """The mail server takes our mail."""
        MailSender.objects.filter(owner=self.owner, refusals__gt=0).update(refusals=0, trouble="")

    def back_off(self, trouble: str) -> None:
        """Leave the mail server alone, longer each time, and say why on the pages."""
        refusals = MailSender.objects.values_list("refusals", flat=True).get(owner=self.owner)
        pause = min(SHORTEST_BACK_OFF * 2 ** min(refusals, 10), LONGEST_BACK_OFF)
        self._change(refusals=F("refusals") + 1, trouble=trouble, back_off_until=Now() + pause)

    def _change(self, **values: object) -> None:
        if not MailSender.objects.filter(owner=self.owner).update(**values):
            raise SenderLostError("Another worker sends now.")


def take() -> Sender | None:
    """The right to send, if nobody has it and the mail server is not to be left alone."""
    MailSender.objects.get_or_create(pk=1)
    owner = uuid4().hex
    taken = (
        MailSender.objects.filter(Q(until=None) | Q(until__lte=Now()))
        .filter(Q(back_off_until=None) | Q(back_off_until__lte=Now()))
        .update(owner=owner, until=Now() + HELD)
    )
    if not taken:
        return None
    free_at = MailSender.objects.values_list("free_at", flat=True).get(pk=1)
    return Sender(owner, free_at or timezone.now())
