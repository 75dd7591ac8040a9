"""The integration pages as a person uses them: contrast, phone, keyboard, an import that moves."""

from __future__ import annotations

from datetime import timedelta

import pytest
from axe_core_python.sync_playwright import Axe
from django.conf import settings
from django.db import connections
from django.utils import timezone

from contacts.models import RecordKind
from integrations import attention, outbox
from integrations.models import Cause, CustomerLink, ImportProgress, Run
from tests.engine.world import World
from tests.face.browser import launched
from tests.factories import ContactFactory
from tests.pages.conftest import CARD, connected, person
from tests.pages.records import aside, import_run, linked_customer

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PAGES = [
    CARD,
    "/skipped/",
    "/skipped/contacts/",
    "/skipped/outgoing/",
    "/attention/",
    "/activity/",
    "/what-syncs/",
    "/settings/integrations/quickbooks/bookkeeping/",
]


@pytest.fixture
def open_page(client, live_server, monkeypatch):
    """Pages of an admin; each reports what its own console complains about."""
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
    client.force_login(person("ada@business.example", role="admin", first_name="Ada"))
    session = client.cookies[settings.SESSION_COOKIE_NAME].value
    with launched() as browser:

        def opened(**options):
            context = browser.new_context(base_url=live_server.url, **options)
            context.add_cookies(
                [{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}]
            )
            page = context.new_page()
            page.set_default_timeout(10_000)
            page.complaints = []
            page.on(
                "console",
                lambda said: (
                    said.type in {"error", "warning"} and page.complaints.append(said.text)
                ),
            )
            return page

        yield opened
        # While Playwright's loop runs, this thread has database connections of their own.
        connections.close_all()


@pytest.fixture
def troubled(settings):
    """A company with something on every page."""
    company = connected(
        status="reconnect_needed",
        reconnect_reason="QuickBooks no longer accepts the connection.",
        disconnect_page_at=timezone.now(),
        last_change_at=timezone.now(),
        last_delay=timedelta(seconds=1),
        country="GB",
        company={"uses_sales_tax": True},
    )
    run = import_run(company, done=3000, status=Run.Status.DONE)
    for number, reason in enumerate(("no_email", "unreadable", "not_wanted")):
        aside(company, external_id=str(number), reason=reason, run=run.pk)
    one, other = ContactFactory(), ContactFactory()
    linked_customer(company, one)
    ContactFactory(without_email=True)
    outbox.enqueue(company, RecordKind.CONTACT, one.pk)
    attention.open_item(company, Cause.RECONNECT, facts={"reason": "It expired."})
    facts = {"contact": one.pk, "other": other.pk}
    attention.open_item(company, Cause.MERGE_CONTACTS, str(one.pk), facts)
    return company


@pytest.mark.parametrize(
    ("scheme", "width"), [("light", 1280), ("dark", 1280), ("light", 360), ("dark", 360)]
)
def test_every_page_is_readable_everywhere(troubled, open_page, scheme, width):
    page = open_page(color_scheme=scheme, viewport={"width": width, "height": 800})
    for address in PAGES:
        page.goto(address)
        found = Axe().run(page)["violations"]
        assert not found, (address, [(each["id"], each["nodes"][0]["html"]) for each in found])
        wider = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        assert wider <= 0, address
    assert page.complaints == []


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 360)])
def test_r22_what_a_record_offers_is_readable_everywhere(open_page, emulator, scheme, width):
    world = World(emulator, person("bo@business.example", role="admin"))
    world.connect()
    world.work()
    world.customer("Ada Lovelace", "ada@example.com")
    world.pull()
    world.customer("Adam Ant", "adam@example.com")
    world.customer("Adam Smith", email=None)
    linked = CustomerLink.objects.get()
    unlinked = ContactFactory(first_name="Augusta", email="countess@example.com")
    facts = {"kind": "contact", "record": unlinked.pk, "why": "name_taken"}
    attention.open_item(world.connection, Cause.PUSH_HELD, f"contact-{unlinked.pk}", facts)
    page = open_page(color_scheme=scheme, viewport={"width": width, "height": 800})
    for address in (
        linked.contact.get_absolute_url(),
        unlinked.get_absolute_url(),
        f"/links/contact/{linked.pk}/unlink/",
        f"/contacts/{unlinked.pk}/link/?q=ada",
    ):
        page.goto(address)
        found = Axe().run(page)["violations"]
        assert not found, (address, [(each["id"], each["nodes"][0]["html"]) for each in found])
        wider = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        assert wider <= 0, address
    page.get_by_role("radio", name="Adam Ant").check()
    page.get_by_role("button", name="Link", exact=True).click()
    page.get_by_text("Linked. From now on").wait_for()
    page.get_by_role("link", name="Unlink").click()
    page.get_by_role("dialog").get_by_role("button", name="Unlink").click()
    page.get_by_text("Unlinked. Both records stay").wait_for()
    assert page.complaints == []


def test_r3_the_bar_moves_and_ends_by_itself(open_page, db):
    company = connected()
    run = import_run(company, done=1000)
    page = open_page()
    page.goto(CARD)
    page.get_by_text("1,000 of 3,000 customers").wait_for()
    ImportProgress.objects.filter(kind="Customer").update(done=2000)
    page.get_by_text("2,000 of 3,000 customers").wait_for()
    Run.objects.filter(pk=run.pk).update(status=Run.Status.DONE, finished_at=timezone.now())
    page.get_by_text("Import finished").wait_for()
    page.get_by_text("In step").first.wait_for()
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.wait_for_timeout(2500)
    assert asked == []
    assert page.complaints == []


def test_r3_without_scripts_the_page_refreshes_itself(open_page, db):
    import_run(connected(), done=1000)
    page = open_page(java_script_enabled=False)
    page.goto(CARD)
    ImportProgress.objects.filter(kind="Customer").update(done=2000)
    page.get_by_text("2,000 of 3,000 customers").wait_for()


def test_r1_the_menu_by_keyboard_alone(open_page, db):
    connected()
    page = open_page()
    page.goto(CARD)
    page.get_by_label("More for QuickBooks Online").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent.trim()") == "Reset connection"
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent.trim()") == "Disconnect"
    page.keyboard.press("Enter")
    page.get_by_role("dialog").wait_for()
    assert Axe().run(page)["violations"] == []
    page.keyboard.press("Escape")
    assert page.get_by_role("dialog").count() == 0
