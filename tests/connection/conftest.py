"""The cast of the connection's tests: an admin, somebody on the staff, and a company."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.utils import timezone

from tests.signing_in import signed_in

BASE = "/settings/integrations/quickbooks"
CALLBACK = f"{BASE}/callback/"


@pytest.fixture
def admin(transactional_db):
    from contacts.models import User

    return User.objects.create_user("alice@example.com", None, role="admin")


@pytest.fixture
def staff(transactional_db):
    from contacts.models import User

    return User.objects.create_user("bob@example.com", None, role="staff")


@pytest.fixture
def admin_client(admin):
    return signed_in(admin)


@pytest.fixture
def staff_client(staff):
    return signed_in(staff)


@pytest.fixture
def stored_connection(transactional_db, settings):
    """A function that stores a connection as it is after connecting, without asking anybody."""
    from integrations.models import Connection

    def store(realm="9130001", **fields):
        now = timezone.now()
        values = {
            "company_name": "Bright Ideas Ltd",
            "status": Connection.Status.CONNECTED,
            "environment": settings.INTUIT_ENVIRONMENT,
            "site_url": settings.SITE_URL,
            "access_token": "a-stored-access-token",
            "refresh_token": "a-stored-refresh-token",
            "access_expires_at": now + timedelta(hours=1),
            "refresh_expires_at": now + timedelta(days=100),
            "refreshed_at": now,
            "connected_at": now,
            "invoices_since": now,
            "invoices_since_here": now,
        }
        return Connection.objects.create(realm=realm, **values | fields)

    return store


class Browser:
    """A person's way through Intuit: press Connect, choose a company, come back."""

    def __init__(self, client, intuit):
        self.client = client
        self.emulator = intuit

    def press_connect(self):
        """Return the address at Intuit that the browser is sent to."""
        response = self.client.post(f"{BASE}/connect/")
        assert response.status_code == 302
        return response.headers["Location"]

    def asked(self):
        """Press Connect; return the state of the question."""
        return parse_qs(urlsplit(self.press_connect()).query)["state"][0]

    def come_back(self, **query):
        response = self.client.get(CALLBACK, query)
        assert response.status_code == 302
        return response

    def connect(self, realm):
        """Go all the way; return the message on the page one lands on."""
        state = self.asked()
        self.come_back(code=self.grant(realm), state=state, realmId=realm)
        return self.message()

    def grant(self, realm):
        return self.emulator.grant(realm, f"http://localhost:8000{CALLBACK}")

    def message(self):
        """The messages that wait for the next page, joined."""
        from django.contrib.messages.storage import default_storage
        from django.test import RequestFactory

        request = RequestFactory().get("/")
        request.COOKIES = {name: morsel.value for name, morsel in self.client.cookies.items()}
        request.session = self.client.session
        found = " ".join(str(each) for each in default_storage(request))
        self.client.cookies.pop("messages", None)
        return found


@pytest.fixture
def browser(admin_client, emulator):
    return Browser(admin_client, emulator)
