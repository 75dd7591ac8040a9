from __future__ import annotations

import pytest

from contacts.models import Business
from tests.factories import ContactFactory, UserFactory
from tests.mailing.acts import TEN
from tests.mailing.postbox import open_postbox


@pytest.fixture(scope="session")
def _open_postbox():
    with open_postbox() as postbox:
        yield postbox


@pytest.fixture
def postbox(_open_postbox, settings):
    """The mail server of this process, empty and friendly."""
    _open_postbox.forget()
    _open_postbox.use(settings)
    return _open_postbox


@pytest.fixture
def business(db):
    """Fast enough that no test waits for the pace."""
    return Business.objects.create(
        pk=1,
        name="Northwind Joinery",
        address="12 Mill Lane\nPortland, OR 97201",
        email="office@northwind.example",
        mails_per_minute=60_000,
    )


@pytest.fixture
def staff(db):
    return UserFactory(email="sam@business.example", first_name="Sam", password="unusable")


@pytest.fixture
def readers(business):
    """Ten who agreed."""
    return [ContactFactory(email=address, consent="marketable") for address in TEN]
