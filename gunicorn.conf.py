"""How the web processes run, in `make run` and in production alike (WEB_CONCURRENCY sets how many).

Threads, because a page waits for PostgreSQL most of its time: one that is slow leaves the other
threads free to answer a webhook at once.
"""

from __future__ import annotations

import os
import re
from typing import Any

from gunicorn.glogging import Logger


class PathsWithoutSecrets(Logger):  # type: ignore[misc,unused-ignore]
    """The access log; of a link that works without signing in only the beginning is written."""

    def atoms(self, *request: Any) -> dict[str, Any]:
        found: dict[str, Any] = super().atoms(*request)
        found["U"] = re.sub(
            r"^(/(?:accounts/(?:password/reset/key|confirm-email)|confirm|consent)/).+",
            r"\1...",
            found["U"] or "",
        )
        return found


bind = f"{os.environ.get('HOST', '127.0.0.1')}:{os.environ.get('PORT', '8000')}"
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
worker_class = "gthread"
# Read and compiled once for all of them; nothing is connected before they part.
preload_app = True
threads = int(os.environ.get("WEB_THREADS", "4"))
timeout = 30
graceful_timeout = 10
keepalive = 5
# A worker's heartbeat is a file; on a disk that stalls it would look dead.
worker_tmp_dir = "/dev/shm" if os.path.isdir("/dev/shm") else None  # noqa: S108
max_requests = 10_000
max_requests_jitter = 1_000
# Addresses carry codes and searches, so only the path is logged, never the query string.
logger_class = PathsWithoutSecrets
accesslog = "-" if os.environ.get("ACCESS_LOG") else None
access_log_format = "%(t)s %(m)s %(U)s %(s)s %(B)s %(M)sms"
limit_request_line = 8190
control_socket_disable = True
