"""`python -m tests.bench`: measure every budget, print the table, fail if one is missed."""

from __future__ import annotations

import argparse
import logging
import sys
import time

from tests.bench import surroundings
from tests.bench.report import Report, machine

#: What a run without --only measures; at size takes minutes and has to be asked for.
PARTS = ("import", "poll", "webhook", "lists")
AT_SIZE = "at-size"


def main():
    options = _options()
    surroundings.prepare(options.port)
    started = time.monotonic()
    report = Report()

    def say(text):
        sys.stderr.write(f"{time.monotonic() - started:6.1f} s  {text}\n")

    say("database and emulator")
    with surroundings.database(), surroundings.emulator() as emulator:
        _set_up()
        if options.profile:
            from tests.bench import importing

            importing.profile(emulator, importing.Size(options.customers, options.items))
            return 0
        facts = machine()
        try:
            for part in options.only or PARTS:
                _run(part, report, emulator, options, say)
        finally:
            # What was measured before a part failed is told all the same.
            taken = time.monotonic() - started
            sys.stdout.write(f"\n{facts}\n{taken:.0f} s in all\n\n{report.text()}\n")
            _close()
    return 1 if report.missed else 0


def _options():
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--customers", type=int, default=12_000)
    parser.add_argument("--items", type=int, default=4_000)
    parser.add_argument("--invoices", type=int, default=100_000)
    parser.add_argument(
        "--size",
        type=int,
        default=500_000,
        help="customers of the company that is imported at size; a fifth as many items",
    )
    parser.add_argument(
        "--repeats", type=int, default=3, help="of what can be disturbed; the best counts"
    )
    parser.add_argument("--port", type=int, default=9030, help="of the web server")
    parser.add_argument(
        "--only", choices=(*PARTS, AT_SIZE), action="append", help="a part; may be repeated"
    )
    parser.add_argument("--profile", action="store_true", help="only profile one import")
    return parser.parse_args()


def _set_up():
    import django

    django.setup()
    from django.conf import settings
    from django.core.management import call_command

    call_command("migrate", interactive=False, verbosity=0)
    call_command("createcachetable", verbosity=0)
    logging.getLogger("integrations").setLevel(logging.WARNING)
    # Read from the environment with DEBUG on; what runs here is measured as in production.
    settings.DEBUG = False


def _run(part, report, emulator, options, say):
    if part == "import":
        from tests.bench import importing

        size = importing.Size(options.customers, options.items)
        importing.measure(report, emulator, size, options.repeats, say)
    elif part == "poll":
        from tests.bench import polling

        polling.measure(report, emulator, options.repeats, say)
    elif part == "webhook":
        from tests.bench import webhooks

        webhooks.measure(report, emulator, options.repeats, say)
    elif part == AT_SIZE:
        from tests.bench import at_size, importing

        at_size.measure(report, emulator, importing.Size(options.size, options.size // 5), say)
    else:
        from tests.bench import lists

        lists.measure(report, options.invoices, say)


def _close():
    from django.db import connections

    connections.close_all()


if __name__ == "__main__":
    sys.exit(main())
