"""The integration pages as a person uses them: contrast, phone, keyboard, an import that moves."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from contacts.models import RecordKind
from integrations import attention, outbox
from integrations.models import Cause, CustomerLink, ImportProgress, Run
from tests.engine.world import World
from tests.factories import ContactFactory
from tests.pages.conftest import CARD, connected, person
from tests.pages.records import aside, import_run, linked_customer
from tests.readable import assert_readable, faults

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
def opened(open_page, transactional_db):
    """Pages of an admin: `opened(viewport=...)`."""
    return partial(open_page, person("ada@business.example", role="admin", first_name="Ada"))


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


def test_every_page_is_readable_everywhere(troubled, opened):
    assert_readable(opened(), *PAGES)


def test_r22_what_a_record_offers_is_readable_everywhere(opened, emulator):
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
    page = opened()
    assert_readable(
        page,
        linked.contact.get_absolute_url(),
        unlinked.get_absolute_url(),
        f"/links/contact/{linked.pk}/unlink/",
        f"/contacts/{unlinked.pk}/link/?q=ada",
    )
    page.get_by_role("radio", name="Adam Ant").check()
    page.get_by_role("button", name="Link", exact=True).click()
    page.get_by_text("Linked. From now on").wait_for()
    page.get_by_role("link", name="Unlink").click()
    page.get_by_role("dialog").get_by_role("button", name="Unlink").click()
    page.get_by_text("Unlinked. Both records stay").wait_for()


def test_r3_the_bar_moves_and_ends_by_itself(opened):
    company = connected()
    run = import_run(company, done=1000)
    page = opened()
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


def test_r3_without_scripts_the_page_refreshes_itself(opened):
    import_run(connected(), done=1000)
    page = opened(java_script_enabled=False)
    page.goto(CARD)
    ImportProgress.objects.filter(kind="Customer").update(done=2000)
    page.get_by_text("2,000 of 3,000 customers").wait_for()


def test_r1_the_menu_by_keyboard_alone(opened):
    connected()
    page = opened()
    page.goto(CARD)
    page.get_by_label("More for QuickBooks Online").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.locator(":focus")).to_have_text("Reset connection")
    page.keyboard.press("Tab")
    expect(page.locator(":focus")).to_have_text("Disconnect")
    page.keyboard.press("Enter")
    page.get_by_role("dialog").wait_for()
    assert faults(page) == []
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
