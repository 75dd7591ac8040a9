"""A worker in one process: runs the queued tasks and says what they took, as JSON on stdout.

`python -m tests.bench.queue_worker [--unpaced] [--profile FILE]`
"""

from __future__ import annotations

import argparse
import cProfile
import json
import resource
import sys
import time

import django


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--unpaced", action="store_true")
    options.add_argument("--profile")
    told = options.parse_args()
    django.setup()
    from tests.bench.memory import peak_mb
    from tests.bench.pacing import lift

    if told.unpaced:
        lift()
    profile = cProfile.Profile() if told.profile else None
    at_start = peak_mb()
    before = resource.getrusage(resource.RUSAGE_SELF)
    seconds = _work(profile)
    used = resource.getrusage(resource.RUSAGE_SELF)
    if profile:
        profile.dump_stats(told.profile)
    cpu = used.ru_utime + used.ru_stime - before.ru_utime - before.ru_stime
    said = {"seconds": seconds, "cpu": cpu, "start_mb": at_start, "peak_mb": peak_mb()}
    sys.stdout.write(json.dumps(said))


def _work(profile):
    """Run tasks until none is left; returns the seconds of each task by name."""
    from django.conf import settings
    from django.db import connection
    from django.utils.module_loading import import_string
    from django_q.models import OrmQ

    # Read from the environment with DEBUG on; the work is measured as production does it.
    settings.DEBUG = False
    connection.ensure_connection()
    seconds = {}
    while (queued := OrmQ.objects.order_by("id").first()) is not None:
        task = queued.task
        queued.delete()
        name = task["func"] if isinstance(task["func"], str) else task["func"].__qualname__
        run = import_string(name) if isinstance(task["func"], str) else task["func"]
        if profile:
            profile.enable()
        started = time.perf_counter()
        run(*task["args"], **task["kwargs"])
        taken = time.perf_counter() - started
        if profile:
            profile.disable()
        name = name.rpartition(".")[2]
        seconds[name] = seconds.get(name, 0.0) + taken
    return seconds


if __name__ == "__main__":
    main()
