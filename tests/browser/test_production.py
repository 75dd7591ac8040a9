"""Set as a business runs it: https on a name of its own, DEBUG off, collected static files."""

from __future__ import annotations

from contextlib import suppress

import pytest
import requests
from playwright.sync_api import expect

from tests.browser import certificates
from tests.browser.databases import Database
from tests.browser.installation import Installation
from tests.browser.programs import Programs, free_port
from tests.browser.visitor import Visitor

pytestmark = pytest.mark.browser

HOST = "crm.example.test"
COMPANY = "Cedar Lane Supply"
ADMIN = ("owner@business.example", "the password of the owner")


@pytest.fixture
def site(tmp_path, emulator_process):
    database, programs, port = Database("production"), Programs(tmp_path), free_port()
    key, certificate = certificates.write(tmp_path, HOST)
    url = f"https://{HOST}:{port}"
    values = {
        **emulator_process.environment,
        "DJANGO_SETTINGS_MODULE": "tests.browser.production_settings",
        "DEBUG": "0",
        "DATABASE_URL": database.url,
        "VAR_DIR": str(tmp_path / "var"),
        "SITE_URL": url,
        "PORT": str(port),
        "SECRET_KEY": "only-for-this-story-" * 3,
        "EMAIL_URL": "smtp://127.0.0.1:1",
        # The real service's settings, and its addresses turned to the emulator.
        "INTUIT_ENVIRONMENT": "production",
        "INTUIT_CLIENT_ID": "emulator",
        "INTUIT_CLIENT_SECRET": "emulator-secret",
        "INTUIT_WEBHOOK_VERIFIER_TOKEN": "emulator-verifier",
    }
    email, password = ADMIN
    emulator_process.reset(samples=True)
    emulator_process.register_redirects(f"{url}/settings/integrations/quickbooks/callback/")
    database.create()
    try:
        programs.run("manage.py", "migrate", "-v0", **values)
        programs.run("manage.py", "collectstatic", "--no-input", "-v0", **values)
        programs.run(
            *("manage.py", "createsuperuser", "--no-input", "--email", email),
            **{**values, "DJANGO_SUPERUSER_PASSWORD": password},
        )
        programs.start("manage.py", "qcluster", **values)
        programs.start(
            *("-m", "gunicorn", "--keyfile", key, "--certfile", certificate, "crmsync.wsgi"),
            **values,
        )
        local = LocalHttps(port, certificate)
        programs.wait_until(local.is_well)
        started = Installation(url, emulator_process, programs, {"admin": ADMIN})
        started.local = local
        yield started
    finally:
        programs.end()
        database.drop()


class LocalHttps:
    """The server by its number, for requests that no browser would send."""

    def __init__(self, port, certificate):
        self.address, self.certificate = f"https://127.0.0.1:{port}", certificate

    def get(self, path, **headers):
        return requests.get(
            self.address + path,
            headers={"Host": HOST, **headers},
            verify=self.certificate,
            allow_redirects=False,
            timeout=5,
        )

    def is_well(self):
        # It listens before its workers can answer: until then a handshake gets no reply.
        with suppress(requests.ConnectionError, requests.Timeout):
            return self.get("/healthz").ok
        return False


def test_connect_and_import_with_production_settings_over_https(site, chromium):
    context = chromium.new_context(ignore_https_errors=True)
    context.set_default_timeout(15_000)
    page = context.new_page()
    anna = Visitor(page, site)
    answers = []
    page.on("response", lambda answer: answers.append(answer))

    anna.sign_in()
    anna.go_to_integrations()
    expect(page.get_by_text("emulator")).to_have_count(0)
    anna.connect(COMPANY)
    anna.go_to("Contacts")
    anna.find("Nora Whitfield")
    expect(page.get_by_text("In step", exact=True).first).to_be_visible()
    anna.go_to("Invoices")

    ours = [answer for answer in answers if answer.url.startswith(site.url)]
    pages = [answer for answer in ours if answer.headers.get("content-type", "")[:9] == "text/html"]
    assert len(pages) > 5
    for answer in pages:
        assert "script-src 'self'" in answer.headers["content-security-policy"], answer.url
        assert "max-age=31536000" in answer.headers["strict-transport-security"], answer.url
        assert answer.headers["x-frame-options"] == "DENY"
    static = [answer for answer in ours if "/static/" in answer.url]
    assert static
    for answer in static:
        assert "immutable" in answer.headers["cache-control"], answer.url
    cookies = context.cookies(site.url)
    assert {"sessionid", "csrftoken"} <= {cookie["name"] for cookie in cookies}
    assert all(cookie["secure"] and cookie["sameSite"] == "Lax" for cookie in cookies)
    assert next(each for each in cookies if each["name"] == "sessionid")["httpOnly"]
    # Here a browser would report what the content security policy forbids.
    assert anna.complaints == []
    context.close()

    assert "Traceback" not in site.programs.said()
    plain = site.local.get("/contacts/", **{"X-Forwarded-Proto": "http"})
    assert plain.status_code == 301
    assert plain.headers["location"] == f"https://{HOST}/contacts/"
