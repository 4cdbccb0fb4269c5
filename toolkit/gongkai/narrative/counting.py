"""What a figure counts, table by table: bound to the words before it, or else behind it."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from gongkai.narrative import frames
from gongkai.narrative.frames import BOTH, CHANNELS, DECISIONS, DOCUMENTS, MONEY, Row, meaning_of
from gongkai.narrative.lexicon import Token, patterns
from gongkai.narrative.spoken import Spoken
from gongkai.narrative.state import Reading
from gongkai.narrative.statements import Clause, Statement

FAR = 3
"""Characters that say something else, between a noun and its figure."""


def count(reading: Reading, spoken: Spoken) -> None:
    """Note what a number of things states."""
    nouns = frames.heads(spoken.before) or frames.heads(_phrase(spoken.after))
    noun = nouns[-1].value if nouns else None
    _listed_documents(reading, spoken)
    if _changed_to(reading, spoken):
        reading.state(spoken.figure, reading.context.changing, [*spoken.before, spoken.figure])
    elif _is_something_else(reading, spoken, nouns):
        reading.unknown(spoken.figure, foreign=noun == "foreign" or (noun == "information" and not spoken.has("row")))
    elif noun in CHANNELS:
        _dispute(reading, spoken, nouns)
    elif noun in (None, "application") and _ended(reading, spoken):
        _dispute(reading, spoken, [])
    elif noun in DOCUMENTS or (noun in (None, "information") and _act(reading, spoken)):
        _document(reading, spoken, nouns)
    elif noun in DECISIONS:
        _decision(reading, spoken, nouns)
    elif _is_charged(reading, spoken, noun):
        _charged(reading, spoken)
    else:
        _request(reading, spoken, nouns)


def _changed_to(reading: Reading, spoken: Spoken) -> bool:
    """Whether a figure tells to what that which was just said to change has changed."""
    changing = reading.context.changing
    if changing is None or any(each.meaning == changing and not each.last_year for each in reading.sentence):
        return False
    if [each for each in spoken.words if each.kind not in ("reached", "sum", "joined", "fallen", "grown")]:
        return False
    signs = patterns().signs["clauses"]
    start = max([reading.text.rfind(each, 0, spoken.figure.start) + 1 for each in signs])
    start = max([start, *[each.end for each in reading.sentence if each.end <= spoken.figure.start]])
    said = reading.text[start : spoken.figure.start]
    for each in spoken.before:
        said = said.replace(reading.text[each.start : each.end], "", 1)
    return not frames.left_over(said, patterns().between)


def _listed_documents(reading: Reading, spoken: Spoken) -> None:
    """Documents in force are spoken of, though what is counted is just called documents."""
    known = [each.value for each in spoken.before if each.kind == "noun" and each.value in DOCUMENTS]
    if known and spoken.has("act") and not spoken.named("foreign"):
        reading.context.document = known[-1]


def _is_something_else(reading: Reading, spoken: Spoken, nouns: Sequence[Token]) -> bool:
    """Whether the last noun is of nothing in the form, or stands too far from the figure to be of it."""
    noun = nouns[-1].value if nouns else None
    if noun == "information":
        about_requests = reading.context.topic == "requests" or spoken.named("request")
        return not about_requests and not _act(reading, spoken)
    if noun == "ended":
        return not spoken.has("row", "carry")
    if noun in CHANNELS:
        return _far(reading, nouns[-1], spoken) or frames.is_topical(reading.text, spoken)
    return noun == "foreign"


def _is_charged(reading: Reading, spoken: Spoken, noun: str | None) -> bool:
    """Whether a figure counts cases that a fee was charged for; in brackets behind its amount it does."""
    context = reading.context
    if noun in MONEY or any(each.value == "processing_fee" for each in spoken.after):
        return True
    amount = context.aside and context.parent and context.parent.meaning == "processing_fee.amount_yuan"
    if context.topic == "fee" and spoken.has("sum") and context.parts:
        return True
    bare = bool(amount) and reading.text[spoken.figure.start - 1] == "("
    told = noun == "application" or (noun is None and spoken.has("happening") and not context.listing)
    return bare or (context.topic == "fee" and told and not spoken.has("row", "carry"))


def _phrase(after: Sequence[Token]) -> list[Token]:
    """The words behind a figure up to where another thing begins."""
    found = []
    for each in after:
        if each.kind in ("row", "negation", "all", "result", "carry", "grown", "fallen", "compared"):
            break
        found.append(each)
    return found


def _far(reading: Reading, noun: Token, spoken: Spoken) -> bool:
    """Whether something else stands between a noun and its figure."""
    if spoken.apart or noun.end > spoken.figure.start:
        return False
    rest = reading.text[noun.end : spoken.figure.start]
    for each in spoken.before:
        if each.start >= noun.end:
            rest = rest.replace(reading.text[each.start : each.end], "", 1)
    return len(frames.left_over(rest, patterns().between)) > FAR


def _ended(reading: Reading, spoken: Spoken) -> bool:
    """Whether a figure tells how disputes ended, or sums that up."""
    context = reading.context
    if context.topic != "disputes" or not context.channels or spoken.has("row", "carry"):
        return False
    last = context.last
    summed = spoken.has("sum") and last is not None and (last.meaning or "").startswith("disputes.")
    return spoken.has("result") or (summed and not context.listing)


def _act(reading: Reading, spoken: Spoken) -> bool:
    return reading.context.document is not None and spoken.has("act")


# Requests -----------------------------------------------------------------------------------------------------------


def _request(reading: Reading, spoken: Spoken, nouns: list[Token]) -> None:
    context = reading.context
    own = any(each.kind in ("row", "column", "carry", "next", "handled", "unfinished") for each in spoken.before)
    words = spoken.before if own else [*spoken.before, *spoken.after]
    told = (
        frames.rows(words)
        or _reasoned(reading, nouns)
        or _by_default(reading, spoken, nouns)
        or _implied(reading, spoken)
    )
    kinds = frames.columns(words)
    examples = nouns and not context.listing and all(row.key == "received" for row in told)
    if examples and len({each.value for each in kinds}) > 1:
        # Of several kinds, told as examples: all of them.
        kinds = []
    if any(each.value == "request" for each in nouns):
        context.topic = "requests"
    if not told and kinds and context.topic == "requests":
        told = [Row(_inherited(reading), kinds[-1], context.strict and context.base != BOTH)]
    if not told:
        context.ways += spoken.has("medium") and bool(nouns)
    several = len({each.value for each in kinds}) > 1 or frames.is_topical(reading.text, spoken)
    if not told or not _may_be_request(reading, told, words) or several:
        reading.unknown(spoken.figure)
        return
    late = spoken.has("late") and told[-1].key == "processed"
    if late or _is_part(reading, told, spoken, bool(kinds)):
        context.ways += spoken.has("medium")
        reading.unknown(spoken.figure)
        return
    column = kinds[-1].value if kinds else None
    context.ways += spoken.has("medium")
    bound = words if own or not spoken.before else [*spoken.before, *spoken.after]
    for key in _keys(reading, told, spoken, words):
        made = reading.state(spoken.figure, meaning_of(key, column), bound, strict=all(row.strict for row in told))
        made.medium = spoken.has("medium")
        _includes(reading, key, spoken)
        if not context.listing and not column and key in ("received", BOTH):
            context.base, context.strict = key, made.strict
        if context.carried:
            include_carried(reading, made)


def _reasoned(reading: Reading, nouns: Sequence[Token]) -> list[Row]:
    """The outcome that the clause before tells of: "as it was not corrected in time, 1 request"."""
    reason, reading.context.reason = reading.context.reason, None
    return [reason] if reason and nouns else []


def _by_default(reading: Reading, spoken: Spoken, nouns: Sequence[Token]) -> list[Row]:
    """Requests that are counted without a word for what was done with them were received."""
    context = reading.context
    if not nouns or nouns[-1].value != "request" or context.listing or context.topic == "foreign":
        return []
    counted = reading.text[nouns[-1].end : spoken.figure.start]
    if context.base and (reading.sentence or not counted or spoken.has("medium", "row", "column")):
        return []
    near = nouns[-1].end <= spoken.figure.start and frames.adjoins(nouns[-1], spoken.figure, reading.text)
    return [Row("received", nouns[-1], False)] if near else []


def _implied(reading: Reading, spoken: Spoken) -> list[Row]:
    """What was disclosed among the requests received, or a total without a word for what it is of."""
    context = reading.context
    parent = context.parent.meaning if context.listing and context.parent else None
    shown = [each for each in spoken.before[-1:] if each.kind == "publishing" and each.value == patterns().disclosing]
    if shown and (parent or "").startswith("requests.") and _begins(reading, shown[0], spoken.before[:-1]):
        return [Row("granted", shown[0], False)]
    sums = [each for each in spoken.before if each.kind == "sum"]
    key = _summed(reading, spoken) if sums else None
    return [Row(key, sums[-1], False)] if key else []


def _begins(reading: Reading, token: Token, leads: Sequence[Token]) -> bool:
    """Whether a word begins an item of an enumeration: it is not the end of another word."""
    close = any(each.end == token.start and each.kind in ("among", "joined") for each in leads)
    return close or reading.text[token.start - 1] in patterns().signs["clauses"]


def _summed(reading: Reading, spoken: Spoken) -> str | None:
    """The row of a total: of all that were just said to be answered, of the outcomes before, or of all received."""
    context = reading.context
    if reading.found and reading.found[-1].kind == "all" and reading.found[-1].end <= spoken.before[0].start:
        return "processed"
    said = {each.meaning for each in reading.sentence}
    entries = {"requests.received", "requests.carried_in"}
    if entries <= said and context.last and context.last.meaning in entries:
        return BOTH
    if context.ways > 1:
        return context.base or "received"
    if context.base and not any((each.meaning or "").startswith("requests.") for each in reading.sentence):
        return context.base
    last = context.last.meaning if context.last and not context.listing else None
    outcome = last and last.startswith("requests.") and last.removeprefix("requests.") not in frames.ENTRIES
    return "processed" if outcome and "@" not in str(last) else None


def _may_be_request(reading: Reading, told: Sequence[Row], words: Sequence[Token]) -> bool:
    """Whether rows are spoken of requests: they are the topic, or the words are of nothing else."""
    context = reading.context
    if context.topic == "requests":
        return True
    if context.topic == "foreign" or any(each.value == "information" for each in words):
        return False
    applied = _applied(words)
    if applied or all(row.is_outcome or (row.key.startswith("carried") and row.strict) for row in told):
        context.topic = "requests"
        return True
    return False


def _applied(words: Sequence[Token]) -> bool:
    """Whether requests are meant by the bare word, right behind that for receiving: no other thing was applied for."""
    rows = [each for each in words if each.kind == "row" and each.value == "received"]
    return any(0 <= each.start - row.end <= 1 for each in words if each.value == "application" for row in rows)


def _inherited(reading: Reading) -> str:
    """The row that applicants are told for."""
    context = reading.context
    if context.inner:
        return context.inner
    meaning = context.parent.meaning if context.listing and context.parent else None
    key = context.base or "received"
    if meaning and meaning.startswith("requests."):
        key = "+".join(term.removeprefix("requests.") for term in meaning.partition("@")[0].split("+"))
    summed = key == BOTH and any(each.meaning == "requests.received" for each in reading.found)
    return "received" if summed else key


def _keys(reading: Reading, told: Sequence[Row], spoken: Spoken, words: Sequence[Token]) -> list[str]:
    """The rows of a figure: mostly one; two where requests are received and answered in one breath."""
    keys = list(dict.fromkeys(_key(row, words) for row in told))
    # What was refused for one reason is not all that was refused.
    keys = [key for key in keys if not any(each.startswith(f"{key}.") for each in keys)]
    told = [row for row in told if _key(row, words) in keys]
    if len(keys) == 1 or not all(_joined(one, other, reading.text) for one, other in pairwise(told)):
        return keys[-1:]
    if spoken.alone or set(keys) == {"received", "processed"}:
        return keys
    if set(keys) == {"received", "carried_in"}:
        return [BOTH]
    return ["+".join(keys)] if all(row.is_outcome for row in told) else keys[-1:]


def _joined(one: Row, other: Row, text: str) -> bool:
    return not frames.left_over(text[one.token.end : other.token.start], frames.joining())


def _key(row: Row, words: Sequence[Token]) -> str:
    if row.key != "handled":
        return row.key
    named = any(each.value in ("request", "application") and each.start > row.token.start for each in words)
    return BOTH if named else "processed"


def _is_part(reading: Reading, told: Sequence[Row], spoken: Spoken, of_kind: bool) -> bool:
    """Whether a figure only tells how, or by whom, some of a total were received."""
    context = reading.context
    if of_kind or any(row.strict or row.key not in ("received", BOTH) for row in told):
        return False
    return context.listing or (bool(context.base) and (spoken.behind or spoken.has("medium")))


def _includes(reading: Reading, key: str, spoken: Spoken) -> None:
    """What was received includes what was carried in, where that is told as a part of it."""
    context = reading.context
    total = context.parent or (reading.found[-2] if len(reading.found) > 1 else None)
    part = spoken.has("contained") or (context.listing and context.parent is not None)
    if key == "carried_in" and part and total:
        include_carried(reading, total)


def includes_carried(inner: Sequence[Sequence[Clause]]) -> bool:
    """Whether an aside says that what was carried in is included, and not how many."""
    words = [each for sentence in inner for clause in sentence for each in clause.tokens]
    return not any(each.figure for each in words) and any(row.key == "carried_in" for row in frames.rows(words))


def include_carried(reading: Reading, total: Statement) -> None:
    """Read a total as one of what was received and carried in."""
    if total.meaning == "requests.received" and not total.strict:
        total.meaning = meaning_of(BOTH)
        reading.context.base = BOTH


# Disputes, documents, decisions, fees ---------------------------------------------------------------------------------


def _dispute(reading: Reading, spoken: Spoken, nouns: list[Token]) -> None:
    context = reading.context
    if nouns:
        context.channels = tuple(dict.fromkeys(each.value for each in nouns))
    context.topic = "disputes"
    results = [each.value for each in spoken.words if each.kind == "result"]
    channels = context.channels[-1:] if results else context.channels
    results = list(dict.fromkeys(results)) if spoken.alone else results[-1:]
    meanings = [f"disputes.{channel}.{result}" for channel in channels for result in results or ["total"]]
    if not spoken.alone:
        meanings = ["+".join(meanings)]
    taken = any(each.kind == "row" and each.value == "received" for each in spoken.words)
    applied = nouns and any(each.value == "application" and each.start == nouns[-1].end for each in spoken.words)
    for meaning in meanings:
        made = reading.state(spoken.figure, meaning, spoken.words, strict=not taken and "litigation" not in meaning)
        # An office for reconsideration tells how many applications reach it.
        made.scope |= bool(taken and applied and patterns().qualifier not in reading.text[made.start : made.end])


def _document(reading: Reading, spoken: Spoken, nouns: list[Token]) -> None:
    context = reading.context
    known = [each.value for each in nouns if each.value in DOCUMENTS]
    context.document = known[-1] if known else context.document
    context.topic = "documents"
    acts = list(dict.fromkeys(each.value for each in spoken.words if each.kind == "act"))
    if not acts and known and context.last and (context.last.meaning or "").startswith("disclosure."):
        acts = [each for each in [str(context.last.meaning).rpartition(".")[2]] if each != "decisions"]
    if not acts or spoken.published or spoken.has("screening"):
        context.document = None if spoken.published else context.document
        reading.unknown(spoken.figure)
        return
    for act in acts if spoken.alone else acts[-1:]:
        reading.state(spoken.figure, f"disclosure.{context.document}.{act}", spoken.words)


def _decision(reading: Reading, spoken: Spoken, nouns: list[Token]) -> None:
    context = reading.context
    near = spoken.apart or frames.adjoins(nouns[-1], spoken.figure, reading.text)
    if context.topic == "foreign" or spoken.published or spoken.has("handled", "row") or not near:
        # So are those that follow in the enumeration.
        reading.unknown(spoken.figure, foreign=True)
        return
    context.topic = "decisions"
    kinds = list(dict.fromkeys(each.value for each in nouns))
    meanings = [f"disclosure.{each}.decisions" for each in kinds]
    for meaning in meanings if spoken.alone else ["+".join(meanings)]:
        reading.state(spoken.figure, meaning, spoken.words)


def _charged(reading: Reading, spoken: Spoken) -> None:
    """In how many cases a fee was charged."""
    context = reading.context
    words = [*spoken.before, *spoken.after]
    if not any(each.value in ("processing_fee", "notice") for each in words) and context.topic != "fee":
        reading.unknown(spoken.figure)
        return
    context.topic = "fee"
    if context.listing and not context.aside:
        reading.unknown(spoken.figure)
    else:
        reading.state(spoken.figure, "processing_fee.cases", words)


def money(reading: Reading, spoken: Spoken) -> Statement | None:
    """Note what an amount of money states."""
    context = reading.context
    nouns = [each.value for each in spoken.before if each.kind == "noun" and each.value in MONEY]
    noun = nouns[-1] if nouns else None
    of_fee = noun in ("processing_fee", "notice") or context.topic == "fee"
    of_fee |= noun == "charge" and (context.topic in ("requests", "other_matters") or spoken.named("request"))
    if noun == "fees":
        context.topic = "fees"
        return reading.state(spoken.figure, "disclosure.fees.amount", spoken.before)
    if not of_fee or context.listing:
        reading.unknown(spoken.figure, foreign=not of_fee)
        return None
    context.topic = "fee"
    made = reading.state(spoken.figure, "processing_fee.amount_yuan", spoken.before or [spoken.figure])
    if context.parts and context.parent is None:
        # What each agency charged was told before: this is all of it.
        context.parent = made
    return made
