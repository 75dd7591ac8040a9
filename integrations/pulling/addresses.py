"""Customers whose email address changed: to somebody else's, or to a new one (R5)."""

from __future__ import annotations

from collections.abc import Iterable

from contacts.models import Invoice, Payment
from integrations import attention
from integrations.models import Cause, CustomerLink, InvoiceLink, PaymentLink
from integrations.pulling.contact_fields import contacts_by_address
from integrations.pulling.customer_linking import link_customers
from integrations.pulling.work import Work
from integrations.quickbooks.records import CustomerRecord


class Holders:
    """Which contact has which address, while one page hands out new ones."""

    def __init__(self, emails: Iterable[str]) -> None:
        self._held = {
            address: contact.pk for address, contact in contacts_by_address(emails).items()
        }

    def take(self, email: str, contact_id: int) -> int | None:
        """Give the address to the contact; returns the contact that has it already, if another."""
        holder = self._held.setdefault(email.lower(), contact_id)
        return None if holder == contact_id else holder


def ask_to_merge(work: Work, link: CustomerLink, other_contact_id: int) -> None:
    """A person decides whether two contacts with one address are one."""
    attention.open_item(
        work.connection,
        Cause.MERGE_CONTACTS,
        key=str(link.contact_id),
        facts={
            "contact": link.contact_id,
            "other": other_contact_id,
            "customer": link.external_id,
        },
    )


def move_to_contact_of_address(work: Work, rows: list[tuple[CustomerLink, CustomerRecord]]) -> None:
    """A non-main customer leaves, with its invoices and payments, to its new address's contact.

    The link is made anew the way a new customer's is, so that an address nobody has becomes a
    new contact.
    """
    if not rows:
        return
    CustomerLink.objects.filter(pk__in=[link.pk for link, _ in rows]).delete()
    link_customers(work, [record for _, record in rows])
    for _, record in rows:
        move_transactions(work, record.external_id)


def move_transactions(work: Work, customer_id: str) -> None:
    """Invoices and payments of a customer belong to the contact the customer is linked to."""
    contact_id = CustomerLink.objects.values_list("contact", flat=True).get(
        connection=work.connection, external_id=customer_id
    )
    of_customer = {"connection": work.connection, "customer_id": customer_id}
    Invoice.objects.filter(
        pk__in=InvoiceLink.objects.filter(**of_customer).values("invoice")
    ).update(contact=contact_id)
    Payment.objects.filter(
        pk__in=PaymentLink.objects.filter(**of_customer).values("payment")
    ).update(contact=contact_id)
