"""List pages in a few lines: filter, sort, page through any depth, export.

    columns = (
        Column("name", "Name", link("contact_detail"), sort=Lower("name")),
        Column("email", "Email"),
        Column("balance", "Balance", money("balance"), sort="balance", numeric=True),
        Column("state", "QuickBooks", state),
    )
    return page(request, Contact.objects.all(), ContactFilter, columns=columns,
                template="contacts/list.html", sort="name", noun=("contact", "contacts"),
                kind=RecordKind.CONTACT, export=Export("contacts", CONTACT_COLUMNS, contact_rows))

The template extends `partials/listing.html`.
"""

from __future__ import annotations

from contacts.listing.columns import Column, day, link, money, state, text, when
from contacts.listing.exports import Export
from contacts.listing.page import page

__all__ = ["Column", "Export", "day", "link", "money", "page", "state", "text", "when"]
