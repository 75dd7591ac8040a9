"""`python -m tests.browser.screenshots`: the pictures of README.md, anew, into docs/screenshots.

An installation of its own with the sample company, used for a while as in the stories.
"""

from __future__ import annotations

import io
import re
import sys
import tempfile
from pathlib import Path

from tests import environment

FOLDER = environment.ROOT / "docs" / "screenshots"
WINDOW = {"width": 1280, "height": 800}
PHONE = {"width": 390, "height": 800}
COMPANY = "Cedar Lane Supply"
COLOURS = 256
MOST_BYTES = 150_000
TEN_DAYS = 10 * 86_400

# Customer, item, quantity, price, paid: made in QuickBooks after connecting.
MADE_THERE = (
    ("Nora Whitfield", "Garden design", "4", "95", True),
    ("Willamette Landscaping", "Bark mulch", "40", "38.50", False),
    ("Fern Hollow Inn", "Lawn care", "6", "55", True),
    ("Main Street Bakery", "Planter box", "3", "129", False),
    ("Lucas Amaro", "Drip irrigation", "1", "640", False),
    ("Tualatin School District", "Picnic table", "8", "410", True),
)

NEWS_QUESTION = re.compile("news", re.IGNORECASE)
AGREED = ("nora.whitfield@example.com", "priya.raman@example.com")
NEWS = """Dear {{ first_name }},

**tomatoes** want warm soil: wait until May. What can go out now:

- peas and broad beans
- lettuce, under glass
"""


def main():
    environment.prepare()
    cluster = environment.Cluster()
    cluster.join()
    try:
        import django

        django.setup()
        with tempfile.TemporaryDirectory() as folder:
            _take(Path(folder))
    finally:
        cluster.leave()


def _take(folder):
    from tests.browser.installation import running
    from tests.browser.visitor import Bookkeeper, Visitor
    from tests.chromium import launched

    FOLDER.mkdir(parents=True, exist_ok=True)
    with running(folder, purpose="pictures") as (site, _), launched() as browser:
        context = browser.new_context(viewport=WINDOW)
        context.set_default_timeout(30_000)
        camera = Camera(Visitor(context.new_page(), site))
        kim = Bookkeeper(browser.new_context(viewport=WINDOW).new_page(), site, COMPANY)
        _connect(camera)
        _trade(camera, kim)
        _write_to_many(camera)
        _look_around(camera)
        _take_quickbooks(camera, kim)
        _take_phone(browser, context, site)


class Camera:
    """A visitor who takes pictures of what is in the window."""

    def __init__(self, visitor):
        self.visitor = visitor
        self.page = visitor.page

    def of(self, address, name):
        self.visitor.open(address)
        self.take(name)

    def take(self, name, page=None):
        page = page or self.page
        page.wait_for_load_state("networkidle")
        path = FOLDER / f"{name}.png"
        path.write_bytes(_smaller(page.screenshot(animations="disabled")))
        size = path.stat().st_size
        assert size < MOST_BYTES, f"{path} has {size} bytes"
        sys.stderr.write(f"{size:8,}  {path.relative_to(environment.ROOT)}\n")


def _smaller(png):
    """The same picture with a palette: flat pages need no more colours."""
    from PIL import Image

    with Image.open(io.BytesIO(png)) as picture:
        small = picture.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
    written = io.BytesIO()
    small.save(written, "PNG", optimize=True)
    return written.getvalue()


def _connect(camera):
    visitor, page, emulator = camera.visitor, camera.page, camera.visitor.site.emulator
    visitor.open("/")
    camera.take("sign-in")
    visitor.sign_in()
    visitor.open("/settings/business/")
    page.locator("[name=name]").fill(COMPANY)
    page.locator("[name=address]").fill("418 Cedar Lane\nEugene, OR 97401")
    page.locator("[name=how_to_pay]").fill("By check or transfer within 30 days.")
    visitor.button("Save").click()
    visitor.go_to_integrations()
    camera.take("integrations")
    visitor.go_to_consent()
    camera.take("consent")
    emulator.fail(mode="slow", containing="STARTPOSITION", seconds=1.5)
    emulator.generate(visitor.site.realm(COMPANY), customers=3000, spread_seconds=TEN_DAYS)
    visitor.consent(COMPANY)
    visitor.toast(f"Connected to {COMPANY}.")
    page.get_by_text(re.compile(r"[12],\d{3} of 3,")).first.wait_for()
    camera.take("importing")
    visitor.until_shown(page.get_by_text("Import finished"), seconds=60)
    emulator.control("DELETE", "failures")


def _trade(camera, kim):
    """Some days of business, in a minute."""
    visitor, page = camera.visitor, camera.page
    for customer, item, quantity, price, paid in MADE_THERE:
        kim.invoices(customer, item, quantity, price)
        if paid:
            kim.is_paid()
    kim.page.goto(f"{kim.home}/customers?q=Priya")
    for words, price in (("Two hours of weeding", "80"), ("Hedge trimmed", "145")):
        visitor.open("/invoices/new/")
        page.locator("[name=contact]").fill("priya.raman@example.com")
        page.get_by_label("Description, line 1").fill(words)
        page.get_by_label("Price, line 1").fill(price)
        visitor.button("Save and mark as sent…").click()
        visitor.button("Mark as sent").click()
        visitor.until_shown(page.get_by_text("In step", exact=True))
    visitor.open("/invoices/")
    visitor.until_shown(page.get_by_text("8 invoices"))


def _write_to_many(camera):
    """Two are asked and agree, and get the news."""
    visitor, page = camera.visitor, camera.page
    visitor.open("/contacts/?q=example.com")
    page.locator("summary", has_text="Marketing consent").click()
    camera.take("marketing-consent")
    for address in AGREED:
        visitor.open(f"/contacts/?q={address}")
        page.locator("summary", has_text="Marketing consent").click()
        visitor.press(page.get_by_role("button", name="Send confirmation emails…"))
        visitor.press(page.get_by_role("button", name="Send 1", exact=True))
        visitor.open("/development/mail/")
        mail = page.get_by_role("row").filter(has_text=NEWS_QUESTION).filter(has_text=address)
        visitor.until_shown(mail)
        visitor.press(mail.get_by_role("link"))
        page.goto(page.locator("a[href*='/consent/confirm/']").first.get_attribute("href"))
        if address == AGREED[0]:
            camera.take("confirm")
        visitor.press(page.get_by_role("button", name="Yes, I agree"))
    visitor.open("/broadcasts/new/")
    page.get_by_label("Subject").fill("What to plant in spring")
    page.get_by_role("textbox", name="Message").fill(NEWS)
    page.get_by_text("Dear Nora").wait_for()
    camera.take("broadcast-form")
    visitor.press(visitor.button("Save draft"))
    visitor.press(visitor.link("Send…"))
    visitor.press(visitor.button(f"Send to {len(AGREED)}"))
    visitor.until_shown(page.get_by_text(f"{len(AGREED)} of {len(AGREED)}"))
    camera.take("broadcast")


def _look_around(camera):
    visitor, page = camera.visitor, camera.page
    camera.of("/", "home")
    camera.of("/settings/integrations/", "connected")
    camera.of("/contacts/", "contacts")
    visitor.find("Nora Whitfield")
    camera.take("contact")
    camera.of("/products/", "products")
    visitor.find("Bark mulch")
    camera.take("product")
    camera.of("/invoices/", "invoices")
    visitor.find("Fern Hollow Inn")
    camera.take("invoice")
    visitor.open("/invoices/new/")
    page.locator("[name=contact]").fill("nora.whitfield@example.com")
    page.get_by_label("Product, line 1").fill("Bark mulch")
    page.get_by_label("Product, line 1").blur()
    page.get_by_label("Quantity, line 1").fill("12")
    page.get_by_label("Price, line 1").fill("38.50")
    page.get_by_label("Description, line 2").fill("Carried to the back garden")
    page.get_by_label("Price, line 2").fill("45")
    camera.take("invoice-form")
    for name in ("skipped", "attention", "activity", "what-syncs"):
        camera.of(f"/{name}/", name)
    camera.of("/settings/people/", "people")
    for entry, name in (("Reset connection", "reset"), ("Disconnect", "disconnect")):
        visitor.choose_in_card_menu(entry)
        page.get_by_role("dialog").wait_for()
        camera.take(name)


def _take_quickbooks(camera, kim):
    kim.page.goto(camera.visitor.site.emulator.url)
    camera.take("quickbooks-companies", kim.page)
    kim.page.goto(f"{kim.home}/invoices")
    kim.page.get_by_role("cell").get_by_role("link").first.click()
    camera.take("quickbooks-invoice", kim.page)


def _take_phone(browser, context, site):
    from tests.browser.visitor import Visitor

    kept = context.storage_state()
    phone = browser.new_context(
        viewport=PHONE, color_scheme="dark", storage_state=kept, has_touch=True
    )
    camera = Camera(Visitor(phone.new_page(), site))
    camera.of("/invoices/", "phone-invoices")


if __name__ == "__main__":
    main()
