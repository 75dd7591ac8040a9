from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from crmsync.embedded_database import (
    SOCKET_PATH_BYTES,
    THROWAWAY_SETTINGS,
    EmbeddedDatabase,
    EmbeddedDatabaseError,
    from_settings,
    socket_folder,
)
from crmsync.unprivileged import Unprivileged


@pytest.fixture
def folder():
    """A private folder, closed to every other user: a checkout may lie in one."""
    path = Path(tempfile.mkdtemp())
    assert path.stat().st_mode & 0o777 == 0o700
    yield path
    shutil.rmtree(path)


@pytest.fixture
def database(folder):
    database = EmbeddedDatabase(folder / "pg", THROWAWAY_SETTINGS)
    yield database
    database.stop()


def ask(database, sql):
    with closing(database.connect("crmsync")) as connection, connection.cursor() as cursor:
        connection.autocommit = True
        cursor.execute(sql)
        return cursor.fetchone()[0] if cursor.description else None


def test_data_survive_a_restart_and_a_crash(database):
    assert database.ensure_running() is True
    ask(database, "CREATE TABLE kept AS SELECT 7 AS n")
    database.stop()
    assert not database.is_running()

    assert database.ensure_running() is True
    assert ask(database, "SELECT n FROM kept") == 7
    postmaster = int((database.data / "postmaster.pid").read_text().split()[0])
    os.kill(postmaster, 9)

    # The lock file of the dead server may by now name a stranger's process.
    lines = (database.data / "postmaster.pid").read_text().splitlines()
    (database.data / "postmaster.pid").write_text("\n".join([str(os.getpid()), *lines[1:]]) + "\n")
    assert database.ensure_running() is True
    assert ask(database, "SELECT n FROM kept") == 7


def test_concurrent_starts_agree_on_one_server(database):
    program = (
        "import sys; from pathlib import Path\n"
        "from crmsync.embedded_database import EmbeddedDatabase, THROWAWAY_SETTINGS\n"
        "print(EmbeddedDatabase(Path(sys.argv[1]), THROWAWAY_SETTINGS).ensure_running())\n"
    )

    def start(_):
        command = [sys.executable, "-c", program, str(database.data)]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()

    with ThreadPoolExecutor(4) as pool:
        outcomes = sorted(pool.map(start, range(4)))

    assert outcomes == ["False", "False", "False", "True"]
    assert ask(database, "SELECT 1") == 1


def test_no_parent_folder_is_opened_up(folder, database):
    deep = folder / "closed" / "pg"
    deep.parent.mkdir(mode=0o700)
    nested = EmbeddedDatabase(deep, THROWAWAY_SETTINGS)
    nested.ensure_running()
    nested.stop()

    for path in (folder, deep.parent, deep):
        assert path.stat().st_mode & 0o077 == 0


def test_programs_in_a_closed_folder_can_be_run_and_looked_at(folder):
    program = folder / "look"
    # It asks access(2), which looks at the real user, as PostgreSQL does of its programs.
    program.write_text('#!/bin/bash\n[ "$(id -u)" != 0 ] && exec /usr/bin/python3 -c "$1" "$0"\n')
    program.chmod(0o755)
    runner = Unprivileged.reaching(folder, folder)

    question = "import os, sys; sys.exit(not os.access(sys.argv[1], os.X_OK))"
    command = runner.command(str(program), question)
    if os.geteuid() == 0:
        assert subprocess.run(command, check=False, cwd="/").returncode == 0


def test_only_its_owner_reaches_the_server(database):
    database.ensure_running()

    assert ask(database, "SHOW listen_addresses") == ""
    assert socket_folder(database.data).stat().st_mode & 0o777 == 0o700


def test_a_path_too_long_for_a_socket_listens_elsewhere(folder):
    deep = folder / ("long " * 10) / ("it's " * 12) / "pg"
    deep.parent.mkdir(parents=True)
    database = EmbeddedDatabase(deep, THROWAWAY_SETTINGS)
    try:
        database.ensure_running()
        assert len(os.fsencode(socket_folder(deep) / ".s.PGSQL.5432")) <= SOCKET_PATH_BYTES
        assert ask(database, "SELECT 1") == 1
    finally:
        database.stop()
        socket_folder(deep).rmdir()


def test_data_of_another_version_are_left_alone(folder):
    data = folder / "pg"
    data.mkdir()
    (data / "PG_VERSION").write_text("12\n")

    with pytest.raises(EmbeddedDatabaseError, match="written by PostgreSQL 12"):
        EmbeddedDatabase(data).ensure_running()


def test_refused_when_debug_is_off(settings):
    settings.DEBUG = False

    with pytest.raises(EmbeddedDatabaseError, match="DATABASE_URL is not set"):
        from_settings()


def test_every_command_says_so_when_debug_is_off():
    environment = {**os.environ, "DEBUG": "0", "DATABASE_URL": ""}
    result = subprocess.run(
        [sys.executable, "manage.py", "migrate"],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )

    assert result.returncode == 1
    assert result.stderr.startswith("DATABASE_URL is not set.")
    assert "Traceback" not in result.stderr
