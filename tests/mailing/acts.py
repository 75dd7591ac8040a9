from __future__ import annotations

from django.db import connections
from django.db.models import Count

from contacts.services.mailing import broadcasts, delivering

#: Where the readers of `conftest.readers` are reached.
TEN = [f"r{number}@x.example" for number in range(10)]


def broadcast(*, by, subject="News", body="Hello", audience=""):
    """Written and sent: its deliveries wait."""
    draft = broadcasts.write(subject=subject, body=body, audience=audience, by=by)
    assert broadcasts.send(draft, by=by)
    return draft


def deliver():
    """One turn of a worker."""
    delivering.deliver(10)


def statuses(mailing):
    rows = mailing.deliveries.values_list("status").annotate(number=Count("pk"))
    return dict(rows.order_by())


def with_own_connection(act):
    """In the mail server's thread."""
    try:
        act()
    finally:
        connections.close_all()
