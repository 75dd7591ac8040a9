"""Everything one running emulator holds."""

from __future__ import annotations

from dataclasses import dataclass

from integrations.emulator.clock import Clock
from integrations.emulator.events import Events
from integrations.emulator.failures import Failures
from integrations.emulator.limits import Limits
from integrations.emulator.requests_log import RequestsLog
from integrations.emulator.store import Store
from integrations.emulator.switches import Switches


@dataclass(frozen=True)
class App:
    """How the application under development is known to Intuit."""

    client_id: str = "emulator"
    client_secret: str = "emulator-secret"  # noqa: S105
    name: str = "crmsync"
    disconnect_url: str = ""


class Emulator:
    def __init__(self, store: Store, app: App) -> None:
        self.store = store
        self.app = app
        self.clock = Clock()
        self.switches = Switches()
        self.log = RequestsLog()
        self.failures = Failures()
        self.limits = Limits()
        self.events = Events(store, self.clock, self.switches)
        self.resets = 0
        self.restore()

    def restore(self) -> None:
        """Take up the clock and switches where the last process left them."""
        self.clock.offset = self.store.setting("clock_offset", 0.0)
        self.switches.restore(self.store.setting("switches", {}))

    def remember(self) -> None:
        self.store.set_setting("clock_offset", self.clock.offset)
        self.store.set_setting("switches", self.switches.values)

    def reset(self) -> None:
        """Forget everything but who the app is and where its webhooks go."""
        self.store.clear()
        self.resets += 1
        self.events.forget()
        self.switches.reset()
        self.clock.offset = 0.0
        self.clock.pretend(None)
        self.log.clear()
        self.failures.clear()
        self.limits.clear()
