"""A business of many years, made by the database itself in seconds."""

from __future__ import annotations

INVOICES_PER_CONTACT = 10
INVOICES_PER_PRODUCT = 100

_NAMES = """
    SELECT string_to_array('Ada Bea Carl Dora Emil Fay Gus Hana Ivo Jana Kai Lena Max Nina Otto Pia'
        ' Quin Rosa Sam Tess Uma Vera Will Zoe', ' ') given,
    string_to_array('Abbott Brandt Castro Dahl Evans Fuchs Gomez Hall Ito Jones Kim Lopez Meyer'
        ' Novak Olsen Park Quist Reyes Smith Tran', ' ') family,
    string_to_array('Salem Boise Fresno Austin Dayton Provo Tulsa Reno', ' ') town,
    string_to_array('Chair Table Lamp Shelf Rug Desk Stool Bench', ' ') thing
"""

# What differs between rows, by column, as SQL over the row's number n and the names.
_SOURCE = "CASE WHEN n %% 4 = 0 THEN 'crm' ELSE 'quickbooks' END"
_ADDED = "now() - n * interval '1 minute'"
_ARCHIVED = "CASE WHEN n %% 50 = 0 THEN now() END"

# Some names are common and most are rare, as in life; every twentieth is a company.
_CONTACT = {
    "first_name": "CASE WHEN n %% 20 = 0 THEN '' ELSE given[1 + n %% 24] END",
    "last_name": "CASE WHEN n %% 20 = 0 THEN ''"
    " ELSE family[1 + n / 24 %% 20] || ' ' || to_hex(n) END",
    "company": "CASE WHEN n %% 20 = 0 OR n %% 3 = 0"
    " THEN family[1 + n %% 20] || ' Works ' || n ELSE '' END",
    "email": "lower(given[1 + n %% 24] || '.' || n || '@' || family[1 + n %% 20] || '.example')",
    "phone": "'(555) ' || lpad((n %% 10000000)::text, 7, '0')",
    "line1": "n || ' Oak Street'",
    "city": "town[1 + n %% 8]",
    "region": "'OR'",
    "postal_code": "lpad((n %% 99999)::text, 5, '0')",
    "marketing_status": "CASE WHEN n %% 10 = 0 THEN 'marketable' ELSE 'non_marketable' END",
    "origin": _SOURCE,
    "archived_at": _ARCHIVED,
    "created_at": _ADDED,
    "updated_at": "now()",
}
# Who shows anything else than non-marketable has a consent that says so.
_CONSENT = {"address": "lower(email)", "status": "marketing_status", "since": "created_at"}
_PRODUCT = {
    "name": "thing[1 + n %% 8] || ' ' || n",
    "full_name": "thing[1 + n %% 8] || ' ' || n",
    "sku": "CASE WHEN n %% 4 = 0 THEN '' ELSE 'SKU-' || n END",
    "description": "'Boxed, with manual'",
    "unit_price": "CASE WHEN n %% 25 = 0 THEN NULL ELSE (n %% 900) + 0.95 END",
    "type": "CASE WHEN n %% 3 = 0 THEN 'noninventory' ELSE 'service' END",
    "active": "n %% 30 <> 0",
    "origin": _SOURCE,
    "archived_at": _ARCHIVED,
    "created_at": _ADDED,
    "updated_at": "now()",
}
# Ten years. Of a hundred: 2 drafts, 1 void, 6 open, 4 overdue, 2 partly paid; the others are paid.
# A few contacts have many of them.
_KIND = "(n * 37::bigint %% 100)"
_ISSUED = "(current_date - (3650 * (1 - n::float / %(invoices)s))::int)"
_AMOUNT = "(10 + (n * 7919::bigint %% 500000) / 100.0)"
_INVOICE = {
    "contact_id": "1 + floor(%(contacts)s * power(random(), 2))::bigint",
    "number": "'INV-' || n",
    "origin": _SOURCE,
    "issue_date": _ISSUED,
    "due_date": f"CASE WHEN n %% 40 = 0 THEN NULL WHEN {_KIND} BETWEEN 3 AND 8"
    f" THEN current_date + 20 ELSE {_ISSUED} + 30 END",
    "currency": "CASE WHEN n %% 50 = 0 THEN 'EUR' WHEN n %% 70 = 0 THEN 'CAD' ELSE 'USD' END",
    "subtotal": _AMOUNT,
    "total": _AMOUNT,
    "balance": f"CASE WHEN {_KIND} < 2 OR {_KIND} BETWEEN 3 AND 12 THEN {_AMOUNT}"
    f" WHEN {_KIND} BETWEEN 13 AND 14 THEN {_AMOUNT} / 2 ELSE 0 END",
    "memo": "CASE WHEN n %% 9 = 0 THEN 'Thank you for your order' ELSE '' END",
    "sent_at": f"CASE WHEN {_KIND} < 2 THEN NULL ELSE {_ISSUED}::timestamptz END",
    "voided_at": f"CASE WHEN {_KIND} = 2 THEN now() END",
    "created_at": f"{_ISSUED}::timestamptz + n %% 86400 * interval '1 s'",
    "updated_at": "now()",
}
# What was paid was paid 20 days later.
_PAYMENT = {
    "contact_id": "contact_id",
    "date": "least(issue_date + 20, current_date)",
    "amount": "total - balance",
    "currency": "currency",
    "created_at": "least(issue_date + 20, current_date)::timestamptz",
    "updated_at": "now()",
}

_TIMES = """'MetaData', json_build_object('CreateTime', '2026-01-01T00:00:00-08:00',
    'LastUpdatedTime', '2026-01-01T00:00:00-08:00')"""
_LINK = {
    "connection_id": "%(connection)s",
    "external_id": "id::text",
    "sync_token": "0",
    "remote_updated_at": "now()",
    "linked_at": "now()",
    "in_step_since": "now()",
}
# A state compares what a contact or product has with what QuickBooks sent.
_CUSTOMER_LINK = _LINK | {
    "contact_id": "id",
    "is_main": "true",
    "display_name": "name",
    "apart": "'{}'",
    "snapshot": f"""json_build_object('Id', id::text, 'SyncToken', '0', 'DisplayName', name,
        'GivenName', first_name, 'FamilyName', last_name, 'CompanyName', company, 'Active', true,
        'PrimaryEmailAddr', json_build_object('Address', email),
        'PrimaryPhone', json_build_object('FreeFormNumber', phone),
        'BillAddr', json_build_object('Line1', line1, 'City', city,
            'CountrySubDivisionCode', region, 'PostalCode', postal_code), {_TIMES})::text""",
}
_ITEM_LINK = _LINK | {
    "product_id": "id",
    "apart": "'{}'",
    "snapshot": f"""json_build_object('Id', id::text, 'SyncToken', '0', 'Name', name,
        'FullyQualifiedName', full_name, 'Sku', sku, 'Description', description,
        'UnitPrice', unit_price, 'Active', active, 'Taxable', taxable,
        'Type', CASE type WHEN 'service' THEN 'Service' ELSE 'NonInventory' END,
        {_TIMES})::text""",
}
_INVOICE_LINK = _LINK | {
    "invoice_id": "id",
    "customer_id": "contact_id::text",
    "doc_number": "number",
    "snapshot": "repeat('x', 400)",
}


def make(invoices):
    """Fill empty tables; returns how many contacts and products there are."""
    from django.db import connection

    from contacts.models import Consent, Contact, Invoice, Payment, Product
    from integrations.models import CustomerLink, InvoiceLink, ItemLink

    numbers = {
        "invoices": invoices,
        "contacts": max(invoices // INVOICES_PER_CONTACT, 1000),
        "products": max(invoices // INVOICES_PER_PRODUCT, 1000),
        "connection": _company().pk,
    }
    made = ((Contact, _CONTACT), (Product, _PRODUCT), (Invoice, _INVOICE))
    links = ((CustomerLink, _CUSTOMER_LINK), (ItemLink, _ITEM_LINK), (InvoiceLink, _INVOICE_LINK))
    with connection.cursor() as cursor:
        cursor.execute("SELECT setseed(0.5)")
        for model, columns in made:
            rows = f"generate_series(1, %({model._meta.model_name}s)s) n, ({_NAMES}) names"
            _insert(cursor, model, columns, rows, numbers)
        agreed = f"{Contact._meta.db_table} WHERE marketing_status <> 'non_marketable'"
        _insert(cursor, Consent, _CONSENT, agreed, numbers)
        paid = f"{Invoice._meta.db_table} WHERE sent_at IS NOT NULL AND balance < total"
        _insert(cursor, Payment, _PAYMENT, paid, numbers)
        for (model, columns), (linked, _) in zip(links, made, strict=True):
            rows = f"{linked._meta.db_table} WHERE origin = 'quickbooks'"
            _insert(cursor, model, columns, rows, numbers)
        # What the server does by itself before long.
        cursor.execute("VACUUM ANALYZE")
        cursor.execute("CHECKPOINT")
    return numbers["contacts"], numbers["products"]


def _company():
    from django.conf import settings
    from django.utils import timezone

    from integrations.models import Connection

    now = timezone.now()
    return Connection.objects.create(
        realm="1",
        company_name="Bench & Sons Ltd",
        status=Connection.Status.CONNECTED,
        environment=settings.INTUIT_ENVIRONMENT,
        site_url=settings.SITE_URL,
        connected_at=now,
        invoices_since=now,
        invoices_since_here=now,
    )


def _insert(cursor, model, columns, rows, numbers):
    """Insert the rows; columns that are not given get the model's default."""
    columns, values = dict(columns), dict(numbers)
    values |= {f"{name}": numbers[f"{name}s"] for name in ("invoice", "contact", "product")}
    for field in model._meta.concrete_fields:
        if field.column not in columns and not field.generated and not field.primary_key:
            columns[field.column] = f"%(default_{field.column})s"
            values[f"default_{field.column}"] = field.get_default()
    cursor.execute(
        f"INSERT INTO {model._meta.db_table} ({', '.join(columns)})"  # noqa: S608
        f" SELECT {', '.join(columns.values())} FROM {rows}",
        values,
    )
