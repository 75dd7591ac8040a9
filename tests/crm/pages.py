"""Reading pages the way a person does: words, rows, and the forms as a browser would send them."""

from __future__ import annotations

import csv
import html
import io
import re
from html.parser import HTMLParser


def words(response) -> str:
    """The page's text without tags, blanks collapsed."""
    text = re.sub(r"<(script|style|svg)\b.*?</\1>", " ", response.content.decode(), flags=re.S)
    words = " ".join(html.unescape(re.sub(r"<[^>]+>", " ", text)).split())
    return re.sub(r" ([.,])", r"\1", words)


def rows(response) -> list[list[str]]:
    """The rows of the page's first table body, as texts of cells."""
    body = re.search(r"<tbody.*?</tbody>", response.content.decode(), flags=re.S)
    if body is None:
        return []
    return [
        [" ".join(html.unescape(re.sub(r"<[^>]+>", " ", cell)).split()) for cell in cells]
        for cells in (
            re.findall(r"<t[dh]\b[^>]*>(.*?)</t[dh]>", row, flags=re.S)
            for row in re.findall(r"<tr.*?</tr>", body[0], flags=re.S)
        )
    ]


def csv_rows(response) -> list[dict[str, str]]:
    text = b"".join(response.streaming_content).decode()
    return list(csv.DictReader(io.StringIO(text)))


class _Form(HTMLParser):
    def __init__(self):
        super().__init__()
        self.values: dict[str, str] = {}
        self.forms: list[dict[str, str]] = []
        self._select = self._area = ""

    def handle_starttag(self, tag, attrs):
        a = dict(attrs)
        if tag == "form":
            self.values = {}
            self.forms.append(self.values)
        elif tag == "input" and a.get("name"):
            if a.get("type") != "checkbox" or "checked" in a:
                self.values[a["name"]] = a.get("value") or ("on" if "checked" in a else "")
        elif tag == "select":
            self._select = a["name"]
        elif tag == "option" and self._select and "selected" in a:
            self.values[self._select] = a.get("value", "")
        elif tag == "textarea":
            self._area = a["name"]
            self.values[self._area] = ""

    def handle_data(self, data):
        if self._area:
            # A browser drops the line break right after the opening tag.
            self.values[self._area] += data.removeprefix("\n")

    def handle_endtag(self, tag):
        if tag == "select":
            self._select = ""
        elif tag == "textarea":
            self._area = ""


def form(response, field: str) -> dict[str, str]:
    """What the page's form that has `field` would send if a person pressed its button now."""
    parser = _Form()
    parser.feed(response.content.decode())
    (found,) = [values for values in parser.forms if field in values]
    found.pop("csrfmiddlewaretoken", None)
    return found
