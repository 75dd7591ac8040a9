"""crmsync as `make run` starts it: database, worker, web server and emulator, all of them real."""

from __future__ import annotations

from contextlib import contextmanager

from crmsync.demo import PEOPLE
from tests.browser.databases import Database
from tests.browser.programs import Programs, free_port
from tests.emulator_process import Emulator

PASSWORDS = {role: (email, password) for email, password, role in PEOPLE}


class Installation:
    """Where it is, who can sign in, and the QuickBooks that it talks to."""

    def __init__(self, url, emulator, programs, passwords=PASSWORDS):
        self.url = url
        self.emulator = emulator
        self.programs = programs
        self.passwords = passwords

    def realm(self, company):
        """Of one of the emulator's companies, by its name."""
        found = self.emulator.control("GET", "companies")
        return next(each["realm"] for each in found if each["name"] == company)


@contextmanager
def running(folder, *, purpose="walks"):
    """`make run`, with everything that it writes under `folder`; yields it and its database."""
    database = Database(purpose)
    database.create()
    port, emulator_port = free_port(), free_port()
    programs = Programs(folder)
    emulator = Emulator(f"http://127.0.0.1:{emulator_port}")
    try:
        programs.start(
            "-m",
            "crmsync.supervisor",
            DATABASE_URL=database.url,
            VAR_DIR=str(folder / "var"),
            PORT=str(port),
            EMULATOR_PORT=str(emulator_port),
        )
        programs.wait_until(lambda: "crmsync is ready" in programs.said())
        yield Installation(f"http://localhost:{port}", emulator, programs), database
    finally:
        emulator.close()
        programs.end()
        database.drop()
