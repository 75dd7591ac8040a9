"""`python -m tests.chaos`: the whole table and the histories; fails if a row does.

`--only ROW` runs the rows (or the seed) whose name holds this text, `--skip histories` or
`--skip table` leaves a part out, `--histories N` and `--seed S` say how many and from where,
`--processes N` how many rows run at a time.
"""

from __future__ import annotations

import argparse
import os
import sys
import time


def main():
    options = _options()
    from tests import environment

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
    parser.add_argument("--skip", action="append", default=[])
    parser.add_argument("--histories", type=int, default=1000)
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
        for name, found, seconds in results(rows, places):
            total += 1
            failed += bool(found)
            sys.stdout.write(f"{'FAILED' if found else 'ok':7}{seconds:6.1f} s  {name}\n")
            sys.stdout.writelines(f"          {each}\n" for each in found)
            sys.stdout.flush()
    taken = time.monotonic() - started
    sys.stdout.write(f"\n{total} rows, {failed} failed, {taken:.0f} s\n")
    return 1 if failed or not total else 0


def _all_rows(emulator, options):
    """Every row as (name, what runs it and returns what was wrong, in words)."""
    from tests.chaos import histories, qcluster, table

    if "table" not in options.skip:
        names = table.record(emulator)
        sys.stdout.write(f"{len(names)} points recorded from a clean run\n")
        yield from table.rows(names)
        yield from qcluster.rows(names)
    if "histories" not in options.skip:
        for seed in range(options.seed, options.seed + options.histories):
            yield f"history {seed}", histories.runner(seed)


if __name__ == "__main__":
    sys.exit(main())
