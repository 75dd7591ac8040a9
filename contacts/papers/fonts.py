"""Letters for every name: Noto Sans, and the Noto of a script where a text needs it.

The fonts come from packages (`manimgx-fonts`, and `-cjk` for Chinese, Japanese and Korean), so a
paper looks the same on every machine. Reading a font costs time, the Chinese one about a second;
only those that hold a character of this paper are read.
"""

from __future__ import annotations

from importlib.resources import files
from typing import Final

from fpdf import FPDF
from fpdf.fonts import TTFFont

BODY: Final = "body"

_FOLDER = files("manimgx_fonts")
_FOLDER_CJK = files("manimgx_fonts_cjk")
_LATIN = "NotoSans[wght].ttf"
_CJK = "NotoSansCJK-VF.otf.ttc"


def use_fonts(pdf: FPDF, text: str) -> None:
    """Set `pdf` in Noto Sans with whatever else the characters of `text` need."""
    pdf.add_font(BODY, "", str(_FOLDER / _LATIN))
    missing = {ord(character) for character in text} - _characters(pdf, BODY)
    missing -= {ord(character) for character in "\n\r\t"}
    fallbacks: list[str] = []
    for path in _others() if missing else ():
        family = f"other{len(fallbacks)}"
        pdf.add_font(family, "", path)
        found = missing & _characters(pdf, family)
        if found:
            fallbacks.append(family)
            missing -= found
        else:
            del pdf.fonts[family]
        if not missing:
            break
    if fallbacks:
        pdf.set_fallback_fonts(fallbacks, exact_match=False)
    pdf.set_text_shaping(True)
    pdf.set_font(BODY, size=9.5)


def _characters(pdf: FPDF, family: str) -> set[int]:
    font = pdf.fonts[family]
    return set(font.cmap) if isinstance(font, TTFFont) else set()


def _others() -> list[str]:
    """Small fonts first, the Chinese one last."""
    scripts = sorted(
        entry.name
        for entry in _FOLDER.iterdir()
        if entry.name.endswith(".ttf") and not entry.name.startswith(("NotoSans[", "NotoSans-"))
    )
    # The emoji font also has digits and signs in its own style; it is asked after the scripts.
    scripts.sort(key=lambda name: name.startswith("NotoEmoji"))
    return [*(str(_FOLDER / name) for name in scripts), str(_FOLDER_CJK / _CJK)]
