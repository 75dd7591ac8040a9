"""What a person decides about links: the main customer, a product's match, trying again."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from contacts.models import Product, User
from integrations import attention
from integrations.models import Cause, CustomerLink, SetAside
from integrations.pulling import item_linking, main_customer
from integrations.pulling.apply import Rows, apply_rows
from integrations.pulling.work import Work
from integrations.quickbooks.mapping import read_record
from integrations.quickbooks.records import ItemRecord


@transaction.atomic
def make_main(link: CustomerLink, by: User) -> None:
    """Let this customer give and receive its contact's fields from now on (R5)."""
    work = Work(link.connection, None, timezone.now(), by_id=by.pk)
    siblings = CustomerLink.objects.select_for_update().filter(
        connection=link.connection, contact=link.contact_id, gone_at=None
    )
    chosen = next((each for each in siblings if each.pk == link.pk), None)
    if chosen is not None:
        main_customer.make_main(work, chosen, siblings)
        work.write_history()


@transaction.atomic
def include(aside: SetAside, by: User) -> None:
    """Apply what was set aside once more, as it was last seen."""
    work = Work(aside.connection, None, timezone.now(), by_id=by.pk)
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
    if product is None:
        item_linking.create(work, record)
    else:
        item_linking.join(work, record, product)
    work.write_history()
    attention.close_item(aside.connection, Cause.PRODUCT_MATCH, key=aside.external_id)
