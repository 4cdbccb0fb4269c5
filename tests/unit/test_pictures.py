"""Which pictures are taken, at which size, and what is said of the others."""

from __future__ import annotations

import base64
import gzip
import struct
import time
import zlib
from io import BytesIO
from typing import Any
from urllib.parse import quote

import pytest
from PIL import Image

from gongkai.catalogues import speaking
from gongkai.export.blocks import TEXT_HEIGHT, TEXT_WIDTH, Picture
from gongkai.export.pictures import picture
from gongkai.export.refused import RefusedError

XLINK = 'xmlns:xlink="http://www.w3.org/1999/xlink"'
RED = Image.new("RGB", (8, 4), "red")


def address(data: bytes, media: str = "image/png") -> str:
    return f"data:{media};base64,{base64.b64encode(data).decode()}"


def saved(image: Image.Image, kind: str = "PNG", **options: Any) -> bytes:
    target = BytesIO()
    image.save(target, kind, **options)
    return target.getvalue()


def drawing(content: str = "", attributes: str = 'width="20" height="10"', before: str = "") -> str:
    svg = f'{before}<svg xmlns="http://www.w3.org/2000/svg" {XLINK} {attributes}>{content}</svg>'
    return address(svg.encode(), "image/svg+xml")


def refusal(source: str, lang: str = "en") -> str:
    with speaking(lang), pytest.raises(RefusedError) as caught:
        picture(source)
    assert str(caught.value) == caught.value.what
    return caught.value.what


def chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def png_header(width: int, height: int) -> bytes:
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
        + chunk(b"IDAT", b"")
    )


def size(found: Picture) -> tuple[Any, Any]:
    return pytest.approx(found.width, abs=0.02), pytest.approx(found.height, abs=0.02)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
def test_a_png_keeps_its_bytes(mode: str) -> None:
    data = saved(Image.new(mode, (96, 48)))
    found = picture(address(data))
    assert (found.kind, found.data, *size(found)) == ("png", data, 72, 36)


@pytest.mark.parametrize("mode", ["L", "RGB"])
def test_a_jpeg_keeps_its_bytes(mode: str) -> None:
    data = saved(Image.new(mode, (96, 48)), "JPEG", progressive=True)
    assert (picture(address(data, "image/jpeg")).kind, picture(address(data, "image/jpg")).data) == ("jpeg", data)


def test_a_picture_is_what_it_is_whatever_it_is_called() -> None:
    assert picture(address(saved(RED), "image/jpeg")).kind == "png"
    assert picture(address(saved(RED, "JPEG"), "image/svg+xml")).kind == "jpeg"


def test_data_may_be_broken_into_lines_or_percent_encoded() -> None:
    data = saved(RED)
    lines = "\n".join(base64.encodebytes(data).decode().split())
    assert picture(f"data:image/png;base64,{lines}\n").data == data
    svg = '<svg xmlns="http://www.w3.org/2000/svg" width="20" height="10"><title>100 % 公开</title></svg>'
    assert picture(f"data:image/svg+xml;charset=utf-8,{quote(svg)}").data == svg.encode()


@pytest.mark.parametrize(("dpi", "wanted"), [(None, 72), (72, 96), (300, 23.04), (40, 72), (1_000_000, 72)], ids=str)
def test_density_says_the_size_where_it_can_be_meant(dpi: int | None, wanted: float) -> None:
    options: dict[str, Any] = {"dpi": (dpi, dpi)} if dpi else {}
    found = picture(address(saved(Image.new("L", (96, 96)), **options)))
    assert size(found) == (wanted, wanted)


def test_the_width_asked_for_keeps_the_ratio_and_never_leaves_the_page() -> None:
    source = address(saved(RED))
    assert size(picture(source, width=100)) == (100, 50)
    assert size(picture(source, width=10_000)) == (TEXT_WIDTH, TEXT_WIDTH / 2)
    tall = address(saved(Image.new("L", (100, 4000))))
    assert size(picture(tall)) == (TEXT_HEIGHT * 0.85 / 40, TEXT_HEIGHT * 0.85)
    assert size(picture(source, width=0)) == size(picture(source)) == (6, 3)


@pytest.mark.parametrize(
    ("attributes", "wanted"),
    [
        ('width="96" height="48px"', (72, 36)),
        ('width="40pt" height="20pt"', (40, 20)),
        ('width="25.4mm" height="1in"', (72, 72)),
        ('width="2.54cm" height="1pc"', (72, 12)),
        ('viewBox="0 0 96 48"', (72, 36)),
        ('width="100%" height="100%" viewBox="0,0,96,48"', (72, 36)),
        ('width="20pt" viewBox="0 0 96 48"', (20, 10)),
        ('height="20pt" viewBox="0 0 96 48"', (40, 20)),
        ('width="1600" height="400"', (TEXT_WIDTH, TEXT_WIDTH / 4)),
    ],
)
def test_an_svg_has_the_size_that_it_states(attributes: str, wanted: tuple[float, float]) -> None:
    found = picture(drawing(attributes=attributes))
    assert (found.kind, *size(found)) == ("svg", *wanted)


@pytest.mark.parametrize(
    "attributes",
    ["", 'width="100%" height="100%"', 'width="0" height="5"', 'width="-3" height="5"', 'width="1e999" height="1"',
     'width="5em" height="5em"', 'viewBox="0 0 0 0"', 'viewBox="0 0 nan 1"', 'width="1e9" height="1"'],
)  # fmt: skip
def test_an_svg_without_a_size_is_refused(attributes: str) -> None:
    assert "without a usable size" in refusal(drawing(attributes=attributes))


def test_what_is_elsewhere_is_neither_fetched_nor_opened() -> None:
    for remote in ("http://a.example/x.png", "HTTPS://a.example/x.png", "//a.example/x.png", "\\\\server\\x.png"):
        assert refusal(remote).startswith("a picture at a remote address")
    for local in ("x.png", "../图.png", "C:\\图.png", "file:///x.png", "attachment:x.png", ""):
        assert "drag the file into the cell" in refusal(local)
    assert "请下载后作为附件插入" in refusal("https://a.example/x.png", "zh")
    assert len(refusal("x" * 1000)) < 200


@pytest.mark.parametrize("kind", ["gif", "webp", "bmp", "tiff", "avif", "x-icon"])
def test_other_kinds_are_refused_by_name(kind: str) -> None:
    assert f"image/{kind} (save it as PNG" in refusal(address(b"GIF89a", f"image/{kind}"))


PNG, JPEG = saved(Image.effect_noise((64, 64), 50)), saved(Image.effect_noise((64, 64), 50), "JPEG")


@pytest.mark.parametrize(
    "data",
    [b"", b"GIF89a", png_header(0, 9),
     PNG[:8], PNG[:33], PNG[:-200], JPEG[: len(JPEG) // 2], JPEG[:3], png_header(10, 10),
     PNG[:200] + bytes([PNG[200] ^ 1]) + PNG[201:]],
    ids=["empty", "gif", "png-0", "png-8", "png-head", "png-cut", "jpeg-cut", "jpeg-3", "png-no-data", "png-flipped"],
)  # fmt: skip
def test_damaged_pictures_are_refused(data: bytes) -> None:
    assert "damaged, cut short" in refusal(address(data))


def test_base64_that_is_none_is_refused() -> None:
    assert "damaged" in refusal("data:image/png;base64,iVBOR*w0KGgo")
    assert "damaged" in refusal("data:image/png;base64")
    assert "the kind text/plain" in refusal("data:,x")


@pytest.mark.parametrize(
    "data",
    [png_header(8000, 5000), png_header(2**31 - 1, 2**31 - 1), saved(Image.new("1", (8000, 5000)))],
    ids=["header", "largest", "pillow"],
)
def test_too_many_pixels_are_refused_by_the_header(data: bytes) -> None:
    began = time.perf_counter()
    assert "more than 20 million pixels" in refusal(address(data))
    assert time.perf_counter() - began < 0.2


def test_a_full_page_at_600_an_inch_is_taken() -> None:
    assert picture(address(saved(Image.new("1", (3685, 5315))))).width <= TEXT_WIDTH


def test_too_much_data_is_refused() -> None:
    assert "more than 16 MiB" in refusal(address(bytes((16 << 20) + 1)))


def test_what_moves_and_what_is_for_the_press_is_refused() -> None:
    moving = saved(RED, save_all=True, append_images=[Image.new("RGB", (8, 4), "blue")])
    assert refusal(address(moving)).startswith("an animated picture")
    assert "CMYK (save it in RGB)" in refusal(address(saved(RED.convert("CMYK"), "JPEG"), "image/jpeg"))


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_a_photograph_is_turned_upright(kind: str) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    found = picture(address(saved(RED, kind, exif=exif)))
    with Image.open(BytesIO(found.data)) as image:
        assert (image.format, image.size, image.getexif().get(0x0112)) == (kind, (4, 8), None)
    assert size(found) == (3, 6) or found.width < found.height
    assert found == picture(address(saved(RED, kind, exif=exif)))


def test_a_jpeg_of_a_kind_that_word_files_do_not_know_is_saved_anew() -> None:
    data = saved(RED, "JPEG")
    bare = data[:2] + data[4 + struct.unpack(">H", data[4:6])[0] :]
    assert picture(address(bare)).data[6:10] == b"JFIF"


ACTIVE = {
    "<script>": "<script>alert(1)</script>",
    "onload": '<g onload="alert(1)"/>',
    "<foreignObject>": "<foreignObject/>",
    "<animate>": '<rect><animate attributeName="x"/></rect>',
    "<set>": '<rect><set attributeName="x"/></rect>',
    "<div>": '<div xmlns="http://www.w3.org/1999/xhtml"/>',
    "base": '<g xml:base="http://a.example/"/>',
    "<?x y?>": "<?x y?>",
}
ELSEWHERE = {
    "http://a.example/x.png": '<image href="http://a.example/x.png"/>',
    "x.png": '<image xlink:href="x.png"/>',
    "//a.example/#a": '<use href="//a.example/#a"/>',
    "javascript:alert(1)": '<a href="javascript:alert(1)"/>',
    "data:image/png,": '<use href="data:image/png,"/>',
    "url(http://a.example/)": '<rect fill="url(http://a.example/)"/>',
    "URL( 'x.svg#a')": "<rect style=\"fill: URL( 'x.svg#a')\"/>",
    "@import": "<style>@import 'x.css';</style>",
    "@font-face": "<style><![CDATA[@font-face {src: x}]]></style>",
    "@keyframes": "<style>g {} @keyframes a {}</style>",
    "\\72l(": r'<rect fill="u\72l(http://a.example/)"/>',
    "image-set(": "<style>rect { mask-image: image-set('x.png' 1x) }</style>",
}


@pytest.mark.parametrize(("name", "content"), ACTIVE.items(), ids=list(ACTIVE))
def test_an_svg_is_a_still_drawing(name: str, content: str) -> None:
    words = refusal(drawing(content))
    assert words.startswith("an SVG that is not only a still drawing: ") and name in words


@pytest.mark.parametrize(("name", "content"), ELSEWHERE.items(), ids=list(ELSEWHERE))
def test_an_svg_stands_by_itself(name: str, content: str) -> None:
    words = refusal(drawing(content))
    assert "refers to something outside" in words and name in words


LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))


@pytest.mark.parametrize(
    "subset",
    [f'<!ENTITY l0 "ha">{LAUGHS}', '<!ENTITY x SYSTEM "file:///etc/hostname">', '<!ATTLIST g onload CDATA "x()">'],
    ids=["laughs", "file", "attribute"],
)
def test_an_svg_declares_nothing(subset: str) -> None:
    assert "declares entities" in refusal(drawing("<text>&l9;</text>", before=f"<!DOCTYPE svg [{subset}]>"))


def test_an_svg_may_name_its_document_type() -> None:
    kind = '<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd">'
    assert picture(drawing(before=f'<?xml version="1.0" encoding="utf-8" standalone="no"?>{kind}')).kind == "svg"


@pytest.mark.parametrize(
    "data",
    [
        b"<svg",
        b'<svg width="1" height="1"/>',
        b"<html/>",
        '<svg xmlns="http://www.w3.org/2000/svg"/>'.encode("utf-16"),
        b'<?xml version="1.0" encoding="gb2312"?><svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>',
        gzip.compress(b"<svg/>"),
        b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9">' + b"<g>" * 5000 + b"</g>" * 5000 + b"</svg>",
    ],
    ids=["cut", "no-namespace", "html", "utf-16", "gb2312", "svgz", "deep"],
)
def test_what_is_no_svg_is_refused(data: bytes) -> None:
    assert "damaged" in refusal(address(data, "image/svg+xml"))


def test_a_style_sheet_from_elsewhere_is_refused() -> None:
    assert "<?xml-stylesheet" in refusal(drawing(before='<?xml-stylesheet href="http://a.example/x.css"?>'))


def test_an_svg_that_draws_too_much_is_refused() -> None:
    many = "".join(f'<g id="a{n}">{f"""<use href="#a{n - 1}"/>""" * 10}</g>' for n in range(1, 12))
    fills = "".join(f'<pattern id="a{n}">{f"""<rect fill="url(#a{n - 1})"/>""" * 10}</pattern>' for n in range(1, 12))
    for content in (f'<g id="a0"/>{many}', fills, '<g id="a"><use xlink:href=" #a"/></g>'):
        began = time.perf_counter()
        assert "draws itself" in refusal(drawing(content))
        assert time.perf_counter() - began < 5


def test_an_svg_may_embed_pictures_that_are_taken_by_themselves() -> None:
    inner = address(saved(RED))
    assert picture(drawing(f'<image xlink:href="{inner}" width="8" height="4"/>')).kind == "svg"
    assert "million pixels" in refusal(drawing(f'<image href="{address(png_header(8000, 5000))}"/>'))
    large = address(saved(Image.new("1", (4000, 3000))))
    assert "million pixels" in refusal(drawing(f'<image href="{large}"/>' * 2))
    assert "damaged" in refusal(drawing(f'<image href="{drawing()}"/>'))
    assert "image/gif" in refusal(drawing('<image href="data:image/gif;base64,R0lG"/>'))


def test_what_drawing_programs_write_is_taken() -> None:
    content = """
      <metadata><r:RDF xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><r:x r:resource="http://a.example/"/></r:RDF>
      </metadata><s:namedview xmlns:s="http://sodipodi.sourceforge.net/DTD/sodipodi-0.dtd" s:doc="C:\\x"/>
      <style type="text/css">*{stroke-linejoin: round} .a > b { fill: url("#g"); color: #fff }</style><!-- url(x) -->
      <linearGradient id="g"><stop offset="0" stop-color="#f00"/></linearGradient><title>图</title>
      <a href="#g"/><text class="a" fill="url('#g')" font-family="SimHei" style="image-rendering: pixelated">收到</text>
    """
    assert picture(drawing(content)).kind == "svg"


def test_a_picture_is_checked_in_no_time() -> None:
    source = address(saved(Image.effect_noise((640, 480), 20).convert("RGB"), compress_level=1))
    picture(source)
    times = []
    for _ in range(5):
        began = time.perf_counter()
        picture(source)
        times.append(time.perf_counter() - began)
    assert min(times) < 0.1
