"""Letters for every name: Noto Sans, and the Noto of a script where a text needs it.

The fonts come from packages (`manimgx-fonts`, and `-cjk` for Chinese, Japanese and Korean), so a
paper looks the same on every machine. Each is cut down to the letters of the paper first: that
makes one weight of its many, and a file that every reader takes.
"""

from __future__ import annotations

import logging
import string
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Final

from fpdf import FPDF
from fpdf.fonts import TTFFont

from contacts.papers.cutting import characters_of, cut_font

# It tells of every glyph it keeps, which is to say of every letter on a customer's paper.
logging.getLogger("fontTools").setLevel(logging.WARNING)

BODY: Final = "body"
SIZE: Final = 9.5

_REGULAR, _BOLD = 400, 650
#: What the paper itself says, whatever people have typed.
_OWN = string.ascii_letters + string.digits + string.punctuation + " –−·×"

_FOLDER = files("manimgx_fonts")
_LATIN: Final = str(_FOLDER / "NotoSans[wght].ttf")
_CJK: Final = str(files("manimgx_fonts_cjk") / "NotoSansCJK-VF.otf.ttc")


@contextmanager
def fonts_for(pdf: FPDF, text: str) -> Iterator[None]:
    """Set `pdf` in Noto Sans, bold included, with whatever else the characters of `text` need."""
    letters = frozenset(ord(letter) for letter in _OWN + text if letter.isprintable())
    with tempfile.TemporaryDirectory() as folder:
        try:
            _add(pdf, Path(folder), letters)
            yield
        finally:
            for font in pdf.fonts.values():
                if isinstance(font, TTFFont):
                    font.ttfont.close()


def _add(pdf: FPDF, folder: Path, letters: frozenset[int]) -> None:
    own = letters & characters_of(_LATIN)
    for style, weight in (("", _REGULAR), ("B", _BOLD)):
        file = folder / f"{BODY}{weight}.ttf"
        file.write_bytes(cut_font(_LATIN, own, weight))
        pdf.add_font(BODY, style, file)
    missing = letters - own
    fallbacks: list[str] = []
    for path in _others():
        found = missing & characters_of(path) if missing else frozenset()
        if found:
            name = f"other{len(fallbacks)}"
            file = folder / f"{name}.ttf"
            file.write_bytes(cut_font(path, found, _REGULAR))
            pdf.add_font(name, "", file)
            fallbacks.append(name)
            missing -= found
    if fallbacks:
        pdf.set_fallback_fonts(fallbacks, exact_match=False)
    pdf.set_text_shaping(True)
    pdf.set_font(BODY, size=SIZE)


@cache
def _others() -> list[str]:
    """Fonts of one script first, then emoji (it has digits in a style of its own), Chinese last."""
    names = [entry.name for entry in _FOLDER.iterdir() if entry.name.endswith(".ttf")]
    scripts = sorted(
        (name for name in names if not name.startswith(("NotoSans[", "NotoSans-"))),
        key=lambda name: (name.startswith("NotoEmoji"), name),
    )
    return [*(str(_FOLDER / name) for name in scripts), _CJK]
