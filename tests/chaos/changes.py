"""More changes between two polls than one answer holds, or older ones than it looks back on."""

from __future__ import annotations

from integrations.models import CustomerLink, PaymentLink
from tests.chaos.seen import differences
from tests.chaos.sides import calm, fresh
from tests.engine.agreement import invoices_of, welcome_customers
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


def cut_before_deletions(*, per_entity, **made):
    """CDC lists deletions last (facts 2.7): an answer that is cut lacks just them."""

    def run(emulator):
        world = fresh(emulator)
        world.emulator.switch(cdc_cap_per_entity=per_entity)
        ada, item = world.customer(), world.item()
        nobody = world.customer("No Address", email=None)
        kept, gone = (world.invoice(ada, item) for _ in range(2))
        payment, other = world.payment(ada, (kept, 50)), world.payment(ada, (kept, 20))
        waiting, unwanted = (world.invoice(nobody, item) for _ in range(2))
        world.pull()
        world.emulator.advance(600)
        world.poll()
        world.emulator.generate(world.realm, **made)
        for kind, row in (("Invoice", gone), ("Payment", payment), ("Invoice", unwanted)):
            world.act(kind, row, "delete")
        world.change("Payment", other, PrivateNote="By cheque")
        world.emulator.forget_requests()
        calm(world)
        found = [] if world.emulator.requests("/query") else ["the answer was not cut"]
        world.change("Customer", nobody, PrimaryEmailAddr={"Address": "now@example.com"})
        calm(world)
        store = world.emulator.store(world.realm)
        here = invoices_of(store, welcome_customers(store))
        if waiting["Id"] not in here:
            found.append("the invoice that waited is not to come")
        paying = set(PaymentLink.objects.filter(gone_at=None).values_list("external_id", flat=True))
        if paying != {other["Id"]}:
            found.append(f"payments here are {paying}, there is {other['Id']}")
        return found + differences(world, invoices={*here, gone["Id"]})

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
