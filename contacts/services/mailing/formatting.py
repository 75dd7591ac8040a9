"""What a person writes (Markdown) as HTML and as plain text. No HTML of theirs passes through,
and links lead to the web or to a mailbox and nowhere else."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final
from urllib.parse import urlsplit

from markdown_it import MarkdownIt
from markdown_it.token import Token

_SCHEMES: Final = frozenset({"http", "https", "mailto"})
_BULLET: Final = "- "


class _Markdown(MarkdownIt):
    def validateLink(self, url: str) -> bool:
        return urlsplit(url.strip()).scheme.lower() in _SCHEMES


# Of pictures only the link stays: one from elsewhere tells its owner who opened the mail.
_MARKDOWN: Final = _Markdown("commonmark", {"html": False, "breaks": True}).disable("image")


def as_html(text: str) -> str:
    return str(_MARKDOWN.render(text))


def as_text(text: str) -> str:
    """The same to be read without formatting: the address of a link after its words."""
    return "\n".join(_lines(_MARKDOWN.parse(text))).strip() + "\n"


def links_of(text: str) -> list[str]:
    """Where its links lead."""
    return [
        str(child.attrGet("href"))
        for token in _MARKDOWN.parse(text)
        for child in token.children or ()
        if child.type == "link_open"
    ]


def _lines(tokens: Iterable[Token]) -> Iterator[str]:
    """Blocks, one after the other with a blank line between; items of a list close together."""
    lists: list[int | None] = []
    lead = ""
    for token in tokens:
        if token.type == "bullet_list_open":
            lists.append(None)
        elif token.type == "ordered_list_open":
            lists.append(int(token.attrGet("start") or 1))
        elif token.type in {"bullet_list_close", "ordered_list_close"}:
            lists.pop()
            if not lists:
                yield ""
        elif token.type == "list_item_open":
            number = lists[-1]
            lead = _BULLET if number is None else f"{number}. "
            if number is not None:
                lists[-1] = number + 1
        elif token.type in {"inline", "fence", "code_block"}:
            words = "".join(_words(token.children)) if token.children else token.content.strip()
            indent = "  " * max(len(lists) - 1, 0)
            blank = " " * len(lead)
            first, *others = words.split("\n")
            yield f"{indent}{lead}{first}"
            yield from (f"{indent}{blank}{other}" for other in others)
            lead = ""
            if not lists:
                yield ""
        elif token.type == "hr":
            yield from ("---", "")


def _words(tokens: Iterable[Token]) -> Iterator[str]:
    link = shown = ""
    for token in tokens:
        if token.type == "link_open":
            link, shown = str(token.attrGet("href")), ""
        elif token.type == "link_close":
            if link.removeprefix("mailto:") not in {shown, ""}:
                yield f" ({link.removeprefix('mailto:')})"
            link = ""
        elif token.type in {"softbreak", "hardbreak"}:
            yield "\n"
        else:
            shown += token.content
            yield token.content
