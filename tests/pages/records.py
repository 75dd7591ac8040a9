"""Links, runs and set-aside objects as the engine leaves them."""

from __future__ import annotations

import json
from datetime import timedelta

from django.utils import timezone

from contacts.models import Contact
from integrations.models import CustomerLink, ImportProgress, InvoiceLink, Run, SetAside
from tests.factories import InvoiceFactory


def customer_json(contact, external_id="58"):
    """What QuickBooks would say of a customer that is in step with the contact."""
    made = "2026-11-20T10:00:00-08:00"
    return json.dumps(
        {
            "Id": external_id,
            "SyncToken": "0",
            "DisplayName": str(contact),
            "GivenName": contact.first_name,
            "FamilyName": contact.last_name,
            "Active": True,
            "PrimaryEmailAddr": {"Address": contact.email},
            "MetaData": {"CreateTime": made, "LastUpdatedTime": made},
        }
    )


def linked_customer(connection, contact: Contact, external_id="58", **fields):
    now = timezone.now()
    values = {
        "connection": connection,
        "contact": contact,
        "external_id": external_id,
        "sync_token": 0,
        "remote_updated_at": now,
        "in_step_since": now,
        "snapshot": customer_json(contact, external_id),
        "is_main": True,
        "display_name": str(contact),
    }
    return CustomerLink.objects.create(**values | fields)


def linked_invoice(connection, external_id="17", **fields):
    now = timezone.now()
    values = {
        "connection": connection,
        "external_id": external_id,
        "customer_id": "58",
        "sync_token": 0,
        "remote_updated_at": now,
        "in_step_since": now,
        "snapshot": "{}",
    }
    fields.setdefault("invoice", None)
    values |= fields
    values["invoice"] = values["invoice"] or InvoiceFactory(sent=True)
    return InvoiceLink.objects.create(**values)


def aside(connection, **fields):
    values = {
        "connection": connection,
        "kind": "Customer",
        "external_id": "900",
        "reason": "no_email",
        "label": "Amy's Bird Sanctuary",
        "snapshot": "{}",
        "since": timezone.now(),
    }
    return SetAside.objects.create(**values | fields)


def import_run(connection, *, done, total=3000, status=Run.Status.RUNNING, **fields):
    """An import that has read `done` of `total` customers within ten seconds."""
    now = timezone.now()
    ended = None if status == Run.Status.RUNNING else now
    run = Run.objects.create(
        connection=connection,
        kind=fields.pop("kind", Run.Kind.IMPORT),
        trigger=Run.Trigger.CONNECT,
        status=status,
        started_at=now - timedelta(seconds=10),
        finished_at=ended,
        **fields,
    )
    ImportProgress.objects.create(
        run=run,
        kind="Customer",
        done=done,
        total=total,
        created=done,
        started_at=now - timedelta(seconds=10),
        finished_at=ended,
    )
    ImportProgress.objects.create(run=run, kind="Item")
    return run
