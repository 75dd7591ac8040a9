"""Each thing that must always hold (design.md) is broken on purpose, to see that a test notices.

`make chaos ARGS="--part breaking"` changes a few letters in a copy of the tree, runs the named
tests there, and prints which of them failed. A change that no test notices is a failure; so is a
test that fails without it.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.chaos.breaches import BREACHES

ROOT = Path(__file__).resolve().parents[2]
FAILED = re.compile(r"^FAILED (\S+::\S.*?)(?: - .*)?$", re.MULTILINE)


def run(only):
    """Print the table of those whose words hold `only`; returns how the program ends."""
    chosen = [each for each in BREACHES if only in f"{each.invariant}: {each.change}"]
    with tempfile.TemporaryDirectory() as folder, _database() as environment:
        copy = Copy(Path(folder), environment)
        if failed := copy.failing(sorted({test for each in chosen for test in each.tests})):
            raise SystemExit(f"These fail without any change: {failed}")
        unnoticed = [each for each in chosen if not _is_noticed(copy, each)]
    sys.stdout.write(f"\n{len(chosen)} broken, {len(unnoticed)} unnoticed\n")
    return 1 if unnoticed or not chosen else 0


def _is_noticed(copy, breach):
    started = time.monotonic()
    with copy.broken(breach):
        failed = copy.failing(breach.tests)
    verdict = "noticed" if failed else "UNNOTICED"
    sys.stdout.write(
        f"{verdict:10}{time.monotonic() - started:6.1f} s  {breach.invariant}: {breach.change}\n"
    )
    for test in failed:
        sys.stdout.write(f"{'':20}{test}\n")
    sys.stdout.flush()
    return bool(failed)


class Copy:
    """The tree as git would take it, where a file may be broken for a while."""

    def __init__(self, folder, environment):
        self.folder = folder
        self.environment = environment
        #: The tests' database is kept from run to run, unless its tables are not as they should be.
        self.database_is_good = False
        listed = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
        names = subprocess.run(listed, cwd=ROOT, check=True, capture_output=True, text=True).stdout
        for name in filter(None, names.split("\0")):
            if (ROOT / name).is_file():
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(ROOT / name, folder / name)

    @contextlib.contextmanager
    def broken(self, breach):
        file = self.folder / breach.file
        whole = file.read_text()
        if breach.old not in whole:
            raise SystemExit(f"{breach.file} no longer says: {breach.old}")
        file.write_text(whole.replace(breach.old, breach.new))
        of_tables = "migrations" in file.parts
        self.database_is_good &= not of_tables
        try:
            yield
        finally:
            file.write_text(whole)
            self.database_is_good &= not of_tables

    def failing(self, tests):
        """The names of the tests that fail; ends the program where they could not even run."""
        options = ["-q", "-p", "no:cacheprovider", "-rf", "--reuse-db"]
        options += ["--create-db"] * (not self.database_is_good)
        self.database_is_good = True
        done = subprocess.run(
            [sys.executable, "-m", "pytest", *options, *tests],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        failed = FAILED.findall(done.stdout)
        if done.returncode not in (0, 1) or bool(done.returncode) != bool(failed):
            raise SystemExit(f"{' '.join(tests)}\n{done.stdout[-4000:]}{done.stderr[-2000:]}")
        return failed


@contextlib.contextmanager
def _database():
    """An environment in which the copy's tests use our cluster, in a database of their own."""
    from tests import environment

    cluster = environment.Cluster()
    cluster.join()
    try:
        yield {
            **os.environ,
            "TEST_DATABASE_URL": f"{environment.CLUSTER.url}_{os.getpid()}_breaking",
            # A file is broken and mended within a second: no bytecode may outlive it.
            "PYTHONDONTWRITEBYTECODE": "1",
        }
    finally:
        cluster.leave()
