"""What every test gets: its environment, a database, and programs run as processes of their own."""

from __future__ import annotations

import pytest

from tests import environment

environment.prepare()
# Here, so that the conftest of a folder may import models at its top.
environment.set_up_django()

_cluster = environment.Cluster()


def pytest_configure(config):
    if not hasattr(config, "workerinput"):
        _cluster.join()


def pytest_unconfigure(config):
    if not hasattr(config, "workerinput"):
        _cluster.leave()


@pytest.fixture
def process_environment(transactional_db):
    """The environment in which a process started by the test works on the test's own database."""
    from tests.worker_process import environment as of_this_database

    return of_this_database()


@pytest.fixture(autouse=True)
def _no_business_of_another_test():
    """The process remembers the business for seconds; a test's own is rolled back at its end."""
    from contacts.identity import forget

    forget()
    yield
    forget()
