"""Sending what waits, one message after the other, by whoever has the right to (R8).

A message's text goes to the mail server right after *handed over* was committed, together with
the answer to the message before. So whenever a worker dies, what has not been handed over goes
once, later, and at most one message is uncertain.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from typing import Final

from django.db import transaction
from django.utils import timezone

from contacts.models import Business, Consent, Contact, Delivery, Mailing, MarketingStatus
from contacts.services.consent.links import LASTS, confirm_url
from contacts.services.mail import (
    NotAllowedError,
    PostalConnection,
    RefusedError,
    ServerTroubleError,
    UndeliverableError,
)
from contacts.services.mailing import confirmations, due, outcomes, sender
from contacts.services.mailing.merge_fields import values_for
from contacts.services.mailing.outcomes import Outcome
from contacts.services.mailing.sender import Sender
from contacts.services.mailing.text import Text
from contacts.signals import mail_waiting

#: Read at once: what goes within so many seconds, so that a pause or a new step counts soon.
_AHEAD_SECONDS: Final = 5.0
_MOST_AHEAD: Final = 200
#: The right to send is kept at least this often while the pace makes us wait.
_LONGEST_SLEEP: Final = 20.0
#: So many refusals one after the other are no fault of the addresses.
_MOST_REFUSED: Final = 20
#: Addresses of links stay short.
_SOURCE: Final = 60
#: Answers that are stored together where none has to be stored earlier.
_TOGETHER: Final = 50


class _RecalledError(Exception):
    """Its mailing was paused or stopped."""


def deliver(seconds: float) -> None:
    """Send what is due for at most so long; where more is left, `mail_waiting` is sent again.

    Nothing happens while another worker sends. What dies here is resumed by the next call.
    """
    held = sender.take()
    if held is None:
        return
    with transaction.atomic():
        held.keep()
        due.give_up_unanswered()
    try:
        with PostalConnection() as connection:
            _Round(held, connection, time.monotonic() + seconds).work()
    except sender.SenderLostError:
        return


class _Round:
    """One worker's turn."""

    def __init__(self, held: Sender, connection: PostalConnection, until: float) -> None:
        self._sender = held
        self._connection = connection
        self._until = until
        #: Known and not stored yet.
        self._outcomes: list[Outcome] = []
        #: The last one of each mailing that was taken up.
        self._places: dict[int, Delivery] = {}
        self._texts: dict[int, Text] = {}
        self._works = False
        self._refused_in_a_row = 0
        self._spacing = timedelta(0)
        self._business = ""

    def work(self) -> None:
        trouble = ""
        try:
            for waiting in self._upcoming():
                if not self._wait():
                    break
                if isinstance(waiting, Consent):
                    self._ask(waiting)
                else:
                    self._send(waiting)
        except ServerTroubleError as error:
            trouble = error.sentence
        with self._committing():
            due.end_finished()
            if trouble:
                self._sender.back_off(trouble)
            self._sender.release()
            # Whoever asked for mail while we had the right went away again: look once more.
            if not trouble and (due.is_any_due() or confirmations.next_waiting(1)):
                mail_waiting.send(Mailing)

    def _upcoming(self) -> Iterator[Consent | Delivery]:
        """What is due, looking again for what goes first after each few: questions, steps of the
        sequence, broadcasts."""
        while True:
            business = Business.current()
            self._business = business.name
            self._spacing = timedelta(minutes=1) / business.mails_per_minute
            number = max(1, min(int(_AHEAD_SECONDS / self._spacing.total_seconds()), _MOST_AHEAD))
            if asked := confirmations.next_waiting(number):
                yield from asked
                continue
            for mailing in Mailing.objects.being_sent():
                found = due.next_of(mailing, self._places.get(mailing.pk), number)
                if found:
                    break
            else:
                return
            # Each time anew: a step may have been edited since.
            self._texts[mailing.pk] = Text.of(mailing.subject, mailing.body)
            for delivery in found:
                delivery.mailing = mailing
                self._places[mailing.pk] = delivery
                yield delivery

    def _wait(self) -> bool:
        """Until the pace lets the next one go; False where that is beyond this turn."""
        while (now := time.monotonic()) < self._until:
            left = (self._sender.free_at - timezone.now()).total_seconds()
            if left <= 0:
                return True
            # Nobody knows what happens meanwhile: what is known is stored now.
            self._store_now()
            time.sleep(min(left, _LONGEST_SLEEP, self._until - now))
        return False

    def _send(self, delivery: Delivery) -> None:
        mailing = delivery.mailing
        values = values_for(delivery.contact, delivery.address, self._business)
        key = f"{delivery.pk}.{mailing.entered_as.hex}"
        source = f"{mailing.get_kind_display()}: {mailing.subject}"[:_SOURCE]
        message = self._texts[mailing.pk].filled(values, key=key, source=source)
        try:
            self._connection.send_marketing(message, partial(self._hand_over, delivery))
        except _RecalledError:
            return
        except NotAllowedError:
            outcome = outcomes.left_out(delivery)
        except UndeliverableError:
            outcome = outcomes.no_address(delivery)
        except RefusedError as refusal:
            self._outcomes.append(outcomes.refused(delivery, permanent=refusal.permanent))
            self._count_refusal()
            return
        except ServerTroubleError:
            if delivery.status == Delivery.Status.HANDED_OVER:
                self._outcomes.append(outcomes.unanswered(delivery))
            else:
                due.line_up_again(delivery)
            raise
        else:
            outcome = outcomes.sent(delivery)
            self._it_works()
        self._outcomes.append(outcome)
        if len(self._outcomes) >= _TOGETHER:
            self._store_now()

    def _ask(self, consent: Consent) -> None:
        """Send the email that asks for consent."""
        holder = Contact.objects.filter(email__lower=consent.address)
        context = {
            "first_name": holder.values_list("first_name", flat=True).first(),
            "came_back": consent.status == MarketingStatus.UNSUBSCRIBED,
            "link": confirm_url(consent),
            "days": LASTS.days,
        }
        subject = f"May {self._business or 'we'} send you news?"
        try:
            self._connection.send_transactional(
                consent.address, subject, "confirmation", context, partial(self._asked, consent)
            )
        except _RecalledError:
            return
        except UndeliverableError:
            confirmations.give_up(consent, outcomes.NO_ADDRESS)
        except RefusedError as refusal:
            if refusal.permanent:
                confirmations.give_up(consent, outcomes.REFUSED)
            else:
                confirmations.put_off(consent)
            self._count_refusal()
        except ServerTroubleError:
            confirmations.line_up_again(consent)
            raise
        else:
            self._it_works()

    def _asked(self, consent: Consent) -> None:
        """Commit that the question leaves now."""
        self._take_turn()
        with self._committing():
            leaves = confirmations.mark_as_left(consent)
        if not leaves:
            raise _RecalledError

    def _count_refusal(self) -> None:
        """ServerTroubleError for one too many in a row."""
        self._refused_in_a_row += 1
        if self._refused_in_a_row >= _MOST_REFUSED:
            raise ServerTroubleError("The mail server refuses one message after the other.")

    def _it_works(self) -> None:
        self._refused_in_a_row = 0
        if not self._works:
            self._works = True
            self._sender.all_well()

    def _take_turn(self) -> None:
        """The next one may go a pace later."""
        self._sender.free_at = max(timezone.now(), self._sender.free_at) + self._spacing

    def _hand_over(self, delivery: Delivery) -> None:
        """Commit that the mail server gets it now, and what is known of those before it."""
        self._take_turn()
        live = Delivery.objects.filter(
            pk=delivery.pk,
            status=Delivery.Status.WAITING,
            mailing__status=Mailing.Status.SENDING,
        )
        with self._committing():
            marked = live.update(status=Delivery.Status.HANDED_OVER, handed_over_at=timezone.now())
        if not marked:
            raise _RecalledError
        delivery.status = Delivery.Status.HANDED_OVER

    def _store_now(self) -> None:
        with self._committing():
            pass

    @contextlib.contextmanager
    def _committing(self) -> Iterator[None]:
        """A transaction that keeps the right to send and stores what is known."""
        with transaction.atomic():
            self._sender.keep()
            for outcome in self._outcomes:
                outcome.store()
            yield
        self._outcomes.clear()
