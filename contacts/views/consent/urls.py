"""Addresses about consent. The links in mails that were sent lead to the public ones for ever."""

from __future__ import annotations

from django.urls import path

from contacts.views.consent import public

urlpatterns = [
    path("consent/confirm/<str:token>", public.confirm, name="confirm"),
    path("consent/unsubscribe/<str:token>", public.unsubscribe, name="unsubscribe"),
]
