"""From where a browser comes."""

from __future__ import annotations

import ipaddress

from django.conf import settings
from django.http import HttpRequest


def ip_of(request: HttpRequest) -> str | None:
    """The visitor's IP address, None where it is not to be had.

    Behind proxies it is the one that the outermost of ours wrote into X-Forwarded-For; what
    stands before it anybody may have made up.
    """
    proxies: int = settings.ALLAUTH_TRUSTED_PROXY_COUNT
    passed = [part.strip() for part in request.headers.get("X-Forwarded-For", "").split(",")]
    said = passed[-proxies] if 0 < proxies <= len(passed) else request.META.get("REMOTE_ADDR", "")
    try:
        # Without the zone of a link-local one, which means something on our machine only.
        return str(ipaddress.ip_address(said.partition("%")[0]))
    except ValueError:
        return None
