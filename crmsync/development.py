"""What a development machine gets for nothing, and what tells it from one that others reach."""

from __future__ import annotations

import contextlib
import os
import secrets
import tempfile
from base64 import urlsafe_b64encode
from pathlib import Path
from urllib.parse import urlsplit


def is_of_this_machine(address: str) -> bool:
    """Whether only programs on this machine get to the address."""
    return urlsplit(address).hostname in {"localhost", "127.0.0.1", "::1"}


def kept_secret(folder: Path, name: str) -> str:
    """The secret called `name`, drawn on first use and kept in `folder` (owner-readable only).

    Processes that start together agree on one value: the first complete file wins. It has the
    shape of a Fernet key, so it also serves as a token encryption key.
    """
    path = folder / name
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        descriptor, draft = tempfile.mkstemp(dir=folder, prefix=f".{name}-")
        with os.fdopen(descriptor, "w") as file:
            file.write(urlsafe_b64encode(secrets.token_bytes(32)).decode())
        with contextlib.suppress(FileExistsError):
            os.link(draft, path)
        os.unlink(draft)
    return path.read_text()
