"""Where rows run: a database and an emulator for each process that runs some."""

from __future__ import annotations

import contextlib
import logging

from django.conf import settings
from django.db import connection, connections

from integrations.quickbooks import discovery
from tests.emulator_process import Emulator, running


@contextlib.contextmanager
def grounds(count):
    """So many pairs of a database's name and an emulator's address, gone afterwards."""
    logging.disable(logging.ERROR)
    settings.DEBUG = False
    name = connection.settings_dict["NAME"]
    creation = connection.creation
    with contextlib.ExitStack() as stack:
        creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
        stack.callback(creation.destroy_test_db, name, verbosity=0)
        places = []
        for suffix in map(str, range(1, count + 1)):
            creation.clone_test_db(suffix, verbosity=0, autoclobber=True)
            stack.callback(creation.destroy_test_db, suffix=suffix, verbosity=0)
            database = creation.get_test_db_clone_settings(suffix)["NAME"]
            places.append((database, stack.enter_context(running()).url))
        # What is forked from here shares no connection with us.
        connections.close_all()
        yield places


@contextlib.contextmanager
def stand_on(place):
    """Let this process work on that ground; yields its emulator."""
    before = connection.settings_dict["NAME"]
    connection.settings_dict["NAME"], url = place
    with contextlib.closing(Emulator(url)) as emulator:
        for name, value in emulator.environment.items():
            setattr(settings, name, int(value) if value.isdigit() else value)
        discovery.forget()
        try:
            yield emulator
        finally:
            connections.close_all()
            connection.settings_dict["NAME"] = before
