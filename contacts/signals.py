"""The CRM's announcements to whoever listens; the CRM itself never asks who does."""

from __future__ import annotations

from django.dispatch import Signal

#: A person or an automatism of the CRM changed a record. Sent inside the transaction that saved
#: it, with `record` (the saved instance), `fields` (a frozenset of changed field names) and
#: `origin` (an `Origin` value). Never sent for what an integration writes itself.
record_changed = Signal()

#: Two contacts became one. Sent inside the transaction, after invoices and payments have moved,
#: with `survivor` and `loser` (still saved, deleted right after).
contacts_merged = Signal()

#: Consent rose: these addresses may be mailed from now on (R8). Sent inside the transaction, with
#: `risen`, a list of `(contact id, address)`.
became_marketable = Signal()

#: Mail waits to be sent in the background. Sent inside the transaction that wrote it.
mail_waiting = Signal()
