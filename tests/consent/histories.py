"""Random histories of contacts and customers, and what each act may do to consent (R8).

Few addresses and few records, so that they meet: an act picks by number among what is there.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

from django.utils import timezone

from contacts.models import Consent, Contact, MarketingStatus
from contacts.services.consent import acting, confirming, links
from contacts.services.consent.unsubscribing import unsubscribe, unsubscribe_by_link
from contacts.services.consent.writing import Trace
from contacts.services.contacts import (
    EmailTakenError,
    archive_contact,
    create_contact,
    unarchive_contact,
    update_contact,
)
from contacts.services.merging import merge_contacts
from integrations.pulling.apply import Rows, apply_parked, apply_rows
from integrations.pulling.work import Work
from tests.consent.conftest import path_of

ADDRESSES = ("ada@example.com", "BEA@example.com", "cy@Example.com", "dot@example.com")


class History:
    """Acts on both sides. `allowed` are the addresses that the last act may have raised."""

    def __init__(self, connection, person):
        self.connection, self.person = connection, person
        self.customers: list[dict] = []
        self.confirm_links: list[str] = []
        self.unsubscribe_links: list[str] = []
        self.allowed: set[str] = set()

    def begin(self):
        """Somebody on either side, so that the acts have whom to meet."""
        self.create(1, ADDRESSES[0])
        self.create(1, ADDRESSES[1])
        self.add_customer(1, ADDRESSES[2])
        self.add_customer(1, ADDRESSES[0])

    def act(self, name, number, address):
        self.allowed = set()
        getattr(self, name)(number, ADDRESSES[address])
        for consent in Consent.objects.exclude(request=None):
            self.confirm_links.append(links.confirm_url(consent))
        for consent in Consent.objects.all():
            self.unsubscribe_links.append(links.unsubscribe_url(consent.pk))

    # --- people, here ---

    def create(self, number, address):
        try:
            create_contact({"email": address if number % 3 else ""}, by=self.person)
        except EmailTakenError:
            return

    def edit(self, number, address):
        if contact := self.contact(number):
            try:
                update_contact(contact, {"email": address if number % 5 else ""}, by=self.person)
            except EmailTakenError:
                return

    def merge(self, number, address):
        first, second = self.contact(number), Contact.objects.filter(email=address).first()
        if first and second and first != second:
            merge_contacts(first, second, by=self.person)

    def archive(self, number, address):
        if contact := self.contact(number):
            (unarchive_contact if contact.archived_at else archive_contact)(contact)

    def opt_in_all(self, number, address):
        self.allowed = {
            email.lower()
            for email in Contact.objects.exclude(marketing_status="unsubscribed").values_list(
                "email", flat=True
            )
        }
        acting.opt_in(Contact.objects.all(), reason="Fair", by=self.person)

    def opt_in_again(self, number, address):
        if contact := self.contact(number):
            self.allowed = {contact.email.lower()}
            acting.opt_in_again(contact, reason="Called", by=self.person)

    def ask(self, number, address):
        acting.request_confirmation(Contact.objects.all(), by=self.person)

    def unsubscribe(self, number, address):
        unsubscribe(address, Trace())

    # --- holders of addresses ---

    def confirm(self, number, address):
        if self.confirm_links:
            token = self.token(self.confirm_links, number)
            consent_id, _ = links.read_confirm(token)
            self.allowed = set(
                Consent.objects.filter(pk=consent_id).values_list("address", flat=True)
            )
            confirming.confirm(token, ip="203.0.113.7")

    def press_unsubscribe(self, number, address):
        if self.unsubscribe_links:
            unsubscribe_by_link(self.token(self.unsubscribe_links, number), ip=None)

    def come_back(self, number, address):
        if self.unsubscribe_links:
            confirming.ask_to_come_back(self.token(self.unsubscribe_links, number), ip=None)

    # --- QuickBooks ---

    def add_customer(self, number, address):
        self.customers.append({"id": len(self.customers) + 1, "version": 0, "email": address})
        self.pull(self.customers[-1:])

    def change_customer(self, number, address):
        if self.customers:
            customer = self.customers[number % len(self.customers)]
            customer["email"] = address if number % 4 else ""
            customer["version"] += 1
            self.pull([customer])

    def swap_customers(self, number, address):
        """Two customers change addresses with each other, and both arrive at once."""
        if len(self.customers) > 1:
            one, other = self.customers[number % len(self.customers)], self.customers[0]
            one["email"], other["email"] = other["email"], one["email"]
            one["version"] += 1
            other["version"] += 1
            self.pull([one, other])

    def import_again(self, number, address):
        self.pull(self.customers)

    # --- how ---

    def contact(self, number):
        contacts = list(Contact.objects.order_by("pk"))
        return contacts[number % len(contacts)] if contacts else None

    def token(self, urls, number):
        return path_of(urls[number % len(urls)]).rpartition("/")[2]

    def pull(self, customers):
        work = Work(self.connection, None, timezone.now())
        unique = {customer["id"]: customer for customer in customers}.values()
        rows = Rows.of({"Customer": [_wire(customer) for customer in unique]})
        assert not rows.unreadable
        apply_rows(work, rows)
        apply_parked(work)


def statuses():
    return dict(Consent.objects.values_list("address", "status"))


def risen(before, after):
    """The addresses that may be mailed or asked now and could not before."""
    mailed = {a for a, status in after.items() if status == MarketingStatus.MARKETABLE}
    freed = {
        a
        for a, status in before.items()
        if status == MarketingStatus.UNSUBSCRIBED and after.get(a) != status
    }
    return {a for a in mailed if before.get(a) != MarketingStatus.MARKETABLE} | freed


_MADE = datetime(2026, 1, 1, tzinfo=UTC)


def _wire(customer):
    changed = _MADE + timedelta(minutes=customer["version"])
    row = {
        "Id": str(customer["id"]),
        "SyncToken": str(customer["version"]),
        "DisplayName": f"Customer {customer['id']}",
        "Active": True,
        "MetaData": {"CreateTime": _MADE.isoformat(), "LastUpdatedTime": changed.isoformat()},
    }
    if customer["email"]:
        row["PrimaryEmailAddr"] = {"Address": customer["email"]}
    return json.dumps(row).encode()
