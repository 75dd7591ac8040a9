"""Answers as XML: to a request that does not ask for JSON (facts 2.1), and 429 (facts 2.6).

Only the look of it: nothing here reads XML, and a client of the JSON API must notice that it forgot
to say what it wants.
"""

from __future__ import annotations

from typing import Any
from xml.etree.ElementTree import Element, SubElement, tostring

from integrations.emulator.jsontext import Json

HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
NAMESPACE = "http://schema.intuit.com/finance/v3"
#: Written as attributes of the element that they belong to.
ATTRIBUTES = frozenset(
    {"time", "domain", "sparse", "status", "type", "code", "element"}
    | {"startPosition", "maxResults", "totalCount"}
)


def as_xml(answer: Json) -> str:
    """An answer's members in the XML of the same content."""
    root = Element("IntuitResponse")
    _fill(root, answer)
    root.set("xmlns", NAMESPACE)
    return HEAD + tostring(root, encoding="unicode")


def _fill(parent: Element, value: Any) -> None:
    if not isinstance(value, dict):
        parent.text = _words(value)
        return
    for name, inner in value.items():
        if name in ATTRIBUTES and not isinstance(inner, dict | list):
            parent.set(name, _words(inner))
            continue
        for each in inner if isinstance(inner, list) else [inner]:
            _fill(SubElement(parent, name), each)


def _words(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
