"""Crashes in small; in full, and at every operation, by ``make crash``."""

from __future__ import annotations

import random
import sys
from pathlib import Path

import pytest

from tests.county import JOBS, County, Figures, check, finished
from tests.crash import Trial
from tests.failing import Failing, small_disks
from tests.offices import edit

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="processes are looked for in /proc")


@pytest.fixture(scope="module")
def trial(tmp_path_factory: pytest.TempPathFactory) -> Trial:
    return Trial(County.written(tmp_path_factory.mktemp("county")), random.Random(1))


def test_whatever_moment_a_run_or_its_engine_is_killed_nothing_is_lost_or_half_made(trial: Trial) -> None:
    trial.kills(6)
    assert trial.figures.counts["runs that came to their end"]


def test_an_agency_whose_worker_is_killed_says_so_and_no_other_is_harmed(trial: Trial) -> None:
    trial.workers(4)
    assert trial.figures.counts["reports that failed by it"]


def test_a_worker_that_stands_still_is_ended_at_its_deadline_and_no_other_is_harmed(trial: Trial) -> None:
    edit(trial.county.run_file, limits={"seconds": 6})
    with trial.standing_still() as (run, stopped):
        assert run.wait() == 3
    ((told, event),) = [each for each in run.told if each[1]["event"] == "agency" and not each[1]["folder"]]
    assert "6 秒" in event["message"]
    assert told - stopped < 6 + 5
    assert len(finished(trial.county.build)) == 7
    check(trial.county.build, trial.undisturbed[0], all_made=False)


def test_a_disk_that_is_full_is_told_of_and_nothing_is_lost(trial: Trial) -> None:
    whole, *_ = trial.undisturbed
    small_disks(trial.county, whole, [900], trial.figures)


def test_an_error_of_the_system_harms_one_agency_at_most_which_says_so(tmp_path: Path) -> None:
    with Failing.armed(County.written(tmp_path, agencies=3)) as failing:
        failing.every(12)
    figures: Figures = failing.figures
    assert figures.counts["told by the agency"] >= 6
    assert figures.counts["operations"] > 60
    assert JOBS == 2
