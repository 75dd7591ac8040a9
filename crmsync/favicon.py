"""`/favicon.ico`: what browsers and link previews ask for without having been told."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponseRedirect
from django.templatetags.static import static
from django.views.decorators.http import require_safe


@login_not_required
@require_safe
def favicon(request: HttpRequest) -> HttpResponseRedirect:
    """The site's icon, at the address where a release keeps it."""
    return HttpResponseRedirect(static("favicon.svg"))
