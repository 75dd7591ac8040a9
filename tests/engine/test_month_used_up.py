"""The month's API budget is used up: each call is refused until the next month (R26, facts 2.9)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from contacts.models import Contact
from contacts.services.contacts import update_contact
from integrations.health import health_of
from integrations.models import Attention, Connection, OutboxEntry
from integrations.pulling import wake


def calls(world):
    return len(world.emulator.requests("/v3/company/"))


@pytest.mark.parametrize("body", ["xml", "json", "empty"])
def test_r26_the_block_is_sat_out_without_hammering_and_nothing_is_lost(connected, body):
    """facts 7.3: what the block's 429 carries is not known."""
    ada = connected.customer()
    connected.pull()
    connected.emulator.switch(throttle_body=body)
    connected.emulator.fail(mode="throttle", path="/v3/")
    connected.emulator.forget_requests()
    update_contact(Contact.objects.get(), {"phone": "555"})
    connected.change("Customer", ada, CompanyName="Engines")
    for _ in range(5):
        connected.poll()
        wake(connected.connection.pk)
        connected.work()
    assert calls(connected) == 1
    assert connected.connection.back_off_until - timezone.now() > timedelta(seconds=50)

    # A minute later one call asks whether it is over; a month of that is a wait, not a question.
    Connection.objects.update(back_off_until=None, last_pull_at=timezone.now() - timedelta(days=3))
    connected.poll()
    assert calls(connected) == 2
    health = health_of(connected.connection, None, timezone.now())
    assert (health.tone, health.words) == ("held", "Behind")
    assert health.detail == (
        "For 3 days QuickBooks has asked to be left alone. If this month's API budget is used up, "
        "it answers again when the next month begins."
    )
    assert not Attention.objects.filter(closed_at=None).exists()

    connected.emulator.control("DELETE", "failures")
    Connection.objects.update(back_off_until=None)
    connected.poll()
    assert not OutboxEntry.objects.exists()
    contact = Contact.objects.get()
    assert (contact.company, contact.phone) == ("Engines", "555")
    [there] = connected.emulator.store(connected.realm)["Customer"]
    assert there["PrimaryPhone"]["FreeFormNumber"] == "555"
    assert health_of(connected.connection, None, timezone.now()).words == "In step"
