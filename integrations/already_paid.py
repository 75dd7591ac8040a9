"""A payment made here that QuickBooks seems to have already: which of the two stays (R18)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from contacts.display.dates import short_date
from contacts.models import Allocation, Payment, RecordKind, User
from contacts.services.payments import ReadOnlyPaymentError, void_payment
from integrations import attention, outbox
from integrations.models import Cause, Connection, OutboxEntry, PaymentLink
from integrations.pulling.balances import reckon_balances
from integrations.pulling.by_hand import NotPossible
from integrations.pulling.work import Work


def paid_there(invoice_ids: Collection[int]) -> dict[int, list[Allocation]]:
    """What pays each invoice in QuickBooks, by invoice, the latest first. One query."""
    linked = PaymentLink.objects.filter(
        connection__in=Connection.objects.live(), gone_at=None
    ).values("payment")
    found: dict[int, list[Allocation]] = defaultdict(list)
    if invoice_ids:
        for share in (
            Allocation.objects.filter(
                invoice__in=invoice_ids, payment__in=linked, payment__voided_at=None
            )
            .select_related("payment")
            .order_by("-payment__date", "-payment")
        ):
            found[share.invoice_id].append(share)
    return found


@transaction.atomic
def use_theirs(connection: Connection, payment_id: int, by: User) -> str:
    """Void ours with a note; QuickBooks' payment is the one that counts. Returns what was done.

    Repeatable. Raises NotPossible where a part of ours is in QuickBooks, or on its way there.
    """
    payment = Payment.objects.filter(pk=payment_id).first()
    if payment is None or payment.voided_at:
        _forget(connection, payment_id)
        raise NotPossible("The payment is void already.")
    invoice_ids = list(payment.allocations.values_list("invoice", flat=True))
    note = "Received once; " + _named(invoice_ids)
    try:
        void_payment(payment, by=by, reason=note)
    except ReadOnlyPaymentError as exc:
        raise NotPossible(str(exc)) from exc
    # Looked at under the payment's row lock, which whoever sends it takes before it settles.
    if PaymentLink.objects.filter(connection=connection, payment=payment, gone_at=None).exists():
        raise NotPossible(
            "A part of it is in QuickBooks already. Change the payment itself to what was received."
        )
    if _entries(connection, payment_id).filter(state=OutboxEntry.State.IN_FLIGHT).exists():
        raise NotPossible("It is on its way to QuickBooks right now. Try again in a minute.")
    _forget(connection, payment_id)
    # Whatever voiding ours gave back to them.
    work = Work(connection, None, timezone.now(), by_id=by.pk)
    work.unsettled_invoices.update(invoice_ids)
    reckon_balances(work)
    work.write_history()
    return f"{payment} is void here; the one in QuickBooks counts."


def _named(invoice_ids: list[int]) -> str:
    shares = [share for each in paid_there(invoice_ids).values() for share in each]
    if not shares:
        return "QuickBooks has it already."
    payment = shares[0].payment
    return (
        f"QuickBooks has it as {payment.amount:,.2f} {payment.currency} "
        f"of {short_date(payment.date)}."
    )


def _forget(connection: Connection, payment_id: int) -> None:
    """Nothing of it is left to send, or to ask."""
    _entries(connection, payment_id).exclude(state=OutboxEntry.State.IN_FLIGHT).delete()
    key = outbox.named(RecordKind.PAYMENT, payment_id)
    attention.close_item(connection, Cause.PUSH_HELD, key)


def _entries(connection: Connection, payment_id: int) -> QuerySet[OutboxEntry]:
    return OutboxEntry.objects.filter(
        connection=connection, kind=RecordKind.PAYMENT, record_id=payment_id
    )
