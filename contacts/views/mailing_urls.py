"""Addresses of broadcasts and of the sequence."""

from __future__ import annotations

from django.urls import path

from contacts.views import broadcast_acts, broadcasts, mailing_preview, sequence

urlpatterns = [
    path("broadcasts/", broadcasts.broadcast_list, name="broadcasts"),
    path("broadcasts/new/", broadcasts.broadcast_new, name="broadcast_new"),
    path("broadcasts/preview/", mailing_preview.preview, name="mailing_preview"),
    path("broadcasts/<int:pk>/", broadcasts.broadcast_detail, name="broadcast"),
    path("broadcasts/<int:pk>/edit/", broadcasts.broadcast_edit, name="broadcast_edit"),
    path("broadcasts/<int:pk>/progress/", broadcasts.broadcast_progress, name="broadcast_progress"),
    path("broadcasts/<int:pk>/recipients/", broadcasts.recipients, name="broadcast_recipients"),
    path("broadcasts/<int:pk>/send/", broadcast_acts.send, name="broadcast_send"),
    path("broadcasts/<int:pk>/test/", broadcast_acts.test, name="broadcast_test"),
    path("broadcasts/<int:pk>/pause/", broadcast_acts.pause, name="broadcast_pause"),
    path("broadcasts/<int:pk>/resume/", broadcast_acts.resume, name="broadcast_resume"),
    path("broadcasts/<int:pk>/stop/", broadcast_acts.stop, name="broadcast_stop"),
    path("broadcasts/<int:pk>/again/", broadcast_acts.again, name="broadcast_again"),
    path("broadcasts/<int:pk>/copy/", broadcast_acts.copy, name="broadcast_copy"),
    path("broadcasts/<int:pk>/delete/", broadcast_acts.delete, name="broadcast_delete"),
    path("broadcasts/sequence/", sequence.sequence, name="sequence"),
    path("broadcasts/sequence/switch/", sequence.switch, name="sequence_switch"),
    path("broadcasts/sequence/new/", sequence.step_new, name="step_new"),
    path("broadcasts/sequence/<int:pk>/edit/", sequence.step_edit, name="step_edit"),
    path("broadcasts/sequence/<int:pk>/remove/", sequence.step_remove, name="step_remove"),
]
