"""An address is the same to Python, to the database and to consent, in whatever letters (R5, R8).

Python writes `İ` small as two characters and a `Σ` by its place in the word; a database decides
by its collation.
"""

from __future__ import annotations

import pytest
from django.db import connection

from contacts.addresses import key_of
from contacts.models import Consent, Contact
from contacts.services.consent.acting import opt_in, request_confirmation
from contacts.services.consent.confirming import confirm
from contacts.services.consent.gate import may_receive
from contacts.services.consent.unsubscribing import unsubscribe
from contacts.services.consent.writing import Trace
from contacts.services.contacts import EmailTakenError, create_contact
from tests import consents
from tests.consent.conftest import confirm_link
from tests.factories import ContactFactory

pytestmark = pytest.mark.django_db

#: As somebody typed it, and in small letters.
SPELLINGS = [
    ("ÉMILE@x.example", "émile@x.example"),
    ("ALİ@x.example", "ali@x.example"),
    ("ΑΣ@x.example", "ας@x.example"),
    ("info@STRAẞE.example", "info@straße.example"),
]
typed = pytest.mark.parametrize("address", [capital for capital, _ in SPELLINGS])


@pytest.mark.parametrize("address", [each for pair in SPELLINGS for each in pair])
def test_r5_the_key_of_an_address_is_what_the_database_has_in_small_letters(address):
    with connection.cursor() as cursor:
        cursor.execute("SELECT lower(%s)", [address])
        [expected] = cursor.fetchone()

    assert key_of(f" {address} ") == expected == key_of(expected)


@typed
def test_r8_consent_follows_an_address_in_letters_of_any_alphabet(address, staff):
    contact = ContactFactory(email=address)
    everybody = Contact.objects.all()

    request_confirmation(everybody, by=staff)
    confirm(confirm_link(contact).rpartition("/")[2], ip=None)
    consents.assert_agreement()
    assert may_receive(address)

    unsubscribe(address, Trace())
    contact.refresh_from_db()
    assert contact.marketing_status == "unsubscribed"
    assert opt_in(everybody, reason="Asked", by=staff).reached == 0
    assert not may_receive(address)


@typed
def test_r8_who_unsubscribed_is_known_again_in_other_letters(address, staff):
    unsubscribe(address, Trace())
    with connection.cursor() as cursor:
        cursor.execute("SELECT lower(%s)", [address])
        [small] = cursor.fetchone()

    contact = create_contact({"email": small}, by=staff)

    assert contact.marketing_status == "unsubscribed"
    assert Consent.objects.count() == 1
    with pytest.raises(EmailTakenError):
        create_contact({"email": address}, by=staff)
