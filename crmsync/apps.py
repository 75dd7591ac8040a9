"""The project as an app: it brings the system checks, and the table of the cache."""

from __future__ import annotations

from django.apps import AppConfig


class CrmsyncConfig(AppConfig):
    name = "crmsync"

    def ready(self) -> None:
        from crmsync import checks, failed_tasks, receivers  # noqa: F401  (importing registers)
