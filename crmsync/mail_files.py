"""Mail that was written to files because EMAIL_URL is not set: a developer's mailbox."""

from __future__ import annotations

import email
import email.policy
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from itertools import islice
from pathlib import Path
from typing import Final

from django.conf import settings

#: What Django writes after each message.
_END: Final = b"\n" + b"-" * 79 + b"\n"
_NAME: Final = re.compile(r"[\w-]+\.log")
MOST: Final = 200


@dataclass(frozen=True, slots=True)
class Stored:
    """A message: its file and its place in there."""

    name: str
    place: int
    at: datetime
    message: EmailMessage

    def body(self, kind: str) -> str:
        """Its part of this kind (`plain`, `html`); "" without one."""
        part = self.message.get_body((kind,))
        return "" if part is None else str(part.get_content())


def available() -> bool:
    """Whether this is a development machine whose mail stays here."""
    return settings.DEBUG and settings.EMAIL_BACKEND.endswith("filebased.EmailBackend")


def newest() -> list[Stored]:
    """The last messages, newest first."""
    files = sorted(_folder().glob("*.log"), key=lambda path: path.stat().st_mtime, reverse=True)
    return list(islice((stored for path in files for stored in _newest_in(path)), MOST))


def find(name: str, place: int) -> Stored | None:
    """The message that was written there."""
    path = _folder() / name
    if not _NAME.fullmatch(name) or not path.is_file():
        return None
    return next((stored for stored in _newest_in(path) if stored.place == place), None)


def _newest_in(path: Path) -> Iterator[Stored]:
    at = datetime.fromtimestamp(path.stat().st_mtime, UTC)
    raw = path.read_bytes().split(_END)[:-1]
    for place, content in reversed(list(enumerate(raw))):
        message = email.message_from_bytes(content, policy=email.policy.default)
        yield Stored(path.name, place, at, message)


def _folder() -> Path:
    return Path(settings.EMAIL_FILE_PATH)
