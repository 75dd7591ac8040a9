"""The command line."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from integrations.emulator.companies import all_companies
from integrations.emulator.emulator import App, Emulator
from integrations.emulator.samples.load import load_samples
from integrations.emulator.server import serve
from integrations.emulator.store import Store


def parser() -> argparse.ArgumentParser:
    options = argparse.ArgumentParser(prog="emulator", description=__doc__)
    options.add_argument("--port", type=int, default=8001, help="0 takes a free port")
    options.add_argument("--store", default=":memory:", help="a file, or :memory:")
    options.add_argument("--webhook-url", default="")
    options.add_argument("--verifier-token", default="emulator-verifier")
    options.add_argument("--client-id", default="emulator")
    options.add_argument("--client-secret", default="emulator-secret")
    options.add_argument("--app-name", default="crmsync", help="shown on the consent page")
    options.add_argument(
        "--disconnect-url",
        default="",
        help="where a person lands after disconnecting inside QuickBooks",
    )
    options.add_argument(
        "--redirect-uri",
        action="append",
        default=[],
        help="one where people may be sent back to (none: anywhere); may be given several times",
    )
    options.add_argument("--empty", action="store_true", help="no sample companies")
    options.add_argument("--log-level", default="warning")
    return options


def main(arguments: Sequence[str] | None = None) -> None:
    options = parser().parse_args(arguments)
    store = Store(options.store)
    emulator = Emulator(
        store,
        App(
            options.client_id,
            options.client_secret,
            options.app_name,
            options.disconnect_url,
            tuple(options.redirect_uri),
        ),
    )
    emulator.events.url = options.webhook_url
    emulator.events.verifier_token = options.verifier_token
    if not options.empty and not all_companies(store):
        load_samples(emulator)
    serve(emulator, options.port, options.log_level)
