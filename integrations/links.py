"""What a person decides about links: the main customer, a product's match, trying again."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from contacts.models import Product, User
from integrations.models import CustomerLink, Reason, SetAside
from integrations.pulling import item_linking, main_customer
from integrations.pulling.apply import Rows, apply_rows
from integrations.pulling.work import Work
from integrations.quickbooks.mapping import read_record
from integrations.quickbooks.records import ItemRecord


@transaction.atomic
def make_main(link: CustomerLink, by: User) -> None:
    """Let this customer give and receive its contact's fields from now on (R5)."""
    work = Work(link.connection, None, timezone.now(), by_id=by.pk)
    main_customer.make_main(work, link)
    work.write_history()


@transaction.atomic
def include(aside: SetAside, by: User) -> None:
    """Apply what was set aside once more, as it was last seen."""
    work = Work(aside.connection, None, timezone.now(), by_id=by.pk)
    if aside.reason == Reason.NOT_WANTED:
        # A person's word alone; what else may be the matter with it, applying tells.
        aside.delete()
    apply_rows(work, Rows.of({aside.kind: [aside.snapshot.encode()]}))


@transaction.atomic
def choose_product(aside: SetAside, product: Product | None, by: User) -> None:
    """Link the item to the product a person chose, or to a new one if none was meant (R11).

    Raises ValueError if the item cannot be read, IntegrityError if the product is linked already.
    """
    record = read_record(ItemRecord.entity, aside.snapshot.encode())
    if not isinstance(record, ItemRecord):
        raise ValueError("only a readable item can be matched")
    work = Work(aside.connection, None, timezone.now(), by_id=by.pk)
    item_linking.link_as_chosen(work, record, product)
    work.write_history()
