"""What the frame around every page shows: places, counts, banners.

`settings.CONTACTS_BANNERS` and `settings.CONTACTS_ATTENTION_COUNT` may name functions of the
request: the first answers banners (`tone`, `text`, and optionally `url` and `label`), the second
how many things wait for a person. Without them there are none.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject
from django.utils.module_loading import import_string

from contacts.identity import identity


@dataclass(slots=True)
class Place:
    label: str
    url: str
    icon: str
    secondary: bool = False
    secondary_starts: bool = False
    current: bool = False
    count: int = 0


def shell(request: HttpRequest) -> dict[str, Any]:
    """Context processor. Costs nothing where no frame is drawn: everything is asked lazily."""
    person = getattr(request, "user", None)  # absent where a middleware refused the request
    if person is None or not person.is_authenticated:
        return {}
    return {
        "places": SimpleLazyObject(lambda: _places(request)),
        "banners": SimpleLazyObject(lambda: _ask("CONTACTS_BANNERS", request) or []),
        "business_name": SimpleLazyObject(lambda: identity().name),
        "business_currency": SimpleLazyObject(lambda: identity().currency),
    }


def _places(request: HttpRequest) -> list[Place]:
    # The addresses are an interface of the product (docs), so the frame may know them.
    places = [
        Place("Home", "/", "home"),
        Place("Contacts", "/contacts/", "contacts"),
        Place("Products", "/products/", "products"),
        Place("Invoices", "/invoices/", "invoices"),
        Place("Activity", "/activity/", "activity"),
        Place(
            "Attention",
            "/attention/",
            "attention",
            count=_ask("CONTACTS_ATTENTION_COUNT", request) or 0,
        ),
        Place("Broadcasts", "/broadcasts/", "mail", secondary=True, secondary_starts=True),
        Place("Skipped", "/skipped/", "skipped", secondary=True),
    ]
    for place in places:
        place.current = (
            request.path == "/" if place.url == "/" else request.path.startswith(place.url)
        )
    return places


def _ask(setting: str, request: HttpRequest) -> Any:
    dotted = getattr(settings, setting, "")
    return import_string(dotted)(request) if dotted else None
