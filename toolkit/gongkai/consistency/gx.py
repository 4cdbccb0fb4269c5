"""The one door to Great Expectations. Import it late: it takes seconds.

What Great Expectations does by itself and must not do here: it drops expectations that it cannot take with a line in
its log, passes rows that hold nulls, and turns its own failures into results that only look unsuccessful.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from gongkai.deferring import defer

# Statistics are switched off before the import reads the setting.
os.environ["GX_ANALYTICS_ENABLED"] = "false"
# A quarter of the time of the import goes into statistics that expectations of distributions alone ask for.
defer("scipy.stats")

import great_expectations as gx
import pandas as pd
from great_expectations.core.batch_definition import BatchDefinition
from great_expectations.data_context.types.base import ProgressBarsConfig
from great_expectations.datasource.fluent.interfaces import Batch
from great_expectations.exceptions import GreatExpectationsError
from great_expectations.expectations.expectation_configuration import ExpectationConfiguration

from gongkai.errors import AuthoringError, InternalError

ROWS = {"result_format": "COMPLETE", "partial_unexpected_count": 0, "return_unexpected_index_query": False}
"""What a result holds: the numbers of all failing rows, and as little as possible besides."""

logging.getLogger("great_expectations").setLevel(logging.CRITICAL)
# Its import takes the warnings of all others away.
logging.captureWarnings(False)


@dataclass(frozen=True, slots=True)
class Expectation:
    """A native expectation: its type and its arguments."""

    type: str
    arguments: dict[str, Any]


@cache
def _batches() -> BatchDefinition:
    context = gx.get_context(mode="ephemeral")
    context.enable_analytics(enable=False)
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    asset = context.data_sources.add_pandas("gongkai").add_dataframe_asset("views")
    return asset.add_batch_definition_whole_dataframe("view")


def suite(name: str, expectations: Sequence[Expectation]) -> gx.ExpectationSuite:
    """A suite of exactly `expectations`.

    Raises AuthoringError for an expectation that Great Expectations does not know or cannot take.
    """
    try:
        configurations = [
            ExpectationConfiguration(type=each.type, kwargs=dict(each.arguments)) for each in expectations
        ]
        built = gx.ExpectationSuite(name=name, expectations=configurations)
    except (GreatExpectationsError, ValueError, TypeError) as error:
        raise AuthoringError("expectation", place=name, problem=str(error).splitlines()[0]) from error
    made = [each.expectation_type for each in built.expectations]
    dropped = [each.type for each in expectations if each.type not in made]
    if dropped or len(made) != len(expectations):
        # It only logs what it cannot take, and goes on with the rest.
        raise AuthoringError("expectation_dropped", place=name, names=", ".join(dropped))
    return built


def failing_rows(view: pd.DataFrame, expectations: Sequence[Expectation], *, name: str) -> list[list[int]]:
    """For each expectation the positions of the rows of `view` that fail it, in order.

    Raises InternalError where the view holds a null (most expectations would pass it) or an expectation raised.
    """
    if view.isna().to_numpy().any():
        raise InternalError("view_with_nulls", place=name)
    found: list[list[int]] = [[] for _ in expectations]
    if view.empty:
        return found
    # Failing rows are told by the index, which must be nothing but their number.
    batch = _batches().get_batch({"dataframe": view.reset_index(drop=True)})
    # Whether all is well costs half of what rows cost, and mostly it is.
    passed = [result.success for result in _results(batch, expectations, "BOOLEAN_ONLY", name)]
    failed = [number for number, success in enumerate(passed) if not success]
    if failed:
        results = _results(batch, [expectations[number] for number in failed], ROWS, name)
        for number, result in zip(failed, results, strict=True):
            found[number] = _positions(result, name)
    return found


def _results(batch: Batch, expectations: Sequence[Expectation], wanted: Any, name: str) -> list[Any]:
    """The results of a validation in the order of `expectations`, of which none raised."""
    results = batch.validate(suite(name, expectations), result_format=wanted).results
    for result in results:
        # `exception_info` is one record, or one a metric where metrics raised.
        information = result.exception_info
        records = [information] if "raised_exception" in information else list(information.values())
        raised = next((each for each in records if each["raised_exception"]), None)
        if raised is not None:
            raise InternalError("expectation_raised", place=name, problem=raised["exception_message"])
    return _in_order(results, expectations, name)


def _in_order(results: Sequence[Any], expectations: Sequence[Expectation], name: str) -> list[Any]:
    """The results in the order of `expectations`: a validation may give them back in another."""
    remaining = [(result, result.expectation_config) for result in results]
    ordered = []
    for expectation in expectations:
        match = next((each for each in remaining if _is_of(each[1], expectation)), None)
        if match is None:
            raise InternalError("no_result", place=name, type=expectation.type)
        remaining.remove(match)
        ordered.append(match[0])
    return ordered


def _is_of(config: Any, expectation: Expectation) -> bool:
    return bool(
        config.type == expectation.type
        and all(config.kwargs.get(key) == value for key, value in expectation.arguments.items())
    )


def _positions(result: Any, name: str) -> list[int]:
    rows = result.result.get("unexpected_index_list")
    if not rows:
        raise InternalError("no_rows", place=name, type=result.expectation_config.type)
    return sorted(map(int, rows))
