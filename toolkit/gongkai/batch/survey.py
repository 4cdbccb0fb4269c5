"""What there is to do in a run: which agencies are meant, and what of them has changed since it was made."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from gongkai import versions
from gongkai.batch.keys import inputs_of, reading_key
from gongkai.errors import InputError, UsageError, nearest
from gongkai.filing import LEVELS
from gongkai.ledger import Entry
from gongkai.roster import Agency
from gongkai.runfile import Plan
from gongkai.waivers import Waiver

State = Literal["unchanged", "changed", "missing", "unreadable"]
"""As the last run left it; to be read and made; without an input; with an input that the system does not let us read"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """Which agencies of a run file: all, or those for which every condition holds that is given."""

    agencies: Sequence[str] = ()
    """By code or by name."""
    levels: Sequence[str] = ()
    only_failed: bool = False
    """Those of which the last run made no report."""

    def chosen(self, plan: Plan, known: Mapping[str, Entry]) -> list[Agency]:
        """Those of `plan`, of each of which the last run may be `known`.

        Raises UsageError for an agency or a level that there is not, with the nearest that there is.
        """
        names = [name for agency in plan.agencies for name in (agency.code, agency.agency)]
        for name in set(self.agencies) - set(names):
            raise UsageError("unknown_agency", file=plan.run_file.name, name=name, nearest=nearest(name, names))
        for level in self.levels:
            if level not in LEVELS:
                raise UsageError("unknown_level", level=level, known=", ".join(LEVELS))
        return [agency for agency in plan.agencies if self._means(agency, known.get(agency.code))]

    def _means(self, agency: Agency, before: Entry | None) -> bool:
        return (
            (not self.agencies or agency.code in self.agencies or agency.agency in self.agencies)
            and (not self.levels or agency.level in self.levels)
            and (not self.only_failed or before is None or not before.made)
        )


ALL = Selection()


@dataclass(frozen=True, slots=True)
class Surveyed:
    """An agency, how it stands, its reading key where it has an input, why it has none, and what is waived of it.

    `inputs` are the digests of what it has handed in.
    """

    agency: Agency
    state: State
    reading: str = ""
    message: str = ""
    waivers: tuple[Waiver, ...] = ()
    inputs: Mapping[str, str] = field(default_factory=dict)


def survey(
    plan: Plan,
    around: str,
    chosen: Sequence[Agency],
    known: Mapping[str, Entry],
    waivers: Mapping[str, tuple[Waiver, ...]],
    *,
    again: bool,
) -> Iterator[Surveyed]:
    """How each agency stands, `around` being the surroundings of all, `waivers` those that stand, by agency.

    With `again`, what could not be read is to be read once more though it is the same.
    """
    for agency in chosen:
        name, own = plan.input(agency), waivers.get(agency.code, ())
        try:
            if not (plan.workspace / name).exists():
                yield Surveyed(agency, "missing", message=str(InputError("no_such_file", file=name)))
                continue
            inputs = inputs_of(plan, agency)
            reading = reading_key(around, plan, agency, own, inputs)
        except OSError as error:
            unreadable = InputError("unreadable_file", file=name, reason=error.strerror)
            yield Surveyed(agency, "unreadable", message=str(unreadable))
            continue
        stays = _stays(plan, known.get(agency.code), reading, again=again)
        yield Surveyed(agency, "unchanged" if stays else "changed", reading, "", own, inputs)


def _stays(plan: Plan, before: Entry | None, reading: str, *, again: bool) -> bool:
    """Whether what the last run made of an agency is what this one would make, and still there."""
    if before is None or before.reading != reading:
        return False
    if before.made:
        told = versions.manifest(versions.place(plan.output, before.code, before.key))
        return told is not None and told["key"] == before.key
    # An input that could not be read cannot be read; whatever else failed may succeed another time.
    return before.outcome == "errored" and not before.key and not again
