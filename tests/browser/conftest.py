"""One installation, one browser; each story starts with neither records nor a connection."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.conf import settings

from tests.browser.installation import running
from tests.browser.visitor import Bookkeeper, Visitor

FAILED = pytest.StashKey[bool]()
HERE = Path(__file__).parent


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items):
    """The stories first, in whatever order they are.

    One process begins with all of them, so that one installation is enough, and none of these
    long ones is left to be waited for at the end.
    """
    items.sort(key=lambda item: HERE not in item.path.parents)


@pytest.fixture(scope="session")
def _installation(tmp_path_factory):
    with running(tmp_path_factory.mktemp("installation")) as started:
        yield started


@pytest.fixture(scope="session")
def _session_of(_installation, chromium):
    """Signed in once for each role: signing in costs half a second and is limited."""
    site, _ = _installation
    kept = {}

    def session_of(role):
        if role not in kept:
            context = chromium.new_context()
            Visitor(context.new_page(), site).sign_in(role)
            kept[role] = context.storage_state()
            context.close()
        return kept[role]

    return session_of


@pytest.fixture
def site(_installation):
    """The running installation, with the emulator's sample companies and nothing else."""
    site, database = _installation
    database.empty()
    site.emulator.reset(samples=True)
    return site


@pytest.fixture
def visit(chromium, site, _session_of, request):
    """Open the site: `visit()` as an admin, `visit("staff")`, `visit(None)` not signed in.

    At the end nobody's browser may have complained, unless the story emptied the complaints.
    """
    visitors = []

    def visited(role="admin", *, keyboard_only=False, scripts=True, **options):
        context = chromium.new_context(
            storage_state=_session_of(role) if role else None,
            java_script_enabled=scripts,
            **{"viewport": {"width": 1280, "height": 800}, **options},
        )
        context.set_default_timeout(15_000)
        visitor = Visitor(context.new_page(), site, keyboard_only=keyboard_only, scripts=scripts)
        visitors.append(visitor)
        return visitor

    yield visited
    failed = request.node.stash.get(FAILED, False)
    for number, visitor in enumerate(visitors):
        if failed:
            _keep_picture(visitor.page, f"{request.node.name}-{number}")
        visitor.page.context.close()
    if not failed:
        assert [said for visitor in visitors for said in visitor.complaints] == []


@pytest.fixture
def bookkeeper(chromium, site):
    """Somebody in QuickBooks: `bookkeeper("Cedar Lane Supply")`."""
    contexts = []

    def at(company):
        contexts.append(chromium.new_context())
        contexts[-1].set_default_timeout(10_000)
        return Bookkeeper(contexts[-1].new_page(), site, company)

    yield at
    for context in contexts:
        context.close()


def _keep_picture(page, name):
    folder = Path(settings.VAR_DIR) / "pictures"
    folder.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=folder / f"{re.sub(r'[^-a-z0-9]+', '_', name)}.png", full_page=True)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """With a story that failed: what its programs said last."""
    report = yield
    if report.failed and call.when == "call":
        item.stash[FAILED] = True
        site = item.funcargs.get("site")
        if site is not None:
            report.sections.append(("crmsync", "\n".join(site.programs.said().splitlines()[-60:])))
    return report
