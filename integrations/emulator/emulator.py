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
    # facts 1.2: where people may be sent back to; none registered here means anywhere.
    redirect_uris: tuple[str, ...] = ()


class Emulator:
    def __init__(self, store: Store, app: App) -> None:
        self.store = store
        self.app = app
        self.redirect_uris = app.redirect_uris
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

    def may_send_back_to(self, redirect_uri: str) -> bool:
        """facts 1.2: it must equal a registered one."""
        return not self.redirect_uris or redirect_uri in self.redirect_uris

    def reset(self) -> None:
        """Forget everything but who the app is and where its webhooks go."""
        self.store.clear()
        self.resets += 1
        self.events.forget()
        self.switches.reset()
        self.redirect_uris = self.app.redirect_uris
        self.clock.offset = 0.0
        self.clock.pretend(None)
        self.log.clear()
        self.failures.clear()
        self.limits.clear()
