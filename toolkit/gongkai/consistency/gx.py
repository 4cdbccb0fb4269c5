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

# Statistics are switched off before the import reads the setting.
os.environ["GX_ANALYTICS_ENABLED"] = "false"

import great_expectations as gx
import pandas as pd
from great_expectations.core.batch_definition import BatchDefinition
from great_expectations.data_context.types.base import ProgressBarsConfig
from great_expectations.exceptions import GreatExpectationsError
from great_expectations.expectations.expectation_configuration import ExpectationConfiguration

from gongkai.errors import AuthoringError, InternalError

INDEX = "row"
"""The column that numbers the rows of every view and that failing rows are told by."""

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
    if view.empty:
        return [[] for _ in expectations]
    batch = _batches().get_batch({"dataframe": view.assign(**{INDEX: range(len(view))})})
    # What each column of the result is for is asked for here once: complete lists of failing rows, by their number.
    wanted: Any = {"result_format": "COMPLETE", "unexpected_index_column_names": [INDEX]}
    results = batch.validate(suite(name, expectations), result_format=wanted).results
    return [_positions(result, name) for result in _in_order(results, expectations, name)]


def _in_order(results: Sequence[Any], expectations: Sequence[Expectation], name: str) -> list[Any]:
    """The results in the order of `expectations`: a validation may give them back in another."""
    remaining = list(results)
    ordered = []
    for expectation in expectations:
        match = next((each for each in remaining if _is_of(each, expectation)), None)
        if match is None:
            raise InternalError("no_result", place=name, type=expectation.type)
        remaining.remove(match)
        ordered.append(match)
    return ordered


def _is_of(result: Any, expectation: Expectation) -> bool:
    config = result.expectation_config
    return bool(
        config.type == expectation.type
        and all(config.kwargs.get(key) == value for key, value in expectation.arguments.items())
    )


def _positions(result: Any, name: str) -> list[int]:
    # `exception_info` is one record, or one a metric where metrics raised.
    information = result.exception_info
    records = [information] if "raised_exception" in information else list(information.values())
    raised = next((each for each in records if each["raised_exception"]), None)
    if raised is not None:
        raise InternalError("expectation_raised", place=name, problem=raised["exception_message"])
    if result.success:
        return []
    rows = result.result.get("unexpected_index_list")
    if not rows:
        raise InternalError("no_rows", place=name, type=result.expectation_config.type)
    return sorted(int(row[INDEX]) for row in rows)
