"""A build folder in which every text that somebody else writes is an attack, wherever it can be written at all.

Its manifests are sealed anew, so that nothing of it is refused as damaged before it is shown.
"""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from gongkai.decisions import About, Log, writing
from gongkai.ledger import Entry, Ledger
from gongkai.review.people import FILE as REVIEWERS
from gongkai.review.standing import COMMENTED, CORRECTED, PASSED, RESOLVED, RETURNED, UNDONE
from tests.review.payloads import PAYLOADS, PLAIN
from tests.review.places import BUILD
from tests.review.test_deciding import reseal

MAIN, CLEAN, WRONG, ABOVE, KIND = "990122102", "990122001", "990122004", "990122", "H999"
"""Who has everything; who has a report of last year's making; whose folder holds files of others; who is above them;
whose input has a strange ending."""

NAME = " ".join(PLAIN)
"""All of them as the name of an agency."""

WHO = NAME[:250].strip()
"""As many of them as the name of a person can be."""

RULE = "QLT-CITE"
"""A rule that there is, so that it has a page."""

FILES = tuple(
    each for each in PLAIN if "/" not in each and "\\" not in each and len(each.encode()) < 200 and each[0] != "."
)
"""What a file can be called."""

ENDINGS = tuple(each for each in FILES if "." not in each)
"""What can follow the last dot of such a name."""

MANY = 16

LEVELS = [" ".join(PLAIN[number::9]) for number in range(9)]
"""As many levels as there may be."""

BUILDING = "q" + " ".join(each for each in FILES if len(each) < 14)[:80].strip()

CLOSING = (
    "--></script></style></textarea></title></xmp></noscript></noembed></noframes></listing></template></select>"
    "</svg></math></iframe></object></video></audio></table></form></marquee>"
)
"""What ends whatever one of them has begun, so that those behind it are read as well."""

MARKUP = ("text/markdown", "image/svg+xml")
OTHERS = ("text/latex", "application/javascript", "text/plain", "image/png", "application/x-unknown")


def chunks(size: int = MANY, of: Sequence[str] = PAYLOADS) -> Iterator[tuple[str, ...]]:
    for start in range(0, len(of), size):
        yield tuple(of[start : start + size])


def poisoned(home: Path) -> Path:
    """Poison a workspace that was run: the build folder, which has another name now."""
    build = home / BUILD
    _roster(home)
    _levels(home)
    _person(home)
    _log(home, build)
    _across(build)
    _ledger(build)
    folder = (build / MAIN).resolve()
    shutil.copytree(folder, folder.with_name("0" * 20))
    for name in FILES:
        folder.with_name(name).mkdir()
        ((build / WRONG).resolve() / name).touch()
    _filing(build)
    reseal(build, MAIN, "findings.json", json.dumps([_finding(*each) for each in enumerate(PAYLOADS)]))
    reseal(build, MAIN, "report.ipynb", json.dumps(_notebook()))
    reseal(build, MAIN, "report.html", report((folder / "report.html").read_text(encoding="utf-8")))
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    manifest |= {"kinds": dict.fromkeys(PAYLOADS, 1) | {"waived": 7}, "rules": dict.fromkeys(PAYLOADS, 1)}
    (folder / "manifest.json").write_text(json.dumps({**manifest, "outcome": NAME}), encoding="utf-8")
    return build.rename(build.with_name(BUILDING))


def report(html: str) -> str:
    """A report with all of them in it, and without its own policy."""
    head, policy, rest = html.partition('<meta http-equiv="Content-Security-Policy"')
    assert policy
    attacks = "".join(f"<div>{each}{CLOSING}</div>" for each in PAYLOADS)
    return head + rest.partition(">")[2].replace("</main>", f"{attacks}</main>")


def _roster(home: Path) -> None:
    path = home / "params" / "qingshan-roster.csv"
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        if row["code"] in (MAIN, ABOVE):
            row["agency"] = NAME
    above = ABOVE
    for number, these in enumerate(chunks()):
        name, code = " ".join(each for each in these if each in PLAIN) or "x", f"H{number:03}"
        rows.append(dict.fromkeys(rows[0], "") | {"agency": name, "code": code, "level": "other", "parent": above})
        above = code
    rows.append({**rows[-1], "code": KIND, "input": f"in/x.{' '.join(ENDINGS)}"})
    with path.open("w", encoding="utf-8", newline="") as file:
        written = csv.DictWriter(file, list(rows[0]))
        written.writeheader()
        written.writerows(rows)


def _levels(home: Path) -> None:
    text = f"[review]\nlevels = {json.dumps(LEVELS, ensure_ascii=False)}\n"
    (home / "gongkai.toml").write_text(text, encoding="utf-8")


def _person(home: Path) -> None:
    """Somebody of a strange name and of every role, with the secret of the second reviewer."""
    data = json.loads((home / REVIEWERS).read_text(encoding="utf-8"))
    second = next(each for each in data["reviewers"] if "second" in each["roles"])
    data["reviewers"].append({**second, "name": WHO, "roles": [*LEVELS, *PLAIN]})
    (home / REVIEWERS).write_text(json.dumps(data), encoding="utf-8")


def _log(home: Path, build: Path) -> None:
    manifest = json.loads((build / MAIN / "manifest.json").read_text(encoding="utf-8"))
    version = (build / MAIN).resolve().name
    about = About(NAME, MAIN, manifest.get("year", 2024))
    with writing(home) as log:
        for number, each in enumerate(chunks()):
            _decide(log, about, number, each, version)


def _decide(log: Log, about: About, number: int, these: Sequence[str], version: str) -> None:
    """Decisions of each kind, whose every word is out of `these`."""
    text = " ".join(these)
    by = " ".join(each for each in these if each in PLAIN) or "x"
    evidence = {"evidence": {each: each for each in these}, "version": version}
    contents: list[tuple[str, dict[str, Any]]] = [
        (COMMENTED, {"text": text, "place": text, **evidence}),
        (PASSED, {"level": text, **evidence}),
        (RETURNED, {"reason": text, **evidence}),
        (RESOLVED, {"doubt": text, "note": text, "filing": text, **evidence}),
        (CORRECTED, {"file": text, "before": text, "after": text, **evidence}),
        (UNDONE, {"number": 10**6 + number, "reason": text}),
    ]
    for kind, content in contents:
        log.append(kind, about, content, by=by)
    finding = {"fingerprint": PAYLOADS[number], "rule": text, "message": text, "cells": [], "kind": "other"}
    proposed = log.append("waiver.proposed", about, {**finding, "reason": text}, by=by)
    if number % 2:
        about_it = {"proposal": proposed.number, "fingerprint": PAYLOADS[number], "note": text}
        log.append("waiver.confirmed", about, about_it, by=f"{by} y")


def _across(build: Path) -> None:
    path = build / "across.json"
    data = json.loads(path.read_text(encoding="utf-8"))
    data["concerns"] = []
    for number, these in enumerate(chunks()):
        text = " ".join(these)
        finding = {**_finding(number, text), "rule": RULE, "cells": [], "fingerprint": f"{text} across"}
        other = {"other": text, "other_code": CLEAN, "alike": None, "sentences": these}
        data["concerns"].append({"finding": finding, "title": text, **other})
    path.write_text(json.dumps(data), encoding="utf-8")


def _ledger(build: Path) -> None:
    with closing(Ledger(build)) as ledger:
        for number, these in enumerate(chunks()):
            code, text = f"H{number:03}", " ".join(these)
            ledger.record(Entry(code=code, agency=text, level="other", outcome="errored", message=text))
        ledger.record(Entry(code=KIND, agency=NAME, level="other", outcome="missing"))


def _source(text: str, *, sheet: bool = True) -> dict[str, object]:
    return {"file": text, **({"sheet": text, "cell": f"B5{text}"} if sheet else {"page": 1})}


def _finding(number: int, text: str) -> dict[str, Any]:
    about = {"agency": text, "agency_code": MAIN, "year": 2024, "cells": [_addresses()[number % len(_addresses())]]}
    severity = ("error", "warning", "info")[number % 3]
    where = {"text": text, "passage": 0, "source": _source(text)}
    return {
        "rule": text,
        "severity": severity,
        "verdict": "fail",
        "message": text,
        "basis": text,
        "fingerprint": text,
        **about,
        **where,
    }


def _addresses() -> tuple[str, ...]:
    from gongkai.forms import load_form

    return tuple(load_form("2021").cells)


def _filing(build: Path) -> None:
    data = json.loads((build / MAIN / "filing.json").read_text(encoding="utf-8"))
    told = list(chunks(2))
    assert len(told) <= len(_addresses()) and data["edition"] == "2021"
    cells = {
        address: {"value": None, "kind": "unreadable", "raw": " ".join(each), "source": _source(" ".join(each))}
        for address, each in zip(_addresses(), told, strict=False)
    }
    doubts = [
        {
            "code": "PRS-ROW-UNMATCHED",
            "cells": [],
            "text": " ".join(each),
            "read": " ".join(each),
            "alternatives": each,
            "source": _source(" ".join(each)),
        }
        for each in chunks()
    ]
    data |= {
        "agency": NAME,
        "cells": cells,
        "texts": {each: [{"text": each, "source": _source(each, sheet=False)}] for each in PAYLOADS},
        "facts": {each: {"text": each, "source": None} for each in PAYLOADS},
        "doubts": doubts,
        "inputs": [{"file": each, "sha256": each} for each in PAYLOADS],
    }
    reseal(build, MAIN, "filing.json", json.dumps(data))


def _notebook() -> dict[str, Any]:
    """An executed notebook whose every cell, output and note about itself is one of them.

    Where they are read as HTML each stands alone: one could hide those behind it. Elsewhere a few stand together.
    """
    cells: list[dict[str, Any]] = []
    for number, text in enumerate(PAYLOADS):
        tags = [] if "," in text else [text]
        about = {"metadata": {text: text, "tags": tags, "name": text.replace("\n", "")}, "source": text}
        cells.append({"cell_type": "markdown", "id": f"m{number}", **about})
    for number, these in enumerate(chunks()):
        text = " ".join(these)
        outputs = [_output("text/html", each) for each in these]
        outputs += [_output(mime, CLOSING.join(these)) for mime in MARKUP]
        outputs += [_output(mime, text) for mime in OTHERS]
        outputs.append({"output_type": "stream", "name": "stderr", "text": text})
        outputs.append({"output_type": "error", "ename": text, "evalue": text, "traceback": list(these)})
        about = {"metadata": {"tags": [each for each in these if "," not in each]}, "source": text}
        cells.append({"cell_type": "code", "id": f"d{number}", "execution_count": 1, "outputs": outputs, **about})
        cells.append({"cell_type": "raw", "id": f"r{number}", **about})
    metadata = {"title": NAME, "kernelspec": {"name": NAME, "display_name": NAME}, **dict.fromkeys(PAYLOADS, "x")}
    return {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}


def _output(mime: str, text: str) -> dict[str, Any]:
    return {"output_type": "display_data", "data": {mime: text}, "metadata": {text: text}}
