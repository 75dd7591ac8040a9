"""A page as everybody can read it: with axe's eyes, in light and dark, at a desk and on a phone."""

from __future__ import annotations

from axe_core_python.sync_playwright import Axe

DESK, PHONE = 1280, 360
#: Nobody wants to know of what passes, and telling it takes most of the time.
ALL = {"resultTypes": ["violations"]}
CONTRAST = {**ALL, "runOnly": {"type": "rule", "values": ["color-contrast"]}}
#: Both windows and both schemes in full; of what then is left, only colours are new.
LOOKS = (
    ("light", DESK, ALL),
    ("dark", DESK, CONTRAST),
    ("dark", PHONE, ALL),
    ("light", PHONE, CONTRAST),
)


def assert_readable(page, *addresses):
    """Each page is loaded once and looked at four times."""
    for address in addresses:
        page.set_viewport_size({"width": DESK, "height": 800})
        assert page.goto(address).ok, address
        for scheme, width, rules in LOOKS:
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            page.set_viewport_size({"width": width, "height": 800})
            found = faults(page, rules), too_wide(page)
            assert found <= ([], 0), (address, scheme, width, found)


def faults(page, rules=ALL):
    """What axe complains of, each with the first place of it."""
    found = Axe().run(page, options=rules)["violations"]
    firsts = [(each["id"], each["nodes"][0]) for each in found]
    return [(rule, node["html"], node["failureSummary"]) for rule, node in firsts]


def too_wide(page):
    """By how many pixels the page is wider than the window."""
    return page.evaluate("document.documentElement.scrollWidth - innerWidth")
