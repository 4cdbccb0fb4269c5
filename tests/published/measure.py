"""How well a published document was read: each cell, fact and text beside the truth."""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from pathlib import Path
from typing import Literal

from gongkai import intake
from gongkai.errors import InputError
from gongkai.filing import Cell, Filing
from tests.published.filings import invented
from tests.published.styles import STYLES, Style

Outcome = Literal["exact", "doubted", "wrong", "suspected", "unread", "open"]
"""What became of a cell: right; right, yet doubted; wrong without a doubt; wrong and doubted; no number and no claim;
and of one whose document does not show where it stands, no claim that is wrong."""

FACTS = ("edition", "year", "agency", "title")


@dataclass
class Result:
    """What was read of one document; `failure` where it was refused, or the reader broke."""

    style: str
    document: str
    failure: str | None = None
    cells: dict[Outcome, list[str]] = field(default_factory=dict)
    facts: Counter[str] = field(default_factory=Counter)
    prose: Counter[str] = field(default_factory=Counter)
    """Characters: `written`, `found` of them, and `foreign` ones that belong elsewhere; of the `passages`, how many
    are `whole`."""

    def count(self, outcome: Outcome) -> int:
        return len(self.cells.get(outcome, ()))


def measured(style: Style, drawn: Sequence[tuple[str, int]], keep: Path | None = None) -> list[Result]:
    """Publish the filings `drawn` (editions and seeds) in `style`, read them back and compare; documents go to `keep`.

    Where another program fails at one document, the others are still made; that one has no cells, and a failure.
    """
    filings = [invented(edition, seed) for edition, seed in drawn]
    with tempfile.TemporaryDirectory(prefix="gongkai-", ignore_cleanup_errors=True) as folder:
        try:
            paths = style.publish(filings, [seed for _, seed in drawn], Path(folder))
        except subprocess.CalledProcessError as error:
            if len(drawn) > 1:
                return [result for each in drawn for result in measured(style, [each], keep)]
            program, ((edition, seed),) = Path(error.cmd[0]).name, drawn
            return [Result(style.name, f"{style.name}-{edition}-{seed}", f"not published: {program} failed")]
        results = [_of_document(style, path, filing) for path, filing in zip(paths, filings, strict=True)]
        if keep:
            keep.mkdir(parents=True, exist_ok=True)
            for path, filing in zip(paths, filings, strict=True):
                shutil.copy(path, keep)
                (keep / f"{path.name}.truth.json").write_text(filing.to_json(), encoding="utf-8")
    return results


def measured_by_name(style: str, drawn: Sequence[tuple[str, int]], keep: Path | None = None) -> list[Result]:
    """The same for a process of its own: styles are known by name there."""
    return measured(STYLES[style], drawn, keep)


def _of_document(style: Style, path: Path, truth: Filing) -> Result:
    result = Result(style.name, path.name)
    try:
        read = intake.read(path)
    except InputError as error:
        result.failure = f"refused: {error.key}"
    except Exception as error:
        # A reader that breaks is what we are here to find; the others are still measured.
        result.failure = f"broke: {type(error).__name__}: {error}"[:160]
    else:
        _compare(result, style, read, truth)
        return result
    result.cells["unread"] = list(truth.cells)
    result.prose["written"] = len(_written(truth)) if style.prose else 0
    return result


def _compare(result: Result, style: Style, read: Filing, truth: Filing) -> None:
    lost = style.lost(truth)
    for address, cell in truth.cells.items():
        outcome = _outcome(cell, read.cells.get(address), doubted=address in read.doubted)
        if address in lost and outcome not in ("exact", "wrong"):
            outcome = "open"
        result.cells.setdefault(outcome, []).append(address)
    result.facts += Counter(
        edition=read.edition == truth.edition,
        year=read.year == truth.year,
        agency=_tight(read.agency or "") == _tight(truth.agency or ""),
        title=_fact(read, "title") == _fact(truth, "title"),
    )
    result.prose += _prose(read, truth) if style.prose else Counter()


def _outcome(truth: Cell, read: Cell | None, *, doubted: bool) -> Outcome:
    if read is None or (read.kind == "unreadable" and truth.kind != "unreadable"):
        return "unread"
    if (read.kind, read.value) == (truth.kind, truth.value):
        return "doubted" if doubted else "exact"
    return "suspected" if doubted else "wrong"


def _tight(text: str) -> str:
    return re.sub(r"\s", "", text)


def _fact(filing: Filing, key: str) -> str:
    return _tight(filing.facts[key].text) if key in filing.facts else ""


def _text(filing: Filing, key: str) -> str:
    return _tight("".join(each.text for each in filing.texts.get(key, ())))


def _written(filing: Filing) -> str:
    return "".join(_text(filing, key) for key in filing.texts)


def _prose(read: Filing, truth: Filing) -> Counter[str]:
    count: Counter[str] = Counter()
    for key in {*read.texts, *truth.texts}:
        ours, theirs = _text(truth, key), _text(read, key)
        same = len(ours) if ours == theirs else _common(ours, theirs)
        count.update(written=len(ours), found=same, foreign=len(theirs) - same)
        passages, told = (Counter(_tight(each.text) for each in filing.texts.get(key, ())) for filing in (truth, read))
        count.update(passages=passages.total(), whole=(passages & told).total())
    return count


def _common(ours: str, theirs: str) -> int:
    blocks = SequenceMatcher(None, ours, theirs, autojunk=False).get_matching_blocks()
    # Single characters that happen to be the same are no text that was found.
    return sum(block.size for block in blocks if block.size > 3)
