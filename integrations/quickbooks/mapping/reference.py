"""Accounts, tax codes, terms, classes and locations as records."""

from __future__ import annotations

import msgspec

from integrations.quickbooks import wire
from integrations.quickbooks.mapping import values
from integrations.quickbooks.mapping.text import line, name
from integrations.quickbooks.records import (
    AccountRecord,
    ListedRecord,
    TaxCodeRecord,
    TermRecord,
)

_accounts = msgspec.json.Decoder(wire.Account, strict=False)
_tax_codes = msgspec.json.Decoder(wire.TaxCode, strict=False)
_terms = msgspec.json.Decoder(wire.Term, strict=False)
_listed = msgspec.json.Decoder(wire.Listed, strict=False)
_LONGEST_TERM = 9999


def account_from(raw: bytes | str) -> AccountRecord:
    """Map one Account. Raises msgspec.DecodeError, UnicodeDecodeError or Unmappable."""
    account = _accounts.decode(raw)
    values.whole_row(account)
    short = name(account.name)
    return AccountRecord(
        external_id=values.identity(account),
        name=short,
        full_name=name(account.fully_qualified_name) or short,
        type=line(account.account_type),
        subtype=line(account.account_sub_type),
        active=account.active is not False,
        currency=values.currency(account.currency_ref),
        raw=values.source(raw),
    )


def tax_code_from(raw: bytes | str) -> TaxCodeRecord:
    """Map one TaxCode; its name is not cleaned, it is compared exactly (R17).

    Raises msgspec.DecodeError, UnicodeDecodeError or Unmappable.
    """
    code = _tax_codes.decode(raw)
    values.whole_row(code)
    return TaxCodeRecord(
        external_id=values.identity(code),
        name=code.name or "",
        description=line(code.description),
        active=code.active is not False,
        hidden=bool(code.hidden),
        taxable=code.taxable,
        raw=values.source(raw),
    )


def term_from(raw: bytes | str) -> TermRecord:
    """Map one Term. Raises msgspec.DecodeError, UnicodeDecodeError or Unmappable."""
    term = _terms.decode(raw)
    values.whole_row(term)
    days = term.due_days
    return TermRecord(
        external_id=values.identity(term),
        name=line(term.name),
        due_days=days if days is not None and 0 <= days <= _LONGEST_TERM else None,
        active=term.active is not False,
        raw=values.source(raw),
    )


def listed_from(raw: bytes | str) -> ListedRecord:
    """Map one Class or Department. Raises msgspec.DecodeError, UnicodeDecodeError or Unmappable."""
    row = _listed.decode(raw)
    values.whole_row(row)
    return ListedRecord(
        external_id=values.identity(row),
        name=name(row.fully_qualified_name) or name(row.name),
        active=row.active is not False,
        raw=values.source(raw),
    )
