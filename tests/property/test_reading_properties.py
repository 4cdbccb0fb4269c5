"""Whatever an analyst shows is in the blocks and on the page, word for word and in order, or it is refused."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import escape
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from gongkai.errors import JobError
from gongkai.export.html import write_html
from tests.notebooks import blocks_of, cell, markdown, notebook, parsed, tree_of

ATTRIBUTES = {"rowspan", "colspan", "class", "id", "scope", "headers", "style", "href", "rel", "src", "alt", "start"}
ATTRIBUTES |= {"aria-label", "data-table", "data-cell"}
WORDS = st.sampled_from(["alpha", "政府", "42", "<&>", "信息 公开", "-7.5%", "b\nc", "'\"", "\u3000空"])
INLINE = ("b", "em", "code", "span", "sub", "sup", "u", "s", "mark", "small", "a")
BLOCK = ("p", "div", "section", "blockquote", "h2", "h3", "h6", "pre", "dl", "center")
HOSTILE = ("", ' onclick="alert(1)"', ' style="position:fixed"', ' class="k" id="x"', ' id="x" title="t"')


def squeezed(text: str) -> str:
    # Items of lists in the cells of tables are marked by hand.
    return re.sub("[ \t\r\n\f\u2028•]+", "", text)


def tagged(names: tuple[str, ...], inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    def built(name: str, more: str, content: list[str]) -> str:
        return f"<{name}{more}>{''.join(content)}</{name}>"

    return st.builds(built, st.sampled_from(names), st.sampled_from(HOSTILE), st.lists(inner, max_size=4))


def listed(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.lists(inner, min_size=1, max_size=3).map(lambda items: f"<ul><li>{'</li><li>'.join(items)}</li></ul>")


def tabled(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    rows = st.lists(st.tuples(inner, inner), min_size=1, max_size=3)
    return rows.map(lambda them: f"<table>{''.join(f'<tr><th>{a}</th><td>{b}</td></tr>' for a, b in them)}</table>")


TEXT = WORDS.map(escape)
LINES = st.recursive(TEXT, lambda inner: tagged(INLINE, inner), max_leaves=4)
BLOCKS = st.recursive(
    LINES,
    lambda inner: tagged(BLOCK, inner) | listed(inner) | tabled(inner) | tagged(("ul", "tr"), inner),
    max_leaves=12,
)


def expected(html: str) -> str:
    """The text that a browser shows of `html`, without white space."""
    return squeezed(parsed(f"<main>{html}</main>").text)


def check(page_of: Any) -> str | None:
    """The text on the page of a cell, without white space and marks; None where it is refused."""
    try:
        document = tree_of(notebook([page_of]))
        page = parsed(write_html(document))
    except JobError:
        return None
    assert not page.main.select("script, style, iframe, object, link, meta, svg")
    used = {name for each in page.main.find_all(True) for name in each.attrs}
    assert used <= ATTRIBUTES
    ids = [each["id"] for each in page.find_all(id=True)]
    assert len(ids) == len(set(ids))
    assert list(blocks_of(page_of)) == list(document.blocks)
    return squeezed(page.main.text)


@settings(max_examples=200, deadline=None)
@given(st.lists(BLOCKS, max_size=4).map("".join))
def test_all_text_of_html_reaches_the_page_in_order_or_is_refused(html: str) -> None:
    found = check(cell({"text/html": html, "text/plain": "x"}))
    assert found is None or found == expected(html)


def _markdown() -> Iterator[st.SearchStrategy[str]]:
    word = st.sampled_from(["alpha", "政府", "42", "**bold**", "*it*", "`code`", "~~gone~~", "<https://example.org/>"])
    line = st.lists(word, min_size=1, max_size=4).map(" ".join)
    yield line
    yield st.builds(lambda level, text: f"{'#' * level} {text}", st.integers(1, 6), line)
    yield st.lists(st.tuples(st.integers(0, 3), line), min_size=1, max_size=5).map(
        lambda items: "\n".join(f"{'  ' * depth}- {text}" for depth, text in items)
    )
    yield line.map(lambda text: f"> {text}\n>> {text}")
    yield line.map(lambda text: f"```python\n{text}\n```")
    yield line.map(lambda text: f"| a | b |\n|---|:-:|\n| {text} | 2 |")
    yield line.map(lambda text: f"{text}\n: {text}")


@settings(max_examples=200, deadline=None)
@given(st.lists(st.one_of(*_markdown()), max_size=5))
def test_every_word_of_markdown_reaches_the_page_in_order_or_is_refused(parts: list[str]) -> None:
    source = "\n\n".join(parts)
    found = check(markdown(source))
    if found is not None:
        written = re.sub("```python|https?://", "", source)
        shown = found.replace("https://", "")
        assert re.findall("alpha|政府|42|bold|it|code|gone|example", shown) == re.findall(
            "alpha|政府|42|bold|it|code|gone|example", written
        )
