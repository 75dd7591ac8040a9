"""One invoice as a PDF: what the customer gets, and what is printed here."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal

from fpdf import FPDF, XPos, YPos
from fpdf.enums import Align, TableBordersLayout, VAlign
from fpdf.errors import FPDFException
from fpdf.fonts import FontFace
from PIL import Image

from contacts.display.amounts import plain_amount
from contacts.display.dates import short_date
from contacts.models import Business, Invoice, InvoiceLine
from contacts.papers.fonts import BODY, SIZE, fonts_for
from contacts.services.billing.totals import paid_of

_SOFT = (85, 98, 112)
_TEXT = (26, 36, 48)
_LINE = (200, 207, 214)
_ACCENT = (11, 102, 97)
_LETTER = frozenset({"USD", "CAD", "MXN", "PHP"})
_MARGIN = 18
_ROW = 5
_LOGO = (60, 20)


def drawn(invoice: Invoice, number: str) -> bytes:
    """The invoice as a PDF; `contacts.papers` says what is promised."""
    business = Business.current()
    lines = list(invoice.lines.all())
    paper = _Paper(business, invoice, number or invoice.number)
    with fonts_for(paper, "".join(_words(business, invoice, lines))):
        paper.add_page()
        paper.head()
        paper.bill_to()
        paper.lines(lines)
        paper.sums(paid_of(invoice))
        paper.words_below()
        return bytes(paper.output())


class _Paper(FPDF):
    def __init__(self, business: Business, invoice: Invoice, number: str) -> None:
        super().__init__(format="letter" if business.currency in _LETTER else "a4")
        self.business = business
        self.invoice = invoice
        self.number = number
        self.set_margin(_MARGIN)
        self.set_auto_page_break(True, margin=22)
        self.set_title(f"{self.heading} {number}".strip())
        self.set_author(business.name)
        self.set_creation_date(invoice.updated_at)
        self.set_lang("en")
        self.alias_nb_pages()

    @property
    def heading(self) -> str:
        if self.invoice.voided_at is not None:
            return "Void invoice"
        return "Invoice" if self.invoice.sent_at is not None else "Draft of an invoice"

    def footer(self) -> None:
        self.set_y(-15)
        self.set_font(BODY, size=8)
        self.set_text_color(*_SOFT)
        words = f"{self.business.name}  ·  Page {self.page_no()} of {{nb}}".removeprefix("  ·  ")
        self.cell(0, 5, words, align=Align.C)
        self.current_font_is_set_on_page = False
        self.set_text_color(*_TEXT)

    @contextmanager
    def strong(self, size: float, color: tuple[int, int, int] = _TEXT) -> Iterator[None]:
        """Heavier letters."""
        self.set_font(BODY, "B", size)
        self.set_text_color(*color)
        yield
        self.set_font(BODY, size=SIZE)
        self.set_text_color(*_TEXT)

    def say(self, text: str, width: float = 0, color: tuple[int, int, int] = _TEXT) -> None:
        """A paragraph, and the pen below it at the same left edge."""
        self.set_text_color(*color)
        self.paragraph(text, width, _ROW)
        self.set_text_color(*_TEXT)

    def paragraph(self, text: str, width: float, height: float) -> None:
        if text:
            self.multi_cell(width, height, text, align=Align.L, new_x=XPos.LEFT, new_y=YPos.NEXT)
            # fpdf2 2.8 takes its font for set after a text that begins in another script, where
            # the page still has the font before; so the next text says its font again.
            self.current_font_is_set_on_page = False

    def head(self) -> None:
        """Who asks for the money on the left, which invoice this is on the right."""
        top, half = self.get_y(), self.epw / 2 - 4
        self._logo()
        with self.strong(13):
            self.paragraph(self.business.name, half, 7)
        for text in (self.business.address, self.business.phone, self.business.email):
            if text:
                self.say(text, half, _SOFT)
        if self.business.tax_number:
            self.say(f"Tax number {self.business.tax_number}", half, _SOFT)
        bottom = self.get_y()
        self.set_xy(_MARGIN + half + 8, top)
        with self.strong(18, _ACCENT):
            self.cell(half, 10, self.heading, align=Align.R, new_x=XPos.LEFT, new_y=YPos.NEXT)
        self.ln(1)
        invoice = self.invoice
        facts = [
            ("Number", self.number or "–"),
            ("Date", short_date(invoice.issue_date)),
            ("Due", short_date(invoice.due_date) if invoice.due_date else ""),
            ("Terms", invoice.terms),
            ("Balance due", self.money(invoice.balance)),
        ]
        for label, value in facts:
            if value:
                self._fact(_MARGIN + half + 8, half, label, value)
        self.set_xy(_MARGIN, max(bottom, self.get_y()) + 8)

    def bill_to(self) -> None:
        contact = self.invoice.contact
        self.say("Bill to", self.epw / 2, _SOFT)
        with self.strong(10.5):
            self.paragraph(str(contact), self.epw / 2, 7)
        company = contact.company if contact.company != contact.name else ""
        for text in (company, *contact.address_lines(), contact.email):
            if text:
                self.say(text, self.epw / 2)
        self.ln(6)

    def lines(self, lines: list[InvoiceLine]) -> None:
        """The table; its head comes again on every page."""
        self.set_draw_color(*_LINE)
        with self.table(
            col_widths=(56, 12, 16, 16),
            text_align=(Align.L, Align.R, Align.R, Align.R),
            borders_layout=TableBordersLayout.HORIZONTAL_LINES,
            headings_style=FontFace(emphasis=None, color=_SOFT),
            line_height=_ROW,
            padding=(1.4, 1),
            v_align=VAlign.T,
        ) as table:
            head = table.row()
            for title in ("Product or service", "Quantity", "Price", self.invoice.currency):
                head.cell(title)
            for line in lines:
                row = table.row()
                row.cell(_what(line))
                row.cell("" if line.quantity is None else _grouped(line.quantity))
                row.cell("" if line.unit_price is None else plain_amount(line.unit_price))
                row.cell("" if line.amount is None else plain_amount(line.amount))

    def sums(self, paid: Decimal) -> None:
        """From the subtotal to what is still owed, kept on one page."""
        invoice = self.invoice
        percent = invoice.discount_percent
        share = f" ({_grouped(percent)} %)" if percent is not None and invoice.discount else ""
        rows = [("Subtotal", invoice.subtotal, True)]
        rows += [(f"Discount{share}", -invoice.discount, bool(invoice.discount))]
        rows += [("Tax", invoice.tax, bool(invoice.tax)), ("Total", invoice.total, True)]
        rows += [
            ("Paid", -paid, bool(paid)),
            ("Credited", -invoice.credited, bool(invoice.credited)),
        ]
        width = 82
        self.ln(3)
        if self.will_page_break(_ROW * (len(rows) + 3)):
            self.add_page()
        left = self.w - _MARGIN - width
        for label, amount, shown in rows:
            if shown:
                self._fact(left, width, label, self.money(amount))
        self.ln(1)
        with self.strong(11.5):
            self._fact(left, width, "Balance due", self.money(invoice.balance), plain=False)
        self.ln(6)

    def words_below(self) -> None:
        """The message, and how to pay while something is owed."""
        if self.invoice.memo:
            self.say(self.invoice.memo)
            self.ln(4)
        if self.business.how_to_pay and self.invoice.balance > 0:
            self.say("How to pay", color=_SOFT)
            self.say(self.business.how_to_pay)

    def money(self, amount: Decimal) -> str:
        return f"{plain_amount(amount, self.invoice.currency)} {self.invoice.currency}"

    def _fact(self, left: float, width: float, label: str, value: str, plain: bool = True) -> None:
        self.set_x(left)
        if plain:
            self.set_text_color(*_SOFT)
        self.cell(width * 0.45, _ROW + 0.6, label)
        if plain:
            self.set_text_color(*_TEXT)
        self.cell(
            width * 0.55, _ROW + 0.6, value, align=Align.R, new_x=XPos.LMARGIN, new_y=YPos.NEXT
        )

    def _logo(self) -> None:
        """The logo, unless it turns out to be no picture that can be set."""
        if not self.business.logo:
            return
        try:
            with Image.open(io.BytesIO(bytes(self.business.logo))) as picture:
                picture.load()
                ratio = picture.width / picture.height
                height = min(_LOGO[1], _LOGO[0] / ratio)
                self.image(picture, h=height)
        except (OSError, ValueError, SyntaxError, Image.DecompressionBombError, FPDFException):
            return
        self.ln(3)


def _what(line: InvoiceLine) -> str:
    """Product and description, without saying the same twice."""
    texts = [line.product_name, line.description]
    if line.description.startswith(line.product_name):
        texts = [line.description]
    return "\n".join(text for text in texts if text).replace("\t", " ")


def _grouped(figure: Decimal) -> str:
    whole, _, decimals = f"{figure:,f}".partition(".")
    decimals = decimals.rstrip("0")
    return f"{whole}.{decimals}" if decimals else whole


def _words(business: Business, invoice: Invoice, lines: list[InvoiceLine]) -> list[str]:
    """Everything on the paper that somebody typed."""
    contact = invoice.contact
    return [
        business.name,
        business.address,
        business.phone,
        business.email,
        business.tax_number,
        business.how_to_pay,
        invoice.number,
        invoice.terms,
        invoice.memo,
        str(contact),
        contact.company,
        contact.email,
        *contact.address_lines(),
        *(_what(line) for line in lines),
    ]
