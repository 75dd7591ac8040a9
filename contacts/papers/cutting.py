"""A font cut down to some characters in one weight, with the outlines that a PDF can hold."""

from __future__ import annotations

import io
from collections.abc import Set
from typing import Final

from fontTools import subset
from fontTools.pens.cu2quPen import Cu2QuPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTFont, newTable
from fontTools.varLib import instancer

#: For writing from top to bottom, and for what the cut has no use for.
_DROPPED: Final = ["BASE", "STAT", "VORG", "VVAR", "vhea", "vmtx", "DSIG"]
_CUBIC: Final = frozenset({"CFF ", "CFF2"})
#: How far a converted outline may be off, in units of which a letter is 1,000 high.
_NEAR_ENOUGH: Final = 1.0
_TRUETYPE: Final = "\0\1\0\0"


def cut_font(path: str, letters: Set[int], weight: int) -> bytes:
    """The font of `path` with these characters only, at `weight`, as a TrueType file."""
    with TTFont(path, fontNumber=0, lazy=True, recalcTimestamp=False) as font:
        cubic = not _CUBIC.isdisjoint(font.keys())
        options = subset.Options(notdef_outline=True, name_IDs=["*"])
        # Ligatures and marks matter to the scripts that need shaping; Chinese letters stand alone.
        options.layout_features = [] if cubic else ["*"]
        options.drop_tables += _DROPPED
        cutter = subset.Subsetter(options)
        cutter.populate(unicodes=letters)
        cutter.subset(font)
        if "fvar" in font:
            instancer.instantiateVariableFont(font, {"wght": weight}, inplace=True)
        if cubic:
            _make_quadratic(font)
        cut = io.BytesIO()
        font.save(cut)
    return cut.getvalue()


def _make_quadratic(font: TTFont) -> None:
    """Draw every glyph anew with TrueType's curves: PDF readers do not take variable CFF."""
    order, shapes = font.getGlyphOrder(), font.getGlyphSet()
    glyphs = {}
    for name in order:
        pen = TTGlyphPen(shapes)
        shapes[name].draw(Cu2QuPen(pen, _NEAR_ENOUGH, reverse_direction=True))
        glyphs[name] = pen.glyph()
    font["loca"] = newTable("loca")
    table = font["glyf"] = newTable("glyf")
    table.glyphOrder, table.glyphs = order, glyphs
    for tag in _CUBIC & set(font.keys()):
        del font[tag]
    table.compile(font)
    widths = font["hmtx"]
    for name, glyph in glyphs.items():
        widths[name] = (widths[name][0], getattr(glyph, "xMin", 0))
    _declare_truetype(font, order)


def _declare_truetype(font: TTFont, order: list[str]) -> None:
    limits = font["maxp"]
    limits.tableVersion = 0x00010000
    limits.maxZones = 1
    for name in ("TwilightPoints", "Storage", "FunctionDefs", "InstructionDefs", "StackElements"):
        setattr(limits, f"max{name}", 0)
    for name in ("SizeOfInstructions", "ComponentElements", "Points", "Contours"):
        setattr(limits, f"max{name}", 0)
    for name in ("CompositePoints", "CompositeContours", "ComponentDepth"):
        setattr(limits, f"max{name}", 0)
    names = font["post"]
    names.formatType, names.extraNames, names.mapping, names.glyphOrder = 2.0, [], {}, order
    font.sfntVersion = _TRUETYPE
