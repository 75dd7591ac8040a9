"""The memory that processes hold, as Linux tells it."""

from __future__ import annotations

from pathlib import Path

PROCESSES = Path("/proc")


def held_mb(pid):
    """What a process holds now; 0 for one that has ended."""
    return _mb(pid, "VmRSS:")


def peak_mb(pid="self"):
    """The most this program has held; getrusage would count what it was forked from."""
    return _mb(pid, "VmHWM:")


def largest_mb(pid):
    """What the largest of a process and its descendants holds now."""
    return max(map(held_mb, [pid, *_descendants(pid)]))


def _descendants(pid):
    try:
        tasks = list((PROCESSES / str(pid) / "task").iterdir())
        children = [child for task in tasks for child in (task / "children").read_text().split()]
    except (FileNotFoundError, ProcessLookupError):
        return
    for child in children:
        yield child
        yield from _descendants(child)


def _mb(pid, name):
    try:
        status = (PROCESSES / str(pid) / "status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return 0.0
    # A process that has ended and was not waited for holds nothing.
    return int(status.partition(name)[2].split()[0]) / 1024 if name in status else 0.0
