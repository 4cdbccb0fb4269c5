"""Shares and changes: what they are of, and what they are compared with."""

from __future__ import annotations

from collections.abc import Sequence

from gongkai.narrative import frames
from gongkai.narrative.frames import CHANNELS, meaning_of
from gongkai.narrative.lexicon import Figure, Token, patterns
from gongkai.narrative.spoken import Spoken
from gongkai.narrative.state import Reading


def rate(reading: Reading, spoken: Spoken) -> None:
    """Note what a percentage states: a share, a change, or that all were answered."""
    figure = spoken.figure.figure
    assert figure
    answered = [each for each in spoken.before if each.kind == "answered"]
    if answered and figure.value == 100 and reading.context.topic == "requests":
        reading.state(spoken.figure, None, answered, kind="all").unheld = True
    elif any(each.kind == "rate" for each in spoken.before) or figure.unit == "points" or answered:
        return
    elif spoken.has("share") or _is_rate(spoken):
        _share(reading, spoken)
    elif is_change(reading, spoken):
        changed(reading, spoken)


def _is_rate(spoken: Spoken) -> bool:
    """Whether a percentage is the rate of an outcome."""
    words = [each for each in spoken.before if each.kind in ("row", "rated")]
    return len(words) > 1 and words[-1].kind == "rated" and words[-2].end == words[-1].start


def is_change(reading: Reading, spoken: Spoken) -> bool:
    """Whether a figure tells by how much another one differs from last year's."""
    signs = [each for each in spoken.before if each.kind in ("grown", "fallen", "reached")]
    if not signs or (signs[-1].kind == "reached" and signs[-1].end == spoken.figure.start):
        return False
    if signs[-1].value in patterns().marks["extent"].split() and spoken.figure.figure:
        return reading.context.compared or spoken.figure.figure.unit == "%"
    return reading.context.compared


def changed(reading: Reading, spoken: Spoken) -> None:
    """Note by how much something changed; of how many, where the figure is no percentage."""
    figure = spoken.figure.figure
    assert figure
    base = subject(reading, spoken.before)
    if base is None:
        return
    reading.context.changing = base
    signs = [each.kind for each in spoken.before if each.kind in ("grown", "fallen")]
    if figure.unit == "times":
        figure = _scaled(figure, 100)
    if signs[-1] == "fallen":
        figure = _scaled(figure, -1)
    meaning = None if figure.unit in ("count", "bare") else "change_percent"
    words = [each for each in spoken.before if each.kind in ("compared", "grown", "fallen", "last")]
    made = reading.state(spoken.figure._replace(figure=figure), meaning, words, kind="change")
    made.base = base


def unchanged(reading: Reading, words: Sequence[Token]) -> bool:
    """Note that something is as last year, if `words` say so."""
    levels = [each for each in words if each.kind == "level"]
    if not levels or not reading.context.compared or any(each.kind == "roughly" for each in words):
        return False
    base = subject(reading, [each for each in words if each.kind != "level"])
    if base is None:
        return False
    said = [each for each in words if each.kind in ("compared", "level", "last")]
    figure = Token("figure", "", levels[-1].start, levels[-1].end, figure=Figure(0, "%", 0, 0))
    reading.state(figure, "change_percent", said, kind="change").base = base
    return True


def _scaled(figure: Figure, factor: int) -> Figure:
    low, high = (None if each is None else each * factor for each in (figure.low, figure.high))
    decimals = figure.decimals if factor < 0 else max(0, figure.decimals - 2)
    value = figure.value * factor
    value = int(value) if value == int(value) and not decimals else value
    if factor < 0:
        low, high = high, low
    return Figure(value, figure.unit if factor < 0 else "%", low, high, decimals)


def subject(reading: Reading, words: Sequence[Token]) -> str | None:
    """What `words` speak of: a row or a dispute of their own, else the figure before."""
    nouns = frames.heads(words)
    noun = nouns[-1].value if nouns else None
    if noun == "foreign":
        return None
    if noun in CHANNELS:
        return f"disputes.{noun}.total"
    told, kinds = frames.rows(words), frames.columns(words)
    about = noun == "request" or reading.context.topic == "requests"
    column = kinds[-1].value if kinds else None
    if about and (told or kinds):
        key = told[-1].key if told else reading.context.base or "received"
        return meaning_of("received" if key == "handled" else key, column)
    last = reading.context.last.meaning if reading.context.last else reading.context.changing
    if last is not None and noun in (None, "application"):
        return last
    return meaning_of(reading.context.base or "received") if noun == "request" else None


def _share(reading: Reading, spoken: Spoken) -> None:
    """Note what share something is of something else."""
    context = reading.context
    place = next(place for place, each in enumerate(spoken.before) if each.kind in ("share", "rated"))
    before, after = spoken.before[:place], spoken.before[place + 1 :]
    if context.listing and context.parent is None and context.last is None:
        return
    about = subject(reading, before)
    if about is None or not about.startswith(("requests.", "disputes.")):
        return
    wholes = [meaning_of(row.key) for row in frames.rows(after) if row.key in ("received", "processed")]
    channels = dict.fromkeys(each.value for each in after if each.value in CHANNELS)
    if channels and about.startswith("disputes."):
        wholes.append("+".join(f"disputes.{channel}.total" for channel in channels))
    parent = context.parent.meaning if context.parent else None
    if parent == about:
        parent = None
    made = reading.state(spoken.figure, "share_percent", spoken.before[place:], kind="share")
    made.base, made.whole = about, (wholes[-1] if wholes else parent)
