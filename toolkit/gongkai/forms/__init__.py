"""The official form as data: one YAML per edition, and the only home of official terms."""

from gongkai.forms.crosswalk import counterparts
from gongkai.forms.loader import edition_of, editions, form_for_year, load_form
from gongkai.forms.model import Axis, Band, CellSpec, Column, Form, Kind, Node, Part, Row, Section, Table

__all__ = [
    "Axis",
    "Band",
    "CellSpec",
    "Column",
    "Form",
    "Kind",
    "Node",
    "Part",
    "Row",
    "Section",
    "Table",
    "counterparts",
    "edition_of",
    "editions",
    "form_for_year",
    "load_form",
]
