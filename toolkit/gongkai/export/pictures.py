"""Pictures that are fit for every format: PNG, JPEG and SVG that are whole, stand by themselves, and are not too large.

What browsers, Word and typst would show differently is refused, or made into what they show alike.
"""

from __future__ import annotations

import base64
import math
import re
import warnings
from collections.abc import Iterator
from io import BytesIO
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import unquote_to_bytes

from gongkai.catalogues import say
from gongkai.export.blocks import TEXT_HEIGHT, TEXT_WIDTH, Picture
from gongkai.export.refused import RefusedError

if TYPE_CHECKING:
    from lxml.etree import _Element
    from PIL.Image import Image

HIGHEST = 0.85 * TEXT_HEIGHT
"""The height in points that a picture may have, so that its caption stands on the same page."""

MOST_BYTES, MOST_PIXELS = 16 << 20, 20_000_000
"""The data of a picture at most, and its pixels: a full page at 600 an inch has that many."""

MOST_DRAWN, DEEPEST = 300_000, 256
"""The elements of an SVG at most, each counted as often as it is drawn, and how deep they may lie in each other."""

SMALLEST = 0.1
"""What is shown at less than this, in points, is no picture."""

DENSITIES = (72, 2400)
"""Pixels an inch that are taken at their word; other densities are mistakes or mean that none is known."""

KINDS = {"image/png", "image/jpeg", "image/jpg", "image/svg+xml"}
RASTERS = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff")
DATA = re.compile(r"data:([^;,]*)((?:;[^;,]*)*),(.*)", re.DOTALL | re.IGNORECASE)
REMOTE = re.compile(r"(?!file:|attachment:)[a-z][a-z0-9+.-]+:|//|\\\\", re.IGNORECASE)
ORIENTATION = 0x0112

SVG = "{http://www.w3.org/2000/svg}"
# fmt: off
ELEMENTS = {
    "a", "circle", "clipPath", "defs", "desc", "ellipse", "feBlend", "feColorMatrix", "feComponentTransfer",
    "feComposite", "feConvolveMatrix", "feDiffuseLighting", "feDisplacementMap", "feDistantLight", "feDropShadow",
    "feFlood", "feFuncA", "feFuncB", "feFuncG", "feFuncR", "feGaussianBlur", "feImage", "feMerge", "feMergeNode",
    "feMorphology", "feOffset", "fePointLight", "feSpecularLighting", "feSpotLight", "feTile", "feTurbulence", "filter",
    "g", "image", "line", "linearGradient", "marker", "mask", "metadata", "path", "pattern", "polygon", "polyline",
    "radialGradient", "rect", "stop", "style", "svg", "switch", "symbol", "text", "textPath", "title", "tspan", "use",
    "view",
}
# fmt: on
"""The elements of a still drawing. Elements of other vocabularies are drawn by nobody, but for those of web pages."""

WEB = ("{http://www.w3.org/1999/xhtml}", "{http://www.w3.org/1998/Math/MathML}")
HREF = {"href", "{http://www.w3.org/1999/xlink}href"}
DECLARED = re.compile(r"<!(?:ENTITY|ATTLIST|ELEMENT|NOTATION)")
WITHIN = re.compile(r"""url\(\s*["']?#([^\s"'()\\]+)["']?\s*\)""", re.IGNORECASE)
ELSEWHERE = re.compile(r"url\(|src\(|image\(|image-set\(|cross-fade\(|@[a-z-]|\\", re.IGNORECASE)
"""What in a style may lead out of the drawing or move it, once what leads within it is taken away; a backslash could
spell any of it."""

LENGTH = re.compile(r"\s*\+?(\d*\.?\d+(?:e[+-]?\d+)?)\s*(px|pt|pc|mm|cm|in|)\s*", re.IGNORECASE)
POINTS = {"": 0.75, "px": 0.75, "pt": 1.0, "pc": 12.0, "mm": 72 / 25.4, "cm": 72 / 2.54, "in": 72.0}


def picture(source: str, *, width: float | None = None) -> Picture:
    """The picture in the data URI `source`, shown at `width` points or else at its own size, scaled down to fit a page.

    Raises RefusedError for what is no picture in the notebook, or none that all formats can show.
    """
    media, data = _data(source.strip())
    if data.startswith(RASTERS):
        kind, data, size = _raster(data)
        return Picture(kind, data, *_shown(size, width))
    if media != "image/svg+xml":
        raise RefusedError(say("picture.damaged"))
    return Picture("svg", data, *_shown(_drawing(data), width))


def _data(source: str) -> tuple[str, bytes]:
    """Media type and data of a data URI."""
    found = DATA.fullmatch(source)
    if not found:
        why = "damaged" if source[:5].lower() == "data:" else "remote" if REMOTE.match(source) else "local"
        raise RefusedError(say(f"picture.{why}", name=_short(source)))
    media, parameters, content = found[1].strip().lower() or "text/plain", found[2].lower().split(";"), found[3]
    if media not in KINDS:
        raise RefusedError(say("picture.unknown_kind", kind=_short(media)))
    data = unquote_to_bytes(content)
    if "base64" in [each.strip() for each in parameters]:
        try:
            data = base64.b64decode(b"".join(data.split()), validate=True)
        except ValueError:
            raise RefusedError(say("picture.damaged")) from None
    if len(data) > MOST_BYTES:
        raise RefusedError(say("picture.too_large", limit=MOST_BYTES >> 20))
    return media, data


def _short(name: str) -> str:
    return name if len(name) <= 60 else f"{name[:57]}..."


def _shown(size: tuple[float, float], wanted: float | None) -> tuple[float, float]:
    """Width and height in points: `size`, or that of the `wanted` width, made to fit."""
    width, height = size
    if not (0 < width < math.inf and 0 < height < math.inf):
        raise RefusedError(say("picture.no_size"))
    scale = wanted / width if wanted and wanted > 0 else 1.0
    scale = min(scale, TEXT_WIDTH / width, HIGHEST / height)
    if min(width, height) * scale < SMALLEST:
        raise RefusedError(say("picture.no_size"))
    return width * scale, height * scale


def _raster(data: bytes) -> tuple[Literal["png", "jpeg"], bytes, tuple[float, float]]:
    """Kind, data and size in points of a PNG or JPEG, whatever it was called; its data change only if they must."""
    from PIL import Image

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what is wrong is told by refusing it
            with Image.open(BytesIO(data), formats=("PNG", "JPEG")) as image:
                _fit(image)
                image.verify()  # the sums of a PNG, which decoding leaves out
            with Image.open(BytesIO(data), formats=("PNG", "JPEG")) as image:
                image.load()
                density = _density(image)
                kind: Literal["png", "jpeg"] = "png" if image.format == "PNG" else "jpeg"
                data, (width, height) = _alike(image, kind, data)
    except RefusedError:
        raise
    except Image.DecompressionBombError:
        raise _many_pixels() from None
    except Exception:  # of any kind: it depends on where the data are damaged
        raise RefusedError(say("picture.damaged")) from None
    return kind, data, (width * 72 / density, height * 72 / density)


def _fit(image: Image) -> None:
    """Refuse by its header what no format shows, or not all alike."""
    if image.width * image.height > MOST_PIXELS:
        raise _many_pixels()
    if image.format == "PNG" and getattr(image, "is_animated", False):
        raise RefusedError(say("picture.animated"))
    # PDF/A takes no such colours without their profile, and without it each program shows others.
    if image.mode == "CMYK":
        raise RefusedError(say("picture.cmyk"))


def _many_pixels() -> RefusedError:
    return RefusedError(say("picture.many_pixels", limit=MOST_PIXELS // 1_000_000))


def _density(image: Image) -> float:
    """Pixels an inch: what the picture says of itself, or the 96 of the web."""
    density = float(image.info.get("dpi", (0, 0))[0])
    return density if DENSITIES[0] <= round(density) <= DENSITIES[1] else 96.0


def _alike(image: Image, kind: str, data: bytes) -> tuple[bytes, tuple[int, int]]:
    """Data and pixels of a picture that all show alike: upright, and a JPEG of the kinds that python-docx knows.

    Browsers and typst turn a photograph as its camera says, Word does not.
    """
    from PIL import ImageOps

    known = kind == "png" or data[6:10] in (b"JFIF", b"Exif")
    if known and image.getexif().get(ORIENTATION, 1) == 1:
        return data, image.size
    upright, saved = ImageOps.exif_transpose(image), BytesIO()
    upright.save(saved, kind, quality=95, icc_profile=image.info.get("icc_profile"))
    return saved.getvalue(), upright.size


def _drawing(data: bytes) -> tuple[float, float]:
    """The size in points of an SVG that stands still and by itself."""
    root = _parsed(data)
    pixels = 0
    for node in root.iter():
        if callable(node.tag):
            _check_other(node)
            continue
        _check_element(node)
        for name, value in _attributes(node):
            if name in HREF:
                pixels += _linked(node, value)
            else:
                _check_attribute(name, value)
        if pixels > MOST_PIXELS:
            raise _many_pixels()
    _check_drawn(root)
    return _own_size(root)


def _parsed(data: bytes) -> _Element:
    """The root of an SVG. Nothing is fetched, and declarations are refused before they are read."""
    from lxml import etree

    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise RefusedError(say("picture.damaged")) from None
    if DECLARED.search(text):
        raise RefusedError(say("picture.declares"))
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError):
        raise RefusedError(say("picture.damaged")) from None
    # typst reads UTF-8 whatever the file says, browsers believe the file.
    encoding = (root.getroottree().docinfo.encoding or "UTF-8").upper()
    if root.tag != f"{SVG}svg" or encoding not in ("UTF-8", "US-ASCII", "ASCII"):
        raise RefusedError(say("picture.damaged"))
    for node in root.itersiblings(preceding=True):
        _check_other(node)
    return root


def _attributes(element: _Element) -> Iterator[tuple[str, str]]:
    return ((str(name), str(value).strip()) for name, value in element.items())


def _check_other(node: _Element) -> None:
    """Comments pass; instructions to a program and entities do not."""
    from lxml import etree

    tag: Any = node.tag
    if tag is not etree.Comment:
        name = etree.tostring(node, encoding="unicode", with_tail=False)
        raise RefusedError(say("picture.active", name=_short(name)))


def _check_element(element: _Element) -> None:
    """Refuse what moves, runs, or is set as a web page."""
    tag = str(element.tag)
    if tag.startswith(WEB) or (tag.startswith(SVG) and tag.removeprefix(SVG) not in ELEMENTS):
        raise RefusedError(say("picture.active", name=f"<{tag.rpartition('}')[2]}>"))
    if tag == f"{SVG}style":
        _check_style("".join(map(str, element.itertext())))


def _check_attribute(name: str, value: str) -> None:
    if name.lower().startswith("on") or name == "{http://www.w3.org/XML/1998/namespace}base":
        raise RefusedError(say("picture.active", name=name.rpartition("}")[2]))
    if not name.startswith(("{", "data-", "aria-")):
        _check_style(value)


def _check_style(text: str) -> None:
    found = ELSEWHERE.search(WITHIN.sub("", text))
    if found:
        raise RefusedError(say("picture.elsewhere", name=_short(found.string[found.start() :])))


def _linked(element: _Element, address: str) -> int:
    """The pixels of the picture that an element of an SVG embeds; 0 for a place within it. Refuses what is neither."""
    from PIL import Image

    if address.startswith("#"):
        return 0
    if str(element.tag) not in (f"{SVG}image", f"{SVG}feImage") or not DATA.match(address):
        raise RefusedError(say("picture.elsewhere", name=_short(address)))
    inner = _data(address)[1]
    if not inner.startswith(RASTERS):
        raise RefusedError(say("picture.damaged"))
    with Image.open(BytesIO(_raster(inner)[1])) as image:
        return image.width * image.height


def _check_drawn(root: _Element) -> None:
    """Refuse a small file that makes a huge drawing: what is referred to is drawn again each time."""
    named = {element.get("id"): element for element in root.iter(f"{SVG}*")}
    waiting, drawn = [(root, 0)], 0
    while waiting:
        element, depth = waiting.pop()
        drawn += 1
        if drawn > MOST_DRAWN or depth > DEEPEST:
            raise RefusedError(say("picture.much_drawn"))
        waiting += [(child, depth + 1) for child in element]
        waiting += [(named[name], depth + 1) for name in _referred(element) if name in named]


def _referred(element: _Element) -> Iterator[str]:
    """The ids that an element refers to, other than by a link."""
    if element.tag == f"{SVG}a":
        return
    for name, value in _attributes(element):
        if "#" in value:
            yield from [value[1:]] if name in HREF else WITHIN.findall(value)


def _own_size(root: _Element) -> tuple[float, float]:
    """Width and height in points as an SVG states them; what it leaves out follows from its viewBox."""
    width, height = (_length(root.get(side, "")) for side in ("width", "height"))
    box = re.split(r"[\s,]+", root.get("viewBox", "").strip())
    sides = [_length(each) for each in box[2:]] if len(box) == 4 else []
    if len(sides) == 2 and all(sides):
        across, down = sides
        if not width:
            width = height * across / down if height else across
        height = height or width * down / across
    return width, height


def _length(text: str) -> float:
    """A length of an SVG in points; 0 where it is none, or depends on what is around the picture."""
    found = LENGTH.fullmatch(text)
    return float(found[1]) * POINTS[found[2].lower()] if found else 0.0
