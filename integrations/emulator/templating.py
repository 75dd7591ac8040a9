"""Server-rendered pages."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, select_autoescape
from starlette.responses import HTMLResponse

HERE = Path(__file__).parent
SYMBOLS = {"USD": "$", "GBP": "£", "CAD": "CA$", "EUR": "€", "AUD": "A$"}


def amount(value: Any, currency: str = "") -> str:
    """1,234.50 with its sign of currency."""
    number = float(value or 0)
    sign = "−" if number < 0 else ""
    return f"{sign}{SYMBOLS.get(currency, '')}{abs(number):,.2f}"


environment = Environment(
    loader=FileSystemLoader(HERE / "templates"),
    autoescape=select_autoescape(),
    trim_blocks=True,
    lstrip_blocks=True,
)
environment.filters["amount"] = amount


def page(name: str, status: int = 200, /, **values: Any) -> HTMLResponse:
    text = environment.get_template(name).render(**values)
    return HTMLResponse(
        text,
        status,
        headers={
            "Cache-Control": "no-store",
            # No form-action: the consent form is answered with a redirect to the application.
            "Content-Security-Policy": "default-src 'self'; img-src 'self' data:",
        },
    )
