"""What happens in the midst of an import, and pages that one row spoils."""

from __future__ import annotations

from collections import Counter

from contacts.models import Contact
from integrations.models import CustomerLink, InvoiceLink, Reason, SetAside
from tests.chaos.changes import DAY
from tests.chaos.post import Post, deliver
from tests.chaos.seen import differences
from tests.chaos.sides import calm, empty, fresh
from tests.engine.threads import eventually, meanwhile

#: Enough for two pages and a part of a third.
THREE_PAGES = 2100


def moved_in_mid_import(emulator):
    world = empty(emulator)
    world.emulator.generate(world.realm, customers=THREE_PAGES)
    rows = _alone_at_their_address(world)
    early, late = rows[10:15], rows[-15:-10]
    for row in (early[0], late[0]):
        world.act("Customer", row, "inactivate")
    # The first page is written by then, and the last one not yet read.
    last_page = "STARTPOSITION 1999 "
    world.emulator.fail(mode="slow", path="/query", containing=last_page, nth=1, seconds=3)
    world.connect()
    post = Post(world.emulator)
    with meanwhile(world.work):
        eventually(CustomerLink.objects.exists)
        for some in (late, early):
            world.act("Customer", some[0], "reactivate")
            world.act("Customer", some[1], "inactivate")
            world.act("Customer", some[2], "merge", into=some[3]["Id"])
            world.change("Customer", some[4], CompanyName="In the midst")
        for body in post.collect():
            deliver(body)
    world.emulator.control("DELETE", "failures")
    calm(world)
    # Read before it was made inactive, or merged away, it is a contact; read later, it is none.
    linked = set(CustomerLink.objects.values_list("external_id", flat=True))
    known = {some[1]["Id"] for some in (early, late)} & linked
    found = [] if known == {early[1]["Id"]} else [f"read by then were {known}"]
    return found + differences(world, known=known, alone=_left_alone(early[2], late[2]))


def _alone_at_their_address(world):
    """Active customers that share their address with nobody, in the order of their ids."""
    rows = world.emulator.store(world.realm)["Customer"]
    count = Counter(_address(row) for row in rows)
    rows = [row for row in rows if row.get("Active", True) and count[_address(row)] == 1]
    return sorted((row for row in rows if _address(row)), key=lambda row: int(row["Id"]))


def _address(row):
    return row.get("PrimaryEmailAddr", {}).get("Address", "").lower()


def _left_alone(*merged):
    """The addresses of those who were contacts before they were merged away."""
    addresses = {_address(row) for row in merged}
    return addresses & set(Contact.objects.values_list("email", flat=True))


def _bad_address(world):
    """Shape 8: 4002 for everything it comes with."""
    ada, item = world.customer(), world.item()
    invoices = [world.invoice(ada, item) for _ in range(9)]
    world.change("Invoice", invoices[4], BillEmail={"Address": "a@example.com, b@example.com"})
    world.emulator.switch(bad_email_breaks_query=True)
    return {each["Id"] for each in invoices} - {invoices[4]["Id"]}


def _no_json(world):
    world.emulator.generate(world.realm, customers=THREE_PAGES)
    row = world.emulator.store(world.realm)["Customer"][1234]
    world.emulator.switch(unescaped_text=row["PrimaryEmailAddr"]["Address"])
    return set()


SPOILED = {"4002": _bad_address, "no JSON": _no_json}


def unreadable_page(spoil):
    def run(emulator):
        world = fresh(emulator)
        invoices = spoil(world)
        world.pull()
        bad = SetAside.objects.filter(reason=Reason.UNREADABLE)
        found = [] if bad.count() == 1 else [f"{bad.count()} rows are set aside"]
        # Mended, it comes in by itself.
        world.emulator.switch(bad_email_breaks_query=False, unescaped_text="")
        world.emulator.advance(1)
        calm(world)
        bad.delete()
        everything = {row["Id"] for row in world.emulator.store(world.realm).get("Invoice", [])}
        if not invoices <= everything:
            found.append("others were stopped")
        return found + differences(world, invoices=everything)

    return run


def events_at_any_time(form):
    def run(emulator):
        world = empty(emulator)
        # Over days, so that the pull after the import does not look back on them; the two clocks
        # agree, so that a cursor that is not Intuit's own would be noticed.
        world.emulator.generate(world.realm, customers=1200, spread_seconds=5 * DAY)
        rows = _alone_at_their_address(world)
        world.connect()
        post = Post(world.emulator, form=form)
        ada, item = world.customer(), world.item()
        papers = [world.invoice(ada, item) for _ in range(3)]
        world.act("Invoice", papers[0], "delete")
        before = post.collect()
        for body in [*before, *before[::-1]]:
            deliver(body)
        world.emulator.fail(mode="slow", path="/query", seconds=0.3)
        with meanwhile(world.work):
            # Their pages are read by then: only the pull after the import can tell.
            eventually(CustomerLink.objects.exists)
            world.act("Customer", rows[3], "merge", into=rows[4]["Id"])
            world.change("Customer", rows[-1], CompanyName="During")
            during = post.collect()
            for body in [*during[::-1], *before]:
                deliver(body)
        world.emulator.control("DELETE", "failures")
        world.change("Customer", ada, CompanyName="After")
        world.act("Invoice", papers[1], "delete")
        after = post.collect()
        for body in [*after[::-1], *during, *before, *after]:
            deliver(body)
        # Nothing but the notifications asks for a pull.
        world.work()
        known = {each["Id"] for each in papers} & set(_linked_invoices())
        if papers[2]["Id"] not in known:
            return ["the live invoice did not come"]
        return differences(world, invoices=known, alone=_left_alone(rows[3]))

    return run


def _linked_invoices():
    return InvoiceLink.objects.values_list("external_id", flat=True)
