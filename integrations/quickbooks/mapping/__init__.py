"""QBO's JSON as plain records: pure functions, one module per entity."""

from __future__ import annotations

from integrations.quickbooks.mapping.company import company_from
from integrations.quickbooks.mapping.reading import read_record, read_stub

__all__ = ["company_from", "read_record", "read_stub"]
