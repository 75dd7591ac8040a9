"""A worker that is killed while it sends a broadcast (R8)."""

from __future__ import annotations

import pytest

from contacts.services.mailing import broadcasts
from tests.mailing.acts import broadcast, statuses
from tests.mailing.killing import POINTS, Killer, readers, send_all, verdict

TASK = ("shell", "-c", "from crmsync.tasks import send_mail; send_mail()")


@pytest.mark.django_db(transaction=True)
@pytest.mark.timeout(180)
def test_r8_killed_at_every_point_it_mails_nobody_twice_and_leaves_nobody_out(
    postbox, business, staff, process_environment
):
    addresses = readers(80)
    sent = broadcast(by=staff)
    killer = Killer(postbox, [(20 * place, point) for place, point in enumerate(POINTS)])
    environment = process_environment | {"EMAIL_URL": f"smtp://127.0.0.1:{postbox.port}"}

    send_all(sent, killer, environment, *TASK, seconds=150)

    assert killer.kills == len(POINTS)
    assert verdict(sent, addresses, postbox, killer.kills) == []
    # Before the first message nothing is at stake; the others leave one that may have arrived.
    numbers = statuses(sent)
    assert sum(numbers.values()) == 80
    assert numbers["uncertain"] == 3
    assert len(set(addresses) - set(postbox.addresses)) == 1
    assert broadcasts.send_again(sent, "uncertain") == 3
