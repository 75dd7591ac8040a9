#!/usr/bin/env python
"""Django's command line. Without DATABASE_URL it first finds or starts the embedded PostgreSQL."""

from __future__ import annotations

import os
import sys

# Commands that never open a database connection, so they need not wait for one.
WITHOUT_DATABASE = {
    "collectstatic",
    "diffsettings",
    "emulator",
    "findstatic",
    "help",
    "version",
    "--version",
}


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crmsync.settings")

    from django.conf import settings
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line

    from crmsync.embedded_database import EmbeddedDatabaseError, from_settings

    wanted = sys.argv[1] if len(sys.argv) > 1 else "help"
    try:
        if wanted not in WITHOUT_DATABASE and settings.EMBEDDED_DATABASE:
            from_settings().ensure_running()
    except (ImproperlyConfigured, EmbeddedDatabaseError) as error:
        sys.exit(str(error))
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
