"""The settings of a `manage.py qcluster` that does at a point what its orders say."""

from __future__ import annotations

import os

from crmsync.settings import *  # noqa: F403
from crmsync.settings import INSTALLED_APPS, Q_CLUSTER

INSTALLED_APPS = [*INSTALLED_APPS, "tests.chaos.dying"]
Q_CLUSTER = {**Q_CLUSTER, "workers": 1}
if timeout := os.environ.get("CHAOS_QUEUE_TIMEOUT"):
    Q_CLUSTER["timeout"] = int(timeout)
