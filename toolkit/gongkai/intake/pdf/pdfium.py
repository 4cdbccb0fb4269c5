"""The pages of a PDF as glyphs and rules: the one door to pypdfium2.

Text that nobody sees is left out: invisible (as below the picture of a scan), white on white, beside the page, and
slanting across it, as watermarks are.
"""

from __future__ import annotations

import ctypes
import math
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from gongkai.errors import InputError
from gongkai.intake.interface import Document
from gongkai.intake.pdf import safety
from gongkai.intake.pdf.drawing import Canvas, Matrix, View
from gongkai.intake.pdf.glyphs import MIDDLE, UNKNOWN, Glyph
from gongkai.intake.pdf.pages import Page

MAX_OBJECTS = 200_000
"""Characters, paths and their parts in a file; a report of six pages has some 10,000."""
MAX_TEXTS = 10_000
"""Pieces of text on a page, a character each at most; the time that pdfium takes grows with their square."""
TAIL = 4096
"""The end of a file is marked within so many bytes, also where a web server has added something."""
SMALLEST = 1.0
"""Type smaller than this, in points, is not seen."""
WHITE = 250
"""From this on (of 255), in all colours, nothing is seen on paper."""
FAINT = 16
"""Below this opacity (of 255) nothing is seen."""
UPRIGHT = 0.03
"""How far the sides of a letter may slant (its sine)."""
PRIVATE = range(0xE000, 0xF900)
"""Codes that mean what each font wants."""


def pages(document: Document) -> list[Page]:
    """All pages of a PDF. Raises InputError where it is encrypted, damaged or larger than any report."""
    import pypdfium2

    safety.refuse_dangerous(document)
    try:
        pdf = pypdfium2.PdfDocument(document.content)
        try:
            return list(_File(document, pdf, MAX_OBJECTS).pages())
        finally:
            pdf.close()
    except pypdfium2.PdfiumError as error:
        locked = error.err_code in (pypdfium2.raw.FPDF_ERR_PASSWORD, pypdfium2.raw.FPDF_ERR_SECURITY)
        raise InputError("encrypted_pdf" if locked else "broken_pdf", file=document.name) from error


class _Run(NamedTuple):
    """What the characters of a text object share: the quarter turn of their baseline, and whether they are seen."""

    number: int
    size: float
    quarter: int
    seen: bool
    white: bool


class _Char(NamedTuple):
    """A character in the coordinates of its page: its box (left, bottom, right, top) and its origin."""

    text: str
    run: _Run
    box: tuple[float, float, float, float]
    origin: tuple[float, float]
    spaced: bool


@dataclass
class _File:
    """An open PDF; `left` is how many more objects it may have."""

    document: Document
    pdf: Any
    left: int

    def __post_init__(self) -> None:
        import pypdfium2.raw

        self.raw: Any = pypdfium2.raw

    def pages(self) -> Iterator[Page]:
        if len(self.pdf) > safety.MAX_PAGES:
            raise InputError("too_many_pages", file=self.document.name, limit=safety.MAX_PAGES)
        whole = self.raw.FPDF_DocumentHasValidCrossReferenceTable(self.pdf)
        if not whole and b"%%EOF" not in self.document.content[-TAIL:]:
            # What is left of a file that was cut short can be opened, and pages would be missing.
            raise InputError("broken_pdf", file=self.document.name)
        for number, page in enumerate(self.pdf, start=1):
            try:
                yield self._page(page, number)
            finally:
                page.close()

    def spend(self, count: int) -> None:
        """Count objects. Raises InputError when there are more than any report has."""
        self.left -= count
        if self.left < 0:
            raise self._too_complex()

    def _too_complex(self) -> InputError:
        return InputError("pdf_too_complex", file=self.document.name, limit=MAX_OBJECTS)

    def _page(self, page: Any, number: int) -> Page:
        count = self.raw.FPDFPage_CountObjects(page.raw)
        objects = (self.raw.FPDFPage_GetObject(page.raw, each) for each in range(count))
        if sum(self.raw.FPDFPageObj_GetType(each) == self.raw.FPDF_PAGEOBJ_TEXT for each in objects) > MAX_TEXTS:
            raise self._too_complex()
        text = page.get_textpage()
        try:
            chars = list(self._chars(text.raw))
        finally:
            text.close()
        quarters = Counter(char.run.quarter for char in chars)
        view = View(page.get_bbox(), quarters.most_common(1)[0][0] if quarters else 0)
        canvas = Canvas(view, self.raw, self.spend)
        canvas.draw(page.raw, Matrix())
        shown = (_glyph(char, view) for char in chars if not char.run.white or canvas.coloured(*view.box(char.box)))
        glyphs = tuple(glyph for glyph in shown if view.has(glyph.center, glyph.middle))
        return Page(number, view.width, view.height, glyphs, canvas.lattices(), canvas.drawn, canvas.pictured)

    def _chars(self, text: Any) -> Iterator[_Char]:
        """The characters that are seen, in the order of the page's program. Five calls a character set the pace."""
        raw = self.raw
        code, owner, lost = raw.FPDFText_GetUnicode, raw.FPDFText_GetTextObject, raw.FPDFText_HasUnicodeMapError
        box, origin = raw.FPDFText_GetLooseCharBox, raw.FPDFText_GetCharOrigin
        rect, x, y = raw.FS_RECTF(), ctypes.c_double(), ctypes.c_double()
        count = raw.FPDFText_CountChars(text)
        self.spend(max(count, 0))
        runs: dict[int, _Run] = {}
        spaced, high = False, 0
        for index in range(count):
            unicode = code(text, index)
            if 0xD800 <= unicode < 0xDC00:
                high = unicode
                continue
            if (unicode <= 0x20 and unicode != HYPHEN) or unicode in SPACES:
                # Spaces that nobody wrote are guesses from the gaps, and the gaps are measured here.
                spaced = spaced or not raw.FPDFText_IsGenerated(text, index)
                continue
            held = owner(text, index)
            if not held:
                continue
            key = ctypes.addressof(held.contents)
            run = runs.get(key) or runs.setdefault(key, self._run(text, index, held, len(runs)))
            if run.seen and box(text, index, rect) and origin(text, index, x, y):
                sign = UNKNOWN if lost(text, index) else _sign(unicode, high)
                around = rect.left, rect.bottom, rect.right, rect.top
                yield _Char(sign, run, around, (x.value, y.value), spaced)
            spaced, high = False, 0

    def _run(self, text: Any, index: int, held: Any, number: int) -> _Run:
        raw = self.raw
        matrix = raw.FS_MATRIX()
        raw.FPDFText_GetMatrix(text, index, matrix)
        long, tall = math.hypot(matrix.a, matrix.b), math.hypot(matrix.c, matrix.d)
        size = abs(raw.FPDFText_GetFontSize(text, index)) * tall
        quarter, off = divmod(math.atan2(matrix.b, matrix.a) / (math.pi / 2) + 0.5, 1)
        slants = abs(off - 0.5) > UPRIGHT
        colours = [ctypes.c_uint() for _ in range(4)]
        known = raw.FPDFPageObj_GetFillColor(held, *colours)
        *rgb, opacity = (colour.value for colour in colours) if known else (0, 0, 0, 255)
        hidden = raw.FPDFTextObj_GetTextRenderMode(held) in (
            raw.FPDF_TEXTRENDERMODE_INVISIBLE,
            raw.FPDF_TEXTRENDERMODE_CLIP,
        )
        seen = not hidden and opacity >= FAINT and size >= SMALLEST and long > 0 and not slants
        return _Run(number, size, int(quarter) % 4, seen, min(rgb) >= WHITE)


HYPHEN = 0x02
"""What pdfium makes of a hyphen at the end of a line."""
SPACES = frozenset((0xA0, 0x3000, 0xFEFF, *range(0x2000, 0x200C)))


def _sign(unicode: int, high: int) -> str:
    if unicode == HYPHEN:
        return "-"
    if 0xDC00 <= unicode < 0xE000:
        return chr(0x10000 + ((high - 0xD800) << 10) + (unicode - 0xDC00)) if high else UNKNOWN
    return UNKNOWN if unicode in PRIVATE or (unicode >= 0xFFF0 and unicode < 0x10000) else chr(unicode)


def _glyph(char: _Char, view: View) -> Glyph:
    left, top, right, bottom = view.box(char.box)
    turned = char.run.quarter != view.quarter
    middle = (top + bottom) / 2
    baseline = middle + MIDDLE * char.run.size if turned else view.point(*char.origin)[1]
    return Glyph(char.text, left, right, baseline, char.run.size, char.run.number, turned, char.spaced)
