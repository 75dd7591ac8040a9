from __future__ import annotations

from integrations.models import CustomerLink
from integrations.quickbooks.records import CustomerRecord


def rank(customer: CustomerLink | CustomerRecord) -> tuple[bool, bool, int, str]:
    """Sorts a contact's customers as R5 chooses its main one: the first is.

    Active top-level ones come first, then the lowest Id, as a number.
    """
    top_level = customer.top_level if isinstance(customer, CustomerLink) else customer.level == 0
    each = customer.external_id
    return not customer.active, not top_level, int(each) if each.isdecimal() else 0, each
