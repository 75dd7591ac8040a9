"""Which of a contact's customers gives and receives its fields (R5)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Final

from django.db.models import Count, Min

from contacts.models import Contact, RecordKind
from integrations import merge
from integrations.models import CustomerLink
from integrations.pulling import contact_fields, questions
from integrations.pulling.locks import locked
from integrations.pulling.rank import rank
from integrations.pulling.work import Work

#: Contacts whose customers are held at a time.
_AT_ONCE: Final = 1000


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
    contacts = list(new_with_several)
    for start in range(0, len(contacts), _AT_ONCE):
        choose_for(work, contacts[start : start + _AT_ONCE])
        work.write_history()


def choose_for(work: Work, contact_ids: Collection[int]) -> None:
    """Make the lowest Id among active top-level customers the main one, and take its fields."""
    contacts = locked(Contact, contact_ids)
    links = (
        CustomerLink.objects.select_for_update(no_key=True)
        .filter(connection=work.connection, contact__in=contacts, gone_at=None)
        .order_by("id")
    )
    mine: dict[int, list[CustomerLink]] = defaultdict(list)
    for link in links:
        mine[link.contact_id].append(link)
    for contact_id, candidates in mine.items():
        _make_main(work, contacts[contact_id], min(candidates, key=rank), candidates)


def make_main(work: Work, link: CustomerLink) -> None:
    """Let this customer give and receive its contact's fields, as a person chose."""
    contacts = locked(Contact, [link.contact_id])
    siblings = list(
        CustomerLink.objects.select_for_update(no_key=True)
        .filter(connection=work.connection, contact__in=contacts, gone_at=None)
        .order_by("id")
    )
    for chosen in siblings:
        if chosen.pk == link.pk:
            _make_main(work, contacts[chosen.contact_id], chosen, siblings)


def _make_main(
    work: Work, contact: Contact, chosen: CustomerLink, links: Iterable[CustomerLink]
) -> None:
    if chosen.is_main:
        return
    CustomerLink.objects.filter(pk__in=[link.pk for link in links]).update(is_main=False)
    chosen.is_main = True
    merged = merge.first_link(contact_fields.here(contact), contact_fields.base(chosen))
    chosen.apart = list(merged.apart)
    take = dict(merged.take)
    other = questions.other_holder(take["email"], contact) if "email" in take else None
    if other is not None:
        del take["email"]
        chosen.apart.append("email")
        questions.ask_to_merge(work, chosen, other)
    chosen.save(update_fields=["is_main", "apart"])
    if take:
        work.note_changes(RecordKind.CONTACT, contact, take)
        contact_fields.write_contacts(work, {contact.pk: contact}, {contact.pk: take})
