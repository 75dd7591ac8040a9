"""A real Chromium or Chrome: CHROMIUM_PATH, which `make test` sets; else what is installed."""

from __future__ import annotations

import os
import shutil
from contextlib import contextmanager

import pytest

NAMES = (
    "chromium-headless-shell",
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
)
ARGUMENTS = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-extensions",
    "--disable-sync",
    # The name under which the production story runs.
    "--host-resolver-rules=MAP *.example.test 127.0.0.1",
]


def program():
    found = os.environ.get("CHROMIUM_PATH") or next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        pytest.fail("No Chromium or Chrome: run make test, or set CHROMIUM_PATH.")
    return found


@contextmanager
def launched():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program(), args=ARGUMENTS)
        yield browser
        browser.close()
