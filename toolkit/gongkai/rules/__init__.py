"""The rules as data: what they are, how they are written, and what they mean on a form."""

from gongkai.rules.equations import Equation, can_be_run, condition, equations, side_in_words
from gongkai.rules.loader import Book, load_book, load_rule_files, load_rules, rule_folders
from gongkai.rules.model import Agencies, Rule
from gongkai.rules.own import Change
from gongkai.rules.views import MESSAGE_WORDS, VIEWS

__all__ = [
    "MESSAGE_WORDS",
    "VIEWS",
    "Agencies",
    "Book",
    "Change",
    "Equation",
    "Rule",
    "can_be_run",
    "condition",
    "equations",
    "load_book",
    "load_rule_files",
    "load_rules",
    "rule_folders",
    "side_in_words",
]
