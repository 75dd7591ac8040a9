"""Every address of the site. The apps bring their own; only signing in and health are said here."""

from __future__ import annotations

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.urls import include, path

from crmsync.health import healthz

# The admin's own sign-in page knows no second factor; people come through allauth's.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]

urlpatterns = [
    path("healthz", healthz, name="healthz"),
    path("accounts/", include("allauth.urls")),
    path("admin/", admin.site.urls),
    path("", include("contacts.urls")),
    path("", include("integrations.urls")),
]
