from __future__ import annotations

import pytest
from django.contrib.auth import get_user_model

from crmsync.demo import PEOPLE, ensure_people

pytestmark = pytest.mark.django_db


def test_a_developers_machine_starts_with_two_people(settings):
    settings.DEBUG = True

    assert ensure_people() == list(PEOPLE)
    assert ensure_people() == list(PEOPLE)
    assert get_user_model().objects.count() == 2


@pytest.mark.parametrize(
    ("debug", "site"),
    [
        (False, "http://localhost:8000"),
        (True, "https://crm.example.com"),
        (True, "http://192.168.1.20:8000"),
    ],
)
def test_passwords_that_everybody_knows_are_made_nowhere_else(settings, debug, site):
    settings.DEBUG, settings.SITE_URL = debug, site

    assert ensure_people() == []
    assert not get_user_model().objects.exists()
