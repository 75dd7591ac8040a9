"""Lengths of time in words."""

from __future__ import annotations

from datetime import timedelta


def spoken(span: timedelta) -> str:
    """`0.4 s`, `12 s`, `3 min 5 s`, `2 h 10 min`, `3 days`."""
    seconds = max(span.total_seconds(), 0.0)
    if seconds < 10:
        return f"{seconds:.1f} s".replace(".0 s", " s")
    if seconds < 60:
        return f"{seconds:.0f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s" if rest else f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    if hours < 48:
        return f"{hours} h {minutes} min" if minutes else f"{hours} h"
    return f"{hours // 24} days"


def roughly(span: timedelta) -> str:
    """An estimate, said no more exactly than it is known."""
    seconds = span.total_seconds()
    if seconds < 10:
        return "a few seconds"
    if seconds < 50:
        return f"about {round(seconds, -1):.0f} s"
    if seconds < 150:
        # A whole minute would be half of what is left.
        halves = max(round(seconds / 30), 2)
        return f"about {halves // 2}{'½' * (halves % 2)} min"
    minutes = round(seconds / 60)
    if minutes < 90:
        return f"about {minutes} min"
    return f"about {round(minutes / 60)} h"
