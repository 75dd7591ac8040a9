"""A font cut down to some characters in one weight, with the outlines that a PDF can hold.

HarfBuzz cuts: it takes milliseconds for what fontTools needs seconds for.
"""

from __future__ import annotations

import io
from collections.abc import Set
from functools import cache
from typing import Final

import uharfbuzz as hb
from fontTools.pens.cu2quPen import Cu2QuPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTFont, newTable

#: For writing from top to bottom, and for what the cut has no use for.
_DROPPED: Final = ("BASE", "STAT", "VORG", "VVAR", "vhea", "vmtx", "DSIG")
_CUBIC: Final = frozenset({"CFF ", "CFF2"})
#: How far a converted outline may be off, in units of which a letter is 1,000 high.
_NEAR_ENOUGH: Final = 1.0
_TRUETYPE: Final = "\0\1\0\0"


@cache
def characters_of(path: str) -> frozenset[int]:
    """The characters that the font of `path` can show."""
    return frozenset(_face(path).unicodes)


def cut_font(path: str, letters: Set[int], weight: int) -> bytes:
    """The font of `path` with these characters only, at `weight`, as a TrueType file."""
    face = _face(path)
    cubic = not _CUBIC.isdisjoint(face.table_tags)
    wanted = hb.SubsetInput()
    wanted.flags |= hb.SubsetFlags.NOTDEF_OUTLINE
    wanted.unicode_set.update(letters)
    wanted.drop_table_tag_set.update(int.from_bytes(tag.encode()) for tag in _DROPPED)
    # Ligatures and marks matter to the scripts that need shaping; Chinese letters stand alone.
    features = wanted.layout_feature_tag_set
    features.clear()
    if not cubic:
        features.invert()
    wanted.pin_all_axes_to_default(face)
    wanted.pin_axis_location(face, "wght", weight)
    cut: bytes = wanted.subset(face).blob.data
    return _as_quadratic(cut) if cubic else cut


def _face(path: str) -> hb.Face:
    return hb.Face(hb.Blob.from_file_path(path))


def _as_quadratic(cut: bytes) -> bytes:
    with TTFont(io.BytesIO(cut), recalcTimestamp=False) as font:
        _make_quadratic(font)
        file = io.BytesIO()
        font.save(file)
        return file.getvalue()


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
