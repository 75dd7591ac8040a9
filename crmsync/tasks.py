"""What django-q2 calls for the CRM, which knows no queue. A task is a wake-up: what waits is in the
database, and what a task does not finish, the next one or the tick resumes."""

from __future__ import annotations

from contacts.services.mailing import delivering, sequence

#: Longer than this no task works; `mail_waiting` is sent again where more is left.
_SECONDS = 50.0


def send_mail() -> None:
    """Send the mail that waits. Also the tick's: it resumes whatever has no worker or falls due."""
    sequence.advance()
    delivering.deliver(_SECONDS)
