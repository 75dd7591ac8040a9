"""The lines of an invoice as a person edits them, with scripts and without."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.urls import reverse_lazy

from contacts.forms.changes import ManyLines, OneLine
from contacts.forms.choosing import products_of_texts
from contacts.forms.figures import Figure, figure, plain
from contacts.models import Product, ProductType
from contacts.services.invoicing import Line

DESCRIPTION = 4000
HIGHEST_QUANTITY = Decimal(9_999_999)
HIGHEST_PRICE = Decimal(9_999_999_999)
MOST_LINES = 200
BLANK_LINES = 3
MORE_LINES = 5

NAMES = ("item", "description", "quantity", "unit_price")
_BACK = {"up": "down", "down": "up"}
Row = dict[str, str]


class LineForm(forms.Form):
    """One line. A product brings its description and price where none is typed."""

    item = OneLine(label="Product", longest=500)
    description = ManyLines(
        label="Description", longest=DESCRIPTION, widget=forms.Textarea(attrs={"rows": 1})
    )
    quantity = Figure(
        label="Quantity",
        example="a quantity such as 2 or 1.5",
        highest=HIGHEST_QUANTITY,
        decimals=7,
    )
    unit_price = Figure(
        label="Price",
        example="a price such as 120 or 19.95",
        lowest=-HIGHEST_PRICE,
        highest=HIGHEST_PRICE,
        decimals=7,
    )

    use_required_attribute = False

    def __init__(self, row: Row, number: int, *, bound: bool, focus: str = "") -> None:
        prefix = f"lines-{number}"
        data = {f"{prefix}-{name}": value for name, value in row.items()}
        super().__init__(data if bound else None, initial=row, prefix=prefix)
        self.row = row
        self.position = number + 1
        self.focus = focus
        for name, field in self.fields.items():
            field.widget.attrs |= {
                "aria-label": f"{field.label}, line {self.position}",
                "data-line": name,
            }
        if focus in self.fields:
            self.fields[focus].widget.attrs["autofocus"] = True
        self.fields["item"].widget.attrs |= {
            "list": "product-choices",
            "autocomplete": "off",
            "hx-get": reverse_lazy("product_choices"),
            "hx-trigger": "focus, input changed delay:150ms",
            "hx-target": "#product-choices",
            "hx-sync": "this:replace",
        }

    @property
    def amount(self) -> Decimal | None:
        """What the line comes to as it is shown; None while it is no line with an amount."""
        quantity, price = figure(self.row["quantity"]), figure(self.row["unit_price"])
        if quantity is None and (price is None or self.row["quantity"]):
            return None
        return Line(quantity=Decimal(1) if quantity is None else quantity, unit_price=price).amount

    def read(self, products: Mapping[str, list[Product]], *, own_prices: bool) -> Line | None:
        """The line, or None with an error beside the field that hinders it.

        `own_prices`: a product's price counts here, the invoice being in its currency.
        """
        item: str = self.cleaned_data.get("item", "")
        product = self._product(item, products.get(item.lower(), [])) if item else None
        quantity: Decimal | None = self.cleaned_data.get("quantity")
        price: Decimal | None = self.cleaned_data.get("unit_price")
        if product is not None:
            quantity = Decimal(1) if quantity is None else quantity
            price = product.unit_price if price is None and own_prices else price
        elif price is not None and quantity is None:
            quantity = Decimal(1)
        description: str = self.cleaned_data.get("description", "").strip()
        if quantity is not None and price is None and "unit_price" not in self.errors:
            self.add_error("unit_price", "Enter a price such as 120 or 19.95.")
        if self.errors:
            return None
        return Line(
            product=product,
            description=description or (product.description if product else ""),
            quantity=quantity,
            unit_price=price,
        )

    def _product(self, item: str, found: Sequence[Product]) -> Product | None:
        if not found:
            self.add_error(
                "item",
                f"No product goes by “{item}”. Choose one from the suggestions, or write free "
                "text into the description and leave this empty.",
            )
        elif len(found) > 1:
            self.add_error("item", f"Several products go by “{item}”. Choose one by its full name.")
        elif found[0].type == ProductType.BUNDLE:
            self.add_error("item", f"{found[0]} is a bundle; add its parts one by one.")
        elif not found[0].active or found[0].archived_at is not None:
            self.add_error("item", f"{found[0]} is not sold any more: it is inactive or archived.")
        else:
            return found[0]
        return None


class LinesForm:
    """All lines, as one unit: they count as edited only if their text differs from what was opened.

    `edit` is a button of the page: "add", "up-2", "down-2", "remove-2", or "" to save.
    """

    def __init__(
        self, data: Mapping[str, Any] | None, stored: Sequence[Line] = (), *, edit: str = ""
    ) -> None:
        self.stored_mark = mark_of([row_of(line) for line in stored])
        self.opened_mark = self.stored_mark
        self.focus = ""
        if data is None:
            rows = [row_of(line) for line in stored]
            rows += [dict.fromkeys(NAMES, "") for _ in range(BLANK_LINES if not rows else 1)]
        else:
            self.opened_mark = str(data.get("lines-opened", ""))
            rows = self._edited(_posted(data), edit)
        self.bound = data is not None and not edit
        self.typed = [row for row in rows if any(row.values())]
        self.forms = self._forms(rows, bound=self.bound)
        self.lines: list[Line] = []

    @property
    def changed(self) -> bool:
        """Whether the person changed anything since the page was opened."""
        return mark_of(self.typed) != self.opened_mark

    @property
    def changed_meanwhile(self) -> bool:
        """Whether somebody else did."""
        return self.stored_mark != self.opened_mark

    @property
    def has_errors(self) -> bool:
        return self.bound and any(form.errors for form in self.forms)

    def is_valid(self, *, own_prices: bool) -> bool:
        """Reads `lines`. What nobody touched is never refused, whatever it holds."""
        if not self.changed:
            self.forms = self._forms([form.row for form in self.forms], bound=False)
            return True
        filled = [form for form in self.forms if any(form.row.values())]
        products = products_of_texts(form.row["item"] for form in filled)
        read = [form.read(products, own_prices=own_prices) for form in filled if form.is_valid()]
        self.lines = [line for line in read if line is not None]
        return len(self.lines) == len(filled)

    def _forms(self, rows: Sequence[Row], *, bound: bool) -> list[LineForm]:
        what, _, where = self.focus.partition("-")
        return [
            LineForm(row, number, bound=bound, focus=what if where == str(number) else "")
            for number, row in enumerate(rows)
        ]

    def _edited(self, rows: list[Row], edit: str) -> list[Row]:
        what, _, where = edit.partition("-")
        at = int(where) if where.isdecimal() and len(where) < 4 else -1
        if what == "add":
            room = MOST_LINES - len(rows)
            self.focus = f"item-{len(rows)}"
            return rows + [dict.fromkeys(NAMES, "") for _ in range(min(MORE_LINES, room))]
        if not 0 <= at < len(rows):
            return rows
        if what == "remove":
            self.focus = f"item-{min(at, len(rows) - 2)}"
            return rows[:at] + rows[at + 1 :] or [dict.fromkeys(NAMES, "")]
        other = at + {"up": -1, "down": 1}.get(what, 0)
        if other != at and 0 <= other < len(rows):
            rows[at], rows[other] = rows[other], rows[at]
            # At either end the button that was pressed is gone; the other one is there.
            at_end = other == (0 if what == "up" else len(rows) - 1)
            self.focus = f"{_BACK[what] if at_end else what}-{other}"
        return rows


def row_of(line: Line) -> Row:
    """The line as the page's fields show it."""
    return {
        "item": str(line.product) if line.product else "",
        "description": _clean(line.description),
        "quantity": plain(line.quantity),
        "unit_price": plain(line.unit_price, 2),
    }


def mark_of(rows: Sequence[Row]) -> str:
    """A short word for what the rows say; equal for equal text only."""
    text = json.dumps([[row[name] for name in NAMES] for row in rows])
    return hashlib.sha256(text.encode()).hexdigest()[:20]


def _posted(data: Mapping[str, Any]) -> list[Row]:
    count = str(data.get("lines-count", ""))
    lines = min(int(count), MOST_LINES) if count.isdecimal() and len(count) < 6 else 0
    return [
        {name: _clean(data.get(f"lines-{number}-{name}", "")) for name in NAMES}
        for number in range(lines)
    ]


def _clean(value: object) -> str:
    return str(value).replace("\r\n", "\n").replace("\r", "\n").strip()
