"""From an import to mail that reaches exactly those who agreed, until they do not any more."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser

COMPANY = "Cedar Lane Supply"
NORA, PRIYA = "nora.whitfield@example.com", "priya.raman@example.com"


@pytest.fixture
def reader(chromium):
    """Somebody at home: a browser that has never been here."""
    context = chromium.new_context()
    context.set_default_timeout(15_000)
    yield context.new_page()
    context.close()


def introduce_the_business(anna):
    anna.open("/settings/business/")
    anna.page.get_by_label("Name", exact=False).first.fill(COMPANY)
    anna.page.get_by_label("Address").fill("418 Cedar Lane\nEugene, OR 97401")
    # As fast as this machine's mail may go, which no provider limits.
    anna.page.get_by_label("Mails a minute at most").fill("3000")
    anna.press(anna.button("Save"))
    anna.toast("The business was saved.")


def mails(anna, subject):
    """Who got a mail with this subject; the page of this machine's mail is left open."""
    anna.open("/development/mail/")
    rows = anna.page.get_by_role("row").filter(has_text=subject)
    return [row.get_by_role("cell").first.inner_text() for row in rows.all()]


def open_mail(anna, subject, to):
    anna.open("/development/mail/")
    row = anna.page.get_by_role("row").filter(has_text=subject).filter(has_text=to)
    anna.until_shown(row)
    anna.press(row.get_by_role("link"))


def header(anna, name):
    value = anna.page.locator(f"dt:text-is('{name}') + dd")
    return value.inner_text().strip(" <>\n")


def write_broadcast(anna, subject):
    anna.open("/broadcasts/new/")
    anna.page.get_by_label("Subject").fill(subject)
    anna.page.get_by_role("textbox", name="Message").fill(
        "Dear {{ first_name }}, **come and see**."
    )
    anna.press(anna.button("Save draft"))
    anna.press(anna.link("Send…"))


def test_r8_from_an_import_to_those_who_agreed_until_they_unsubscribe(visit, reader):
    anna = visit()
    page = anna.page
    introduce_the_business(anna)
    anna.connect(COMPANY)
    anna.go_to("Contacts")
    anna.find(NORA)
    expect(page.get_by_text("Non-marketable").first).to_be_visible()

    anna.open("/contacts/?q=example.com")
    page.locator("summary", has_text="Marketing consent").click()
    anna.press(page.get_by_role("button", name="Send confirmation emails…"))
    anna.press(page.get_by_role("button", name=re.compile(r"^Send \d+$")))
    question = re.compile("news", re.IGNORECASE)
    open_mail(anna, question, NORA)
    anna.finds_nothing_wrong()
    link = page.locator("a[href*='/consent/confirm/']").first.get_attribute("href")
    open_mail(anna, question, PRIYA)

    reader.goto(link)
    reader.goto(link)
    anna.open("/broadcasts/new/")
    expect(page.get_by_role("region", name="Who gets it")).to_contain_text("0 of")
    reader.get_by_role("button", name="Yes, I agree").click()
    expect(reader.get_by_role("heading", name="Thank you")).to_be_visible()

    write_broadcast(anna, "Spring at Cedar Lane")
    expect(page.get_by_role("heading", name="Send it to 1 contact?")).to_be_visible()
    anna.press(anna.button("Send to 1"))
    # The page asks for its own successor.
    expect(page.locator("#progress").get_by_text("1 of 1")).to_be_visible()
    expect(page.locator("#progress").get_by_text("Sent", exact=True)).to_be_visible()
    assert mails(anna, "Spring at Cedar Lane") == [NORA]

    open_mail(anna, "Spring at Cedar Lane", NORA)
    expect(page.get_by_text("Dear Nora, come and see.")).to_be_visible()
    frame = page.frame_locator("iframe")
    expect(frame.get_by_role("link", name="Unsubscribe")).to_be_visible()
    assert header(anna, "List-Unsubscribe-Post") == "List-Unsubscribe=One-Click"
    answer = reader.context.browser.new_context().request.post(
        header(anna, "List-Unsubscribe"), form={"List-Unsubscribe": "One-Click"}
    )
    assert answer.status == 200

    write_broadcast(anna, "Summer at Cedar Lane")
    expect(page.get_by_text("Nobody in this audience has agreed")).to_be_visible()
    anna.go_to("Contacts")
    anna.find(NORA)
    expect(page.get_by_text("Unsubscribed").first).to_be_visible()
    assert mails(anna, "Summer at Cedar Lane") == []
