from __future__ import annotations

from decimal import Decimal
from typing import Any, Final

import msgspec

# Amounts are JSON numbers with exactly the digits they have here, never floats.
_encoder: Final = msgspec.json.Encoder(decimal_format="number")
_decoder: Final = msgspec.json.Decoder(dict[str, Any], float_hook=Decimal)


def encoded(values: dict[str, Any]) -> bytes:
    """The request body, byte for byte as it is to be kept and sent."""
    return _encoder.encode(values)


def decoded(body: bytes | memoryview | str) -> dict[str, Any]:
    """A body that was kept, or a snapshot: numbers keep their digits."""
    return _decoder.decode(body)


def sparse(external_id: str, sync_token: int, values: dict[str, Any]) -> bytes:
    """A sparse update of these properties only, refused by QBO (5010) if the token is not its."""
    return encoded({"Id": external_id, "SyncToken": str(sync_token), "sparse": True, **values})
