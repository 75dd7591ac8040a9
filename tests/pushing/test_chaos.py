"""A short form of `make chaos`: calls that go wrong, kills, and a few random histories (R16)."""

from __future__ import annotations

import pytest

from tests.chaos import histories, qcluster, table

#: Points and what happens there, by what their names hold.
SHORT = (
    "after POST customer / kill -9",
    "after POST invoice / kill -9",
    "after POST payment / kill -9",
    "after POST invoice / own webhook first",
    "before POST customer / edit meanwhile",
    "after POST invoice / two workers",
    "after POST payment / claim lost",
    "POST invoice / reset after",
    "POST payment / truncated",
    "POST item / 429",
)


@pytest.mark.timeout(120)
def test_r16_short_form_of_the_table(transactional_db, emulator):
    names = table.record(emulator)
    rows = dict(table.rows(names))
    chosen = {name: run for name, run in rows.items() if any(name.endswith(s) for s in SHORT)}
    assert len(chosen) == len(SHORT)

    assert {name: found for name, run in chosen.items() if (found := run(emulator))} == {}


@pytest.mark.timeout(60)
def test_r16_production_worker_killed_after_the_answer(transactional_db, emulator):
    run = qcluster.killed("after POST invoice", 0)

    assert run(emulator) == []


@pytest.mark.timeout(120)
@pytest.mark.parametrize("seed", [1, 2])
def test_r10_random_histories_end_equal(transactional_db, emulator, seed):
    assert histories.runner(seed, histories=2, shorten=False)(emulator) == []
