"""Email addresses decide who is whose: changed, shared, swapped, removed (R5, R6, R8)."""

from __future__ import annotations

import pytest

from contacts.models import ConsentEvent, Contact, FieldChange, Invoice
from contacts.services.contacts import update_contact
from contacts.services.merging import merge_contacts
from integrations import links
from integrations.models import Attention, Cause, CustomerLink, Reason, Run, SetAside
from tests import consents
from tests.factories import ContactFactory


def emails():
    return set(Contact.objects.values_list("email", flat=True))


def open_questions():
    return Attention.objects.filter(cause=Cause.MERGE_CONTACTS, closed_at=None)


def link(customer):
    return CustomerLink.objects.get(external_id=customer["Id"])


def mail(address):
    return {"PrimaryEmailAddr": {"Address": address}}


def test_r5_two_customers_that_swap_their_addresses_keep_their_contacts(connected):
    ada = connected.customer("Ada Lovelace", "ada@example.com")
    bea = connected.customer("Bea Miles", "bea@example.com")
    connected.pull()
    mine = link(ada).contact_id

    connected.change("Customer", ada, **mail("bea@example.com"))
    connected.change("Customer", bea, **mail("ada@example.com"))
    connected.pull()

    assert Contact.objects.get(pk=mine).email == "bea@example.com"
    assert link(bea).contact.email == "ada@example.com"
    assert not open_questions().exists()


def test_r5_addresses_handed_on_in_a_row_all_move(connected):
    names = ("Ada", "Bea", "Cleo")
    people = [connected.customer(f"{n} Miles", f"{n.lower()}@example.com") for n in names]
    connected.pull()

    connected.change("Customer", people[0], **mail("bea@example.com"))
    connected.change("Customer", people[1], **mail("cleo@example.com"))
    connected.change("Customer", people[2], **mail("new@example.com"))
    connected.pull()

    assert [link(each).contact.email for each in people] == [
        "bea@example.com",
        "cleo@example.com",
        "new@example.com",
    ]


def test_r5_taken_address_is_asked_about_and_everything_else_flows(connected):
    ContactFactory(email="taken@example.com")
    ada = connected.customer()
    bea = connected.customer("Bea Miles", "bea@example.com")
    connected.pull()

    connected.change("Customer", ada, **mail("taken@example.com"), CompanyName="Engines")
    connected.change("Customer", bea, CompanyName="Miles & Co")
    connected.pull()

    contact = link(ada).contact
    assert (contact.email, contact.company) == ("ada@example.com", "Engines")
    assert link(bea).contact.company == "Miles & Co"
    assert open_questions().get().key == str(contact.pk)


def test_r5_two_customers_that_change_to_one_new_address_are_asked_about(connected):
    ada = connected.customer("Ada Lovelace", "ada@example.com")
    bea = connected.customer("Bea Miles", "bea@example.com")
    connected.pull()

    connected.change("Customer", ada, **mail("both@example.com"))
    connected.change("Customer", bea, **mail("both@example.com"))
    connected.pull()

    assert emails() == {"both@example.com", "bea@example.com"}
    assert open_questions().get().facts["other"] == link(ada).contact_id


@pytest.mark.parametrize("answer", ["back there", "away here", "gone here", "sent from here"])
def test_r23_question_closes_itself_once_the_addresses_no_longer_clash(connected, answer):
    holder = ContactFactory(email="taken@example.com")
    ada = connected.customer()
    connected.pull()
    connected.change("Customer", ada, **mail("taken@example.com"))
    connected.pull()
    assert open_questions().count() == 1

    expected = "taken@example.com"
    if answer == "back there":
        connected.change("Customer", ada, **mail("ada@example.com"))
        connected.pull()
        expected = "ada@example.com"
    elif answer == "away here":
        update_contact(holder, {"email": "other@example.com"}, by=connected.admin)
        connected.work()
    elif answer == "gone here":
        holder.delete()
        connected.poll()
    else:
        update_contact(link(ada).contact, {"email": "third@example.com"}, by=connected.admin)
        connected.work()
        expected = "third@example.com"

    assert not open_questions().exists()
    assert link(ada).contact.email == expected
    assert "email" not in link(ada).apart


@pytest.mark.parametrize("stays", ["the customer's", "the other"])
def test_r5_merging_the_two_contacts_gives_the_survivor_quickbooks_address(connected, stays):
    holder = ContactFactory(email="taken@example.com", consent="marketable")
    ada, item = connected.customer(), connected.item()
    connected.invoice(ada, item)
    connected.pull()
    connected.change("Customer", ada, **mail("taken@example.com"))
    connected.pull()
    pair = [link(ada).contact, holder]

    survivor, loser = pair if stays == "the customer's" else pair[::-1]
    merge_contacts(survivor, loser, by=connected.admin)
    connected.work()

    survivor.refresh_from_db()
    assert emails() == {"taken@example.com"}
    assert (link(ada).contact_id, link(ada).is_main) == (survivor.pk, True)
    assert Invoice.objects.get().contact_id == survivor.pk
    assert not open_questions().exists()
    # Consent belonged to the survivor's own address only.
    assert (survivor.marketing_status == "marketable") == (stays == "the other")


def test_r5_non_main_customer_leaves_with_its_invoices_to_the_contact_of_its_new_address(connected):
    first = connected.customer("Shared One", "team@example.com")
    second = connected.customer("Shared Two", "team@example.com")
    other = connected.customer("Other Person", "other@example.com")
    item = connected.item()
    invoice = connected.invoice(second, item)
    connected.payment(second, (invoice, 50))
    connected.pull()
    team = Contact.objects.get(email="team@example.com")
    assert team.customer_links.count() == 2

    connected.change("Customer", second, **mail("OTHER@example.com"))
    connected.pull()
    moved = Contact.objects.get(email="other@example.com")
    assert link(second).contact == moved
    assert Invoice.objects.get().contact == moved
    assert moved.payments.count() == 1
    assert link(other).is_main
    assert not link(second).is_main

    connected.change("Customer", second, **mail("alone@example.com"))
    connected.pull()
    alone = Contact.objects.get(email="alone@example.com")
    assert (alone.first_name, link(second).is_main) == ("Shared", True)
    assert Invoice.objects.get().contact == alone
    assert FieldChange.objects.filter(kind="invoice", field="contact").count() == 2
    assert link(first).contact == team


def test_r5_new_and_moving_customers_meet_at_an_address_nobody_has(connected):
    connected.customer("Shared One", "team@example.com")
    second = connected.customer("Shared Two", "team@example.com")
    connected.pull()

    connected.change("Customer", second, **mail("meet@example.com"))
    connected.customer("Third One", "meet@example.com")
    connected.pull()

    assert emails() == {"team@example.com", "meet@example.com"}
    assert not SetAside.objects.exists()
    assert CustomerLink.objects.filter(is_main=True).count() == 2


def test_r5_main_customer_is_a_persons_choice_and_an_import_leaves_it(connected):
    one = connected.customer("Shared One", "team@example.com", CompanyName="One")
    two = connected.customer("Shared Two", "team@example.com", CompanyName="Two")
    connected.pull()
    assert link(one).is_main

    links.make_main(link(two), connected.admin)
    assert Contact.objects.get().company == "Two"
    connected.import_again()

    assert link(two).is_main
    assert Contact.objects.get().company == "Two"
    history = FieldChange.objects.filter(field="company", old="One", new="Two").get()
    assert history.by == connected.admin


def test_r5_customers_of_merged_contacts_choose_a_main_one_without_a_clash(connected):
    ada = connected.customer("Ada Lovelace", "ada@example.com")
    bea = connected.customer("Bea Miles", "bea@example.com")
    connected.pull()
    merge_contacts(link(ada).contact, link(bea).contact, by=connected.admin)
    connected.work()
    ContactFactory(email="bea@example.com")

    links.make_main(link(bea), connected.admin)

    assert link(bea).contact.email == "ada@example.com"
    assert open_questions().get().facts["customer"] == bea["Id"]


def test_r8_changed_address_ends_consent_and_another_case_does_not(connected):
    ada = connected.customer()
    connected.pull()
    consents.put("marketable")

    connected.change("Customer", ada, **mail("ADA@Example.com"))
    connected.pull()
    contact = Contact.objects.get()
    assert (contact.email, contact.marketing_status) == ("ADA@Example.com", "marketable")

    connected.change("Customer", ada, **mail("ada@example.org"))
    connected.pull()
    contact.refresh_from_db()
    assert (contact.email, contact.marketing_status) == ("ada@example.org", "non_marketable")
    event = ConsentEvent.objects.get()
    assert (event.address, event.what) == ("ada@example.com", "left")
    assert (event.old, event.new) == ("marketable", "non_marketable")
    assert (event.contact_id, event.source) == (contact.pk, "QuickBooks")
    assert event.run == Run.objects.latest("id").pk

    consents.put("unsubscribed")
    connected.change("Customer", ada, **mail("ada@example.net"))
    connected.pull()
    assert Contact.objects.get().marketing_status == "unsubscribed"
    consents.assert_agreement()


def test_r6_removed_address_stops_the_flow_until_one_appears(connected):
    ada, item = connected.customer(), connected.item()
    kept = connected.invoice(ada, item)
    connected.pull()

    connected.change("Customer", ada, PrimaryEmailAddr={"Address": ""}, CompanyName="Hidden")
    late = connected.invoice(ada, item)
    connected.change("Invoice", kept, DueDate="2030-01-01")
    connected.pull()
    contact = Contact.objects.get()
    assert (contact.email, contact.company) == ("ada@example.com", "")
    assert set(SetAside.objects.values_list("reason", flat=True)) == {
        Reason.NO_EMAIL,
        Reason.CUSTOMER_MISSING,
    }
    # What is here already follows all the same.
    assert str(Invoice.objects.get().due_date) == "2030-01-01"

    connected.change("Customer", ada, **mail("ada@example.com"))
    connected.pull()
    contact.refresh_from_db()
    assert (contact.email, contact.company) == ("ada@example.com", "Hidden")
    assert set(contact.invoices.values_list("number", flat=True)) == {
        kept["DocNumber"],
        late["DocNumber"],
    }
    assert not SetAside.objects.exists()


def test_r22_unwanted_customer_stays_out_whatever_happens_to_it(connected):
    nobody = connected.customer("No Address", email=None)
    connected.pull()
    SetAside.objects.update(reason=Reason.NOT_WANTED)

    connected.change("Customer", nobody, **mail("now@example.com"))
    connected.pull()
    assert not Contact.objects.exists()
    kept = SetAside.objects.get()
    assert kept.reason == Reason.NOT_WANTED
    assert "now@example.com" in kept.snapshot

    links.include(kept, connected.admin)
    assert emails() == {"now@example.com"}
    assert not SetAside.objects.exists()


def test_r6_inactive_stranger_waits_and_comes_in_when_it_is_active_again(connected):
    ada, item = connected.customer(), connected.item()
    connected.act("Customer", ada, "inactivate")
    connected.pull()
    assert SetAside.objects.get().reason == Reason.INACTIVE
    assert not Contact.objects.exists()

    connected.act("Customer", ada, "reactivate")
    connected.invoice(ada, item)
    connected.pull()
    assert Contact.objects.get().invoices.count() == 1
    assert Contact.objects.get().last_name == "Lovelace"


def test_r5_letters_that_python_and_the_database_write_small_differently_stop_nobody(connected):
    """Python makes two characters of a small `İ`, PostgreSQL one: for it these two are one."""
    connected.customer("Ali One", "ALİ@example.com")
    connected.customer("Ali Two", "ali@example.com")
    connected.customer("Bea Miles", "bea@example.com")
    connected.pull()

    shared = CustomerLink.objects.filter(display_name__startswith="Ali")
    assert shared.values_list("contact").distinct().count() == 1
    assert emails() == {shared[0].contact.email, "bea@example.com"}

    connected.customer("Ali Three", "Ali@example.com")
    connected.pull()

    assert shared.count() == 3
    assert Contact.objects.count() == 2
