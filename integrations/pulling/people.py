"""The contacts that a page of customers may touch, and who of them has which address."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from contacts.addresses import key_of
from contacts.models import Contact
from integrations.models import CustomerLink
from integrations.pulling.locks import locked
from integrations.pulling.work import Work
from integrations.quickbooks.records import CustomerRecord


class People:
    """The page's links, and the contacts that are linked or have one of its addresses.

    All rows stay locked until the caller's transaction ends, contacts before links.
    """

    def __init__(self, work: Work, records: Collection[CustomerRecord]) -> None:
        mine = CustomerLink.objects.filter(
            connection=work.connection, external_id__in=[r.external_id for r in records]
        )
        addresses = {key_of(record.email) for record in records if record.email}
        theirs = Contact.objects.filter(email__lower__in=addresses).exclude(email="")
        touched = theirs.order_by().values("pk").union(mine.order_by().values("contact"), all=True)
        self.contacts: dict[int, Contact] = locked(Contact, touched)
        self.links = {
            link.external_id: link for link in mine.select_for_update(no_key=True).order_by("id")
        }
        late = {link.contact_id for link in self.links.values()} - self.contacts.keys()
        if late:
            self.contacts |= locked(Contact, late)
        self._holders = {key_of(c.email): c.pk for c in self.contacts.values() if c.email}

    def holder(self, email: str) -> Contact | None:
        """The contact that has this address."""
        pk = self._holders.get(key_of(email))
        return None if pk is None else self.contacts[pk]

    def hand_out(self, wishes: Mapping[int, str]) -> set[int]:
        """Give new addresses to contacts; returns those (by key) whose wish can be met.

        It can if nobody else keeps the address or was given it first: contacts that change
        addresses among each other all get theirs.
        """
        granted = {pk: key_of(email) for pk, email in wishes.items()}
        while True:
            given: dict[str, int] = {}
            refused = [
                pk
                for pk, address in granted.items()
                if given.setdefault(address, pk) != pk
                or self._holders.get(address, pk) not in granted
            ]
            if not refused:
                break
            for pk in refused:
                del granted[pk]
        self._make_room(granted)
        return set(granted)

    def _make_room(self, granted: Mapping[int, str]) -> None:
        """Addresses are unique at every moment: who leaves one to another lays it down first."""
        leaving = [
            self._holders[address]
            for pk, address in granted.items()
            if self._holders.get(address, pk) != pk
        ]
        if leaving:
            Contact.objects.filter(pk__in=leaving).update(email="")
        for pk in granted:
            self._holders.pop(key_of(self.contacts[pk].email), None)
        self._holders |= {address: pk for pk, address in granted.items()}
