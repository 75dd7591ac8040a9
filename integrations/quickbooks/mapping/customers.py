"""Customer JSON as CustomerRecord."""

from __future__ import annotations

import msgspec

from integrations.quickbooks import wire
from integrations.quickbooks.mapping import values
from integrations.quickbooks.mapping.text import address, line, name
from integrations.quickbooks.records import CustomerRecord

_decoder = msgspec.json.Decoder(wire.Customer, strict=False)
_no_address = wire.Address()
# QuickBooks nests five levels.
_DEEPEST = 100


def customer_from(raw: bytes | str) -> CustomerRecord:
    """Map one Customer. Phone is PrimaryPhone only, the address BillAddr only (R7).

    Raises what `read_record` catches: msgspec.DecodeError, UnicodeDecodeError, Unmappable, Gone.
    """
    customer = _decoder.decode(raw)
    values.whole_row(customer)
    created_at, updated_at = values.times(customer)
    where = customer.bill_addr or _no_address
    email = customer.primary_email_addr
    phone = customer.primary_phone
    parent_id = values.reference(customer.parent_ref)
    level = customer.level or 0
    if not 0 <= level <= _DEEPEST:
        raise values.Unmappable("its level below other customers cannot be read")
    return CustomerRecord(
        external_id=values.identity(customer),
        sync_token=values.version(customer),
        created_at=created_at,
        updated_at=updated_at,
        active=customer.active is not False,
        display_name=name(customer.display_name),
        first_name=name(customer.given_name),
        middle_name=name(customer.middle_name),
        last_name=name(customer.family_name),
        company=name(customer.company_name),
        email=address(email.address) if email else "",
        phone=line(phone.free_form_number) if phone else "",
        line1=line(where.line1),
        line2=line(where.line2),
        line3=line(where.line3),
        line4=line(where.line4),
        line5=line(where.line5),
        city=line(where.city),
        region=line(where.country_sub_division_code),
        postal_code=line(where.postal_code),
        country=line(where.country),
        currency=values.currency(customer.currency_ref),
        parent_id=parent_id,
        level=level or int(parent_id is not None),
        is_project=bool(customer.is_project),
        raw=values.source(raw),
    )
