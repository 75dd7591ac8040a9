"""A database restored from an hour ago, and a copy of it on another address (R21)."""

from __future__ import annotations

from decimal import Decimal

from django.test import override_settings

from contacts.models import Contact
from contacts.services.contacts import update_contact
from contacts.services.invoicing import Line, create_draft, mark_sent
from integrations import attention, tasks, tokens
from integrations.models import Attention, Cause, Connection, InvoiceLink
from integrations.pulling import wake
from tests.chaos.backup import Backup
from tests.chaos.changes import DAY
from tests.chaos.post import Post, deliver
from tests.chaos.seen import differences
from tests.chaos.sides import calm, complaints, fresh, let_time_pass
from tests.factories import ContactFactory, ProductFactory


def restored(grace):
    """R21: nothing twice, nothing lost; what the token is worth is Intuit's to say."""

    def run(emulator):
        world = fresh(emulator)
        world.emulator.switch(rotate_hours=0, old_refresh_token_grace_hours=grace)
        ada, item = world.customer(), world.item()
        invoice = world.invoice(ada, item)
        world.pull()
        waiting = _invoice_here("waits@example.com")
        backup = Backup()

        tokens.refresh(world.connection, world.connection.access_token)
        calm(world)
        update_contact(Contact.objects.get(email="ada@example.com"), {"phone": "555"})
        _invoice_here("later@example.com")
        bea = world.customer("Bea Miles", "bea@example.com")
        world.payment(ada, (invoice, 50))
        world.act("Invoice", world.invoice(bea, item), "void")
        calm(world)
        world.emulator.advance(3600)

        backup.restore()
        found = []
        if InvoiceLink.objects.filter(invoice=waiting).exists():
            found.append("the backup is none")
        for _ in range(2):
            let_time_pass()
            world.poll()
        here = world.connection
        asked = Attention.objects.filter(closed_at=None, cause=Cause.RECONNECT).exists()
        lost = here.status == Connection.Status.RECONNECT_NEEDED
        if (lost, asked) != ((False, False) if grace else (True, True)):
            found.append(f"it is {here.status}, a person is asked: {asked}")
        if lost:
            world.connect()
        calm(world)
        everything = {row["Id"] for row in world.emulator.store(world.realm)["Invoice"]}
        return found + complaints(world) + differences(world, invoices=everything)

    return run


def _invoice_here(email):
    name = email.partition("@")[0].title()
    contact = ContactFactory(email=email, first_name=name, last_name="One")
    product = ProductFactory(name=f"Table {name}", full_name=f"Table {name}", sku=name)
    line = Line(product, "Oak", Decimal(3), Decimal("33.33"))
    draft = create_draft(contact, [line], currency="USD")
    mark_sent(draft)
    return draft


def copied(emulator):
    """R21: paused by itself, spends no token, says so; at home it goes on."""
    world = fresh(emulator)
    ada = world.customer()
    world.pull()
    post = Post(world.emulator)
    world.change("Customer", ada, CompanyName="Engines")
    world.emulator.advance(DAY + 3600)
    pk = world.connection.pk
    world.emulator.forget_requests()
    with override_settings(SITE_URL="https://staging.example.com"):
        update_contact(Contact.objects.get(), {"phone": "555"})
        for body in post.collect():
            deliver(body)
        tasks.tick()
        wake(pk)
        tasks.pull(pk)
        tasks.push(pk)
        world.work()
        asked = world.emulator.requests("/v3/") + world.emulator.requests("/oauth2/")
        items = [item.cause for item in attention.open_items()]
    found = [f"asked from elsewhere: {each['path']}" for each in asked]
    if items != [Cause.COPIED_DATABASE]:
        found.append(f"a person is asked about {items}")
    world.emulator.forget_requests()
    tasks.tick()
    calm(world)
    return found + complaints(world) + differences(world)
