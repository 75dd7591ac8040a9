"""`python -m tests.chaos.mailing`: a broadcast to 20,000 through production's worker, which is
killed -9 again and again. Prints what it took; fails if anybody was mailed twice or left out."""

from __future__ import annotations

import argparse
import contextlib
import itertools
import os
import random
import sys
import time
from pathlib import Path
from urllib.parse import quote

FLAT = 1.15


def main():
    options = _options()
    from tests import environment

    environment.prepare()
    cluster = environment.Cluster()
    cluster.join()
    try:
        with _database():
            return _run(options)
    finally:
        cluster.leave()


@contextlib.contextmanager
def _database():
    import django

    django.setup()
    from django.conf import settings
    from django.db import connection

    settings.DEBUG = False
    name = connection.settings_dict["NAME"]
    connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    try:
        yield
    finally:
        connection.close()
        connection.creation.destroy_test_db(name, verbosity=0)


def _options():
    parser = argparse.ArgumentParser(prog="tests.chaos.mailing")
    parser.add_argument("--recipients", type=int, default=20_000)
    parser.add_argument("--kills", type=int, default=12)
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args()


def _run(options):
    from contacts.models import Business, User
    from tests.mailing.acts import broadcast, statuses
    from tests.mailing.killing import POINTS, Killer, readers, send_all, verdict
    from tests.mailing.postbox import open_postbox

    Business.objects.create(pk=1, name="Northwind", address="12 Mill Lane", mails_per_minute=60_000)
    addresses = readers(options.recipients)
    by = User.objects.create_user("sam@business.example")
    begun = time.monotonic()
    sent = broadcast(by=by, body="Hello {{ first_name|there }},\n\n**news** from us.")
    _say(f"{options.recipients:,} deliveries written down", time.monotonic() - begun)
    chance = random.Random(options.seed)
    points = itertools.islice(itertools.cycle(POINTS), options.kills)
    plan = zip(
        sorted(chance.sample(range(options.recipients * 3 // 4), options.kills)),
        points,
        strict=True,
    )
    memory = Memory()
    with open_postbox() as postbox:
        killer = Killer(postbox, plan)
        started = time.monotonic()
        send_all(
            sent,
            killer,
            _environment(postbox),
            "qcluster",
            seconds=3600,
            watch=lambda process: memory.look(process, len(postbox.arrived)),
        )
        seconds = time.monotonic() - started
        found = verdict(sent, addresses, postbox, killer.kills)
        numbers = statuses(sent)
        arrived = postbox.count()
    _say("sent, with starts of workers and waits after kills", seconds)
    twice = sum(number > 1 for number in arrived.values())
    missing = len(set(addresses) - set(arrived))
    uncertain = numbers.get("uncertain", 0)
    sys.stdout.write(
        f"{'':9}kills {killer.kills}, duplicates {twice}, sent {numbers.get('sent', 0):,}, "
        f"uncertain {uncertain}, not arrived {missing} (all of them among the uncertain: "
        f"{not any('left out' in each for each in found)})\n"
        f"{'':9}memory of the sending process: {memory.first:.0f} MB after {memory.first_at:,} "
        f"messages, {memory.last:.0f} MB after {memory.last_at:,}, "
        f"{memory.last / memory.first:.2f} times\n"
    )
    if memory.last > FLAT * memory.first:
        found.append("memory grows with what is sent")
    for each in found:
        sys.stdout.write(f"FAILED   {each}\n")
    sys.stdout.write("FAILED\n" if found else "ok\n")
    return 1 if found else 0


class Memory:
    """Of the process that sends: that of the worker which lives longest, early and late in it."""

    def __init__(self):
        self.first = self.last = 0.0
        self.first_at = self.last_at = 0
        self._worker = None

    def look(self, process, arrived):
        if process.pid != self._worker:
            self._worker, self._born = process.pid, arrived
            self._early = None
        largest = max(map(_resident, _group(process.pid)), default=0.0)
        sent = arrived - self._born
        if sent < 200 or not largest:
            return
        self._early = self._early or (largest, sent)
        if sent > self.last_at:
            (self.first, self.first_at), (self.last, self.last_at) = self._early, (largest, sent)


def _group(leader):
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if os.getpgid(int(folder.name)) == leader:
                yield folder
        except ProcessLookupError:
            continue


def _resident(folder):
    """Megabytes."""
    try:
        lines = (folder / "status").read_text().splitlines()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS")), 0.0)


def _environment(postbox):
    from django.db import connection

    database = connection.settings_dict
    host = quote(database["HOST"], safe="")
    port = f":{database['PORT']}" if database["PORT"] else ""
    return {
        **os.environ,
        "DATABASE_URL": f"postgres://{database['USER']}@{host}{port}/{database['NAME']}",
        "EMAIL_URL": f"smtp://127.0.0.1:{postbox.port}",
    }


def _say(what, seconds):
    sys.stdout.write(f"{seconds:7.1f} s  {what}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
