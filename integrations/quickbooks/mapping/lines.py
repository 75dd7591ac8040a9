"""The lines of a sales form as LineRecords: bundles opened, discount apart."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal

from integrations.quickbooks import wire
from integrations.quickbooks.mapping import values
from integrations.quickbooks.mapping.text import name, paragraph
from integrations.quickbooks.records import LineKind, LineRecord

_SHIPPING = "SHIPPING_ITEM_ID"
_no_ref = wire.Ref()
_no_item = wire.SalesItemDetail()


@dataclass(frozen=True, slots=True)
class Lines:
    """What a form's lines come to. `amount` is the sum of the visible lines, `discount` positive
    where it lowers the total."""

    visible: tuple[LineRecord, ...]
    amount: Decimal
    discount: Decimal


def lines_from(wired: Iterable[wire.Line]) -> Lines:
    """Map a form's lines (R13). Raises Unmappable.

    The subtotal QBO adds as a last line is left out: it would count everything twice.
    """
    visible: list[LineRecord] = []
    amount = discount = values.ZERO
    for line, bundle in _opened(wired):
        if line.detail_type == "DiscountLineDetail":
            discount += values.money(line.amount, "its discount")
            continue
        record = _line_from(line, bundle, len(visible) + 1)
        amount += record.amount or values.ZERO
        visible.append(record)
    return Lines(tuple(visible), amount, discount)


def _opened(wired: Iterable[wire.Line]) -> Iterator[tuple[wire.Line, str]]:
    for line in wired:
        group = line.group_line_detail
        if line.detail_type == "SubTotalLineDetail":
            continue
        if group is None:
            yield line, ""
            continue
        bundle = name((group.group_item_ref or _no_ref).name)
        if group.line:
            for inner in group.line:
                yield inner, bundle
        else:
            yield _closed(line, group), bundle


def _closed(line: wire.Line, group: wire.GroupDetail) -> wire.Line:
    """Return a bundle that came without its lines as one line of its own."""
    detail = wire.SalesItemDetail(item_ref=group.group_item_ref, qty=group.quantity)
    return wire.Line("SalesItemLineDetail", line.description, line.amount, detail)


def _line_from(line: wire.Line, bundle: str, position: int) -> LineRecord:
    detail = line.sales_item_line_detail or _no_item
    item = detail.item_ref or _no_ref
    item_id = values.reference(item)
    text = paragraph(line.description)
    when = detail.service_date
    if when is None and line.description_line_detail is not None:
        when = line.description_line_detail.service_date
    return LineRecord(
        position=position,
        kind=_kind_of(line, item_id, text),
        item_id=None if item_id == _SHIPPING else item_id,
        item_name=name(item.name),
        bundle_name=bundle,
        description=text,
        quantity=values.number(detail.qty, "the quantity of a line"),
        unit_price=values.number(detail.unit_price, "the price of a line"),
        amount=values.number(line.amount, "the amount of a line"),
        service_date=values.day_or_none(when, "the date of a line"),
    )


def _kind_of(line: wire.Line, item_id: str | None, text: str) -> LineKind:
    if item_id == _SHIPPING:
        return "shipping"
    if line.sales_item_line_detail is not None or line.amount is not None:
        return "item"
    return "subtotal" if text.startswith("Subtotal:") else "text"
