"""What many documents come to: a line for each style, and whether the bounds hold."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence

from tests.published.measure import FACTS, Result
from tests.published.styles import STYLES

EXACT_AT_LEAST = 0.995
DOUBTED_AT_MOST = 0.005

COLUMNS = ("style", "documents", "failed", "exact %", "wrong", "doubted %", "suspected", "unread", "open")
FACT_COLUMNS = tuple(f"{fact} %" for fact in FACTS)
PROSE_COLUMNS = ("prose %", "foreign %", "passages %")


class Sum:
    """Results added up."""

    def __init__(self, results: Iterable[Result]) -> None:
        self.documents = self.failed = 0
        self.cells: Counter[str] = Counter()
        self.facts: Counter[str] = Counter()
        self.prose: Counter[str] = Counter()
        for result in results:
            self.documents += 1
            self.failed += result.failure is not None
            self.cells.update({outcome: len(addresses) for outcome, addresses in result.cells.items()})
            self.facts.update(result.facts)
            self.prose.update(result.prose)

    @property
    def told(self) -> int:
        """How many cells their documents tell."""
        return self.cells.total() - self.cells["open"]

    @property
    def exact(self) -> float:
        return _share(self.cells["exact"], self.told)

    @property
    def doubted(self) -> float:
        return _share(self.cells["doubted"], self.told)

    def line(self, name: str) -> tuple[str, ...]:
        """The fields of a line of the table."""
        cells = (str(self.cells[outcome]) for outcome in ("suspected", "unread", "open"))
        numbers = (str(self.documents), str(self.failed), _percent(self.exact), str(self.cells["wrong"]))
        facts = (_percent(_share(self.facts[fact], self.documents)) for fact in FACTS)
        parts = (("found", "written"), ("foreign", "written"), ("whole", "passages"))
        prose = (_percent(_share(self.prose[part], self.prose[whole])) for part, whole in parts)
        return (name, *numbers, _percent(self.doubted), *cells, *facts, *prose)


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 0.0


def _percent(share: float) -> str:
    return f"{100 * share:.2f}"


def table(results: Sequence[Result]) -> Iterator[str]:
    """The table of all styles, and their sum."""
    by_style: dict[str, list[Result]] = defaultdict(list)
    for result in results:
        by_style[result.style].append(result)
    lines = [(*COLUMNS, *FACT_COLUMNS, *PROSE_COLUMNS)]
    lines += [Sum(by_style[name]).line(name) for name in STYLES if name in by_style]
    lines.append(Sum(results).line("all"))
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    for name, *fields in lines:
        numbers = (each.rjust(width) for each, width in zip(fields, widths[1:], strict=True))
        yield "  ".join((name.ljust(widths[0]), *numbers))


def worst(results: Iterable[Result], most: int = 3) -> Iterator[str]:
    """Of each style the documents that were read worst: first those with wrong cells that nothing warns of."""
    shown: Counter[str] = Counter()
    for result in sorted(results, key=_badness, reverse=True):
        shown[result.style] += 1
        if any(_badness(result)) and shown[result.style] <= most:
            yield f"{result.document}: {result.failure or _faults(result)}"


def _faults(result: Result) -> str:
    """What was not read rightly, with the first cells of each kind."""
    return "; ".join(
        f"{outcome} {len(addresses)}: {' '.join(addresses[:4])}"
        for outcome, addresses in result.cells.items()
        if outcome not in ("exact", "open")
    )


def _badness(result: Result) -> tuple[int, ...]:
    broke = int((result.failure or "").startswith("broke"))
    return (result.count("wrong"), broke, *(result.count(each) for each in ("suspected", "unread", "doubted")))


def broken_bounds(results: Sequence[Result]) -> Iterator[str]:
    """What does not hold of what a reader of published reports must do."""
    total = Sum(results)
    if total.exact < EXACT_AT_LEAST:
        yield f"exact: {_percent(total.exact)} %, wanted {_percent(EXACT_AT_LEAST)} %"
    if total.cells["wrong"]:
        yield f"wrong without a doubt: {total.cells['wrong']} cells"
    if total.doubted > DOUBTED_AT_MOST:
        yield f"doubted though right: {_percent(total.doubted)} %, at most {_percent(DOUBTED_AT_MOST)} %"
    clean = Sum(result for result in results if STYLES[result.style].clean)
    if clean.cells["doubted"]:
        yield f"doubted though nothing is doubtful: {clean.cells['doubted']} cells of clean documents"
