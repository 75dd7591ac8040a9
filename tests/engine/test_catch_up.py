"""Where CDC cannot say it all, lists are read instead, and nothing is skipped (facts 2.7, 5.7)."""

from __future__ import annotations

import pytest

from contacts.models import Contact, Invoice, Payment
from integrations.models import Connection, CustomerLink, InvoiceLink, Run, SetAside

DAY = 86_400


def rested(world):
    """The back-off after a failed call is over."""
    Connection.objects.update(back_off_until=None)


def test_3000_rows_of_one_second_are_caught_up_though_every_other_call_fails(connected):
    connected.emulator.generate(connected.realm, customers=3000)
    for call in range(2, 40, 2):
        connected.emulator.fail(mode="status", path="/query", nth=call, status=503)
    connected.pull()
    rounds = 0
    while connected.connection.served < connected.connection.wanted:
        rested(connected)
        connected.poll()
        rounds += 1
        assert rounds < 40
    assert rounds > 3

    store = connected.emulator.store(connected.realm)
    expected = {
        row["Id"]
        for row in store["Customer"]
        if row.get("PrimaryEmailAddr") and row.get("Active", True)
    }
    assert set(CustomerLink.objects.values_list("external_id", flat=True)) == expected
    # One run for all of it, finished.
    run = Run.objects.get(kind=Run.Kind.PULL)
    assert (run.status, connected.connection.catch_up) == (Run.Status.DONE, None)
    assert run.created == Contact.objects.count()

    # And back to one call per pull.
    connected.emulator.forget_requests()
    connected.emulator.control("DELETE", "failures")
    connected.emulator.advance(600)
    connected.pull()
    connected.emulator.forget_requests()
    connected.pull()
    assert [each["path"].rsplit("/", 1)[1] for each in connected.reads()] == ["cdc"]


@pytest.mark.parametrize("told", ["cut", "refused", "all"])
def test_more_than_1000_rows_arrive_whatever_cdc_does_with_them(connected, told):
    """facts 7.2: what becomes of those over the cap is not told."""
    connected.emulator.switch(cdc_over_cap=told)
    connected.emulator.generate(connected.realm, customers=1001)
    connected.pull()
    store = connected.emulator.store(connected.realm)["Customer"]
    expected = {row["Id"] for row in store if row.get("PrimaryEmailAddr") and row["Active"]}
    assert set(CustomerLink.objects.values_list("external_id", flat=True)) == expected
    assert (connected.connection.catch_up, connected.connection.wanted) == (
        None,
        connected.connection.served,
    )


def test_r13_deletions_of_a_month_ago_are_found_by_listing(connected):
    ada, item = connected.customer(), connected.item()
    rows = [connected.invoice(ada, item) for _ in range(4)]
    payment = connected.payment(ada, (rows[3], 50))
    connected.pull()
    connected.emulator.advance(3 * DAY)
    late = connected.invoice(ada, item)
    connected.pull()

    connected.act("Invoice", rows[0], "delete")
    connected.act("Invoice", late, "delete")
    connected.act("Payment", payment, "delete")
    connected.change("Invoice", rows[1], DueDate="2040-01-01")
    # Later than CDC looks back: the emulator refuses it, and has forgotten nothing else.
    connected.emulator.advance(40 * DAY)
    connected.emulator.forget_requests()
    connected.pull()

    status = {
        link.external_id: (link.gone_at is not None, link.invoice.balance)
        for link in InvoiceLink.objects.select_related("invoice")
    }
    assert status == {
        rows[0]["Id"]: (True, 0),
        late["Id"]: (True, 0),
        rows[1]["Id"]: (False, 200),
        rows[2]["Id"]: (False, 200),
        rows[3]["Id"]: (False, 200),
    }
    assert Payment.objects.get().voided_at is not None
    assert (
        str(Invoice.objects.get(invoice_links__external_id=rows[1]["Id"]).due_date) == "2040-01-01"
    )
    # Only what was missing was read one by one.
    singles = [r for r in connected.reads() if r["path"].split("/")[-2] in ("invoice", "payment")]
    assert len(singles) == 3


@pytest.mark.parametrize("old", [True, False])
@pytest.mark.parametrize("moves", [True, False])
def test_r18_payments_of_a_month_ago_are_caught_up_whatever_time_queries_show(
    connected, old, moves
):
    """facts 2.2: that time may be older than the change; facts 4.4: the SyncToken may stay."""
    connected.emulator.switch(old_query_times=old, payment_moves_token=moves)
    ada, item = connected.customer(), connected.item()
    once, twice, owed = (connected.invoice(ada, item) for _ in range(3))
    connected.pull()
    connected.emulator.advance(100)
    connected.payment(ada, (twice, 20))
    connected.pull()
    connected.emulator.advance(3 * DAY)
    connected.payment(ada, (once, 50), (twice, 70))
    connected.emulator.advance(40 * DAY)
    connected.emulator.forget_requests()
    connected.pull()
    balances = InvoiceLink.objects.values_list("external_id", "invoice__balance")
    assert dict(balances) == {once["Id"]: 150, twice["Id"]: 110, owed["Id"]: 200}
    # One read, of the row that is stale by its marks and says something else.
    unclear = old and not moves
    singles = [each for each in connected.reads() if "/invoice/" in each["path"]]
    assert len(singles) == (1 if unclear else 0)


def test_r14_catching_up_brings_no_older_invoice_and_leaves_frozen_ones(world):
    ada, item = world.customer(), world.item()
    world.invoice(ada, item)
    world.emulator.advance(10)
    world.connect()
    world.work()
    mine = world.invoice(ada, item)
    world.pull()
    world.emulator.advance(10)
    world.import_again(Run.Kind.RESET)
    world.act("Invoice", mine, "delete")
    world.emulator.advance(40 * DAY)
    world.pull()

    link = InvoiceLink.objects.get()
    assert (link.external_id, link.gone_at) == (mine["Id"], None)
    assert link.invoice.balance == 200


def test_r6_deletions_of_what_waits_are_found_too(connected, monkeypatch):
    """Once its customer has an address an invoice comes in: not one that is deleted by then."""
    monkeypatch.setattr("integrations.pulling.catch_up._AT_ONCE", 2)
    nobody, item = connected.customer("No Address", email=None), connected.item()
    kept, *gone = (connected.invoice(nobody, item) for _ in range(3))
    payment = connected.payment(nobody, (kept, 50))
    connected.payment(nobody, (kept, 30))
    connected.pull()
    assert SetAside.objects.filter(kind__in=["Invoice", "Payment"]).count() == 5
    for invoice in gone:
        connected.act("Invoice", invoice, "delete")
    connected.act("Payment", payment, "delete")
    connected.change("Customer", nobody, PrimaryEmailAddr={"Address": "now@example.com"})
    connected.emulator.advance(40 * DAY)
    connected.emulator.forget_requests()
    connected.pull()

    assert not SetAside.objects.exists()
    # Never here, so that nothing of them is here as void, either.
    assert InvoiceLink.objects.get().external_id == kept["Id"]
    assert (Invoice.objects.get().balance, Payment.objects.get().amount) == (170, 30)
    # Only what was missing was read one by one.
    singles = [r for r in connected.reads() if r["path"].split("/")[-2] in ("invoice", "payment")]
    assert len(singles) == 3
