"""Whatever happens on either side, consent rises by the two lawful acts alone (R8)."""

from __future__ import annotations

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from contacts.addresses import key_of
from contacts.models import Consent, ConsentEvent, Contact
from contacts.services.consent.gate import may_receive
from tests import consents
from tests.consent.histories import ADDRESSES, History, risen, statuses
from tests.pages.conftest import connected

ACTS = [
    *("create", "edit", "edit", "merge", "archive"),
    *("opt_in_all", "opt_in_all", "opt_in_again", "ask", "ask", "unsubscribe"),
    *("confirm", "confirm", "press_unsubscribe", "come_back"),
    *("add_customer", "add_customer", "change_customer", "change_customer"),
    *("swap_customers", "import_again"),
]


@pytest.mark.django_db
@settings(
    max_examples=8,
    # Shrinking runs the history again and again: slower than reading it.
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    acts=st.lists(
        st.tuples(st.sampled_from(ACTS), st.integers(0, 60), st.integers(0, len(ADDRESSES) - 1)),
        min_size=25,
        max_size=40,
    )
)
def test_r8_consent_never_rises_but_by_the_two_lawful_acts(staff, acts):
    with transaction.atomic():
        history = History(connected(), staff)
        history.begin()
        for act in acts:
            before = statuses()
            history.act(*act)
            after = statuses()
            assert risen(before, after) <= history.allowed, act
            consents.assert_agreement()
            assert_held()
        for consent in Consent.objects.all():
            last = ConsentEvent.objects.filter(address=consent.address).latest("id")
            assert last.new == consent.status
            archived = Contact.objects.filter(archived_at__isnull=False)
            away = archived.filter(email__lower=consent.address).exists()
            agreed = consent.status == "marketable"
            assert may_receive(consent.address) == (agreed and not away)
        transaction.set_rollback(True)


def assert_held():
    """Only an address that a contact has can have agreed to anything."""
    agreed = Consent.objects.filter(status__in=["marketable", "waiting"])
    held = {key_of(email) for email in Contact.objects.values_list("email", flat=True)}
    assert set(agreed.values_list("address", flat=True)) <= held
