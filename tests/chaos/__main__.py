"""`python -m tests.chaos`: the whole table and the histories; fails if a row does.

`--only ROW` runs the rows whose name holds this text (`--only "histories 58"` a seed again),
`--part inbound` one part only, `--skip histories` leaves one out; `--histories N`, `--days N` and
`--seed S` say how many and from where, `--processes N` how many rows run at a time.
`--part breaking` breaks what must always hold, and is never among the others.
"""

from __future__ import annotations

import argparse
import math
import os
import sys
import time

PARTS = ("table", "histories", "inbound", "days", "switches")
BREAKING = "breaking"


def main():
    options = _options()
    from tests import environment
    from tests.chaos import breaking

    if options.part == [BREAKING]:
        return breaking.run(options.only)

    environment.prepare()
    cluster = environment.Cluster()
    cluster.join()
    try:
        environment.set_up_django()
        return _run(options)
    finally:
        cluster.leave()


def _options():
    parser = argparse.ArgumentParser(prog="tests.chaos")
    parser.add_argument("--only", default="")
    parser.add_argument("--part", action="append", choices=[*PARTS, BREAKING])
    parser.add_argument("--skip", action="append", choices=PARTS, default=[])
    parser.add_argument("--histories", type=int, default=1000)
    parser.add_argument("--days", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--processes", type=int, default=os.cpu_count())
    return parser.parse_args()


def _run(options):
    from tests.chaos.grounds import grounds, stand_on
    from tests.chaos.processes import results

    started = time.monotonic()
    failed = total = 0
    with grounds(max(options.processes, 1)) as places:
        with stand_on(places[0]) as emulator:
            rows = {n: run for n, run in _all_rows(emulator, options) if options.only in n}
        for name, found, seconds, facts in results(rows, places):
            total += 1
            failed += bool(found)
            verdict = "FAILED" if found else "ok"
            sys.stdout.write(f"{verdict:7}{seconds:6.1f} s  {name}{facts}\n")
            sys.stdout.writelines(f"          {each}\n" for each in found)
            sys.stdout.flush()
    taken = time.monotonic() - started
    sys.stdout.write(f"\n{total} rows, {failed} failed, {taken:.0f} s\n")
    return 1 if failed or not total else 0


def _all_rows(emulator, options):
    """Every row as (name, what runs it and returns what was wrong, in words)."""
    from tests.chaos import histories, qcluster, strict, table

    parts = [part for part in options.part or PARTS if part not in options.skip]
    if "table" in parts:
        names = table.record(emulator)
        sys.stdout.write(f"{len(names)} points recorded from a clean run\n")
        yield from table.rows(names)
        yield from strict.rows(names)
        yield from qcluster.rows(names)
    if "inbound" in parts:
        yield from _inbound_rows(emulator, options)
    if "switches" in parts:
        from tests.chaos import disputed

        yield from disputed.rows()
    if "days" in parts:
        from tests.chaos import days

        seeds = _seeds(options, math.ceil(options.days / days.BY_ONE_SEED))
        yield from ((f"days {seed}", days.runner(seed)) for seed in seeds)
    if "histories" in parts:
        seeds = _seeds(options, math.ceil(options.histories / histories.BY_ONE_SEED))
        yield from ((f"histories {seed}", histories.runner(seed)) for seed in seeds)


def _seeds(options, count):
    return range(options.seed, options.seed + count)


def _inbound_rows(emulator, options):
    from tests.chaos import (
        cut_short,
        dying_workers,
        flows,
        frozen_workers,
        inbound,
        killed_import,
        scenarios,
    )

    name = f"import of 20,000 customers and 5,000 items, killed 20 times, seed {options.seed}"
    yield (
        name,
        killed_import.KilledImport(customers=20_000, items=5_000, kills=20, seed=options.seed),
    )
    yield from scenarios.rows()
    yield from inbound.rows(emulator)
    recorded = dying_workers.recorded(emulator)
    yield from dying_workers.rows(recorded)
    yield from frozen_workers.rows(recorded[flows.Poll])
    yield from cut_short.rows(recorded)


if __name__ == "__main__":
    sys.exit(main())
