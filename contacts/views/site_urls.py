"""Addresses of the first page, the search and the settings."""

from __future__ import annotations

from django.urls import path

from contacts.views import business, home, people, search, settings

urlpatterns = [
    path("", home.home, name="home"),
    path("search", search.search, name="search"),
    path("business/logo", business.logo, name="business_logo"),
    path("settings/", settings.index, name="settings"),
    path("settings/profile/", settings.profile, name="settings_profile"),
    path("settings/business/", business.edit, name="settings_business"),
    path("settings/people/", people.index, name="settings_people"),
    path("settings/people/invite/", people.invite, name="people_invite"),
    path("settings/people/<int:pk>/", people.change, name="people_change"),
    path("settings/people/<int:pk>/invite/", people.invite_again, name="people_invite_again"),
]
