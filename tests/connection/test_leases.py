"""One holder at a time, and none that can write after it was overtaken."""

from __future__ import annotations

import pytest
from django.db import transaction

from integrations import leases
from integrations.models import Lease
from integrations.transactions import OpenTransactionError
from tests.connection.threads import together

PULL, TOKEN = Lease.Name.PULL, Lease.Name.TOKEN


@pytest.fixture
def pk(stored_connection):
    return stored_connection().pk


def test_of_many_workers_one_gets_the_lease(pk):
    taken = together(8, lambda: leases.take(pk, PULL, 30))
    assert sum(isinstance(each, leases.Held) for each in taken) == 1
    assert sum(each is None for each in taken) == 7


def test_leases_of_two_names_do_not_meet(pk):
    assert leases.take(pk, PULL, 30)
    assert leases.take(pk, TOKEN, 30)


def test_a_released_lease_is_free_at_once_and_its_fence_grows(pk):
    first = leases.take(pk, PULL, 30)
    first.release()
    second = leases.take(pk, PULL, 30)
    assert second.fence > first.fence


def test_a_dead_workers_lease_runs_out_and_its_late_commit_is_refused(pk):
    late = leases.take(pk, PULL, 0)
    now = leases.take(pk, PULL, 30)
    assert now is not None

    with pytest.raises(leases.LeaseLost), transaction.atomic():
        late.guard()
    with pytest.raises(leases.LeaseLost):
        late.extend(30)
    late.release()

    now.extend(30)
    with transaction.atomic():
        now.guard()
    assert leases.take(pk, PULL, 30) is None


def test_a_lease_that_ran_out_and_nobody_took_is_still_its_holders(pk):
    held = leases.take(pk, PULL, 0)
    with transaction.atomic():
        held.guard()
    held.extend(30)
    assert leases.take(pk, PULL, 30) is None


def test_calling_in_voids_every_lease_and_frees_it(pk):
    held = [leases.take(pk, name, 30) for name in (PULL, TOKEN)]
    leases.call_in(pk)
    for each in held:
        with pytest.raises(leases.LeaseLost), transaction.atomic():
            each.guard()
    assert leases.take(pk, PULL, 30).fence > held[0].fence


def test_a_lease_is_not_taken_inside_a_transaction(pk):
    with pytest.raises(OpenTransactionError), transaction.atomic():
        leases.take(pk, PULL, 30)


def test_a_guard_needs_a_transaction_to_guard(pk):
    with pytest.raises(RuntimeError):
        leases.take(pk, PULL, 30).guard()


def test_a_connection_that_does_not_exist_has_no_lease(pk):
    assert leases.take(pk + 1, PULL, 30) is None
