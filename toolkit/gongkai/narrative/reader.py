"""Reads the statements of a text: sentence by sentence, clause by clause, figure by figure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from gongkai.narrative import comparing, counting, frames, silence
from gongkai.narrative.lexicon import Figure, Token, patterns, tokens
from gongkai.narrative.spoken import Spoken
from gongkai.narrative.state import Context, Reading
from gongkai.narrative.statements import Clause, Statement, coordinates, sentences

RATES = ("%", "times", "points")
SHORT = 3
"""Characters of the shortest name of an agency."""
STRONG = (
    "row",
    "column",
    "result",
    "act",
    "carry",
    "next",
    "unfinished",
    "handled",
    "share",
    "grown",
    "fallen",
    "last",
    "compared",
)
"""What a figure can be bound to."""


class Reader:
    """Reads one passage after the other of a text; what it is about goes on."""

    def __init__(self, topic: str | None = None, year: int | None = None, agency: str = "") -> None:
        self.reading = Reading(topic, year)
        self.names = _names(agency)

    def read(self, text: str) -> list[Statement]:
        """The statements of a passage without spaces."""
        reading = self.reading
        for name in self.names:
            # Whose report it is says nothing, whatever words its name is made of.
            text = text.replace(name, patterns().signs["masked"] * len(name))
        reading.text, reading.found = text, []
        for sentence in sentences(tokens(text), len(text)):
            self._sentence(sentence)
        return sorted(reading.found, key=lambda each: (each.start, each.end))

    def _sentence(self, sentence: Sequence[Clause]) -> None:
        reading = self.reading
        before = reading.context
        topic = reading.topic if before.topic == "foreign" else before.topic
        reading.context = Context(
            topic=topic,
            base=before.base,
            strict=before.strict,
            last=before.last,
            channels=before.channels,
            document=before.document,
        )
        began = reading.context.began = len(reading.found)
        header: list[Token] = []
        for clause in sentence:
            self._clause(clause, header)
            header = clause.tokens if clause.sign == ":" else []
        self._add_up(began)
        reading.found[began:] = _settled(reading.found[began:], reading.context.ways)
        _with_carried(reading.found[began:])

    def _clause(self, clause: Clause, header: Sequence[Token] = ()) -> None:
        self._note(clause)
        clause.tokens = words = _without_none(clause.tokens)
        figures = [place for place, each in enumerate(words) if each.figure and each.figure.unit]
        if not figures:
            if header and words and all(each.kind in ("negation", "all") for each in words):
                words = [*header, *words]
            silence.wordy(self.reading, words, clause.end)
            self._asides(clause, 0, len(clause.tokens) + 1)
        else:
            self._figures(clause, figures)

    def _figures(self, clause: Clause, figures: Sequence[int]) -> None:
        words = clause.tokens
        if self._respectively(words, figures):
            return
        behind = self._binds_behind(words, figures)
        start = 0
        for number, place in enumerate(figures):
            last = number + 1 == len(figures)
            end = len(words) if last else figures[number + 1]
            if last and behind:
                end = _where_all(words, place)
            spoken = Spoken(words[place], words[start:place], words[place + 1 : end], behind)
            if start == 0:
                self._asides(clause, 0, place + 1)
            self._figure(_without_denial(self.reading, spoken))
            self._asides(clause, place + 1, end + last)
            start = end if behind else place + 1
        rest = words[end:] if behind else words[figures[-1] + 1 :]
        if rest:
            silence.wordy(self.reading, rest, clause.end)
        if clause.sign == ";" and not self.reading.context.aside and not self.reading.context.parts:
            self.reading.context.listing, self.reading.context.parent = False, None

    def _respectively(self, words: Sequence[Token], figures: Sequence[int]) -> bool:
        """Read figures that are told one after the other of things that are named before: "A and B, 3 and 2"."""
        marks = [place for place, each in enumerate(words[: figures[0]]) if each.kind == "respectively"]
        if marks and len(figures) > 1 and self._one_by_one(words, figures):
            return True
        named = [each for each in words[: marks[-1]] if each.kind in STRONG or each.kind == "noun"] if marks else []
        if not named or len(figures) < 2:
            return False
        parts = list(coordinates(words[: marks[-1]]))
        if len(parts) != len(figures):
            # Words that join may stand in what is counted: "received and carried in of citizens or organisations".
            parts = [[each for each in part if each.kind != "column"] for part in parts]
            parts = [part for part in parts if any(each.kind in ("row", "carry", "act", "result") for each in part)]
        tail = words[marks[-1] + 1 : figures[0]]
        if any(each.kind in STRONG or each.kind == "noun" for each in tail if each.kind != "share"):
            return False
        if len(parts) == len(figures):
            if any(each.value == "request" for each in named):
                self.reading.context.topic = "requests"
            for part, place in zip(parts, figures, strict=True):
                self._figure(Spoken(words[place], [*part, *tail], [], behind=False, apart=True))
        return True

    def _one_by_one(self, words: Sequence[Token], figures: Sequence[int]) -> bool:
        """Read figures that are told of those before: "A 3, B 2, which is 33% and 6% of all", "9 and 12 last year"."""
        kinds = {each.kind for each in words[: figures[0]]} - {"respectively"}
        told = [each for each in self.reading.sentence if each.kind in ("figure", "zero") and not each.last_year]
        told = told[-len(figures) :]
        if kinds - {"share", "row", "last", "compared", "sum", "noun"} or not kinds & {"share", "last"}:
            return False
        if len(told) < len(figures):
            return False
        shared = [each for each in words[: figures[0]] if each.kind != "respectively"]
        for of, place in zip(told, figures, strict=True):
            self.reading.context.last = of
            if "share" in kinds:
                self._figure(Spoken(words[place], shared, [], behind=False, apart=True))
            elif of.meaning:
                self.reading.state(words[place], of.meaning, [words[place]]).last_year = True
        return True

    def _note(self, clause: Clause) -> None:
        """What the words of a clause say of all that follows in the sentence."""
        context = self.reading.context
        for token in clause.tokens:
            match token.kind:
                case "among" | "sorted" | "respectively" if self._begins_list(token, clause):
                    context.listing, context.parent, context.open_parts = True, context.last, True
                case "filed" | "period":
                    context.scope = True
                case "span" if token.start <= clause.start + 3 or clause.end <= token.end + 1:
                    context.scope = True
                case "future":
                    context.scope = context.future = True
                case "local":
                    context.local = True
                case "compared":
                    context.compared = True
                case "year" if self._dates(token, clause):
                    context.year = int(token.value)
                    self.reading.latest = max(self.reading.latest, context.year)

    def _begins_list(self, token: Token, clause: Clause) -> bool:
        """Whether a word begins an enumeration of what was counted before; in brackets one is already begun."""
        context = self.reading.context
        if context.aside or (token.kind == "sorted" and context.last not in self.reading.sentence):
            return False
        return token.kind != "respectively" or token.start <= clause.start + 1

    def _dates(self, year: Token, clause: Clause) -> bool:
        """Whether a year says of when a clause is: it begins it, and nothing is carried or compared."""
        begins = year.start <= clause.start + 3
        compared = any(each.start <= year.end for each in clause.of("compared"))
        return begins and not compared and not frames.goes_with_carrying(year, clause.tokens)

    def _binds_behind(self, words: Sequence[Token], figures: Sequence[int]) -> bool:
        """Whether the figures of a clause stand before what they count: "1 carried over to next year"."""
        first = words[figures[0]]
        before = words[: figures[0]]
        if first.figure is None or first.figure.unit != "count" or any(each.kind in STRONG for each in before):
            return False
        nouns = frames.heads(before)
        if nouns and frames.adjoins(nouns[-1], first, self.reading.text):
            return False
        end = figures[1] if len(figures) > 1 else len(words)
        return any(each.kind in STRONG or each.kind == "noun" for each in words[figures[0] + 1 : end])

    def _figure(self, spoken: Spoken) -> None:
        reading, figure = self.reading, spoken.figure.figure
        assert figure
        if self._of_one_agency(spoken):
            reading.part(spoken.figure)
        elif figure.unit in RATES:
            comparing.rate(reading, spoken)
        elif figure.unit == "yuan":
            counting.money(reading, spoken)
        elif figure.unit == "bare" and (spoken.behind or not spoken.before):
            return
        elif comparing.is_change(reading, spoken) and not spoken.has("carry"):
            comparing.changed(reading, spoken)
        elif self._is_last_year(spoken):
            self._last_year(spoken)
        else:
            counting.count(reading, spoken)

    def _of_one_agency(self, spoken: Spoken) -> bool:
        """Whether a figure stands right behind the name of one of several agencies: a part of what all of them have."""
        reading, context = self.reading, self.reading.context
        if context.topic not in ("requests", "fee") or spoken.has("sum", *STRONG):
            return False
        own = patterns()
        text, end = reading.text, spoken.figure.start
        signs = (*own.signs["clauses"], *own.signs["sentences"], "(", *own.marks["joined"].split())
        start = max(text.rfind(each, 0, end) + len(each) if each in text[:end] else 0 for each in signs)
        name = text[max([start, *context.places]) : end]
        goes_on = start - 1 in context.places and re.fullmatch(own.signs["charging"], name)
        if not re.fullmatch(own.signs["members"], name) and not goes_on and (name or end not in context.places):
            return False
        if not context.listing and context.last in reading.sentence:
            context.listing, context.parent, context.open_parts = True, context.last, True
        return True

    def _is_last_year(self, spoken: Spoken) -> bool:
        """Whether a figure is last year's, told to compare with."""
        if any(row.key.startswith("carried") for row in frames.rows(spoken.words)):
            return False
        if self.reading.context.past or any(each.kind in ("compared", "last") for each in spoken.before):
            return True
        years = [int(each.value) for each in spoken.before if each.kind == "year"]
        return bool(years) and self.reading.context.aside and years[-1] + 1 == self.reading.now

    def _last_year(self, spoken: Spoken) -> None:
        reading = self.reading
        base = comparing.subject(reading, spoken.words)
        if base is None or "%" in base or not base.startswith(("requests.", "disputes.", "disclosure.")):
            return
        kept = reading.context.last
        reading.state(spoken.figure, base, spoken.before or [spoken.figure]).last_year = True
        reading.context.last, reading.context.changing, reading.context.compared = kept, base, True

    def _asides(self, clause: Clause, start: int, end: int) -> None:
        for place, inner in clause.asides:
            if start <= place < end:
                self._aside(inner, clause, place)

    def _aside(self, inner: Sequence[Sequence[Clause]], clause: Clause, place: int) -> None:
        """What stands in brackets: parts of the figure before them, or a word about it."""
        reading, start = self.reading, clause.start
        outer = reading.context
        past = _is_past(clause.tokens[:place])
        if place and clause.tokens[place - 1].figure and clause.tokens[place - 1].end in outer.places:
            # In how many cases one of several agencies charged a fee.
            return
        if counting.includes_carried(inner):
            outer.carried = True
            if outer.last and outer.last.start >= start:
                counting.include_carried(reading, outer.last)
        for sentence in inner:
            began = len(reading.found)
            among = any(each.of("among") for each in sentence)
            reading.context = replace(
                outer, parent=outer.last, listing=True, aside=True, parts=[], places=[], open_parts=among, past=past
            )
            for each in sentence:
                self._clause(each)
            self._add_up(began)
        reading.context = outer

    def _add_up(self, began: int) -> None:
        """Note that the parts of an enumeration add up to its total, where nothing else is told among them."""
        context = self.reading.context
        parent = context.parent
        if parent is None or parent.figure is None or not context.parts:
            return
        parts = tuple(each for each in context.parts if each.unit == parent.figure.unit and each.exact)
        others = [each for each in context.parts if each.unit != parent.figure.unit]
        told = [each for each in self.reading.found[began:] if each.listed]
        if told:
            # Of some requests that were answered, others are told that were not: it is no total.
            self.reading.found[began:] = [each for each in self.reading.found[began:] if not _is_branch(each)]
        if told or not parent.figure.exact or len(parts) < 2 or len(parts) + len(others) != len(context.parts):
            return
        total = sum((each.value for each in parts), start=0)
        if context.open_parts and total < parent.figure.value and not self._cases_agree(others):
            # Among them may be others that are not told.
            return
        start, end = min(parent.start, *context.places), max(parent.end, *context.places)
        made = Statement("parts", "parts_sum", start, end, parent.figure, parts=parts)
        self.reading.found.append(made)

    def _cases_agree(self, others: Sequence[Figure]) -> bool:
        """Whether the cases of an enumeration of fees add up, so that its amounts are to."""
        cases = [each for each in self.reading.found if each.meaning == "processing_fee.cases" and each.figure]
        counted = sum((each.value for each in others), start=0)
        return bool(cases and others and cases[-1].figure and cases[-1].figure.value == counted)


def _names(agency: str) -> list[str]:
    """What an agency is called, in full and without the places that it is of."""
    name = "".join(agency.split())
    found = []
    while len(name) >= SHORT:
        found.append(name)
        place = re.match(patterns().signs["place"], name)
        if not place:
            break
        name = name[place.end() :]
    return found


def _is_branch(statement: Statement) -> bool:
    return statement.listed and statement.meaning == "requests.processed"


def _where_all(words: Sequence[Token], figure: int) -> int:
    """Where, behind a figure, it is told how all of them ended: "2 suits, all won"; else the end."""
    told = [place for place in range(figure + 1, len(words)) if words[place].kind == "all"]
    return told[0] if told and any(each.kind == "result" for each in words[told[0] :]) else len(words)


def _is_past(words: Sequence[Token]) -> bool:
    """Whether what follows in brackets is last year's figure: "as against last year (12)"."""
    return len(words) > 1 and words[-1].kind in ("year", "last") and words[-2].kind in ("compared", "joined")


def _without_none(words: list[Token]) -> list[Token]:
    """The words without the number of "not one case"."""
    return [
        each
        for place, each in enumerate(words)
        if not (each.figure and not each.value.isdigit() and place and words[place - 1].kind == "negation")
        or words[place - 1].end != each.start
    ]


def _without_denial(reading: Reading, spoken: Spoken) -> Spoken:
    """The figure without the words before it that deny something else, which are noted by themselves."""
    places = [place for place, each in enumerate(spoken.before) if each.kind == "negation"]
    joined = [place for place, each in enumerate(spoken.before) if each.kind == "joined"]
    if places and joined and joined[-1] > places[-1]:
        silence.wordy(reading, spoken.before[: joined[-1]], spoken.before[joined[-1]].start)
        return Spoken(spoken.figure, spoken.before[joined[-1] + 1 :], spoken.after, spoken.behind)
    return spoken


def _with_carried(found: Sequence[Statement]) -> None:
    """Read a total as one of what was received and carried in where both are told and add up to it."""
    of = {each.meaning: each for each in found if each.figure and each.figure.exact and (each.strict or each.listed)}
    carried, taken = of.get("requests.carried_in"), of.get("requests.received")
    if carried and taken and carried.figure and taken.figure and carried.figure.value:
        total = carried.figure.value + taken.figure.value
        for each in found:
            if each.meaning == "requests.received" and not each.strict and each.figure and each.figure.value == total:
                each.meaning = frames.meaning_of(frames.BOTH)


def _settled(found: Sequence[Statement], ways: int) -> list[Statement]:
    """The statements of a sentence without those that its other words show to be none."""
    out = {each.meaning for each in found if each.meaning == "requests.carried_out" and each.kind == "figure"}
    kept = []
    for each in found:
        if each.kind == "all" and each.meaning == "requests.carried_out" and out:
            continue
        if ways > 1 and each.medium:
            continue
        kept.append(each)
    return kept
