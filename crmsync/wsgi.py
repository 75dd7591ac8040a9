"""What gunicorn serves: `gunicorn crmsync.wsgi`."""

from __future__ import annotations

import os

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crmsync.settings")
application = get_wsgi_application()

# Django reads the addresses and their views with the first request; a process that has just
# started must answer its first webhook as fast as any other.
get_resolver().url_patterns  # noqa: B018
