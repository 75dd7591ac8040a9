"""More changes between two polls than one answer holds, or older ones than it looks back on."""

from __future__ import annotations

from integrations.models import CustomerLink
from tests.chaos.seen import differences
from tests.chaos.sides import calm, fresh
from tests.engine.threads import eventually, meanwhile

DAY = 86_400


def between_two_polls(customers, items):
    def run(emulator):
        world = fresh(emulator)
        world.emulator.advance(600)
        world.poll()
        world.emulator.generate(world.realm, customers=customers, items=items)
        world.emulator.forget_requests()
        world.poll()
        found = differences(world)
        cut = customers + items >= 1000
        if not cut and [each["path"][-3:] for each in world.reads()] != ["cdc"]:
            found.append(f"{len(world.reads())} reads where one tells all")
        world.poll()
        return found + differences(world)

    return run


def one_second(emulator):
    """Rows that change while their second is read move to its end, or out of it."""
    world = fresh(emulator)
    world.emulator.generate(world.realm, customers=3000)
    ids = [row["Id"] for row in world.emulator.store(world.realm)["Customer"]]
    world.emulator.advance(5)
    world.emulator.fail(mode="slow", path="/query", seconds=0.1)
    with meanwhile(world.pull):
        # Not before the first page is here: customers with one address keep their order then.
        eventually(CustomerLink.objects.exists)
        for external_id in ids[5:155]:
            world.emulator.change(world.realm, "Customer", external_id, {"CompanyName": "Moved"})
    world.emulator.control("DELETE", "failures")
    calm(world)
    return differences(world)


def a_month_away(emulator):
    world = fresh(emulator)
    ada, item = world.customer(), world.item()
    bea = world.customer("Bea Miles", "bea@example.com")
    kept, gone, late = (world.invoice(ada, item) for _ in range(3))
    payment, other = world.payment(ada, (kept, 50)), world.payment(ada, (kept, 20))
    world.pull()
    for act in (
        lambda: world.act("Invoice", gone, "delete"),
        lambda: world.act("Payment", payment, "delete"),
        lambda: world.change("Customer", ada, CompanyName="Engines"),
        lambda: world.act("Customer", bea, "inactivate"),
        lambda: world.change("Item", item, UnitPrice=77),
        lambda: world.act("Payment", other, "void"),
        lambda: world.change("Invoice", kept, DueDate="2031-03-01"),
    ):
        act()
        world.emulator.advance(7 * DAY)
    world.act("Invoice", late, "delete")
    world.emulator.advance(2 * DAY)
    calm(world)
    ids = {each["Id"] for each in (kept, gone, late)}
    return differences(world, invoices=ids, known={bea["Id"]})
