"""Products: list, page, form, archive."""

from __future__ import annotations

from django.contrib import messages
from django.db.models.functions import Lower
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from contacts import display
from contacts.display.badges import badge
from contacts.exports import PRODUCT_COLUMNS, product_rows
from contacts.filters import ProductFilter
from contacts.forms.products import ProductForm, type_is_fixed
from contacts.identity import identity
from contacts.listing import Column, Export, page, state, text, when
from contacts.models import InvoiceLine, Product, ProductType, RecordKind
from contacts.record_states import NOT_SYNCED, panel_of, states_of
from contacts.services.products import (
    NameTakenError,
    ReadOnlyProductError,
    archive_product,
    create_product,
    unarchive_product,
    update_product,
)
from contacts.views.history import history_of
from contacts.views.signed_in import person_of

#: Rows of the table of invoices on a product's page.
ROWS = 10


def _name(product: Product) -> SafeString:
    """The name, and below it the category that QuickBooks keeps it in."""
    category = product.full_name.rpartition(":")[0]
    return format_html(
        '<div class="name"><a class="row-link" href="{}">{}</a></div>{}',
        product.get_absolute_url(),
        product.name,
        format_html('<div class="soft small fw-normal">{}</div>', category) if category else "",
    )


def _price(product: Product) -> SafeString:
    return display.money(product.unit_price, identity().currency)


def _activity(product: Product) -> SafeString:
    # Phones leave out what says nothing, so that only the inactive ones say it there.
    if product.active:
        return SafeString('<span class="none">Yes</span>')
    return badge("muted", "pause", "Inactive")


COLUMNS = (
    Column("name", "Name", _name, sort=Lower("name")),
    Column("sku", "SKU", sort=Lower("sku")),
    Column("type", "Type", text("get_type_display"), hide="tablet"),
    Column("price", "Price", _price, sort="unit_price", numeric=True, nullable=True),
    Column("active", "Active", _activity),
    Column("state", "QuickBooks", state),
    Column("newest", "Added", when("created_at"), sort="created_at", hide="narrow"),
)


@require_safe
def product_list(request: HttpRequest) -> HttpResponseBase:
    return page(
        request,
        Product.objects.defer("words"),
        ProductFilter,
        columns=COLUMNS,
        template="products/list.html",
        sort="name",
        noun=("product", "products"),
        kind=RecordKind.PRODUCT,
        export=Export("products", PRODUCT_COLUMNS, product_rows),
        extra={"empty_template": "products/empty.html"},
    )


@require_safe
def product_detail(request: HttpRequest, pk: int) -> HttpResponse:
    product = get_object_or_404(Product.objects.defer("words"), pk=pk)
    lines = (
        InvoiceLine.objects.filter(product=product)
        .select_related("invoice__contact")
        .defer("invoice__words", "invoice__contact__words")
        .order_by("-pk")
    )
    context = {
        "product": product,
        "currency": identity().currency,
        "read_only": product.type == ProductType.BUNDLE,
        "state": states_of(RecordKind.PRODUCT, [pk]).get(pk, NOT_SYNCED),
        "panel": panel_of(request, RecordKind.PRODUCT, product),
        "lines": lines[:ROWS],
        "history": history_of(request, RecordKind.PRODUCT, product),
    }
    return render(request, "products/detail.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def product_new(request: HttpRequest) -> HttpResponse:
    form = ProductForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            product = create_product(form.changes, by=person_of(request))
        except NameTakenError as error:
            form.refuse_taken(error)
        else:
            messages.success(request, f"{product} was added.")
            return redirect(product)
    return render(request, "products/form.html", {"form": form, "currency": identity().currency})


@require_http_methods(["GET", "HEAD", "POST"])
def product_edit(request: HttpRequest, pk: int) -> HttpResponse:
    product = get_object_or_404(Product.objects.defer("words"), pk=pk)
    if product.type == ProductType.BUNDLE:
        return _refuse_bundle(request, product)
    known = bool(states_of(RecordKind.PRODUCT, [pk]).get(pk, NOT_SYNCED).external_id)
    form = ProductForm(
        request.POST if request.method == "POST" else None,
        record=product,
        type_fixed=type_is_fixed(product, known_elsewhere=known),
    )
    if form.is_valid():
        try:
            changed = update_product(product, form.changes, by=person_of(request))
        except NameTakenError as error:
            form.refuse_taken(error)
        except ReadOnlyProductError:
            return _refuse_bundle(request, product)
        else:
            messages.success(request, form.outcome(changed))
            return redirect(product)
    context = {"form": form, "product": product, "currency": identity().currency}
    return render(request, "products/form.html", context)


@require_POST
def product_archive(request: HttpRequest, pk: int) -> HttpResponse:
    """`archived=no` brings it back; anything else archives it. Repeatable."""
    product = get_object_or_404(Product, pk=pk)
    if request.POST.get("archived") == "no":
        unarchive_product(product, by=person_of(request))
        messages.success(request, f"{product} is back in the lists.")
    else:
        archive_product(product, by=person_of(request))
        messages.success(request, f"{product} was archived. Nothing changed in QuickBooks.")
    return redirect(product)


def _refuse_bundle(request: HttpRequest, product: Product) -> HttpResponse:
    messages.error(request, "A bundle is changed in QuickBooks only; the change arrives here.")
    return redirect(product)
