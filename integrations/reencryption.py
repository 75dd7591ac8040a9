"""Changing the encryption keys: put the new key first, re-encrypt, then remove the old one."""

from __future__ import annotations

from typing import Any

from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from cryptography.fernet import InvalidToken
from django.db import transaction

from integrations.crypto import realm_hashes
from integrations.models import Connection

_OF_A_CONNECTION = ("realm", "access_token", "refresh_token", "realm_hash")
# What allauth's authenticators keep encrypted, with the same keys.
_OF_AN_AUTHENTICATOR = ("secret", "seed", "migrated_codes")


def reencrypt() -> int:
    """Encrypt every secret at rest with the current key; return how many rows were written.

    May run while the program works: each row is locked while it is read and written. Raises
    `cryptography.fernet.InvalidToken` for a secret that none of the keys opens.
    """
    return _connections() + _authenticators()


def _connections() -> int:
    keys = list(Connection.objects.values_list("pk", flat=True))
    for pk in keys:
        with transaction.atomic():
            connection = Connection.objects.select_for_update(no_key=True).get(pk=pk)
            if connection.sealed:
                raise InvalidToken
            connection.realm_hash = realm_hashes(connection.realm)[0]
            connection.save(update_fields=_OF_A_CONNECTION)
    return len(keys)


def _authenticators() -> int:
    keys = list(Authenticator.objects.values_list("pk", flat=True))
    for pk in keys:
        with transaction.atomic():
            row = Authenticator.objects.select_for_update().get(pk=pk)
            row.data |= {
                name: _anew(row.data[name]) for name in _OF_AN_AUTHENTICATOR if name in row.data
            }
            row.save(update_fields=["data"])
    return len(keys)


def _anew(secret: Any) -> Any:
    if isinstance(secret, list):
        return [_anew(each) for each in secret]
    adapter = get_adapter()
    return adapter.encrypt(adapter.decrypt(secret))
