from __future__ import annotations

import os
import subprocess
import sys

import pytest
from django.core.checks import Error, Tags, run_checks
from django.db import connections

SOUND = {
    "DEBUG": False,
    "SITE_URL": "https://crm.example.com",
    "EMBEDDED_DATABASE": False,
    "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
    "INTUIT_ENVIRONMENT": "production",
    "INTUIT_CLIENT_ID": "id",
    "INTUIT_CLIENT_SECRET": "secret",
    "INTUIT_WEBHOOK_VERIFIER_TOKEN": "token",
}


def found(tag=Tags.security, **options):
    return [message for message in run_checks(tags=[tag], **options) if "crmsync" in message.id]


@pytest.fixture
def sound(settings):
    for name, value in SOUND.items():
        setattr(settings, name, value)
    return settings


def test_a_sound_installation_has_nothing_to_say(sound):
    assert found() == []


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"INTUIT_ENVIRONMENT": "prod"}, "crmsync.E001"),
        ({"INTUIT_CLIENT_SECRET": ""}, "crmsync.E002"),
        ({"INTUIT_CLIENT_ID": ""}, "crmsync.E002"),
        ({"INTUIT_CLIENT_ID": "", "INTUIT_CLIENT_SECRET": ""}, "crmsync.W003"),
        ({"INTUIT_WEBHOOK_VERIFIER_TOKEN": ""}, "crmsync.W004"),
        ({"INTUIT_ENVIRONMENT": "emulator"}, "crmsync.W013"),
        ({"DEBUG": True}, "crmsync.E005"),
        ({"SITE_URL": "crm.example.com"}, "crmsync.E006"),
        ({"SITE_URL": "https://crm.example.com/crm"}, "crmsync.E006"),
        ({"SITE_URL": "http://crm.example.com"}, "crmsync.E007"),
        ({"TOKEN_ENCRYPTION_KEYS": []}, "crmsync.E008"),
        ({"TOKEN_ENCRYPTION_KEYS": ["short"]}, "crmsync.E008"),
        ({"EMBEDDED_DATABASE": True}, "crmsync.E009"),
        (
            {"EMAIL_BACKEND": "django.core.mail.backends.filebased.EmailBackend"},
            "crmsync.W010",
        ),
    ],
)
def test_each_mistake_is_named_with_its_remedy(sound, changes, expected):
    for name, value in changes.items():
        setattr(sound, name, value)

    (message,) = found()

    assert message.id == expected
    assert message.msg.endswith(".")
    assert message.hint.endswith(".")
    assert isinstance(message, Error) == expected.startswith("crmsync.E")


@pytest.mark.django_db
def test_the_database_in_use_is_new_enough():
    assert found(Tags.database, databases=["default"]) == []


def test_another_kind_of_database_is_refused(monkeypatch):
    monkeypatch.setattr(connections["default"], "vendor", "sqlite")

    assert [message.id for message in found(Tags.database)] == ["crmsync.E011"]


def manage(command, **environment):
    return subprocess.run(
        [sys.executable, "manage.py", *command.split()],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("name", ["SECRET_KEY", "TOKEN_ENCRYPTION_KEYS"])
def test_a_missing_secret_is_said_plainly(name):
    result = manage("check", DEBUG="0", **{name: ""})

    assert result.returncode == 1
    assert result.stderr.startswith(f"{name} is not set.")
    assert "Traceback" not in result.stderr
