"""What clerks type into the cells of tables, in workbooks of ours and of others."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from datetime import datetime, time, timedelta
from decimal import Decimal
from typing import Any

from gongkai.filing import Filing
from tests.mutated.said import BLANK, PLACEHOLDER, UNREADABLE, Options, Said, guarded, held, number
from tests.mutated.samples import Sample

FULL_WIDTH = str.maketrans("0123456789.-", "０１２３４５６７８９．－")
WIDTHLESS = ("\u200b", "\ufeff", "\u200e")
FILLED = 12
"""Cells that one mutation touches at most."""

Typed = Callable[[int | Decimal, random.Random], tuple[object, Options]]
"""What somebody types where a number stood, and what the cell says then."""


def chosen(filing: Filing, draw: random.Random, *, summed: bool = False) -> list[str]:
    """Some cells, or some of those that stand in a sum."""
    known = [address for address in filing.cells if not summed or address in guarded(filing.edition)]
    return draw.sample(known, min(len(known), draw.randint(1, FILLED)))


def at(book: Any, sample: Sample, key: str) -> Any:
    sheet, cell = sample.places[key]
    return book[sheet][cell]


def filled(sample: Sample, draw: random.Random, *, summed: bool = False) -> Iterator[tuple[str, int | Decimal]]:
    for address in chosen(sample.filing, draw, summed=summed):
        value = sample.filing.cells[address].value
        assert value is not None
        yield address, value


def typed(kind: Typed, *, as_text: bool = False, summed: bool = False) -> Callable[[Any, Sample, random.Random], Said]:
    """The edit that types something into some cells."""

    def edit(book: Any, sample: Sample, draw: random.Random) -> Said:
        cells = {}
        for address, value in filled(sample, draw, summed=summed):
            cell = at(book, sample, address)
            cell.value, cells[address] = kind(value, draw)
            if as_text:
                cell.number_format, cell.data_type = "@", "s"
            elif isinstance(cell.value, str) and cell.value[:1] not in "=#":
                cell.data_type = "s"
        return Said(cells)

    return edit


def looking(formats: tuple[str, ...], told: Callable[[int | Decimal], Options]) -> Callable[..., Said]:
    """The edit that lets numbers look like something else."""

    def edit(book: Any, sample: Sample, draw: random.Random) -> Said:
        cells = {}
        for address, value in filled(sample, draw):
            cell = at(book, sample, address)
            if isinstance(cell.value, int | float):
                cell.number_format = draw.choice(formats)
                cells[address] = told(value)
        return Said(cells)

    return edit


def _of(*texts: str, says: Options) -> Typed:
    """One of some texts, in which {n} is the number."""
    return lambda value, draw: (draw.choice(texts).format(n=value), says)


def _same(write: Callable[[int | Decimal, random.Random], object]) -> Typed:
    return lambda value, draw: (write(value, draw), number(value))


def _other(change: Callable[[int | Decimal, random.Random], int | Decimal]) -> Typed:
    def kind(value: int | Decimal, draw: random.Random) -> tuple[object, Options]:
        new = change(value, draw)
        return (float(new) if isinstance(new, Decimal) else new), number(new)

    return kind


def _torn(value: int | Decimal, draw: random.Random) -> tuple[object, Options]:
    whole = f"{abs(int(value)):03d}"
    at = draw.randint(1, len(whole) - 1)
    return whole[:at] + draw.choice((" ", "\n", "\u3000", "\t", "  ")) + whole[at:], UNREADABLE


def _widthless(value: int | Decimal, draw: random.Random) -> tuple[object, Options]:
    # It looks like the number, so that to take it for one is right, and so is to refuse it.
    return draw.choice((f"{value}{{}}", f"{{}}{value}")).format(draw.choice(WIDTHLESS)), number(value) + UNREADABLE


def _transposed(value: int | Decimal, draw: random.Random) -> int | Decimal:
    digits = f"{abs(int(value)):02d}"
    at = draw.randint(0, len(digits) - 2)
    return int(digits[:at] + digits[at + 1] + digits[at] + digits[at + 2 :])


def _day(value: int | Decimal, draw: random.Random) -> tuple[object, Options]:
    day = datetime(2024, draw.randint(1, 12), draw.randint(1, 28))
    return draw.choice((day, day.date(), day + timedelta(hours=9), time(9, 30), timedelta(hours=30))), UNREADABLE


def _huge(value: int | Decimal, draw: random.Random) -> tuple[object, Options]:
    return draw.choice((1e308, -1e308, 10**15, 1e16, 123456789012345678, 2**64)), UNREADABLE


def _tiny(value: int | Decimal, draw: random.Random) -> tuple[object, Options]:
    small = draw.choice((1e-300, 5e-324, -1e-20, 1e-16))
    return small, number(small) + UNREADABLE


def _noisy(value: int | Decimal, draw: random.Random) -> object:
    """The number as a float that was calculated, a little beside it."""
    return float(value) * (1 + draw.choice((-1, 1)) * 2**-52)


def swapped(book: Any, sample: Sample, draw: random.Random) -> Said:
    """Two cells in each other's place."""
    one, other = draw.sample(sorted(guarded(sample.filing.edition)), 2)
    cells = {address: at(book, sample, address) for address in (one, other)}
    cells[one].value, cells[other].value = cells[other].value, cells[one].value
    told = (sample.filing.cells[other].value, sample.filing.cells[one].value)
    return Said({address: held(value) for address, value in zip(cells, told, strict=True)})


def commented(book: Any, sample: Sample, draw: random.Random) -> Said:
    """Notes at cells, and parts of texts in another look: nothing of it is said."""
    from openpyxl.cell.rich_text import CellRichText, TextBlock
    from openpyxl.cell.text import InlineFont
    from openpyxl.comments import Comment

    for address, value in filled(sample, draw):
        cell = at(book, sample, address)
        if draw.random() < 0.5:
            cell.comment = Comment(f"原为 {value}1 件", "审核")
        else:
            text = str(value)
            cell.value = CellRichText(TextBlock(InlineFont(b=True), text[:1]), text[1:])
    return Said()


VALUES: dict[str, Callable[[Any, Sample, random.Random], Said]] = {
    "numbers as text": typed(_same(lambda value, _: str(value)), as_text=True),
    "full-width digits": typed(_same(lambda value, _: str(value).translate(FULL_WIDTH)), as_text=True),
    "thousands": typed(_same(lambda value, draw: draw.choice((f"{value:,}", f"{value:.4f}")))),
    "leading zeros": typed(_same(lambda value, _: f"{'-' if value < 0 else ''}00{abs(value)}"), as_text=True),
    "spaces around": typed(
        _same(lambda value, draw: draw.choice((" {} ", "\u3000{}", "{}\n", "\t{}", "\u00a0{}\u00a0")).format(value))
    ),
    "widthless characters": typed(_widthless),
    "negatives": typed(_other(lambda value, _: -abs(int(value)) - 1), summed=True),
    "fractions": typed(
        _other(lambda value, draw: value + Decimal(draw.choice(("0.5", "0.25", "0.0001")))), summed=True
    ),
    "off by one": typed(_other(lambda value, draw: value + draw.choice((-1, 1))), summed=True),
    "another unit": typed(_other(lambda value, draw: value * draw.choice((10, 100, 1000, 10000))), summed=True),
    "transposed digits": typed(_other(_transposed), summed=True),
    "swapped": swapped,
    "a foreign unit": typed(_of("{n}元", "{n}万件", "{n}人", "{n}%", "{n}份", "约{n}万元", says=UNREADABLE)),
    "emptied": typed(lambda _, draw: (draw.choice((None, "", " ", "\u3000", "\n")), BLANK)),
    "placeholders": typed(_of("/", "—", "无", "-", "--", "暂无", "N/A", "／", says=PLACEHOLDER)),
    "words": typed(_of("十二", "约{n}", "{n}左右", "见附件", "○", "O", "l2", "待核", "{n}？", "≥{n}", says=UNREADABLE)),
    "two numbers": typed(_of("{n}/5", "{n}+2", "{n}（其中1）", "{n}、4", "{n}-{n}", "{n}或3", says=UNREADABLE)),
    "torn numbers": typed(_torn),
    "strange digits": typed(_of("⑫", "{n}²", "Ⅻ", "٣", "{n}①", "½", "〇", says=UNREADABLE)),
    "programmers' numbers": typed(_of("1e3", "0x10", "1_0", "1E+03", "0b1", "1.", ".5", "nan", "inf", says=UNREADABLE)),
    "dates": typed(_day),
    "dates as text": typed(_of("2024-03-04", "3月4日", "2024/3/4", "3.4.5", "9:30", says=UNREADABLE)),
    "truth values": typed(lambda _, draw: (draw.choice((True, False)), UNREADABLE)),
    "error values": typed(_of("#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", says=UNREADABLE)),
    "huge numbers": typed(_huge),
    "tiny numbers": typed(_tiny),
    "noise of floats": typed(_same(_noisy)),
    "numbers that look like dates": looking(
        ("yyyy-mm-dd", "d/m/yy h:mm", "[h]:mm:ss", "m月d日"), lambda value: number(value) + UNREADABLE
    ),
    "numbers that look otherwise": looking(('0"万件"', "0.0,", "0%", "[Red]-0", "0.00E+00", ";;;", '"无"'), number),
    "comments and looks": commented,
}
