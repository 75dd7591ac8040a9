"""`python -m tests.chaos`: the whole table and the histories; fails if a row does.

`--only ROW` runs the rows (or the seed) whose name holds this text, `--skip histories` or
`--skip table` leaves a part out, `--histories N` and `--seed S` say how many and from where.
"""

from __future__ import annotations

import argparse
import contextlib
import sys
import time
import traceback


def main():
    options = _options()
    from tests import environment

    environment.prepare()
    cluster = environment.Cluster()
    cluster.join()
    try:
        with _emulator() as emulator, _database():
            return _run(emulator, options)
    finally:
        cluster.leave()


def _options():
    parser = argparse.ArgumentParser(prog="tests.chaos")
    parser.add_argument("--only", default="")
    parser.add_argument("--skip", action="append", default=[])
    parser.add_argument("--histories", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args()


@contextlib.contextmanager
def _emulator():
    import os

    from tests.emulator_process import running

    with running() as emulator:
        os.environ.update(emulator.environment)
        yield emulator


@contextlib.contextmanager
def _database():
    import logging

    import django

    django.setup()
    logging.disable(logging.ERROR)
    from django.conf import settings
    from django.db import connection

    settings.DEBUG = False
    name = settings.DATABASES["default"]["NAME"]
    connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    try:
        yield
    finally:
        connection.close()
        connection.creation.destroy_test_db(name, verbosity=0)


def _run(emulator, options):
    from django.db import connections

    started = time.monotonic()
    failed = total = 0
    for name, run in _all_rows(emulator, options):
        if options.only and options.only not in name:
            continue
        total += 1
        begun = time.monotonic()
        try:
            found = run(emulator)
        except Exception:  # noqa: BLE001 - a row that breaks is a row that failed
            found = [traceback.format_exc()]
            connections.close_all()
        failed += bool(found)
        verdict = "FAILED" if found else "ok"
        sys.stdout.write(f"{verdict:7}{time.monotonic() - begun:6.1f} s  {name}\n")
        for each in found:
            sys.stdout.write(f"          {each}\n")
        sys.stdout.flush()
    taken = time.monotonic() - started
    sys.stdout.write(f"\n{total} rows, {failed} failed, {taken:.0f} s\n")
    return 1 if failed or not total else 0


def _all_rows(emulator, options):
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
