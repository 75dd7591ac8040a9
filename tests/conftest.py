"""What every test gets: its environment, a database, and programs run as processes of their own."""

from __future__ import annotations

import gc

import pytest
from django.conf import settings
from django.db import connections

from tests import environment
from tests.chromium import launched
from tests.signing_in import session_of

environment.prepare()
# Here, so that the conftest of a folder may import models at its top.
environment.set_up_django()

pytest_plugins = ["tests.emulator_process", "tests.databases"]


def pytest_collection_finish():
    """What is there by now stays to the end: the collector need not go through it again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000)


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


@pytest.fixture(scope="session")
def chromium(django_db_setup):
    """One browser for all tests of a process.

    While Playwright's loop runs, Django gives this thread other database connections. A fork knows
    of no loop: it would go on with an earlier one, where another fork was killed in mid-sentence.
    """
    connections.close_all()
    with launched() as browser:
        yield browser
        connections.close_all()


@pytest.fixture
def open_page(chromium, live_server):
    """Pages of the test's own site: `open_page(ada, viewport=...)`; of a stranger: `None`.

    At the end none of their consoles may have complained.
    """
    contexts, complaints = [], []

    def opened(person, **options):
        context = chromium.new_context(base_url=live_server.url, **options)
        context.set_default_timeout(15_000)
        contexts.append(context)
        if person:
            context.add_cookies([session_cookie(person, live_server.url)])
        page = context.new_page()
        page.on(
            "console",
            lambda said: said.type in {"error", "warning"} and complaints.append(said.text),
        )
        page.on("pageerror", lambda error: complaints.append(str(error)))
        return page

    yield opened
    for context in contexts:
        context.close()
    assert complaints == []


def session_cookie(person, url):
    """What signing in would leave in the browser; hashing a password is slow."""
    return {"name": settings.SESSION_COOKIE_NAME, "value": session_of(person), "url": url}
