"""The settings of a `manage.py qcluster` that dies where CHAOS_DIE_AT says."""

from __future__ import annotations

from crmsync.settings import *  # noqa: F403
from crmsync.settings import INSTALLED_APPS, Q_CLUSTER

INSTALLED_APPS = [*INSTALLED_APPS, "tests.chaos.dying"]
Q_CLUSTER = {**Q_CLUSTER, "workers": 1}
