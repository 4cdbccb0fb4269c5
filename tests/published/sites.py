"""Web pages of agencies: one template for each content management system, menus, lists and footers included."""

from __future__ import annotations

import random
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from tests.published.filings import prose
from tests.published.report import Report

MENU = ("首页", "机构概况", "新闻动态", "政务公开", "政府信息公开指南", "政府信息公开年报", "互动交流", "办事服务")


@dataclass(frozen=True, slots=True)
class Site:
    """What a page shows around its report: everything here has to be passed over by a reader."""

    name: str
    menu: tuple[str, ...]
    others: tuple[str, ...]
    """Titles of reports that the page only points to."""
    published: str
    source: str
    hits: int
    copyright: str


def _site(report: Report, draw: random.Random) -> Site:
    filing = report.filing
    year, place = filing.year or 0, draw.choice(prose()["places"])
    others = (
        f"{place}县{office}{year - back}年{filing.form.title.zh}" for back, office in enumerate(("审计局", "民政局"))
    )
    return Site(
        name=f"{filing.agency}门户网站",
        menu=MENU[: draw.randint(3, len(MENU))],
        others=tuple(others),
        published=f"{year + 1}-01-{draw.randint(10, 31)} {draw.randint(8, 17)}:{draw.randint(10, 59)}",
        source=filing.agency or "",
        hits=draw.randint(3, 4000),
        copyright=f"版权所有 {year + 2} 备案号：00{draw.randint(100000, 999999)}号-1",
    )


@dataclass(frozen=True, slots=True)
class Hand:
    """How an editor's program writes text into a page."""

    draw: random.Random

    def spans(self, text: str) -> Markup:
        """Pasted from Word: runs of text in spans of their own, spaces that do not break."""
        if not text:
            return Markup("&nbsp;")
        at = self.draw.randint(1, len(text))
        style = Markup('<span style="font-family:仿宋_GB2312;mso-hansi-font-family:宋体;font-size:{}pt">').format(
            self.draw.choice((12, 14, 16))
        )
        parts = [style + escape(part) + Markup("</span>") for part in (text[:at], text[at:]) if part]
        return Markup("").join(parts)

    def entities(self, text: str) -> Markup:
        """Some characters by their number."""
        return Markup("").join(Markup(f"&#{ord(each)};") if self.draw.random() < 0.2 else escape(each) for each in text)

    def wrapped(self, text: str) -> Markup:
        """A label broken by hand, or in every character where a column is narrow."""
        breaks = Markup("<br>\n")
        if len(text) <= 6 and self.draw.random() < 0.3:
            return breaks.join(map(escape, text))
        if len(text) > 3 and self.draw.random() < 0.5:
            at = self.draw.randint(2, len(text) - 1)
            return escape(text[:at]) + breaks + escape(text[at:])
        return escape(text)

    def spaced(self, text: str) -> Markup:
        """A heading pulled apart by spaces of every kind."""
        space = Markup(self.draw.choice(("&nbsp;", "&emsp;", " ", "\u3000")))
        at = self.draw.randint(0, min(4, len(text)))
        return space + escape(text[:at]) + space + escape(text[at:])


@cache
def _environment() -> Environment:
    folder = Path(__file__).parent / "sites"
    return Environment(
        loader=FileSystemLoader(folder),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def page(template: str, report: Report, draw: random.Random, look: str = "") -> str:
    """The page of `report` on a site; `look` is for templates that have several."""
    found = _environment().get_template(f"{template}.html.j2")
    return found.render(report=report, site=_site(report, draw), hand=Hand(draw), draw=draw, look=look)
