"""Another company after Disconnect is kept apart (R21)."""

from __future__ import annotations

from decimal import Decimal

from contacts.models import Business, Contact, Product
from contacts.services.contacts import update_contact
from integrations import disconnecting


def test_r21_price_of_another_company_never_reaches_a_former_ones_product(connected):
    connected.item("Delivery", "75.00")
    connected.pull()
    first = Product.objects.get(name="Delivery")
    disconnecting.disconnect(connected.connection, connected.admin)
    former, connected.realm = connected.realm, connected.emulator.company(name="Second Ltd")
    connected.item("Delivery", "6.50")

    connected.connect()
    connected.work()

    first.refresh_from_db()
    assert first.unit_price == Decimal(75)
    assert Product.objects.filter(name="Delivery").count() == 2
    assert connected.realm != former


def test_business_counts_in_the_money_of_its_books_until_somebody_says_otherwise(connected):
    assert Business.objects.get().currency == connected.connection.home_currency


def test_r21_values_of_another_company_are_not_sent_to_the_one_that_comes_back(connected):
    ada = connected.customer(PrimaryPhone={"FreeFormNumber": "first"})
    connected.pull()
    first, second = connected.realm, connected.emulator.company(name="Second Ltd")
    disconnecting.disconnect(connected.connection, connected.admin)
    connected.realm = second
    connected.customer(PrimaryPhone={"FreeFormNumber": "second"})
    connected.connect()
    connected.work()
    assert Contact.objects.get().phone == "second"
    disconnecting.disconnect(connected.connection, connected.admin)
    connected.realm = first

    connected.connect()
    connected.work()
    update_contact(Contact.objects.get(), {"city": "London"})
    connected.work()

    [there] = connected.emulator.store(first)["Customer"]
    assert there["Id"] == ada["Id"]
    assert there["BillAddr"]["City"] == "London"
    assert there["PrimaryPhone"]["FreeFormNumber"] == "first"
