"""Addresses about consent. The links in mails that were sent lead to the public ones for ever."""

from __future__ import annotations

from django.urls import path

from contacts.views.consent import banner, of_contact, of_many, public

urlpatterns = [
    path("contacts/<int:pk>/consent/opt-in/", of_contact.opt_in_by_hand, name="consent_opt_in"),
    path("contacts/<int:pk>/consent/ask/", of_contact.ask, name="consent_ask"),
    path(
        "contacts/<int:pk>/consent/unsubscribe/",
        of_contact.unsubscribe_by_hand,
        name="consent_unsubscribe",
    ),
    path("contacts/consent/opt-in/", of_many.opt_in_many, name="consent_opt_in_many"),
    path("contacts/consent/ask/", of_many.ask_many, name="consent_ask_many"),
    path("contacts/consent/banner/", banner.put_away, name="consent_banner"),
    path("consent/confirm/<str:token>", public.confirm, name="confirm"),
    path("consent/unsubscribe/<str:token>", public.unsubscribe, name="unsubscribe"),
]
