"""Reset connection (R19): refresh everything, then freeze what was invoiced before."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import QuerySet

from contacts.models import User
from integrations import importing
from integrations.cancelling import cancel_older, not_sent_sentence
from integrations.models import Connection, InvoiceLink, PaymentLink, Reason, Run, SetAside
from integrations.pulling.work import Work


@dataclass(frozen=True, slots=True)
class Preview:
    """What the confirmation says, in numbers: what would stop receiving updates."""

    invoices: int
    payments: int
    parked: int


def preview(connection: Connection) -> Preview:
    live = {"connection": connection, "frozen_at": None, "gone_at": None}
    return Preview(
        invoices=InvoiceLink.objects.filter(**live).count(),
        payments=PaymentLink.objects.filter(**live).count(),
        parked=_parked(connection).count(),
    )


def request(connection: Connection, by: User) -> Run:
    """Begin: tokens, company settings, contacts and products are read again in the background."""
    return importing.start(connection, kind=Run.Kind.RESET, trigger=Run.Trigger.PERSON, by=by)


def freeze_older(work: Work, run: Run) -> None:
    """Move *invoices since* to the moment the reset read QuickBooks' clock, and freeze the rest.

    Part of the transaction that ends the reset. A parked invoice created since then is brought
    back by the next pull, whose cursor stands at the same moment.
    """
    if run.read_from is None:
        raise ValueError("a reset that has read nothing cannot end")
    since = run.read_from.replace(microsecond=0)
    connection = work.connection
    live = {"connection": connection, "frozen_at": None, "gone_at": None}
    InvoiceLink.objects.filter(**live, remote_created_at__lt=since).update(frozen_at=work.now)
    still_live = InvoiceLink.objects.filter(**live).values("invoice")
    PaymentLink.objects.filter(**live).exclude(payment__allocations__invoice__in=still_live).update(
        frozen_at=work.now
    )
    _parked(connection).delete()
    run.message = not_sent_sentence(cancel_older(connection, run.started_at))
    Connection.objects.filter(pk=connection.pk).update(
        invoices_since=since, invoices_since_here=run.started_at
    )
    connection.invoices_since = since


def _parked(connection: Connection) -> QuerySet[SetAside]:
    """Invoices and payments that wait; what a person decided about one stays."""
    return SetAside.objects.filter(connection=connection, kind__in=["Invoice", "Payment"]).exclude(
        reason=Reason.NOT_WANTED
    )
