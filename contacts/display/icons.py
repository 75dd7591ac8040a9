"""Our own drawings, set into the page so that they take the colour of the words beside them."""

from __future__ import annotations

from functools import cache

from django.template.loader import get_template
from django.utils.safestring import SafeString, mark_safe


@cache
def icon(name: str) -> SafeString:
    """The drawing templates/icons/`name`.svg. Hidden from screen readers: a word goes with it."""
    return mark_safe(get_template(f"icons/{name}.svg").render().strip())  # noqa: S308 - our file
