"""Payment JSON as PaymentRecord."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from integrations.quickbooks import wire
from integrations.quickbooks.mapping import values
from integrations.quickbooks.mapping.text import line, paragraph
from integrations.quickbooks.records import AppliedRecord, PaymentRecord

_decoder = msgspec.json.Decoder(wire.Payment, strict=False)


def payment_from(raw: bytes | str) -> PaymentRecord:
    """Map one Payment with every part of it, also those on other than invoices (R18).

    Raises what `read_record` catches: msgspec.DecodeError, UnicodeDecodeError, Unmappable, Gone.
    """
    payment = _decoder.decode(raw)
    values.whole_row(payment)
    created_at, updated_at = values.times(payment)
    if payment.total_amt is None:
        raise values.Unmappable("its amount is missing")
    amount = values.money(payment.total_amt, "its amount")
    note = paragraph(payment.private_note)
    customer = payment.customer_ref or wire.Ref()
    return PaymentRecord(
        external_id=values.identity(payment),
        sync_token=values.version(payment),
        created_at=created_at,
        updated_at=updated_at,
        customer_id=values.identifier(customer.value, "its customer"),
        date=values.day(payment.txn_date, "its date"),
        amount=amount,
        unapplied=values.money(payment.unapplied_amt, "its unapplied amount"),
        currency=values.currency(payment.currency_ref),
        reference=line(payment.payment_ref_num),
        method_id=values.reference(payment.payment_method_ref),
        note=note,
        voided=not amount and note.lower().startswith("voided"),
        applied=tuple(_applied(payment.line or ())),
        raw=values.source(raw),
    )


def _applied(lines: Iterable[wire.PaymentLine]) -> Iterator[AppliedRecord]:
    """A line names one transaction; should it ever name more, the first has the whole amount."""
    for part in lines:
        amount = values.money(part.amount, "a part of it")
        for linked in part.linked_txn or ():
            txn_id = values.identifier(linked.txn_id, "what a part of it pays")
            yield AppliedRecord(txn_id, amount, line(linked.txn_type))
            amount = values.ZERO
