"""What is stated without a figure: that there was none, that all were answered or upheld, that nothing changed."""

from __future__ import annotations

import re
from collections.abc import Sequence

from gongkai.narrative import comparing, frames
from gongkai.narrative.claim import Kind
from gongkai.narrative.frames import CHANNELS, DECISIONS, DOCUMENTS, Row, meaning_of
from gongkai.narrative.lexicon import Token, patterns
from gongkai.narrative.state import Reading
from gongkai.narrative.statements import coordinates

FAR = 3
"""Characters that say something else, between a negation and what it is said of."""


def wordy(reading: Reading, words: Sequence[Token], end: int) -> None:
    """Note what a clause without a figure states; `end` is where it ends."""
    if not words:
        return
    _remember(reading, words)
    if reading.context.future:
        return
    if reading.context.compared and any(each.kind in ("grown", "fallen") for each in words):
        reading.context.changing = comparing.subject(reading, words) or reading.context.changing
    denied = [place for place, each in enumerate(words) if each.kind == "negation"]
    if denied and not _nested(words, denied):
        for number, place in enumerate(denied):
            upto = denied[number + 1] if number + 1 < len(denied) else len(words)
            begin = denied[number - 1] + 1 if number else 0
            _denied(reading, words[begin:place], words[place], words[place + 1 : upto], end)
    elif denied:
        return
    elif any(each.kind == "all" for each in words):
        _all(reading, words)
    elif not comparing.unchanged(reading, words):
        _result(reading, words)


def _nested(words: Sequence[Token], denied: Sequence[int]) -> bool:
    """Whether one negation stands within another: "none that was not answered"."""
    return any(words[place - 1].kind != "joined" for place in denied[1:])


def _remember(reading: Reading, words: Sequence[Token]) -> None:
    """Words without a figure say what the next figures are about."""
    context = reading.context
    nouns = frames.heads(words)
    noun = nouns[-1].value if nouns else None
    if noun == "request":
        context.topic = "requests"
    elif noun in CHANNELS:
        context.topic, context.channels = "disputes", tuple(dict.fromkeys(each.value for each in nouns))
    elif noun in DOCUMENTS:
        context.topic, context.document = "documents", nouns[-1].value
    elif noun == "processing_fee":
        context.topic = "fee"
    elif noun == "foreign" and not context.listing:
        context.topic, context.last = "foreign", None
    rows = frames.rows(words) if context.topic == "requests" else []
    if rows and not any(each.kind in ("all", "negation") for each in words):
        if rows[-1].key in ("processed", frames.BOTH):
            context.inner = rows[-1].key
        elif "." in rows[-1].key:
            context.reason = rows[-1]
    if rows and rows[-1].key in ("received", "received+carried_in") and (context.base is None or rows[-1].strict):
        context.base, context.strict = rows[-1].key, rows[-1].strict


def _denied(reading: Reading, before: Sequence[Token], no: Token, after: Sequence[Token], end: int) -> None:
    """Note what is said not to be: what follows the negation, or what comes before it at the end of a clause."""
    text = reading.text
    if after and _near(text, no, after[0]) and _can_be_denied(no, after):
        told = [each for each in after if each.kind != "happening"]
        if told and (len(told) > 1 or told[0].kind != "row" or not _bare_entry(told[0])):
            _none_of(reading, no, list(after), list(before))
            return
    rest = text[after[-1].end : end] if after else text[no.end : end]
    if len(frames.left_over(rest, patterns().fillers)) == 0 and before:
        _none_of(reading, no, [*before, *after], list(before))


def _bare_entry(token: Token) -> bool:
    return token.value in ("received", "processed")


def _near(text: str, no: Token, first: Token) -> bool:
    return len(frames.left_over(text[no.end : first.start], patterns().fillers)) <= FAR


def _can_be_denied(no: Token, after: Sequence[Token]) -> bool:
    """Whether a negation with these words behind it says that there was none: "not answered in time" does not."""
    first = after[0]
    if no.value in patterns().marks["weak_negation"].split():
        charged = any(each.value in ("processing_fee", "charge") for each in after[:2])
        return first.kind == "act" or (charged and not any(each.kind in ("row", "carry") for each in after))
    if any(each.kind == "late" for each in after):
        return False
    if any(each.kind in ("timely", "publishing", "rate", "excepted") for each in after[:2]):
        return False
    return not (first.kind == "row" and first.value == "processed" and not any(e.value == "received" for e in after))


def _none_of(reading: Reading, no: Token, words: list[Token], subject: list[Token]) -> None:
    nothing = _Nothing(reading, no, words, subject)
    if any(each.kind == "filed" for each in words):
        reading.context.scope = True
    if any(each.kind == "result" and each.value == "corrected" for each in words):
        nothing.corrected()
        return
    parts = list(coordinates(words))
    nouns = [[each.value for each in part if each.kind == "noun"] for part in parts]
    heads = [_head(each) for each in nouns]
    for head in heads:
        nothing.of(head)
    if not any(heads) or set(heads) <= {None, "application", "information"}:
        nothing.unnamed()


def _head(nouns: Sequence[str]) -> str | None:
    sure = [each for each in nouns if each not in ("application", "information")]
    if "foreign" in sure[-1:]:
        return "foreign"
    return next(reversed(sure or nouns), None)


class _Nothing:
    """States of one thing after the other that there was none."""

    def __init__(self, reading: Reading, no: Token, words: list[Token], subject: list[Token]) -> None:
        self.reading, self.no, self.words, self.subject = reading, no, words, subject
        self.said: set[str] = set()

    def state(self, meaning: str, *, strict: bool = True, kind: Kind = "zero") -> None:
        if meaning not in self.said:
            self.said.add(meaning)
            self.reading.state(None, meaning, [self.no, *self.words], kind=kind, strict=strict)

    def _said(self) -> list[str]:
        return [self.reading.text[each.start : each.end] for each in self.words]

    def corrected(self) -> None:
        context = self.reading.context
        nouns = [each.value for each in self.words if each.value in CHANNELS]
        lost = any(each.kind == "result" and each.value == "corrected" for each in self.words)
        spoken = re.search(patterns().signs["lost"], "".join(self._said()))
        channels = nouns or list(context.channels)
        for channel in dict.fromkeys(channels) if lost else ():
            self.state(f"disputes.{channel}.corrected", kind="all" if spoken else "zero")

    def of(self, head: str | None) -> None:
        context = self.reading.context
        if head in CHANNELS:
            self.state(f"disputes.{head}.total")
            context.channels = tuple(dict.fromkeys((*context.channels, head)))
            context.topic = "disputes"
        elif head == "request":
            self._requests()
        elif head in DOCUMENTS:
            context.document, context.topic = head, "documents"
            self._acts()
        elif head in DECISIONS and not any(each.kind == "publishing" for each in self.words):
            self.state(f"disclosure.{head}.decisions", strict=False)
        elif head == "processing_fee" or (head == "charge" and self._may_be_fee()):
            self.state("processing_fee.amount_yuan")
            context.topic = "fee"
        elif head == "fees":
            self.state("disclosure.fees.amount")

    def _may_be_fee(self) -> bool:
        named = any(each.value in ("request", "processing_fee") for each in (*self.subject, *self.words))
        return named or self.reading.context.topic in ("requests", "disputes", "fee", "other_matters")

    def _requests(self) -> None:
        kinds = {each.value for each in frames.columns(self.words)}
        self.reading.context.topic = "requests"
        rows = frames.rows(self.words)
        keys = [row.key for row in rows if row.key not in ("processed", "handled", "received+carried_in")]
        keys = keys or ["received"]
        column = kinds.pop() if len(kinds) == 1 else None
        for key in dict.fromkeys(keys):
            strict = key != "received" or all(row.strict for row in rows if row.key == key)
            self.state(meaning_of(key, column), strict=strict)
        if not column and "received" in keys:
            self.reading.context.base = "received"

    def _outcomes(self) -> bool:
        """Of outcomes, or of one kind of applicant."""
        kinds = {each.value for each in frames.columns(self.words)}
        keys = [row.key for row in frames.rows(self.words) if row.is_outcome]
        keys = [key for key in keys if not any(each.startswith(f"{key}.") for each in keys)]
        column = kinds.pop() if len(kinds) == 1 else None
        base = self.reading.context.inner or self.reading.context.base or "received"
        for key in dict.fromkeys(keys) or ([base] if column else []):
            self.state(meaning_of(key, column))
        return bool(keys or column)

    def _acts(self) -> None:
        for act in dict.fromkeys(each.value for each in self.words if each.kind == "act"):
            self.state(f"disclosure.{self.reading.context.document}.{act}")

    def unnamed(self) -> None:
        """Of what is not named, what is being spoken of."""
        context = self.reading.context
        if context.document and any(each.kind == "act" for each in self.words):
            self._acts()
            return
        told = frames.rows([*self.subject, *[each for each in self.words if each not in self.subject]])
        received = any(row.key == "received" and row.strict for row in told)
        asked = [each for each in self.words if each.value == "application"]
        applied = bool(asked) and (
            asked[0].start == self.no.end or any(each.value == "received" for each in self.words)
        )
        carried = any(row.key.startswith("carried") for row in told)
        if context.topic == "foreign" and not carried:
            return
        if context.topic == "requests" and not carried and self._outcomes():
            return
        if carried or ((received or applied) and context.topic in (None, "requests")):
            keys = [row.key for row in told if row.key.startswith("carried") or row.key == "received"]
            keys = keys or ["received"]
            for key in dict.fromkeys(keys):
                self.state(meaning_of(key))
        elif context.topic == "disputes" and context.last:
            results = {each.value for each in self.words if each.kind == "result"}
            for channel in _counted(self.reading) if len(results) == 1 else ():
                self.state(f"disputes.{channel}.{min(results)}")


def _all(reading: Reading, words: Sequence[Token]) -> None:
    """Note that all were answered, or that all disputes ended in one way."""
    context = reading.context
    results = [each.value for each in words if each.kind == "result"]
    if results and context.topic == "disputes":
        for channel in _counted(reading) or context.channels:
            made = reading.state(None, f"disputes.{channel}.{results[-1]}", words, kind="all")
            made.whole = f"disputes.{channel}.total"
        return
    told = frames.rows(words)
    last = context.last.meaning if context.last else None
    if context.topic == "requests" and _by_one(reading, words, told):
        return
    if context.topic != "requests" or not told or told[-1].key != "processed":
        return
    named = [each for each in words if each.value in ("request", "application")]
    if context.last in reading.found and context.last and named and named[0].start <= context.last.end:
        # "3 requests were all answered" is of these.
        named = []
    if context.last in reading.sentence and last == "requests.processed" and not named:
        # Of what was answered, that it was answered says nothing.
        return
    if frames.columns(words) or (last not in (None, *ENTRIES) and not named):
        return
    if any(each.kind == "medium" for each in words):
        # By which way they were answered, not whether.
        return
    # No cell says how soon they were answered, and of what was answered in time some may not have been due.
    timely = any(each.kind == "timely" for each in words) or told[-1].token.value != "processed"
    reading.state(None, None if timely else "requests.carried_out", words, kind="all").unheld = timely


def _by_one(reading: Reading, words: Sequence[Token], told: Sequence[Row]) -> bool:
    """Note that all requests came from one kind of applicant."""
    kinds = {each.value for each in frames.columns(words)}
    keys = {row.key for row in told} - {"received", frames.BOTH}
    last = reading.context.last.meaning if reading.context.last else None
    named = any(each.value in ("request", "received") for each in words)
    if len(kinds) != 1 or keys or not (named or last in (None, "requests.received")):
        return False
    base = meaning_of(reading.context.base or "received")
    made = reading.state(None, f"{base}@{kinds.pop()}", words, kind="all")
    made.whole = base
    return True


ENTRIES = ("requests.received", meaning_of("received+carried_in"), "requests.processed")


def _counted(reading: Reading) -> list[str]:
    """The channels whose disputes were just counted, side by side; both kinds of suit are suits."""
    found: list[str] = []
    for each in reversed(reading.sentence):
        table, _, rest = (each.meaning or "").partition(".")
        channel, _, result = rest.partition(".")
        if table != "disputes" or result != "total":
            break
        found.insert(0, channel)
    return [each for each in found if "litigation" not in found or each not in CHANNELS[2:]]


def _result(reading: Reading, words: Sequence[Token]) -> None:
    """Note how the disputes ended that were just counted: "one suit, with another result"."""
    context = reading.context
    results = [each for each in words if each.kind == "result"]
    last = context.last
    if len(words) > 2 or last is None or last.figure is None:
        return
    suits = [each for each in words if each.value in CHANNELS[2:]]
    if suits and last.meaning == "disputes.litigation.total":
        reading.state(None, f"disputes.{suits[0].value}.total", suits, kind="figure").figure = last.figure
    if len(results) != 1:
        return
    if last.meaning not in {f"disputes.{channel}.total" for channel in CHANNELS}:
        return
    meaning = last.meaning.removesuffix("total") + results[0].value
    made = reading.state(None, meaning, results, kind="figure")
    made.figure, made.strict = last.figure, True
