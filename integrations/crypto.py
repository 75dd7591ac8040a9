"""Secrets at rest: tokens and the realm id are encrypted, the realm is found by a keyed hash.

Keys come from `TOKEN_ENCRYPTION_KEYS`; the first encrypts, all decrypt, so a key is rotated by
putting the new one first and removing the old one after `manage.py quickbooks_status --reencrypt`.
"""

from __future__ import annotations

import hashlib
import hmac
from functools import lru_cache
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.db import models


@lru_cache(maxsize=4)
def _fernet(keys: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(key) for key in keys])


def encrypt(text: str) -> str:
    return _fernet(tuple(settings.TOKEN_ENCRYPTION_KEYS)).encrypt(text.encode()).decode()


def decrypt(text: str) -> str:
    """The clear text; raises `cryptography.fernet.InvalidToken` when no key fits."""
    return _fernet(tuple(settings.TOKEN_ENCRYPTION_KEYS)).decrypt(text.encode()).decode()


def realm_hashes(realm: str) -> list[str]:
    """The realm's keyed hash under each key, the current one first."""
    return [
        hmac.new(key.encode(), b"realm:" + realm.encode(), hashlib.sha256).hexdigest()
        for key in settings.TOKEN_ENCRYPTION_KEYS
    ]


class Sealed(str):
    """A secret that none of the keys opens: empty to whoever reads it, saved as it was stored."""

    stored: str

    def __new__(cls, stored: str) -> Sealed:
        sealed = super().__new__(cls)
        sealed.stored = stored
        return sealed


class EncryptedTextField(models.TextField[str, str]):
    """Text that reaches the database encrypted only. Cannot be searched; empty stays empty.

    What no key opens is read as `Sealed`: a page shows the connection all the same, and somebody
    can disconnect it.
    """

    def from_db_value(self, value: str | None, *_: Any) -> str | None:
        try:
            return decrypt(value) if value else value
        except InvalidToken:
            return Sealed(value or "")

    def get_prep_value(self, value: Any) -> Any:
        if isinstance(value, Sealed):
            return value.stored
        value = super().get_prep_value(value)
        return encrypt(value) if value else value
