"""Records for tests, as small as the database allows; traits name what a test is about."""

from __future__ import annotations

import datetime
from decimal import Decimal

import factory
from django.utils import timezone
from factory.django import DjangoModelFactory

from contacts.models import (
    Allocation,
    Business,
    Contact,
    Invoice,
    InvoiceLine,
    Payment,
    Product,
    User,
)
from tests import consents

PASSWORD = "correct horse battery"


class UserFactory(DjangoModelFactory):
    class Meta:
        model = User
        skip_postgeneration_save = True

    class Params:
        admin = factory.Trait(role=User.Role.ADMIN)

    email = factory.Sequence(lambda n: f"person{n}@business.example")
    password = factory.django.Password(PASSWORD)


class BusinessFactory(DjangoModelFactory):
    class Meta:
        model = Business
        django_get_or_create = ("pk",)

    pk = 1
    name = "Northwind Joinery"
    time_zone = "America/New_York"
    currency = "USD"


class ContactFactory(DjangoModelFactory):
    """`consent="marketable"` gives its address that status."""

    class Meta:
        model = Contact
        skip_postgeneration_save = True

    class Params:
        without_email = factory.Trait(email="")
        archived = factory.Trait(archived_at=factory.LazyFunction(timezone.now))

    first_name = "Dana"
    last_name = factory.Sequence(lambda n: f"Reeves {n}")
    email = factory.Sequence(lambda n: f"dana{n}@customer.example")

    @factory.post_generation
    def consent(self, create, status, **_):
        if status:
            consents.put(status, self)


class ProductFactory(DjangoModelFactory):
    class Meta:
        model = Product

    name = factory.Sequence(lambda n: f"Oak table {n}")
    full_name = factory.SelfAttribute("name")
    sku = factory.Sequence(lambda n: f"OAK-{n}")
    unit_price = Decimal("120.00")


class InvoiceFactory(DjangoModelFactory):
    """A draft of 100.00; `sent` issues it, `lines=[...]` is not needed for sums."""

    class Meta:
        model = Invoice

    class Params:
        sent = factory.Trait(sent_at=factory.LazyFunction(timezone.now))
        paid = factory.Trait(sent_at=factory.LazyFunction(timezone.now), balance=Decimal("0.00"))
        void = factory.Trait(
            sent_at=factory.LazyFunction(timezone.now),
            voided_at=factory.LazyFunction(timezone.now),
            balance=Decimal("0.00"),
        )

    contact = factory.SubFactory(ContactFactory)
    number = factory.Sequence(lambda n: f"INV-{n:05}")
    issue_date = factory.LazyFunction(lambda: timezone.now().date())
    due_date = factory.LazyAttribute(lambda o: o.issue_date + datetime.timedelta(days=30))
    currency = "USD"
    subtotal = Decimal("100.00")
    total = factory.SelfAttribute("subtotal")
    balance = factory.SelfAttribute("total")


class InvoiceLineFactory(DjangoModelFactory):
    class Meta:
        model = InvoiceLine

    invoice = factory.SubFactory(InvoiceFactory)
    position = factory.Sequence(lambda n: n + 1)
    product = factory.SubFactory(ProductFactory)
    product_name = factory.SelfAttribute("product.name")
    description = "Solid oak, oiled"
    quantity = Decimal(1)
    unit_price = Decimal("100.00")
    amount = factory.LazyAttribute(lambda o: o.quantity * o.unit_price)


class PaymentFactory(DjangoModelFactory):
    class Meta:
        model = Payment

    contact = factory.SubFactory(ContactFactory)
    date = factory.LazyFunction(lambda: timezone.now().date())
    amount = Decimal("100.00")
    currency = "USD"
    unapplied = factory.SelfAttribute("amount")


class AllocationFactory(DjangoModelFactory):
    class Meta:
        model = Allocation

    invoice = factory.SubFactory(InvoiceFactory)
    payment = factory.SubFactory(
        PaymentFactory,
        contact=factory.SelfAttribute("..invoice.contact"),
        unapplied=Decimal(0),
    )
    amount = factory.SelfAttribute("payment.amount")
