"""How the connection is, in words and one of the four tones."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings

from contacts.display.spans import spoken
from contacts.record_states import Tone
from integrations.models import Connection, Run

#: Longer than any throttling of a minute's calls takes.
_LONG: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Health:
    """`words` stand beside the dot; `detail` is a sentence, "" where the words say it all."""

    tone: Tone
    words: str
    detail: str = ""


def health_of(connection: Connection, last_import: Run | None, now: datetime) -> Health:
    """The first thing that is not as it should be; else in step."""
    if not connection.at_home:
        return Health(
            "held", "Paused: this is a copy", f"It was connected at {connection.site_url}."
        )
    if connection.status == Connection.Status.RECONNECT_NEEDED:
        return Health("failed", "Reconnect needed", connection.reconnect_reason)
    if connection.paused_at:
        return Health("muted", "Paused", "Nothing is sent or fetched until an admin resumes.")
    if last_import and last_import.status == Run.Status.RUNNING:
        return Health("waiting", "Importing", "Contacts and products are on their way.")
    if last_import and last_import.status == Run.Status.FAILED:
        return Health("failed", "The import stopped", last_import.message)
    silence = now - (connection.last_pull_at or connection.connected_at)
    if connection.back_off_until and connection.back_off_until > now:
        if silence > _LONG:
            return Health("held", "Behind", _refusing(silence))
        wait = spoken(connection.back_off_until - now)
        return Health("waiting", "Waiting", f"QuickBooks is left alone for another {wait}.")
    if silence > _patience():
        return Health(
            "held",
            "Behind",
            f"QuickBooks was last asked {spoken(silence)} ago. Is the background worker running?",
        )
    return Health("ok", "In step", "")


def _refusing(silence: timedelta) -> str:
    """facts 2.9: beyond a month's allowance every call is refused until the next month."""
    return (
        f"For {spoken(silence)} QuickBooks has asked to be left alone. If this month's API budget "
        "is used up, it answers again when the next month begins."
    )


def _patience() -> timedelta:
    """How long without a poll is no delay any more."""
    return max(timedelta(minutes=5), timedelta(seconds=5 * settings.QUICKBOOKS_POLL_SECONDS))
