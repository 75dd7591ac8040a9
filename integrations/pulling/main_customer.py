"""Which of a contact's customers gives and receives its fields (R5)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import datetime

from django.db.models import Count, Min

from contacts.models import Contact, RecordKind
from integrations import merge
from integrations.models import CustomerLink
from integrations.pulling import contact_fields
from integrations.pulling.work import Work


def choose_after_import(work: Work, started_at: datetime) -> None:
    """After the last page every customer of a contact is known: choose among them once.

    A contact that had a customer before the import keeps its main one, maybe a person's choice.
    """
    new_with_several = (
        CustomerLink.objects.filter(connection=work.connection, gone_at=None)
        .values("contact")
        .annotate(customers=Count("pk"), first=Min("linked_at"))
        .filter(customers__gt=1, first__gte=started_at)
        .values_list("contact", flat=True)
    )
    choose_for(work, list(new_with_several))


def choose_for(work: Work, contact_ids: Collection[int]) -> None:
    """Make the lowest Id among active top-level customers the main one, and take its fields."""
    links = list(
        CustomerLink.objects.select_for_update()
        .filter(connection=work.connection, contact__in=contact_ids, gone_at=None)
        .order_by("id")
    )
    mine: dict[int, list[CustomerLink]] = defaultdict(list)
    for link in links:
        mine[link.contact_id].append(link)
    for candidates in mine.values():
        make_main(work, min(candidates, key=_rank), candidates)


def make_main(work: Work, chosen: CustomerLink, links: Iterable[CustomerLink]) -> None:
    """Let `chosen` give and receive the contact's fields; nothing happens if it does already."""
    if chosen.is_main:
        return
    CustomerLink.objects.filter(pk__in=[link.pk for link in links]).update(is_main=False)
    chosen.is_main = True
    contact = Contact.objects.select_for_update().get(pk=chosen.contact_id)
    merged = merge.first_link(contact_fields.here(contact), contact_fields.base(chosen))
    chosen.apart = list(merged.apart)
    chosen.save(update_fields=["is_main", "apart"])
    if merged.take:
        work.note_changes(RecordKind.CONTACT, contact, merged.take)
        contact_fields.write_contacts(work, {contact.pk: contact}, {contact.pk: merged.take})


def _rank(link: CustomerLink) -> tuple[bool, bool, int, str]:
    number = int(link.external_id) if link.external_id.isdigit() else 0
    return (not link.active, not link.top_level, number, link.external_id)
