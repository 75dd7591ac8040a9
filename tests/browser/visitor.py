"""A person at a browser: what they look for, press and see; by mouse, by keyboard, on a phone."""

from __future__ import annotations

import re
import time
from contextlib import contextmanager, suppress

from playwright.sync_api import expect

from tests.readable import faults, too_wide

CARD = "/settings/integrations/"
MOST_TABS = 150
NARROW = 600
PHONE = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "color_scheme": "dark"}
LOOK_MS = 1000
MENU = "More for QuickBooks Online"


class Visitor:
    """One person's page of the site. `keyboard_only` keeps the hands off the mouse."""

    def __init__(self, page, site, *, keyboard_only=False, scripts=True):
        self.page = page
        self.site = site
        self.keyboard_only = keyboard_only
        self.scripts = scripts
        self.complaints = []
        page.on("console", self._listen)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def _listen(self, said):
        if said.type in {"error", "warning"}:
            self.complaints.append(f"{self.page.url}: {said.text}")

    # --- Hands ---

    def press(self, target):
        if not self.keyboard_only:
            target.click()
            return
        self._tab_to(target)
        self.page.keyboard.press("Enter")

    def choose(self, target):
        """One of several radio buttons."""
        if not self.keyboard_only:
            target.check()
            return
        group = self.page.locator(f"input[name='{target.get_attribute('name')}']:checked")
        self._tab_to(group.or_(target).first)
        while not target.is_checked():
            self.page.keyboard.press("ArrowDown")

    def write(self, target, text):
        if not self.keyboard_only:
            target.fill(text)
            return
        self._tab_to(target)
        self.page.keyboard.press("ControlOrMeta+A")
        self.page.keyboard.type(text)

    def _tab_to(self, target):
        target.wait_for()
        for _ in range(MOST_TABS):
            if target.evaluate("node => node === document.activeElement"):
                return
            self.page.keyboard.press("Tab")
        raise AssertionError(f"{target} is not reached with the Tab key on {self.page.url}")

    # --- Ways ---

    def open(self, address):
        answer = self.page.goto(f"{self.site.url}{address}")
        assert answer.ok, (address, answer.status)

    def sign_in(self, role="admin"):
        email, password = self.site.passwords[role]
        self.open("/")
        self.write(self.page.get_by_label("Email"), email)
        self.write(self.page.get_by_label("Password"), password)
        self.press(self.button("Sign in"))
        self.page.get_by_role("navigation", name="Main").wait_for()

    def go_to_integrations(self):
        """The way there that R1 names."""
        self.press(self.page.locator("summary[aria-label^='Account menu']"))
        self.press(self.link("Settings"))
        self.press(self.link("Integrations"))
        expect(self.page.get_by_role("heading", name="QuickBooks Online")).to_be_visible()

    def go_to(self, place):
        self.press(self.page.get_by_role("navigation", name="Main").get_by_role("link", name=place))
        self.arrives_at(place)

    def go_to_consent(self, button="Connect"):
        self.press(self.button(button))
        expect(self.page.get_by_role("heading", level=1)).to_contain_text("Connect crmsync")

    def consent(self, company):
        """On Intuit's page."""
        self.choose(self.page.get_by_role("radio", name=re.compile(f"^{re.escape(company)}")))
        self.press(self.button("Connect"))

    def connect(self, company):
        """From wherever it is to a connection whose import is over."""
        self.open(CARD)
        self.go_to_consent()
        self.consent(company)
        self.toast(f"Connected to {company}.")
        self.until_shown(self.page.get_by_text("Import finished"))

    def choose_in_card_menu(self, entry):
        self.open(CARD)
        self.press(self.page.get_by_label(MENU))
        self.press(self.link(entry))

    def find(self, text):
        """Search in the list that is open, and open the one record found."""
        # What is typed before the page's scripts are there narrows no list.
        self.page.wait_for_load_state()
        self.write(self.page.get_by_role("main").get_by_label("Search", exact=True), text)
        if not self.scripts:
            self.press(self.button("Show"))
        row = self.page.locator("tbody tr").first
        expect(row).to_contain_text(text)
        expect(self.page.locator("tbody tr")).to_have_count(1)
        link = row.get_by_role("link").first
        name = link.inner_text()
        self.press(link)
        # What the record says of itself, its row may say, too.
        self.arrives_at(name)

    def until_shown(self, target, seconds=20):
        """Look again, as a person presses F5, until it is there."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            with suppress(AssertionError):
                return expect(target.first).to_be_visible(timeout=LOOK_MS)
            self.page.reload()
        return expect(target.first).to_be_visible(timeout=LOOK_MS)

    # --- Eyes ---

    def arrives_at(self, heading):
        """A press that leads to another page is over before the page is there."""
        expect(self.page.get_by_role("heading", level=1)).to_have_text(heading)

    def button(self, name):
        return self.page.get_by_role("button", name=name, exact=True)

    def link(self, name):
        return self.page.get_by_role("link", name=name, exact=True)

    def toast(self, text):
        """Where R2 wants it: in the lower right corner, on a phone along the lower edge."""
        toast = self.page.locator("#toasts").get_by_text(text)
        toast.wait_for()
        # A text is there before the styles that place it.
        self.page.wait_for_load_state()
        if self.scripts:
            box, window = toast.bounding_box(), self.page.viewport_size
            assert box["y"] > window["height"] / 2
            assert box["x"] > window["width"] / 2 or window["width"] < NARROW
        return toast

    def sees_all_of_it(self):
        """The page is no wider than the window."""
        self.page.wait_for_load_state()
        wider = too_wide(self.page)
        assert wider <= 0, f"{self.page.url} is {wider} px wider than the window"

    def finds_nothing_wrong(self):
        """Readable with every aid that axe knows of."""
        assert faults(self.page) == [], self.page.url

    @contextmanager
    def new_tab(self, target):
        """Follow a link that opens a tab of its own."""
        with self.page.context.expect_page() as opened:
            self.press(target)
        page = opened.value
        page.wait_for_load_state()
        yield page
        page.close()


class Bookkeeper:
    """Somebody at work in QuickBooks: in the emulator's own pages, in a window of their own."""

    def __init__(self, page, site, company):
        self.page = page
        self.home = f"{site.emulator.url}/company/{site.realm(company)}"

    def invoices(self, customer, item, quantity="1", price="100"):
        """Make an invoice; returns its number."""
        self.page.goto(f"{self.home}/invoices/new")
        self.page.get_by_label("Customer").fill(customer)
        choice = self.page.get_by_label("Item of line 1")
        option = choice.locator("option", has_text=re.compile(rf"\b{re.escape(item)}\b")).first
        choice.select_option(value=option.get_attribute("value"))
        self.page.get_by_label("Quantity of line 1").fill(quantity)
        self.page.get_by_label("Price of line 1").fill(price)
        self._press("Save")
        heading = self.page.get_by_role("heading", name=re.compile("Invoice "))
        return re.search(r"Invoice (\S+)", heading.first.inner_text())[1]

    def find_invoice(self, number):
        self.page.goto(f"{self.home}/invoices?q={number}")
        self.page.get_by_role("link", name=number, exact=True).click()

    def is_paid(self):
        """Record a payment of all that is owed on the invoice that is open."""
        self._press("Record payment")

    def adds_customer(self, first, last, email):
        self.page.goto(f"{self.home}/customers/new")
        self.page.get_by_label("First name").fill(first)
        self.page.get_by_label("Last name").fill(last)
        self.page.get_by_label("E-mail").fill(email)
        self._press("Save")

    def disconnects_the_app(self):
        """Inside QuickBooks, which then shows the app's own page; the tokens are dead."""
        self.page.goto(f"{self.home}/customers")
        self.page.get_by_role("button", name="Disconnect app").click()
        expect(self.page.get_by_role("heading", name="QuickBooks is disconnected")).to_be_visible()

    def _press(self, name):
        self.page.get_by_role("button", name=name).click()
        expect(self.page.get_by_role("status").or_(self.page.get_by_role("alert"))).to_be_visible()
        expect(self.page.get_by_role("alert")).to_have_count(0)
