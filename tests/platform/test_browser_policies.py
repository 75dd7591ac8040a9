from __future__ import annotations

import pytest
from django.contrib import messages
from django.contrib.auth import get_user_model
from django.contrib.messages.middleware import MessageMiddleware
from django.contrib.sessions.middleware import SessionMiddleware
from django.http import HttpResponse, StreamingHttpResponse
from django.test import RequestFactory
from django_htmx.middleware import HtmxMiddleware

from crmsync.middleware import ToastMiddleware
from tests.signing_in import sign_in


def policy(response):
    parts = response.headers["Content-Security-Policy"].split("; ")
    return {name: values.split() for name, _, values in (part.partition(" ") for part in parts)}


@pytest.mark.django_db
def test_content_security_policy_allows_nothing_foreign_but_the_authorization_page(
    client, settings
):
    settings.INTUIT_DISCOVERY_URL = "http://127.0.0.1:4711/.well-known/openid_configuration"

    found = policy(client.get("/accounts/login/"))

    assert found == {
        "default-src": ["'self'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "object-src": ["'none'"],
        "base-uri": ["'self'"],
        "frame-ancestors": ["'none'"],
        "form-action": ["'self'", "http://127.0.0.1:4711"],
    }


@pytest.mark.django_db
@pytest.mark.parametrize("document", ["openid_configuration", "openid_sandbox_configuration"])
def test_content_security_policy_names_intuits_own_page(client, settings, document):
    settings.INTUIT_DISCOVERY_URL = f"https://developer.intuit.com/.well-known/{document}"

    found = policy(client.get("/accounts/login/"))

    assert found["form-action"] == ["'self'", "https://appcenter.intuit.com"]


@pytest.mark.django_db
def test_every_page_carries_the_browser_policies(client):
    headers = client.get("/accounts/login/").headers

    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert "camera=()" in headers["Permissions-Policy"]


@pytest.mark.django_db
def test_pages_of_signed_in_people_are_stored_nowhere(client):
    ada = get_user_model().objects.create_user("ada@example.com", "x")
    sign_in(client, ada)

    headers = client.get("/accounts/2fa/").headers

    assert "no-store" in headers["Cache-Control"]
    assert "private" in headers["Cache-Control"]


def through_toasts(respond, **headers):
    """The response to a request with one message, and whether the message was shown."""
    request = RequestFactory().get("/", headers=headers)
    HtmxMiddleware(lambda _: HttpResponse())(request)
    SessionMiddleware(lambda _: HttpResponse()).process_request(request)
    MessageMiddleware(lambda _: HttpResponse()).process_request(request)
    messages.success(request, "Saved <once>")
    response = ToastMiddleware(lambda _: respond)(request)
    return response, messages.get_messages(request).used


@pytest.fixture
def toasts_template(settings):
    """The page's own template may change; what counts here is that it is rendered and sent."""
    settings.TEMPLATES = [
        {
            "BACKEND": "django.template.backends.django.DjangoTemplates",
            "OPTIONS": {
                "loaders": [
                    (
                        "django.template.loaders.locmem.Loader",
                        {
                            "partials/toasts_oob.html": (
                                '<div hx-swap-oob="beforeend:#toasts">'
                                "{% for message in messages %}{{ message }}{% endfor %}</div>"
                            )
                        },
                    )
                ]
            },
        }
    ]


def test_messages_arrive_with_an_htmx_answer(toasts_template):
    response, shown = through_toasts(HttpResponse("<p>row</p>"), HX_Request="true")

    assert response.content.decode() == (
        '<p>row</p><div hx-swap-oob="beforeend:#toasts">Saved &lt;once&gt;</div>'
    )
    assert shown


@pytest.mark.parametrize(
    ("response", "headers"),
    [
        (HttpResponse("<p>full page</p>"), {}),
        (HttpResponse(status=302, headers={"Location": "/"}), {"HX_Request": "true"}),
        (HttpResponse(headers={"HX-Redirect": "/"}), {"HX_Request": "true"}),
        (HttpResponse("{}", content_type="application/json"), {"HX_Request": "true"}),
        (StreamingHttpResponse([b"<p>"]), {"HX_Request": "true"}),
    ],
    ids=["full page", "redirect", "htmx redirect", "json", "stream"],
)
def test_messages_wait_for_an_answer_that_can_show_them(toasts_template, response, headers):
    _, shown = through_toasts(response, **headers)

    assert not shown
