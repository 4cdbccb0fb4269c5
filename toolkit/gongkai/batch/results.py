"""What became of the agencies of a run: small records, since a province has thousands of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from gongkai.filing import Filing
from gongkai.finding import Finding, kinds_of
from gongkai.ledger import MADE, Outcome
from gongkai.roster import Agency


@dataclass(frozen=True, slots=True)
class Counts:
    """How many findings there are: `kinds` by severity, doubts, those waived; `rules` by the code of their rule.

    What is counted is in ``findings.json`` and ``filing.json`` of the agency's folder.
    """

    kinds: Mapping[str, int] = field(default_factory=dict)
    rules: Mapping[str, int] = field(default_factory=dict)

    @classmethod
    def of(cls, filing: Filing, findings: Sequence[Finding], waived: Collection[str] = ()) -> Counts:
        """The counts of a filing and what was found in it, of which the fingerprints `waived` block nothing."""
        return cls(kinds_of(filing, findings, waived), dict(Counter(finding.rule for finding in findings)))

    @property
    def blocks(self) -> bool:
        """Whether they forbid the release of the report."""
        return any(self.kinds.get(kind) for kind in ("error", "not_assessable", "doubt"))


NOTHING = Counts()


@dataclass(frozen=True, slots=True)
class AgencyResult:
    """What became of one agency. `folder` holds its report where one was made; `message` says why none was.

    `key` is the content key of its report; `unchanged` says that it stood there already and was not made again.
    """

    agency: Agency
    outcome: Outcome
    counts: Counts = NOTHING
    message: str = ""
    folder: Path | None = None
    key: str = ""
    unchanged: bool = False

    @property
    def made(self) -> bool:
        """Whether there is a report of it."""
        return self.outcome in MADE


@dataclass(frozen=True, slots=True)
class Comparison:
    """How many findings there are across the agencies of a run, by the code of their rule.

    `blocks` says whether any of them forbids a release, `message` why there are none: agencies could not be compared.
    """

    rules: Mapping[str, int] = field(default_factory=dict)
    blocks: bool = False
    message: str = ""


@dataclass(frozen=True, slots=True)
class RunResult:
    """What became of a run: a result for each agency, in the roster's order, and the folder with their folders."""

    results: tuple[AgencyResult, ...]
    output: Path
    ledger_kept: bool = True
    """Whether the ledger could be written; without it the next run reads all inputs once more."""
    fell_back: bool = False
    """Whether Jupyter kernels were used because this system has no warm engine."""
    across: Comparison = Comparison()

    @property
    def failed(self) -> bool:
        """Whether a report that was asked for was not made."""
        return any(each.folder is None for each in self.results)

    @property
    def blocked(self) -> bool:
        """Whether findings or doubts forbid the release of a report that was made."""
        return self.across.blocks or any(each.outcome == "withheld" for each in self.results)
