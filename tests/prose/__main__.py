"""``python -m tests.prose``: read generated reports and say what was found of what their prose states.

``[--seed N] [--count N] [--faults N] [--mutated N] [--show]``. Three parts: claims against what was written; a check
of valid filings, which must find nothing; a check of filings with one thing changed, which must find it at its place.
Exit code 1 where something was missed or invented; a part whose reader is missing is told and left out.
"""

from __future__ import annotations

import argparse
import importlib
import random
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

from gongkai.consistency import check
from gongkai.finding import Finding
from tests.prose.measure import Family, compare, compare_alone, faults, table
from tests.prose.mutation import Mutation, mutations
from tests.prose.standalone import standalone
from tests.prose.writer import Written, written

LEVELS = ("department", "township", "government", "subdistrict")
TOGETHER = 500


def main(arguments: Sequence[str] | None = None) -> int:
    chosen = _arguments(arguments)
    filings = [_written(seed) for seed in range(chosen.seed, chosen.seed + chosen.count)]
    if chosen.show:
        print("\n".join(line for each in filings for line in _shown(each)))
        return 0
    whole = _claimed(filings, chosen.faults)
    whole &= _valid(filings, chosen.faults)
    whole &= _mutated(filings, chosen.mutated, chosen.faults)
    return 0 if whole else 1


def _written(seed: int) -> Written:
    return written(seed, level=LEVELS[seed % len(LEVELS)], year=2022 + seed % 4)


def _claimed(filings: Sequence[Written], most: int) -> bool:
    try:
        claims = importlib.import_module("gongkai.narrative").claims
    except (ImportError, AttributeError) as error:
        print(f"Claims are left out: {error}")
        return True
    of_reports: dict[str, Family] = defaultdict(Family)
    alone: dict[str, Family] = defaultdict(Family)
    for each in filings:
        compare(each, claims(each.filing, each.previous), of_reports)
    for sentence in standalone():
        compare_alone(sentence, claims(sentence.filing, None), alone)
    for title, families in (("Claims in reports", of_reports), ("\nClaims in single sentences", alone)):
        print("\n".join([title, *table(families), *faults(families, most)]))
    return not any(each.faults for families in (of_reports, alone) for each in families.values())


def _valid(filings: Sequence[Written], most: int) -> bool:
    print("\nValid filings")
    found = [
        (each, finding)
        for some in _batches(filings)
        for each, findings in zip(some, _findings([(one.filing, one.previous) for one in some]), strict=True)
        for finding in findings
        if finding.kind != "info"
    ]
    print(f"{len(filings)} filings, {len(found)} findings that should not be")
    for rule, count in Counter(finding.rule for _, finding in found).most_common():
        print(f"-- {rule}: {count}")
        for each, finding in islice((one for one in found if one[1].rule == rule), most):
            print(f"{each.filing.agency} {finding.message} {_place(each, finding)}")
    return not found


def _mutated(filings: Sequence[Written], count: int, most: int) -> bool:
    """A sample of the mutations of all filings, each kind alike."""
    print("\nMutated filings")
    kinds: dict[str, list[tuple[Written, Mutation]]] = defaultdict(list)
    for each in filings[: max(20, count // 20)]:
        for mutation in mutations(each):
            kinds[mutation.kind].append((each, mutation))
    draw = random.Random(len(filings))
    whole = True
    for kind, all_of_it in sorted(kinds.items()):
        some = draw.sample(all_of_it, min(count, len(all_of_it)))
        missed = []
        for batch in _batches(some):
            findings = _findings([(one.filing, one.previous) for _, one in batch])
            missed += [
                (each, one, found)
                for (each, one), found in zip(batch, findings, strict=True)
                if not any(map(one.named_by, found))
            ]
        print(f"{kind}: {len(some) - len(missed)} of {len(some)} found")
        for each, one, found in missed[:most]:
            where = each.words(each.sentence(one.changed)) if one.changed else one.cell
            print(f"   {one.name} [{' '.join(sorted(one.codes))}] {where}; found {_codes(found)}")
        whole &= not missed
    return whole


def _findings(pairs: Sequence[tuple[Any, Any]]) -> Sequence[Sequence[Finding]]:
    return check([one for one, _ in pairs], previous=[last for _, last in pairs]).findings


def _batches(all_of_it: Sequence[Any]) -> Iterator[Sequence[Any]]:
    for start in range(0, len(all_of_it), TOGETHER):
        yield all_of_it[start : start + TOGETHER]


def _codes(found: Sequence[Finding]) -> str:
    return " ".join(sorted({finding.rule for finding in found})) or "nothing"


def _place(each: Written, finding: Finding) -> str:
    if finding.text is None or finding.passage is None:
        return " ".join(finding.cells)
    words = each.filing.texts[finding.text][finding.passage].text
    return words if finding.span is None else words[slice(*finding.span)]


def _shown(each: Written) -> Iterator[str]:
    yield f"# {each.filing.agency} {each.filing.year}"
    for key, passages in each.filing.texts.items():
        yield from (f"{key}: {passage.text}" for passage in passages)
    yield from (f"   {each.words(one)}  {one.meaning} = {one.value} ({one.kind})" for one in each.stated)


def _arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.prose", description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--seed", type=int, default=1, help="of the first report")
    parser.add_argument("--count", type=int, default=200, help="how many reports")
    parser.add_argument("--faults", type=int, default=10, help="how many are told of each kind")
    parser.add_argument("--mutated", type=int, default=300, help="how many mutations of each kind")
    parser.add_argument("--show", action="store_true", help="print the reports and what they state")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
