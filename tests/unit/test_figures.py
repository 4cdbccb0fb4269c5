"""What `report.figure` makes of a figure of matplotlib: the same picture each time, in our fonts."""

from __future__ import annotations

import base64
import html
import logging
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import matplotlib as mpl
import pandas as pd
import pytest
from matplotlib import pyplot as plt
from matplotlib.figure import Figure

from gongkai import report
from gongkai.catalogues import speaking
from gongkai.errors import UsageError
from gongkai.export.pictures import picture
from gongkai.report import Page


@pytest.fixture(autouse=True)
def _no_window() -> Iterator[None]:
    with mpl.rc_context():
        plt.switch_backend("agg")
        yield
    plt.close("all")


def drawn(title: str = "收到申请") -> Figure:
    figure: Figure
    axes: Any
    figure, axes = plt.subplots()
    axes.bar([0, 1, 2], [5, -3, 4], label="全年")
    axes.set_title(title, weight="bold")
    axes.set_xlabel("类别")
    axes.legend()
    return figure


def source(page: Page) -> str:
    found = re.search(r'<img src="([^"]*)"', page.html)
    assert found
    return found[1]


def svg(drawing: Any) -> str:
    return base64.b64decode(source(report.figure(drawing, alt="图")).partition(",")[2]).decode()


def fonts(svg: str) -> set[str]:
    return set(re.findall(r'<path id="([A-Za-z]+[-A-Za-z]*)-[0-9a-f]+"', svg))


def refusal(drawing: object, alt: str = "图", lang: str = "en") -> str:
    with speaking(lang), pytest.raises(UsageError) as caught:
        report.figure(drawing, alt=alt)
    with speaking(lang):
        return str(caught.value)


def test_a_figure_is_shown_with_its_words() -> None:
    page = report.figure(drawn(), alt='图 <1> & "2"', caption="图1 <全年>")
    assert re.fullmatch(
        '<figure><img src="data:image/svg[+]xml;base64,[A-Za-z0-9+/=]*" alt="([^"]*)">'
        "<figcaption>图1 &lt;全年&gt;</figcaption></figure>",
        page.html,
    )
    assert html.unescape(page.html.split('alt="')[1].split('"')[0]) == '图 <1> & "2"'
    assert page.text == "图1 <全年>"


def test_without_a_caption_there_is_none() -> None:
    page = report.figure(drawn(), alt="全年收到申请", caption=" ")
    assert ("figcaption" in page.html, page.text) == (False, "全年收到申请")


@pytest.mark.parametrize("alt", ["", " \n"])
def test_a_figure_without_alternative_text_is_refused(alt: str) -> None:
    assert "those who cannot see it" in refusal(drawn(), alt)
    assert "供看不见图的人阅读" in refusal(drawn(), alt, "zh")


@pytest.mark.parametrize(
    ("thing", "kind"), [(None, "NoneType"), ("x.png", "str"), ([], "list"), (pd.Series([1]), "Series")], ids=repr
)
def test_what_is_no_figure_is_refused(thing: object, kind: str) -> None:
    assert refusal(thing).startswith(f"{kind} is no figure")


def test_axes_parts_and_what_pandas_returns_are_figures() -> None:
    frame = pd.DataFrame({"甲": [1, 2], "乙": [3, 1]}, index=["受理", "办结"])
    parts: Any = Figure().subfigures(2)
    for drawing in (frame.plot.bar(), frame.plot(subplots=True), parts[0], drawn().axes[0], drawn().axes[0].title):
        assert svg(drawing).startswith("<svg")


def test_it_is_closed_so_that_it_is_shown_once() -> None:
    figure, other = drawn(), drawn()
    report.figure(figure, alt="图")
    assert plt.get_fignums() == [other.number]
    refusal(drawn("\U000f0000"))
    assert plt.get_fignums() == [other.number]


def test_words_are_outlines_of_our_font_whatever_was_set_before(caplog: pytest.LogCaptureFixture) -> None:
    with mpl.rc_context({"font.family": "SimHei", "axes.unicode_minus": False, "svg.fonttype": "none"}):
        figure = drawn()
    drawing = svg(figure)
    assert fonts(drawing) == {"NotoSansCJKsc-Regular"}
    assert "<text" not in drawing and "<!--" not in drawing
    assert not caplog.records


def test_a_negative_number_has_a_minus_whatever_was_set() -> None:
    made = set()
    for minus in (True, False):
        with mpl.rc_context({"axes.unicode_minus": minus}):
            figure, axes = plt.subplots()
            axes.plot([-5, -1])
            axes.set_title("−")
        made.add(svg(figure))
    assert len(made) == 1
    # The glyph of the title, U+2212, stands before the five numbers of the axis too.
    uses = re.findall(r'xlink:href="(#[A-Za-z-]+-[0-9a-f]+)"', made.pop())
    assert uses.count(uses[-1]) > 5


def test_what_our_font_lacks_is_taken_from_another() -> None:
    assert fonts(svg(drawn("\U0001f600 人"))) == {"NotoSansCJKsc-Regular", "DejaVuSans"}


def test_formulas_are_set_in_our_font_too() -> None:
    assert "NotoSansCJKsc-Regular" in fonts(svg(drawn("增长率 $x_{年}^{-2}$")))


@pytest.mark.parametrize(
    ("title", "character"), [("收到\U000f0000", "\U000f0000"), ("收到 $😀$", "😀")], ids=["text", "formula"]
)
def test_a_character_without_a_glyph_is_named(title: str, character: str) -> None:
    logging.getLogger("matplotlib").setLevel(logging.ERROR)
    for _ in range(2):
        assert f"“{character}”" in refusal(drawn(title))
    logging.getLogger("matplotlib").setLevel(logging.NOTSET)


def test_nothing_of_the_settings_changes() -> None:
    with mpl.rc_context():
        before = dict(mpl.rcParams)
        report.figure(drawn(), alt="图")
        assert dict(mpl.rcParams) == before


MAKE = """
import hashlib
from matplotlib import pyplot as plt
from gongkai import report
figure, axes = plt.subplots()
axes.set_title("−3 年 $10^{-2}$")
axes.imshow([[1, 2], [3, 4]])
axes.scatter([1, 2], [3, 4])
axes.fill_between([0, 1], [1, 2], hatch="/", clip_path=axes.patch)
print(hashlib.sha256(report.figure(figure, alt="图").html.encode()).hexdigest())
"""


def test_it_is_the_same_in_every_process() -> None:
    made = set()
    for seed, zone in (("1", "Asia/Shanghai"), ("2", "America/New_York")):
        environment = {**os.environ, "PYTHONHASHSEED": seed, "TZ": zone, "MPLBACKEND": "agg", "SOURCE_DATE_EPOCH": seed}
        done = subprocess.run([sys.executable, "-c", MAKE], env=environment, capture_output=True, text=True, check=True)
        made.add(done.stdout)
    assert len(made) == 1


def test_it_is_small_and_says_nothing_of_its_making() -> None:
    drawing = svg(drawn())
    assert len(drawing) < 20_000
    assert not re.search(r"metadata|DOCTYPE|[Mm]atplotlib v|>\s", drawing)
    assert not re.search(r' d="[^"]*\.\d{3}', drawing)


def test_importing_report_does_not_import_matplotlib() -> None:
    code = "import sys, gongkai.report; print({'matplotlib', 'PIL', 'gongkai.fonts'} & {*sys.modules})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


TYPESET = """
import sys, typst
fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False)
source = '#set document(title: "x")\\n#image("a.svg", width: 200pt, alt: "a")'.encode()
made = typst.compile(
    {"main.typ": source, "a.svg": sys.stdin.buffer.read()},
    font_paths=fonts, format="pdf", pdf_standards=["a-2a", "ua-1"],
)
sys.stdout.buffer.write(made[:5])
"""


def test_it_is_taken_as_a_picture_and_typeset_without_any_font() -> None:
    figure = drawn()
    figure.axes[0].imshow([[1, 2], [3, 4]])
    found = picture(source(report.figure(figure, alt="图")))
    assert found.kind == "svg"
    # Apart, for no process that may fork typesets.
    done = subprocess.run([sys.executable, "-c", TYPESET], input=found.data, capture_output=True, check=False)
    assert (done.stdout, done.stderr.decode()) == (b"%PDF-", "")


def test_a_page_break_is_a_rule() -> None:
    assert (report.page_break().html, report.page_break().text) == ("<hr>", "")
