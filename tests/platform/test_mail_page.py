"""The mailbox of a development machine."""

from __future__ import annotations

import pytest

from contacts.models import User
from contacts.services import mail
from tests.factories import BusinessFactory
from tests.signing_in import sign_in

pytestmark = pytest.mark.django_db

PAGE = "/development/mail/"


@pytest.fixture
def ada(client):
    ada = User.objects.create_user("ada@business.example", first_name="Ada")
    sign_in(client, ada)
    return ada


@pytest.fixture
def development(settings, tmp_path):
    settings.DEBUG = True
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    settings.EMAIL_FILE_PATH = tmp_path
    return tmp_path


@pytest.fixture
def written(development, ada):
    """A message of two forms, with what must not run in either."""
    BusinessFactory(address="12 Mill Lane")
    html = '<p>Hello</p><script>alert(1)</script><a href="https://x.example/">there</a>'
    message = mail.Marketing("", "News & more", "<b>See</b> https://x.example/a", html, "1.x", "")
    mail.send_sample(ada, message)
    [file] = development.glob("*.log")
    return f"{PAGE}{file.name}/0/"


def test_it_lists_what_would_have_been_sent_and_is_linked_in_the_user_menu(client, written):
    page = client.get(PAGE).content.decode()

    assert "[Test] News &amp; more" in page
    assert "ada@business.example" in page
    assert f'href="{written}"' in page
    assert f'href="{PAGE}"' in client.get("/").content.decode()


def test_a_message_is_text_with_links_and_its_html_runs_nothing(client, written):
    page = client.get(written).content.decode()
    assert "&lt;b&gt;See&lt;/b&gt;" in page
    assert '<a href="https://x.example/a"' in page
    assert 'sandbox="allow-popups allow-popups-to-escape-sandbox"' in page

    frame = client.get(f"{written}html/")
    assert "<script>alert(1)</script>" in frame.content.decode()
    assert frame["X-Frame-Options"] == "SAMEORIGIN"
    policy = frame["Content-Security-Policy"]
    assert policy.startswith("sandbox allow-popups")
    assert "default-src 'none'" in policy
    assert "script" not in policy


@pytest.mark.parametrize("name", ["..%2f..%2fsecrets.log/0/", "none.log/0/", "x.txt/0/"])
def test_only_messages_are_read(client, written, name):
    assert client.get(f"{PAGE}{name}").status_code == 404


@pytest.mark.parametrize("without", ["DEBUG", "files"])
def test_elsewhere_there_is_no_such_page(client, written, settings, without):
    if without == "DEBUG":
        settings.DEBUG = False
    else:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"

    for address in (PAGE, written, f"{written}html/", f"{written}0/"):
        assert client.get(address).status_code == 404
    assert PAGE not in client.get("/").content.decode()
