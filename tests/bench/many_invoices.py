"""A business of many years, made by the database itself in seconds."""

from __future__ import annotations

INVOICES_PER_CONTACT = 10
INVOICES_PER_PRODUCT = 100

_COMPANY = """
INSERT INTO integrations_connection (realm, realm_hash, environment, site_url, status,
    reconnect_reason, company_name, country, home_currency, time_zone, company, access_token,
    refresh_token, connected_at, invoices_since, invoices_since_here, wanted, served)
VALUES ('', 'bench', %(environment)s, %(site_url)s, 'connected', '', 'Bench & Sons Ltd', 'US',
    'USD', 'America/Los_Angeles', '{}', '', '', now(), now(), now(), 0, 0)
RETURNING id
"""

# Some names are common and most are rare, as in life; every twentieth is a company.
_CONTACTS = """
INSERT INTO contacts_contact (first_name, middle_name, last_name, company, email, phone, line1,
    line2, line3, line4, line5, city, region, postal_code, country, marketing_status, origin,
    archived_at, created_at, updated_at)
SELECT CASE WHEN n %% 20 = 0 THEN '' ELSE given[1 + n %% 24] END, '',
    CASE WHEN n %% 20 = 0 THEN '' ELSE family[1 + n / 24 %% 20] || ' ' || to_hex(n) END,
    CASE WHEN n %% 20 = 0 OR n %% 3 = 0 THEN family[1 + n %% 20] || ' Works ' || n ELSE '' END,
    lower(given[1 + n %% 24] || '.' || n || '@' || family[1 + n %% 20] || '.example'),
    '(555) ' || lpad((n %% 10000000)::text, 7, '0'), n || ' Oak Street', '', '', '', '',
    city[1 + n %% 8], 'OR', lpad((n %% 99999)::text, 5, '0'), 'USA',
    CASE WHEN n %% 10 = 0 THEN 'marketable' ELSE 'non_marketable' END,
    CASE WHEN n %% 4 = 0 THEN 'crm' ELSE 'quickbooks' END,
    CASE WHEN n %% 50 = 0 THEN now() END, now() - n * interval '1 minute', now()
FROM generate_series(1, %(contacts)s) n, (SELECT
    string_to_array('Ada Bea Carl Dora Emil Fay Gus Hana Ivo Jana Kai Lena Max Nina Otto Pia Quin'
        ' Rosa Sam Tess Uma Vera Will Zoe', ' ') given,
    string_to_array('Abbott Brandt Castro Dahl Evans Fuchs Gomez Hall Ito Jones Kim Lopez Meyer'
        ' Novak Olsen Park Quist Reyes Smith Tran', ' ') family,
    string_to_array('Salem Boise Fresno Austin Dayton Provo Tulsa Reno', ' ') city) names
"""

_PRODUCTS = """
INSERT INTO contacts_product (name, full_name, sku, description, unit_price, type, taxable, active,
    origin, archived_at, created_at, updated_at)
SELECT kind[1 + n %% 8] || ' ' || n, kind[1 + n %% 8] || ' ' || n,
    CASE WHEN n %% 4 = 0 THEN '' ELSE 'SKU-' || n END, 'Boxed, with manual',
    CASE WHEN n %% 25 = 0 THEN NULL ELSE (n %% 900) + 0.95 END,
    CASE WHEN n %% 3 = 0 THEN 'noninventory' ELSE 'service' END, false, n %% 30 <> 0,
    CASE WHEN n %% 4 = 0 THEN 'crm' ELSE 'quickbooks' END,
    CASE WHEN n %% 50 = 0 THEN now() END, now() - n * interval '1 minute', now()
FROM generate_series(1, %(products)s) n,
    (SELECT string_to_array('Chair Table Lamp Shelf Rug Desk Stool Bench', ' ') kind) names
"""

# Of a hundred: 2 drafts, 1 void, 6 open, 4 overdue, 2 partly paid; the others are paid. Ten years;
# a few contacts have many of them.
_INVOICES = """
INSERT INTO contacts_invoice (contact_id, number, origin, issue_date, due_date, terms, currency,
    subtotal, discount, tax, total, balance, credited, memo, private_note, sent_at, voided_at,
    void_note, locked_reason, created_at, updated_at)
SELECT 1 + floor(%(contacts)s * power(random(), 2))::bigint, 'INV-' || n,
    CASE WHEN n %% 4 = 0 THEN 'crm' ELSE 'quickbooks' END, issued,
    CASE WHEN n %% 40 = 0 THEN NULL
        WHEN kind BETWEEN 3 AND 8 THEN current_date + 20 ELSE issued + 30 END, 'Net 30',
    CASE WHEN n %% 50 = 0 THEN 'EUR' WHEN n %% 70 = 0 THEN 'CAD' ELSE 'USD' END,
    amount, 0, 0, amount,
    CASE WHEN kind BETWEEN 3 AND 12 THEN amount WHEN kind BETWEEN 13 AND 14 THEN amount / 2
        WHEN kind < 2 THEN amount ELSE 0 END,
    0, CASE WHEN n %% 9 = 0 THEN 'Thank you for your order' ELSE '' END, '',
    CASE WHEN kind < 2 THEN NULL ELSE issued::timestamptz END,
    CASE WHEN kind = 2 THEN now() END, '', '', issued::timestamptz + n %% 86400 * interval '1 s',
    now()
FROM (SELECT n, (n * 37 %% 100) kind, 10 + (n::bigint * 7919 %% 500000) / 100.0 amount,
    current_date - (3650 * (1 - n::float / %(invoices)s))::int issued
    FROM generate_series(1, %(invoices)s) n) made
"""

_LINK = """
INSERT INTO integrations_{kind}link (connection_id, {role}_id, external_id, sync_token,
    remote_updated_at, snapshot, in_step_since {columns})
SELECT %(connection)s, id, id::text, 0, now(), {snapshot}, now() {values}
FROM contacts_{role} WHERE origin = 'quickbooks'
"""
# A state compares what a contact or product has with what QuickBooks sent; an invoice's does not.
_CUSTOMER = """json_build_object('Id', id::text, 'SyncToken', '0', 'DisplayName', name,
    'GivenName', first_name, 'FamilyName', last_name, 'CompanyName', company, 'Active', true,
    'PrimaryEmailAddr', json_build_object('Address', email),
    'PrimaryPhone', json_build_object('FreeFormNumber', phone),
    'BillAddr', json_build_object('Line1', line1, 'City', city, 'CountrySubDivisionCode', region,
        'PostalCode', postal_code, 'Country', country),
    'MetaData', json_build_object('CreateTime', '2026-01-01T00:00:00-08:00',
        'LastUpdatedTime', '2026-01-01T00:00:00-08:00'))::text"""
_ITEM = """json_build_object('Id', id::text, 'SyncToken', '0', 'Name', name,
    'FullyQualifiedName', full_name, 'Sku', sku, 'Description', description,
    'UnitPrice', unit_price, 'Active', active, 'Taxable', taxable,
    'Type', CASE type WHEN 'service' THEN 'Service' ELSE 'NonInventory' END,
    'MetaData', json_build_object('CreateTime', '2026-01-01T00:00:00-08:00',
        'LastUpdatedTime', '2026-01-01T00:00:00-08:00'))::text"""
_LINKS = (
    _LINK.format(
        kind="customer",
        role="contact",
        snapshot=_CUSTOMER,
        columns=", apart, is_main, display_name, active, top_level, without_email",
        values=", '{}', true, name, true, true, false",
    ),
    _LINK.format(
        kind="item", role="product", snapshot=_ITEM, columns=", apart", values=", '{}'"
    ),
    _LINK.format(
        kind="invoice",
        role="invoice",
        snapshot="repeat('x', 400)",
        columns=", customer_id, doc_number",
        values=", contact_id::text, number",
    ),
)


def make(invoices):
    """Fill empty tables; returns how many contacts and products there are."""
    from django.conf import settings
    from django.db import connection

    numbers = {
        "invoices": invoices,
        "contacts": max(invoices // INVOICES_PER_CONTACT, 1000),
        "products": max(invoices // INVOICES_PER_PRODUCT, 1000),
    }
    company = {"environment": settings.INTUIT_ENVIRONMENT, "site_url": settings.SITE_URL}
    with connection.cursor() as cursor:
        cursor.execute("SELECT setseed(0.5)")
        cursor.execute(_COMPANY, company)
        numbers["connection"] = cursor.fetchone()[0]
        for statement in (_CONTACTS, _PRODUCTS, _INVOICES, *_LINKS):
            cursor.execute(statement, numbers)
        # What autovacuum does before long.
        cursor.execute("VACUUM ANALYZE")
        cursor.execute("CHECKPOINT")
    return numbers["contacts"], numbers["products"]
