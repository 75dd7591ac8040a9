"""What a marketing message looks like on the wire, and that none leaves without consent (R8)."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import pytest
from django.template import TemplateDoesNotExist

from contacts.models import Business, Delivery, User
from contacts.services import mail
from contacts.services.contacts import update_contact
from contacts.services.mailing import broadcasts, delivering
from contacts.services.mailing.merge_fields import FieldError
from contacts.services.mailing.text import Text
from tests.factories import ContactFactory
from tests.mailing.acts import broadcast

pytestmark = pytest.mark.django_db

ANNA = "anna@x.example"


@pytest.fixture
def anna(business):
    return ContactFactory(
        first_name="Anna", last_name="<b>O'Neil</b>", email=ANNA, consent="marketable"
    )


def sent_to_anna(postbox, staff, **words):
    broadcast(by=staff, **words)
    delivering.deliver(5)
    return postbox.message(ANNA)


def test_r8_the_headers_of_a_broadcast(postbox, anna, staff, settings):
    settings.SITE_URL = "https://crm.example.com"
    message = sent_to_anna(postbox, staff, subject="News from {{ business }}")

    delivery = Delivery.objects.get()
    assert message["Subject"] == "News from Northwind Joinery"
    assert message["From"] == "Northwind Joinery <crmsync@example.com>"
    assert message["To"] == ANNA
    assert message["Reply-To"] == "office@northwind.example"
    assert message["Message-ID"] == (
        f"<{delivery.pk}.{delivery.mailing.entered_as.hex}@example.com>"
    )
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    [link] = re.fullmatch("<([^<> ]+)>", message["List-Unsubscribe"].strip()).groups()
    assert urlsplit(link)[:2] == ("https", "crm.example.com")
    assert "Bcc" not in message
    assert message.get_content_type() == "multipart/alternative"


@pytest.mark.parametrize("kind", ["plain", "html"])
def test_r8_both_forms_tell_who_sends_it_and_how_to_unsubscribe(postbox, anna, staff, kind):
    message = sent_to_anna(postbox, staff)

    content = message.get_body((kind,)).get_content()
    link = message["List-Unsubscribe"].strip(" <>")
    assert link in content
    for words in ("Northwind Joinery", "12 Mill Lane", "Portland, OR 97201"):
        assert words in content


def test_r8_the_link_in_a_mail_unsubscribes_by_one_post_without_cookies(
    postbox, anna, staff, client
):
    message = sent_to_anna(postbox, staff)
    address = urlsplit(message["List-Unsubscribe"].strip(" <>")).path

    answer = client.post(address, {"List-Unsubscribe": "One-Click"})

    assert answer.status_code == 200
    anna.refresh_from_db()
    assert anna.marketing_status == "unsubscribed"
    with pytest.raises(broadcasts.BroadcastError, match="Nobody in this audience"):
        broadcast(by=staff)


def test_values_are_text_and_never_formatting(postbox, anna, staff):
    message = sent_to_anna(
        postbox,
        staff,
        subject="For {{ last_name }}",
        body="Hello **{{ first_name }}** {{ last_name }} of {{ company|*your* company }}",
    )

    assert message["Subject"] == "For <b>O'Neil</b>"
    html = message.get_body(("html",)).get_content()
    assert (
        "<p>Hello <strong>Anna</strong> &lt;b&gt;O&#x27;Neil&lt;/b&gt; of *your* company</p>"
        in html
    )
    plain = message.get_body(("plain",)).get_content()
    assert plain.startswith("Hello Anna <b>O'Neil</b> of *your* company\n")


def test_who_takes_over_an_address_is_not_called_by_the_name_of_who_had_it(
    postbox, business, staff
):
    former = ContactFactory(first_name="Anna", email="office@x.example", consent="marketable")
    broadcast(by=staff, body="Hello {{ first_name|there }}")
    update_contact(former, {"email": "anna@x.example"})
    ContactFactory(first_name="Ben", email="office@x.example", consent="marketable")

    delivering.deliver(5)

    [content] = [content for _, content in postbox.arrived]
    assert b"Hello there" in content


def test_formatting_is_simple_and_its_links_are_safe():
    text = Text.of(
        "",
        "<script>alert(1)</script>\n\n[a](javascript:alert(1)) [b](https://b.example/?x=1&y=2)\n"
        "![c](https://spy.example/c.png)\n\n- one\n- two",
    )

    message = text.filled({"email": ANNA})

    assert "<script" not in message.html
    assert "<img" not in message.html
    assert re.findall('href="([^"]+)"', message.html) == [
        "https://b.example/?x=1&amp;y=2",
        "https://spy.example/c.png",
    ]
    assert "b (https://b.example/?x=1&y=2)" in message.text
    assert "- one\n- two\n" in message.text


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ("Dear {{ surname }}", "There is no field {{ surname }}. There are first_name, "),
        ("Dear {{ first name }}", "A field is written like {{ first_name }}. There are "),
        ("Dear {{ first_name", "A field is written like {{ first_name }}. "),
        ("[x](https://x.example/{{email}})", "A field cannot stand in the address of a link."),
    ],
)
def test_a_field_that_is_none_is_refused_with_those_that_are(body, sentence):
    with pytest.raises(FieldError) as refused:
        Text.of("", body)

    assert str(refused.value).startswith(sentence)


@pytest.mark.parametrize("status", ["", "non_marketable", "waiting", "unsubscribed"])
def test_r8_there_is_no_way_round_the_gate(postbox, business, status):
    """Whoever builds a message by hand and has a connection still meets the check."""
    ContactFactory(email=ANNA, consent=status)
    message = mail.Marketing(
        to=ANNA, subject="Buy", text="now", html="<p>now</p>", key="1.x", source=""
    )
    handed_over = []

    with mail.PostalConnection() as connection, pytest.raises(mail.NotAllowedError):
        connection.send_marketing(message, lambda: handed_over.append(message))

    with pytest.raises(TemplateDoesNotExist):
        mail.send(ANNA, "Buy", "marketing/message", {"content": message})
    with pytest.raises(User.DoesNotExist):
        mail.send_sample(User(email=ANNA), message)
    assert (postbox.arrived, handed_over) == ([], [])


def test_r8_consent_given_in_another_writing_of_the_address_counts(postbox, business, staff):
    ContactFactory(email="Anna@X.example", consent="marketable")
    broadcast(by=staff)

    delivering.deliver(5)

    assert postbox.addresses == ["Anna@X.example"]


def test_a_test_goes_to_oneself_whatever_the_consent(postbox, business, staff):
    broadcasts.send_test(subject="News", body="Hello {{ first_name }}", to=staff)

    message = postbox.message(staff.email)
    assert message["Subject"] == "[Test] News"
    assert message["List-Unsubscribe"] is None
    assert "Hello Sam" in message.get_body(("plain",)).get_content()


@pytest.mark.parametrize(
    ("missing", "sentence"),
    [
        ({"address": ""}, "the postal address of the business is missing."),
        (
            {"name": "", "address": " "},
            "the name and the postal address of the business are missing.",
        ),
    ],
)
def test_r8_nothing_is_sent_that_does_not_tell_who_sends_it(anna, staff, missing, sentence):
    Business.objects.update(**missing)

    with pytest.raises(broadcasts.BroadcastError) as refused:
        broadcast(by=staff)

    assert sentence in str(refused.value)
    assert not Delivery.objects.exists()
