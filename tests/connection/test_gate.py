"""Intuit's limits hold over all processes (facts 2.8), and people go before imports."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest
from django.db import connection as database
from django.db.models import F
from django.utils import timezone

from integrations import gate, session
from integrations.models import Connection, RateGate
from integrations.quickbooks import faults
from tests.connection.threads import together


@pytest.fixture
def pk(stored_connection):
    return stored_connection().pk


def passed(pk, background, until):
    """Go through the gate until the moment; return when each call was let through."""
    moments = []
    while time.monotonic() < until:
        gate.wait(pk, background, is_read=True)
        moments.append(time.monotonic())
    return moments


def most_within(moments, seconds):
    """The most calls in any window of this length."""
    moments = sorted(moments)
    return max(sum(1 for other in moments if start <= other < start + seconds) for start in moments)


def test_intuits_own_limit_is_never_met(browser, emulator, settings):
    settings.QUICKBOOKS_CALLS_PER_SECOND, settings.QUICKBOOKS_CALLS_PER_MINUTE = 10, 500
    emulator.switch(limits=True)
    browser.connect(emulator.company())

    def read():
        with session.open_api(Connection.objects.get()) as api:
            for _ in range(6):
                api.call(lambda client: client.preferences())

    assert together(4, read) == [None] * 4
    assert {each["status"] for each in emulator.requests("/v3/")} == {200}


@pytest.mark.parametrize("background", [False, True])
def test_no_second_has_more_than_ten_calls_over_many_workers(pk, background):
    until = time.monotonic() + 2.5
    moments = [each for some in together(4, lambda: passed(pk, background, until)) for each in some]
    assert most_within(moments, 1.0) <= (7 if background else 10)
    assert len(moments) >= 2.5 * (3 if background else 4)


def test_no_minute_has_more_than_500_calls(pk):
    """The minute's queue alone: as if the second's were always empty."""
    let_through, started = 0, time.monotonic()
    while let_through < 600:
        gate.wait(pk, background=False, is_read=True)
        let_through += 1
        RateGate.objects.update(second_free_at=F("second_free_at") - timedelta(seconds=1))
        gatekeeper = RateGate.objects.get()
        if gatekeeper.minute_free_at - timezone.now() > timedelta(seconds=60 * 60 / 430):
            break
    # A burst of about 60 at once; afterwards 430 a minute.
    assert 55 <= let_through <= 62 + (time.monotonic() - started) * 430 / 60


def test_background_work_leaves_room_for_a_person(pk):
    until = time.monotonic() + 2.0
    waits = []

    def person():
        while time.monotonic() < until:
            started = time.monotonic()
            gate.wait(pk, background=False, is_read=True)
            waits.append(time.monotonic() - started)
            time.sleep(0.4)

    roles = [person, *[lambda: passed(pk, True, until)] * 3]
    together(4, lambda: roles.pop()())
    assert waits
    assert max(waits) < 1.0


def test_a_connection_that_backs_off_is_left_alone(pk):
    gate.back_off(pk, 60)
    with pytest.raises(gate.BackingOff) as raised:
        gate.wait(pk, background=False, is_read=True)
    left = raised.value.until - timezone.now()
    assert timedelta(seconds=55) < left <= timedelta(seconds=60)
    assert not RateGate.objects.exists()


def test_a_short_back_off_is_slept_through(pk):
    gate.back_off(pk, 0.4)
    started = time.monotonic()
    gate.wait(pk, background=False, is_read=True)
    assert time.monotonic() - started >= 0.35


def test_a_back_off_is_never_shortened(pk):
    gate.back_off(pk, 60)
    gate.back_off(pk, 5)
    left = Connection.objects.get().back_off_until - timezone.now()
    assert left > timedelta(seconds=50)


def test_after_a_429_a_minute_passes_or_what_intuit_said():
    assert 60 <= gate.seconds_after(faults.Throttled()) <= 65
    assert 120 <= gate.seconds_after(faults.Throttled(retry_after=120.0)) <= 125
    assert 5 <= gate.seconds_after(faults.ServerTrouble()) <= 10


def test_each_try_is_one_statement(pk, django_assert_num_queries):
    with django_assert_num_queries(1, connection=database):
        gate.wait(pk, background=False, is_read=True)
