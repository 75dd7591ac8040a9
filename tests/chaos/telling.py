"""A state machine told by its number: a handful of random programs, always the same ones.

One that ends badly is told again with fewer and fewer acts; what then remains is printed.
"""

from __future__ import annotations

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test


def told(machine, number, emulator, *, times, acts, shorten):
    """What was wrong, in words. Hypothesis adds the simplest program, the same for each number."""
    phases = [Phase.generate, Phase.shrink] if shorten else [Phase.generate]
    try:
        run_state_machine_as_test(
            seed(number)(type(machine.__name__, (machine,), {"emulator": emulator})),
            settings=settings(
                max_examples=times + 1,
                stateful_step_count=acts,
                phases=phases,
                database=None,
                deadline=None,
                suppress_health_check=list(HealthCheck),
                report_multiple_bugs=False,
            ),
        )
    except AssertionError as exc:
        return [str(exc), *getattr(exc, "__notes__", [])]
    return []
