"""Last year's filings: of one file, or of a folder in which each agency's is found by its code, else by its name."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from gongkai.errors import InputError
from gongkai.filing import Filing
from gongkai.intake import read


class Previous:
    """What `path` holds of last year. A folder is read once, without those below it.

    Of a folder `problems` tells which files cannot be read, and for which agencies it holds no filing of the year
    before or more than one: of those there is none, since a wrong one would make findings of nothing.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self.problems: list[InputError] = []
        self.is_folder = path.is_dir()
        self._filings = list(self._read()) if self.is_folder else [read(path)]
        self._by_code: dict[tuple[str, int], list[Filing]] = defaultdict(list)
        self._by_name: dict[tuple[str, int], list[Filing]] = defaultdict(list)
        for filing in self._filings:
            if filing.year is not None:
                for names, name in ((self._by_code, filing.agency_code), (self._by_name, filing.agency)):
                    if name:
                        names[_tight(name), filing.year].append(filing)

    def of(self, filing: Filing) -> Filing | None:
        """Last year's filing of an agency. Raises InputError where one file was given and is another's."""
        if not self.is_folder:
            return filing.require_previous(self._filings[0])
        found = self._found(filing)
        if len(found) == 1:
            return found[0]
        who = filing.agency or filing.agency_code or (filing.inputs[0].file if filing.inputs else "-")
        if found:
            files = ", ".join(each.inputs[0].file for each in found if each.inputs)
            self.problems.append(InputError("previous_ambiguous", file=self._path.name, agency=who, files=files))
        else:
            self.problems.append(InputError("previous_not_found", file=self._path.name, agency=who))
        return None

    def _read(self) -> Iterator[Filing]:
        for path in sorted(self._path.iterdir()):
            # What office programs leave beside an open file begins so, too.
            if path.is_file() and not path.name.startswith((".", "~$")):
                try:
                    yield read(path)
                except InputError as error:
                    self.problems.append(error)

    def _found(self, filing: Filing) -> list[Filing]:
        if filing.year is None:
            return []
        code, name, year = _tight(filing.agency_code), _tight(filing.agency), filing.year - 1
        if code and (found := self._by_code.get((code, year))):
            return found
        # Names collide; where both have codes, these have said already that they are two agencies.
        named = self._by_name.get((name, year), []) if name else []
        return [each for each in named if not (code and each.agency_code)]


def _tight(name: str | None) -> str:
    return "".join((name or "").split())
