from __future__ import annotations

from django.db.models import Count

from contacts.services.mailing import broadcasts


def broadcast(*, by, subject="News", body="Hello", audience=""):
    """Written and sent: its deliveries wait."""
    draft = broadcasts.write(subject=subject, body=body, audience=audience, by=by)
    assert broadcasts.send(draft, by=by)
    return draft


def statuses(mailing):
    rows = mailing.deliveries.values_list("status").annotate(number=Count("pk"))
    return dict(rows.order_by())
