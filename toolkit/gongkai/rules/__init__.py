"""The rules as data: what they are, how they are written, and what they mean on a form."""

from gongkai.rules.equations import Equation, can_be_run, condition, equations, side_in_words
from gongkai.rules.loader import load_rule_files, load_rules
from gongkai.rules.model import Agencies, Rule
from gongkai.rules.views import MESSAGE_WORDS, VIEWS

__all__ = [
    "MESSAGE_WORDS",
    "VIEWS",
    "Agencies",
    "Equation",
    "Rule",
    "can_be_run",
    "condition",
    "equations",
    "load_rule_files",
    "load_rules",
    "side_in_words",
]
