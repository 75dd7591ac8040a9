"""An import that is interrupted, refused, overtaken or pulled from under (R3, R19-R21)."""

from __future__ import annotations

from decimal import Decimal

from contacts.models import Contact, Invoice, Product
from integrations import disconnecting, resetting, tasks
from integrations.models import (
    Attention,
    Cause,
    Connection,
    CustomerLink,
    ImportSeen,
    InvoiceLink,
    Reason,
    Run,
    SetAside,
)
from tests.engine import agreement
from tests.engine.test_catch_up import rested
from tests.engine.threads import eventually, meanwhile
from tests.signing_in import sign_in


def expected_ids(world):
    return {
        row["Id"]
        for row in world.emulator.store(world.realm)["Customer"]
        if row.get("PrimaryEmailAddr") and row.get("Active", True)
    }


def linked_ids():
    return set(CustomerLink.objects.filter(gone_at=None).values_list("external_id", flat=True))


def latest_import():
    return Run.objects.imports().latest("pk")


def test_r3_import_goes_on_after_every_second_call_failed_and_counts_each_row_once(world):
    world.emulator.generate(world.realm, customers=2500, items=30)
    for call in range(2, 40, 2):
        world.emulator.fail(mode="status", path="/query", nth=call, status=503)
    world.connect()
    world.work()
    rounds = 0
    while latest_import().status == Run.Status.RUNNING:
        rested(world)
        world.poll()
        rounds += 1
        assert rounds < 40
    assert rounds > 3

    assert linked_ids() == expected_ids(world)
    customers = latest_import().progress.get(kind="Customer")
    assert (customers.done, customers.total) == (2500, 2500)
    assert customers.created + customers.updated + customers.skipped == 2500
    assert Product.objects.count() == len(world.emulator.store(world.realm)["Item"])


def test_row_pushed_over_a_page_border_by_a_merge_is_not_lost(world):
    """facts 5.9: the count alone would not tell, for it shrinks with the list."""
    world.emulator.generate(world.realm, customers=3100)
    ids = sorted((each["Id"] for each in world.emulator.store(world.realm)["Customer"]), key=int)
    world.emulator.fail(mode="slow", path="/query", seconds=0.4)
    world.connect()
    with meanwhile(world.work):
        eventually(lambda: len(world.emulator.requests("/query")) >= 4)
        world.emulator.act(world.realm, "Customer", ids[4], "merge", {"into": ids[6]})
        world.emulator.control("DELETE", "failures")

    assert latest_import().status == Run.Status.DONE
    assert latest_import().progress.get(kind="Customer").rereads >= 1
    assert linked_ids() - {ids[4]} == expected_ids(world)


def test_rows_pushed_over_a_border_between_two_tasks_are_not_lost(world, monkeypatch):
    """The task that sees it begins anew: its successor could not know of it."""
    world.emulator.generate(world.realm, customers=3100)
    ids = sorted((each["Id"] for each in world.emulator.store(world.realm)["Customer"]), key=int)
    # So that no pull looks back on them.
    world.emulator.advance(3600)
    world.connect()
    with monkeypatch.context() as a_page_for_each_task:
        a_page_for_each_task.setattr("integrations.importing.work_through.WORK_SECONDS", -1.0)
        world.work_once()
        for gone in ids[4:6]:
            world.emulator.act(world.realm, "Customer", gone, "merge", {"into": ids[6]})
        world.work_once()
    world.work()

    assert latest_import().status == Run.Status.DONE
    assert linked_ids() - set(ids[4:6]) == expected_ids(world)


def test_r3_customers_made_active_or_inactive_in_mid_import_end_as_they_are(
    world, client, monkeypatch
):
    """Two of them are on the page that was read by then, two on the one that comes after it."""

    def two(when):
        return [world.customer(f"{when} {n}", f"{when}{n}@example.com".lower()) for n in range(2)]

    early = two("Early")
    world.emulator.generate(world.realm, customers=1000)
    late = two("Late")
    for sleeping, _ in (early, late):
        world.act("Customer", sleeping, "inactivate")
    # So that no pull looks back on them.
    world.emulator.advance(3600)
    world.connect()
    with monkeypatch.context() as a_page_for_each_task:
        a_page_for_each_task.setattr("integrations.importing.work_through.WORK_SECONDS", -1.0)
        world.work_once()
    read = linked_ids()
    assert early[1]["Id"] in read
    assert late[1]["Id"] not in read
    for sleeping, awake in (early, late):
        world.act("Customer", sleeping, "reactivate")
        world.act("Customer", awake, "inactivate")
    world.work()
    world.poll()

    assert latest_import().status == Run.Status.DONE
    # Who was read before is a contact, and known to be inactive now.
    store = world.emulator.store(world.realm)
    sign_in(client, world.admin)
    agreement.assert_contacts_agree(client, store, known={early[1]["Id"]})
    assert not CustomerLink.objects.get(external_id=early[1]["Id"]).active
    assert SetAside.objects.get(external_id=late[1]["Id"]).reason == Reason.INACTIVE


def test_r21_tokens_lost_in_mid_import_wait_for_a_person_and_then_it_goes_on(world):
    world.emulator.generate(world.realm, customers=2500)
    world.emulator.fail(mode="status", path="/query", nth=3, status=503)
    world.connect()
    world.work()
    since = world.connection.invoices_since
    world.emulator.disconnect(world.realm)
    rested(world)
    world.poll()
    assert world.connection.status == Connection.Status.RECONNECT_NEEDED
    run = latest_import()
    assert run.status == Run.Status.RUNNING

    world.connect()
    world.work()
    run.refresh_from_db()
    assert run.status == Run.Status.DONE
    assert linked_ids() == expected_ids(world)
    assert world.connection.invoices_since == since
    assert Run.objects.filter(kind=Run.Kind.IMPORT).count() == 1


def test_r24_paused_import_rests_until_it_may_go_on(world):
    world.emulator.generate(world.realm, customers=1500)
    world.connect()
    Connection.objects.update(paused_at=world.connection.connected_at)
    world.work()
    assert not Contact.objects.exists()
    Connection.objects.update(paused_at=None)
    world.poll()
    assert linked_ids() == expected_ids(world)


def test_r20_disconnect_in_mid_import_stops_it_at_once(world):
    world.emulator.generate(world.realm, customers=3100)
    world.emulator.fail(mode="slow", path="/query", seconds=0.4)
    world.connect()
    with meanwhile(world.work):
        eventually(lambda: Contact.objects.exists())
        disconnecting.disconnect(world.connection, world.admin)
        there = Contact.objects.count()
    assert Contact.objects.count() == there
    assert linked_ids() < expected_ids(world)
    assert latest_import().status == Run.Status.STOPPED
    assert not ImportSeen.objects.exists()

    # R21: the same company again finds what it left.
    world.emulator.control("DELETE", "failures")
    world.connect()
    world.work()
    assert linked_ids() == expected_ids(world)
    assert latest_import().status == Run.Status.DONE
    before = Contact.objects.count()
    world.import_again()
    assert Contact.objects.count() == before


def test_r21_another_company_is_kept_apart(world):
    ada, item = world.customer(), world.item()
    world.connect()
    world.work()
    world.invoice(ada, item)
    world.pull()
    first = world.connection
    disconnecting.disconnect(first, world.admin)
    links = list(CustomerLink.objects.filter(connection=first).values())

    other = world.emulator.company(name="Other Books", country="US", currency="USD")
    same = {"DisplayName": "Ada L", "PrimaryEmailAddr": {"Address": "ADA@example.com"}}
    world.emulator.add(other, "Customer", same | {"CompanyName": "Other"})
    world.connect(other)
    world.work()

    assert Contact.objects.get().company == "Other"
    assert list(CustomerLink.objects.filter(connection=first).values()) == links
    assert CustomerLink.objects.exclude(connection=first).get().is_main
    assert InvoiceLink.objects.get().connection == first


def test_another_import_does_not_jump_over_what_happened_to_invoices(connected):
    ada, item = connected.customer(), connected.item()
    invoice = connected.invoice(ada, item)
    connected.pull()
    connected.payment(ada, (invoice, 50))
    connected.emulator.advance(1200)

    connected.import_again()

    assert Invoice.objects.get().balance == Decimal(150)


def test_r19_reset_freezes_what_was_invoiced_before_and_moves_the_rest(connected):
    ada, item = connected.customer(), connected.item()
    nobody = connected.customer("No Address", email=None)
    old, unwanted = connected.invoice(ada, item), connected.invoice(nobody, item)
    connected.invoice(nobody, item)
    connected.payment(ada, (old, 50))
    connected.pull()
    SetAside.objects.filter(kind="Invoice", external_id=unwanted["Id"]).update(
        reason=Reason.NOT_WANTED
    )
    numbers = resetting.preview(connected.connection)
    assert (numbers.invoices, numbers.payments, numbers.parked) == (1, 1, 1)
    connected.emulator.advance(5)

    run = connected.import_again(Run.Kind.RESET)

    assert run.status == Run.Status.DONE
    frozen = Invoice.objects.get()
    before = Invoice.objects.filter(pk=frozen.pk).values().get()
    connected.payment(ada, (old, 30))
    connected.change("Invoice", old, DueDate="2040-01-01")
    new = connected.invoice(ada, item)
    connected.change("Customer", nobody, PrimaryEmailAddr={"Address": "now@example.com"})
    connected.pull()
    assert Invoice.objects.filter(pk=frozen.pk).values().get() == before
    assert InvoiceLink.objects.get(frozen_at=None).external_id == new["Id"]
    assert SetAside.objects.get().reason == Reason.NOT_WANTED
    assert connected.connection.invoices_since > run.started_at - (run.finished_at - run.started_at)


def test_r19_reset_that_is_refused_in_the_middle_leaves_everything_as_it_was(connected):
    ada, item = connected.customer(), connected.item()
    old = connected.invoice(ada, item)
    nobody = connected.customer("No Address", email=None)
    connected.invoice(nobody, item)
    connected.emulator.generate(connected.realm, customers=1500)
    connected.pull()
    before = connected.connection
    refusal = '{"Fault":{"Error":[{"Message":"No","code":"6190"}],"type":"ValidationFault"}}'
    connected.emulator.fail(mode="status", path="/query", nth=3, status=400, body=refusal)

    run = connected.import_again(Run.Kind.RESET)

    assert run.status == Run.Status.FAILED
    assert not ImportSeen.objects.exists()
    assert Attention.objects.get(closed_at=None).cause == Cause.IMPORT_FAILED
    after = connected.connection
    assert (after.invoices_since, after.invoices_since_here) == (
        before.invoices_since,
        before.invoices_since_here,
    )
    assert not InvoiceLink.objects.exclude(frozen_at=None).exists()
    assert SetAside.objects.filter(kind="Invoice").count() == 1
    connected.payment(ada, (old, 50))
    connected.pull()
    assert Invoice.objects.get().balance == 150


def test_import_asked_for_while_a_pull_works_begins_when_it_ends(connected):
    connected.customer()
    connected.emulator.fail(mode="slow", path="/cdc", nth=1, seconds=0.5)
    from integrations import importing
    from integrations.pulling import wake

    wake(connected.connection.pk)
    with meanwhile(tasks.pull, connected.connection.pk):
        eventually(lambda: connected.connection.leases.filter(until__isnull=False).exists())
        importing.start(connected.connection, kind=Run.Kind.IMPORT, trigger=Run.Trigger.PERSON)
        tasks.continue_import(latest_import().pk)
        assert latest_import().status == Run.Status.RUNNING
    connected.work()
    assert latest_import().status == Run.Status.DONE
