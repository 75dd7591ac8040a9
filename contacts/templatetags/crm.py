"""Tags every page uses: amounts, dates, states and icons. `{% load crm %}`."""

from __future__ import annotations

from django import template

from contacts import display
from contacts.models import User

register = template.Library()

register.simple_tag(display.money, name="money")
register.simple_tag(display.day, name="day")
register.simple_tag(display.when, name="when")
register.simple_tag(display.icon, name="icon")
register.simple_tag(display.state_badge, name="state")
register.simple_tag(display.invoice_badge, name="invoice_status")
register.simple_tag(display.marketing_badge, name="marketing_status")


@register.filter
def initials(person: User) -> str:
    """One or two letters for a person: of the names, else of the address."""
    letters = f"{person.first_name[:1]}{person.last_name[:1]}" or person.email[:1]
    return letters.upper()
