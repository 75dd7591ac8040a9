"""Another company after Disconnect is kept apart (R21)."""

from __future__ import annotations

from decimal import Decimal

from contacts.models import Business, Product
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
