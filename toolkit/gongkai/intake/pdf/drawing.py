"""What is drawn on a page of a PDF: rules and backgrounds from its paths, wherever they are nested.

Programs draw borders as lines, as thin boxes, as frames of two boxes or as gaps between coloured boxes; all of these
are rules here.
"""

from __future__ import annotations

import ctypes
import math
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

from gongkai.intake.pdf.rulings import Lattice, Ruling, lattices

THIN = 4.5
"""A box as thin as this, in points, is a rule; a line that is thicker is a box."""
DOT = 6.5
"""A box as small as this, in points, is a dot or a dash of a rule."""
STRAIGHT = 0.7
"""How far the ends of a rule may be off, in points."""
DEEPEST = 12
"""How deep drawings may be nested in drawings."""
WHITE = 250
"""From this on (of 255), in all colours, nothing is seen on paper."""

Point = tuple[float, float]
Box = tuple[float, float, float, float]
"""Left, top, right and bottom in points from the top left; in the coordinates of a PDF left, bottom, right, top."""


class Matrix(NamedTuple):
    """An affine map as PDF writes it."""

    a: float = 1
    b: float = 0
    c: float = 0
    d: float = 1
    e: float = 0
    f: float = 0

    def point(self, x: float, y: float) -> Point:
        """Where a point goes."""
        return self.a * x + self.c * y + self.e, self.b * x + self.d * y + self.f

    def within(self, outer: Matrix) -> Matrix:
        """One map of both: first this, then `outer`."""
        (e, f) = outer.point(self.e, self.f)
        return Matrix(
            self.a * outer.a + self.b * outer.c,
            self.a * outer.b + self.b * outer.d,
            self.c * outer.a + self.d * outer.c,
            self.c * outer.b + self.d * outer.d,
            e,
            f,
        )


class View:
    """A page of a PDF as it is read: from its visible box, turned so that text along `quarter` stands upright."""

    def __init__(self, visible: Box, quarter: int) -> None:
        self.quarter = quarter
        self._left, self._bottom, self._right, self._top = visible
        sides = self._right - self._left, self._top - self._bottom
        self.width, self.height = sides if quarter % 2 == 0 else (sides[1], sides[0])

    def point(self, x: float, y: float) -> Point:
        """A point of the PDF, from the top left as the page is read."""
        match self.quarter:
            case 0:
                return x - self._left, self._top - y
            case 1:
                return y - self._bottom, x - self._left
            case 2:
                return self._right - x, y - self._bottom
            case _:
                return self._top - y, self._right - x

    def box(self, box: Box) -> Box:
        """A box of the PDF, as it is read."""
        one, other = self.point(box[0], box[1]), self.point(box[2], box[3])
        return min(one[0], other[0]), min(one[1], other[1]), max(one[0], other[0]), max(one[1], other[1])

    def has(self, x: float, y: float) -> bool:
        """Whether a point as it is read lies on the page."""
        return 0 <= x <= self.width and 0 <= y <= self.height


class Canvas:
    """Takes in the objects of a page: `spend` is told how many, and may refuse them."""

    def __init__(self, view: View, raw: Any, spend: Callable[[int], None]) -> None:
        self.drawn = False
        self.pictured = 0.0
        self._view = view
        self._raw = raw
        self._spend = spend
        self._horizontal: list[Ruling] = []
        self._vertical: list[Ruling] = []
        self._coloured: list[Box] = []

    def lattices(self) -> list[Lattice]:
        """The ruled tables."""
        return lattices(self._horizontal, self._vertical)

    def coloured(self, left: float, top: float, right: float, bottom: float) -> bool:
        """Whether the middle of a box lies on a coloured ground or on a picture."""
        x, y = (left + right) / 2, (top + bottom) / 2
        return any(each[0] <= x <= each[2] and each[1] <= y <= each[3] for each in self._coloured)

    def draw(self, page: Any, outer: Matrix) -> None:
        """Take in the objects of a page."""
        raw = self._raw
        count = raw.FPDFPage_CountObjects(page)
        self._each((raw.FPDFPage_GetObject(page, number) for number in range(count)), count, outer, 0)

    def _each(self, objects: Iterator[Any], count: int, outer: Matrix, depth: int) -> None:
        raw = self._raw
        self._spend(count)
        for each in objects:
            match raw.FPDFPageObj_GetType(each):
                case raw.FPDF_PAGEOBJ_PATH:
                    self._path(each, outer)
                case raw.FPDF_PAGEOBJ_IMAGE | raw.FPDF_PAGEOBJ_SHADING:
                    self.drawn = True
                    self._coloured.append(self._bounds(each, outer))
                    self._cover(*self._coloured[-1])
                case raw.FPDF_PAGEOBJ_FORM if depth < DEEPEST:
                    inner = raw.FPDFFormObj_CountObjects(each)
                    parts = (raw.FPDFFormObj_GetObject(each, number) for number in range(inner))
                    self._each(parts, inner, self._matrix(each).within(outer), depth + 1)

    def _cover(self, left: float, top: float, right: float, bottom: float) -> None:
        wide = min(right, self._view.width) - max(left, 0)
        tall = min(bottom, self._view.height) - max(top, 0)
        share = max(wide, 0) * max(tall, 0) / max(self._view.width * self._view.height, 1)
        self.pictured = max(self.pictured, share)

    def _path(self, path: Any, outer: Matrix) -> None:
        fill, stroke = ctypes.c_int(), ctypes.c_int()
        self._raw.FPDFPath_GetDrawMode(path, fill, stroke)
        if not (fill.value or stroke.value):
            return
        self.drawn = True
        bounds = self._bounds(path, outer)
        if not stroke.value and min(bounds[2] - bounds[0], bounds[3] - bounds[1]) <= THIN:
            self._box(bounds, white=False)
            return
        white = bool(fill.value) and self._is_white(path)
        matrix = self._matrix(path).within(outer)
        width = self._stroke_width(path, matrix) if stroke.value else 0.0
        for points in self._outlines(path, matrix):
            if fill.value and (box := _upright_box(points)):
                self._box(box, white)
            if stroke.value:
                for one, other in pairwise(points):
                    self._line(one, other, width)

    def _line(self, one: Point, other: Point, width: float) -> None:
        left, right = sorted((one[0], other[0]))
        top, bottom = sorted((one[1], other[1]))
        half = width / 2 if width > THIN else 0.0
        if bottom - top <= STRAIGHT < right - left:
            self._box((left, top - half, right, bottom + half), white=False)
        elif right - left <= STRAIGHT < bottom - top:
            self._box((left - half, top, right + half, bottom), white=False)

    def _box(self, box: Box, white: bool) -> None:
        """A filled box: a rule where it is thin, else a ground whose edges may be rules."""
        left, top, right, bottom = box
        dot = max(bottom - top, right - left) <= DOT
        flat, slim = dot or bottom - top <= THIN, dot or right - left <= THIN
        if flat:
            self._horizontal.append(Ruling((top + bottom) / 2, left, right))
        if slim:
            self._vertical.append(Ruling((left + right) / 2, top, bottom))
        if not (flat or slim):
            self._horizontal += [Ruling(top, left, right), Ruling(bottom, left, right)]
            self._vertical += [Ruling(left, top, bottom), Ruling(right, top, bottom)]
            if not white:
                self._coloured.append(box)

    def _outlines(self, path: Any, matrix: Matrix) -> Iterator[list[Point]]:
        """The corners of the parts of a path, as they are read; curves are left out."""
        raw = self._raw
        count = raw.FPDFPath_CountSegments(path)
        self._spend(max(count, 0))
        x, y = ctypes.c_float(), ctypes.c_float()
        points: list[Point] = []
        for number in range(count):
            segment = raw.FPDFPath_GetPathSegment(path, number)
            kind = raw.FPDFPathSegment_GetType(segment)
            raw.FPDFPathSegment_GetPoint(segment, x, y)
            point = self._view.point(*matrix.point(x.value, y.value))
            if kind != raw.FPDF_SEGMENT_LINETO:
                yield points
                points = []
            points.append(point)
            if raw.FPDFPathSegment_GetClose(segment):
                points.append(points[0])
        yield points

    def _bounds(self, each: Any, outer: Matrix) -> Box:
        corners = [ctypes.c_float() for _ in range(4)]
        self._raw.FPDFPageObj_GetBounds(each, *corners)
        left, bottom, right, top = (corner.value for corner in corners)
        ends = [outer.point(x, y) for x in (left, right) for y in (bottom, top)]
        xs, ys = [x for x, _ in ends], [y for _, y in ends]
        return self._view.box((min(xs), min(ys), max(xs), max(ys)))

    def _matrix(self, each: Any) -> Matrix:
        matrix = self._raw.FS_MATRIX()
        self._raw.FPDFPageObj_GetMatrix(each, matrix)
        return Matrix(matrix.a, matrix.b, matrix.c, matrix.d, matrix.e, matrix.f)

    def _stroke_width(self, path: Any, matrix: Matrix) -> float:
        width = ctypes.c_float()
        self._raw.FPDFPageObj_GetStrokeWidth(path, width)
        return width.value * math.sqrt(abs(matrix.a * matrix.d - matrix.b * matrix.c))

    def _is_white(self, path: Any) -> bool:
        colours = [ctypes.c_uint() for _ in range(4)]
        known = self._raw.FPDFPageObj_GetFillColor(path, *colours)
        return bool(known) and min(colour.value for colour in colours[:3]) >= WHITE


def _upright_box(points: Sequence[Point]) -> Box | None:
    """The box that these are the corners of; also that of a thin shape with mitred ends."""
    if len(points) < 4:
        return None
    xs, ys = [x for x, _ in points], [y for _, y in points]
    left, top, right, bottom = min(xs), min(ys), max(xs), max(ys)
    corners = all(min(x - left, right - x) <= STRAIGHT and min(y - top, bottom - y) <= STRAIGHT for x, y in points)
    return (left, top, right, bottom) if corners or min(right - left, bottom - top) <= THIN else None
