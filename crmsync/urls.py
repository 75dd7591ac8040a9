"""Every address of the site. The apps bring their own; only signing in and health are said here.

There is no Django admin: the task queue registers its rows there, and whoever may add a schedule
has the worker call any function with any arguments.
"""

from __future__ import annotations

from django.urls import include, path

from crmsync.favicon import favicon
from crmsync.health import healthz
from crmsync.mail_page import attachment, html, index, message

urlpatterns = [
    path("healthz", healthz, name="healthz"),
    path("favicon.ico", favicon),
    path("accounts/", include("allauth.urls")),
    path("development/mail/", index, name="development_mail"),
    path("development/mail/<str:name>/<int:place>/", message, name="development_message"),
    path("development/mail/<str:name>/<int:place>/html/", html, name="development_message_html"),
    path(
        "development/mail/<str:name>/<int:place>/<int:number>/",
        attachment,
        name="development_attachment",
    ),
    path("", include("contacts.urls")),
    path("", include("integrations.urls")),
]
