from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from integrations.models import Connection, Reason, SetAside
from integrations.pulling.apply import Rows, apply_rows
from integrations.pulling.questions import settle_addresses, settle_contact
from integrations.pulling.work import Work
from integrations.quickbooks.records import ItemRecord


@transaction.atomic
def settle_questions(connection: Connection, contact_id: int | None = None) -> None:
    """See which questions to people a change here has answered (R23).

    `contact_id` is a contact that others were merged into: the address that QuickBooks has for it
    may be free now.
    """
    work = Work(connection, None, timezone.now())
    unclear = SetAside.objects.filter(
        connection=connection, kind=ItemRecord.entity, reason=Reason.MATCH_UNCLEAR
    ).values_list("snapshot", flat=True)
    apply_rows(work, Rows.of({ItemRecord.entity: [each.encode() for each in unclear]}))
    settle_addresses(work)
    if contact_id is not None:
        settle_contact(work, contact_id)
    work.write_history()
