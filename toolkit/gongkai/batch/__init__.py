"""Reports of one agency, and of all agencies of a run file."""

from gongkai.batch.page import FILE as PAGE
from gongkai.batch.report import FILES, FORMATS, Made, make_report
from gongkai.batch.results import AgencyResult, Counts, RunResult
from gongkai.batch.running import Progress, look, run
from gongkai.batch.survey import Selection, State, Surveyed

__all__ = [
    "FILES",
    "FORMATS",
    "PAGE",
    "AgencyResult",
    "Counts",
    "Made",
    "Progress",
    "RunResult",
    "Selection",
    "State",
    "Surveyed",
    "look",
    "make_report",
    "run",
]
