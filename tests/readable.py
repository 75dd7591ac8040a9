"""A page as everybody can read it: with axe's eyes, in light and dark, at a desk and on a phone."""

from __future__ import annotations

from axe_core_python.sync_playwright import Axe

DESK, PHONE = 1280, 360
#: Neither frames nor films are looked for, and only the first place of a fault is told.
ALL = {
    "resultTypes": ["violations"],
    "iframes": False,
    "preload": False,
    "selectors": False,
    "ancestry": False,
}
CONTRAST = {**ALL, "runOnly": {"type": "rule", "values": ["color-contrast"]}}
#: Both windows and both schemes in full; of what then is left, only colours are new.
LOOKS = (
    ("light", DESK, ALL),
    ("dark", DESK, CONTRAST),
    ("dark", PHONE, ALL),
    ("light", PHONE, CONTRAST),
)
FIRST_PLACES = """async rules => (await axe.run(rules)).violations.map(
    ({id, nodes}) => [id, nodes[0].html, nodes[0].failureSummary]
)"""


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
    # Reading it in, and telling of all that passes, each take as long as looking at a page.
    if not page.evaluate("'axe' in window"):
        page.evaluate(Axe().axe_script)
    return page.evaluate(FIRST_PLACES, rules)


def too_wide(page):
    """By how many pixels the page is wider than the window."""
    return page.evaluate("document.documentElement.scrollWidth - innerWidth")
