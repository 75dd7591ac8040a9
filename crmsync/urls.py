"""Every address of the site. The apps bring their own; only signing in and health are said here.

There is no Django admin: the task queue registers its rows there, and whoever may add a schedule
has the worker call any function with any arguments.
"""

from __future__ import annotations

from django.urls import include, path

from crmsync.favicon import favicon
from crmsync.health import healthz

urlpatterns = [
    path("healthz", healthz, name="healthz"),
    path("favicon.ico", favicon),
    path("accounts/", include("allauth.urls")),
    path("", include("contacts.urls")),
    path("", include("integrations.urls")),
]
