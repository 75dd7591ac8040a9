"""A run's databases: one is migrated while the processes collect, and each takes a copy of it.

Migrating takes seconds, copying a tenth of one. A run of one process has nobody to copy for: its
database is pytest-django's own.
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from django.db.backends.base.creation import TEST_DATABASE_PREFIX
from pytest_django.plugin import blocking_manager_key

from tests import environment

#: The name of this process among those that are handed tests, if there are any.
WORKER = os.environ.get("PYTEST_XDIST_WORKER")


def pytest_configure(config):
    if WORKER:
        return
    several = config.getoption("numprocesses", None)
    config.pluginmanager.register(OfSeveral() if several else OfOne())


class OfOne:
    def __init__(self):
        self._cluster = environment.Cluster()
        self._cluster.join()

    def pytest_unconfigure(self):
        self._cluster.leave()


class OfSeveral:
    """Where tests are handed out from: the database that the others copy."""

    def __init__(self):
        self._cluster = environment.Cluster()
        self._name = connection.settings_dict["NAME"]
        self._maker = ThreadPoolExecutor(1)
        self._made = None

    def pytest_sessionstart(self, session):
        # No test runs in this process.
        session.config.stash[blocking_manager_key].unblock()
        self._made = self._maker.submit(self._make)

    def _make(self):
        self._cluster.join()
        connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
        connection.close()

    def pytest_xdist_node_collection_finished(self):
        """No test is handed out before all have collected, nor before there is a database."""
        self._made.result()

    def pytest_unconfigure(self):
        self._maker.shutdown()
        if self._made and not self._made.exception():
            connection.creation.destroy_test_db(self._name, verbosity=0)
        self._cluster.leave()


if WORKER:

    @pytest.fixture(scope="session")
    def django_db_setup(django_test_environment, django_db_blocker):
        """This process's copy, in place of a database that it would have to migrate."""
        creation, described = connection.creation, connection.settings_dict
        with django_db_blocker.unblock():
            described["NAME"] = TEST_DATABASE_PREFIX + described["NAME"]
            creation.clone_test_db(WORKER, verbosity=0)
            creation.setup_worker_connection(WORKER)
        yield
        with django_db_blocker.unblock():
            creation.destroy_test_db(verbosity=0)
