"""Workers killed while they send, at points that the mail server sees; and what became of it."""

from __future__ import annotations

import os
import signal
import time
from collections import Counter
from datetime import timedelta

from django.db.models.functions import Now
from django.utils import timezone
from django_q.models import OrmQ

from contacts.models import Consent, Contact, Delivery, Mailing, MailSender, MarketingStatus
from tests.worker_process import worker

#: Before *handed over*; after it, the text lost with the server or kept by it; after the answer.
POINTS = ("recipient", "text lost", "text kept", "next recipient")


def readers(number):
    """So many contacts who agreed; their addresses."""
    addresses = [f"reader{place}@x.example" for place in range(number)]
    Contact.objects.bulk_create(
        (
            Contact(first_name="Anna", email=each, marketing_status=MarketingStatus.MARKETABLE)
            for each in addresses
        ),
        batch_size=2000,
    )
    Consent.objects.bulk_create(
        (Consent(address=each, status=MarketingStatus.MARKETABLE) for each in addresses),
        batch_size=2000,
    )
    return addresses


class Killer:
    """Kills the worker that sends at one point after the other: `[(arrived, point)]`."""

    def __init__(self, postbox, plan):
        self.kills = 0
        self.worker = None
        self._postbox = postbox
        self._plan = list(plan)
        postbox.at_recipient = self._at_recipient
        postbox.at_text = self._at_text
        postbox.after_text = self._after_text

    def _due(self, *points):
        if not self._plan or self.worker is None:
            return ""
        arrived, point = self._plan[0]
        return point if len(self._postbox.arrived) >= arrived and point in points else ""

    def _kill(self):
        self._plan.pop(0)
        self.kills += 1
        os.killpg(self.worker.pid, signal.SIGKILL)
        self.worker.wait()
        self.worker = None

    def _at_recipient(self, address):
        # The one before was answered, and the answer is not stored yet.
        if self._due("recipient", "next recipient"):
            self._kill()

    def _at_text(self, address):
        if self._due("text lost"):
            self._kill()
            return "hang up"
        return None

    def _after_text(self, address):
        if self._due("text kept"):
            self._kill()
            return "hang up"
        return None


def send_all(broadcast, killer, environment, *command, seconds, watch=lambda process: None):
    """Start a worker, and another one whenever it was killed, until the broadcast is over."""
    deadline = time.monotonic() + seconds
    while not _is_over(broadcast):
        minutes_pass()
        with worker(environment, *command) as process:
            killer.worker = process
            while process.poll() is None and not _is_over(broadcast):
                assert time.monotonic() < deadline, f"not over after {seconds} s"
                watch(process)
                time.sleep(0.05)
    killer.worker = None


def minutes_pass():
    """A dead worker's right to send runs out, and its task is handed out again."""
    MailSender.objects.update(until=Now(), back_off_until=None)
    OrmQ.objects.update(lock=timezone.now() - timedelta(hours=1))


def verdict(broadcast, addresses, postbox, kills):
    """What is wrong: nobody got it twice, and whoever did not get it is known as uncertain."""
    arrived = Counter(postbox.addresses)
    rows = dict(broadcast.deliveries.values_list("address", "status"))
    uncertain = {address for address, status in rows.items() if status == "uncertain"}
    found = []
    if twice := [address for address, number in arrived.items() if number > 1]:
        found.append(f"mailed twice: {twice}")
    if missing := set(addresses) - set(arrived) - uncertain:
        found.append(f"left out: {sorted(missing)[:5]} and more, {len(missing)}")
    if strange := set(rows.values()) - {Delivery.Status.SENT, Delivery.Status.UNCERTAIN}:
        found.append(f"neither sent nor uncertain: {strange}")
    if rows.keys() != set(addresses):
        found.append("the deliveries are not those of the audience")
    if len(uncertain) > kills:
        found.append(f"{len(uncertain)} uncertain after {kills} kills")
    return found


def _is_over(broadcast):
    over = (Mailing.Status.DONE, Mailing.Status.STOPPED)
    return Mailing.objects.filter(pk=broadcast.pk, status__in=over).exists()
