"""The emulator's switches and their other values: the readings of Intuit that sources dispute."""

from __future__ import annotations

from integrations.emulator.switches import SWITCHES
from tests.emulator.receiver import listening
from tests.engine.story import Story

# The story's: taxed, and numbering by itself.
COMPANY = {"sales_tax": True, "custom_numbers": False}
# The other values of switches whose value is a number.
OTHER_NUMBERS = {
    "rotate_hours": [0],
    "old_refresh_token_grace_hours": [24],
    "code_seconds": [60],
    "hard_expiry_days": [10],
    "refresh_expiry_seconds": [8640000],
    "event_delay_seconds": [300],
    "replay_hours": [24],
    "cdc_days": [60],
}
# Not for a story: what it cannot end well with, or what only shows where something goes wrong.
ELSEWHERE = {
    "limits": "tests/connection/test_gate.py",
    "deny_answer": "tests/connection/test_connecting.py",
    "disconnect_page_realm": "tests/connection/test_disconnecting.py",
    "retry_after": "tests/connection/test_tokens.py",
    "throttle_body": "tests/connection/test_tokens.py",
    "cdc_cap": "a documented number; tests/engine/test_catch_up.py has more rows than that",
    "cdc_over_cap": "tests/engine/test_catch_up.py",
    "bad_email_breaks_query": "tests/engine/test_bad_rows.py",
    "bad_email_status": "tests/engine/test_bad_rows.py",
    "unescaped_text": "tests/engine/test_bad_rows.py",
    "subscription": "a state in which nothing can be written",
    "permission_denied": "a state in which nothing can be written",
}


def other_values():
    """The other values of each switch, by its name."""
    found = {}
    for switch in SWITCHES:
        if switch.name in ELSEWHERE:
            continue
        if switch.choices:
            found[switch.name] = [each for each in switch.choices if each != switch.default]
        elif isinstance(switch.default, bool):
            found[switch.name] = [not switch.default]
        else:
            found[switch.name] = OTHER_NUMBERS[switch.name]
    return found


def together():
    """Few readings of everything in which each other value of each switch occurs."""
    others = other_values()
    most = max(len(values) for values in others.values())
    return [
        {name: values[place % len(values)] for name, values in others.items()}
        for place in range(most)
    ]


def tell(world, **switches):
    """The story under this reading; raises AssertionError where it does not end well."""
    world.emulator.switch(**switches)
    with listening() as receiver:
        story = Story(world, receiver)
        story.tell()
    story.judge()
