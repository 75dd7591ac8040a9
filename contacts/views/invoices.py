"""Invoices: list and page. Making and editing them here is a chapter of its own."""

from __future__ import annotations

from decimal import Decimal
from functools import partial

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.views.decorators.http import require_safe

from contacts import display
from contacts.clock import today
from contacts.exports import INVOICE_COLUMNS, LINE_COLUMNS, invoice_line_rows, invoice_rows
from contacts.filters import InvoiceFilter
from contacts.listing import Column, Export, day, page, state, text, when
from contacts.listing import money as money_cell
from contacts.models import Business, Contact, Invoice, RecordKind
from contacts.record_states import NOT_SYNCED, panel_of, states_of
from contacts.views.history import history_of
from contacts.views.invoice_page import blocks_of, payments_of


def _number(invoice: Invoice) -> SafeString:
    """The CRM's number, and QuickBooks' own below it where it is another one."""
    other = getattr(invoice, "state", NOT_SYNCED).external_number
    return format_html(
        '<div class="name"><a class="row-link" href="{}">{}</a></div>{}',
        invoice.get_absolute_url(),
        invoice.number or other or "No number",
        format_html('<div class="soft small fw-normal">QuickBooks {}</div>', other)
        if other and invoice.number and other != invoice.number
        else "",
    )


COLUMNS = (
    Column("number", "Number", _number, sort="number"),
    Column("contact", "Contact", text("contact")),
    Column("date", "Date", day("issue_date"), sort="issue_date"),
    Column("due", "Due", day("due_date"), sort="due_date", hide="narrow", nullable=True),
    Column("status", "Status", display.invoice_badge),
    Column("total", "Total", money_cell("total"), sort="total", numeric=True),
    Column(
        "balance", "Balance", money_cell("balance"), sort="balance", numeric=True, hide="tablet"
    ),
    Column("state", "QuickBooks", state),
    Column("newest", "Added", when("created_at"), sort="created_at", hide="narrow"),
)


@require_safe
def invoice_list(request: HttpRequest) -> HttpResponseBase:
    """`?format=csv&lines=1` is one row per line."""
    now = today()
    export = Export("invoices", INVOICE_COLUMNS, partial(invoice_rows, today=now))
    if request.GET.get("lines") == "1":
        columns = INVOICE_COLUMNS + LINE_COLUMNS
        export = Export("invoice-lines", columns, partial(invoice_line_rows, today=now))
    return page(
        request,
        Invoice.objects.select_related("contact").defer("words", "contact__words"),
        partial(InvoiceFilter, today=now),
        columns=COLUMNS,
        template="invoices/list.html",
        sort="-date",
        noun=("invoice", "invoices"),
        kind=RecordKind.INVOICE,
        export=export,
        extra={"empty_template": "invoices/empty.html", "only_of": partial(_contact, request)},
    )


@require_safe
def invoice_detail(request: HttpRequest, pk: int) -> HttpResponse:
    invoice = get_object_or_404(
        Invoice.objects.select_related("contact").defer("words", "contact__words"), pk=pk
    )
    payments = payments_of(invoice)
    context = {
        "invoice": invoice,
        "contact": invoice.contact,
        "business": Business.objects.defer("logo").filter(pk=1).first() or Business(pk=1),
        "blocks": blocks_of(invoice.lines.all()),
        "payments": payments,
        "paid": sum((received.amount for received in payments), Decimal(0)),
        "state": states_of(RecordKind.INVOICE, [pk]).get(pk, NOT_SYNCED),
        "panel": panel_of(request, RecordKind.INVOICE, invoice),
        "history": history_of(request, RecordKind.INVOICE, invoice),
    }
    return render(request, "invoices/detail.html", context)


def _contact(request: HttpRequest) -> Contact | None:
    """Whose invoices were asked for; the list's rows tell it without a query where it has any."""
    asked = request.GET.get("contact", "")
    if not asked.isdecimal() or len(asked) > 18:
        return None
    return Contact.objects.defer("words").filter(pk=int(asked)).first()
