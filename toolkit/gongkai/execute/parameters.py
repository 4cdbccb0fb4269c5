"""The parameters of a notebook: what its cell tagged ``parameters`` declares, and whether values fit.

The cell is read, never run. ``name: type = literal`` declares a type and a default, ``name: type`` a parameter that
must be given, ``name = literal`` one that takes any plain data; other statements declare nothing. ``x: str = None``
takes None too. Types are those of `TYPES`, written plainly or in quotes.
"""

from __future__ import annotations

import ast
import io
import json
import reprlib
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gongkai.errors import AuthoringError, UsageError, nearest
from gongkai.execute.canonical import place_of_parameters

TYPES = "str, int, float, bool, list, dict, None, list[T], dict[str, T], T | U, Optional[T], Literal[...]"

LARGEST = 2**20
"""Characters of one parameter; it becomes a line of code in the notebook."""

_JSON = json.JSONEncoder(ensure_ascii=False, allow_nan=False)

Takes = Callable[[Any], bool]
"""Whether a value is of a type."""

_NAMED: Mapping[str, Takes] = {
    "str": lambda value: isinstance(value, str),
    "int": lambda value: type(value) is int,
    "float": lambda value: type(value) in (int, float),
    "bool": lambda value: isinstance(value, bool),
    "list": lambda value: isinstance(value, list),
    "dict": lambda value: isinstance(value, dict),
    "None": lambda value: value is None,
}


@dataclass(frozen=True, slots=True)
class Declared:
    """A parameter as its notebook declares it: `type` as it is written, "" where none is."""

    type: str = ""
    required: bool = False
    takes: Takes = lambda _: True


def declared_in(notebook: Path) -> Mapping[str, Declared]:
    """What the notebook at `notebook` declares. Raises AuthoringError where it is none, or its cell is faulty."""
    try:
        return declared(json.loads(notebook.read_text(encoding="utf-8")), file=notebook.name)
    except OSError as error:
        raise AuthoringError("unreadable_file", file=notebook.name, reason=error.strerror) from error
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise AuthoringError("not_a_notebook", file=notebook.name) from error


def declared(notebook: Mapping[str, Any], *, file: str) -> Mapping[str, Declared]:
    """What a notebook (a node of nbformat, or its JSON data) declares, by name; nothing where it has no such cell.

    Raises AuthoringError for a cell that is no Python, and for a type that is none of `TYPES`; `place` is the line.
    """
    place = place_of_parameters(notebook)
    if place < 0:
        return {}
    source = notebook["cells"][place]["source"]
    types: dict[str, ast.expr] = {}
    defaults: dict[str, ast.expr] = {}
    for statement in _parsed(source if isinstance(source, str) else "".join(source), file):
        match statement:
            case ast.AnnAssign(target=ast.Name(id=name), annotation=annotation, value=value):
                types[name] = annotation
                defaults |= {name: value} if value else {}
            case ast.Assign(targets=targets, value=value):
                defaults |= {target.id: value for target in targets if isinstance(target, ast.Name)}
    return {name: _declared(types.get(name), defaults.get(name), file) for name in types | defaults}


def check(
    parameters: Mapping[str, Any], declared: Mapping[str, Declared], *, file: str, place: str | int | None = None
) -> None:
    """Raises UsageError for a parameter that is not declared, does not fit, or must be given and is not.

    It names `file` and `place`: where the parameters stand, or the notebook.
    """
    for name, value in parameters.items():
        if name not in declared:
            hint = nearest(str(name), declared)
            raise UsageError("unknown_parameter", file=file, place=place, name=name, nearest=hint)
        wanted = declared[name].type
        if not (is_plain(value) and declared[name].takes(value)):
            key = "parameter_type" if wanted else "parameter_not_plain"
            raise UsageError(key, file=file, place=place, name=name, wanted=wanted, value=reprlib.repr(value))
    for name, each in declared.items():
        if each.required and name not in parameters:
            raise UsageError("missing_parameter", file=file, place=place, name=name, wanted=each.type)


def is_plain(value: Any) -> bool:
    """Whether `value` is data that JSON gives back as it was, and no more than anyone writes by hand."""
    text = io.StringIO()
    try:
        for piece in _JSON.iterencode(value):
            if text.tell() + len(piece) > LARGEST:
                return False
            text.write(piece)
        return bool(json.loads(text.getvalue().encode()) == value)
    except (TypeError, ValueError, RecursionError):
        return False


def _parsed(source: str, file: str) -> list[ast.stmt]:
    try:
        with warnings.catch_warnings():
            # Of "\d" and the like, which the kernel will tell where it matters.
            warnings.simplefilter("ignore")
            return ast.parse(source).body
    except (SyntaxError, ValueError) as error:
        line = getattr(error, "lineno", None) or 1
        raise AuthoringError("parameters_cell", file=file, place=line, problem=getattr(error, "msg", error)) from error


def _declared(annotation: ast.expr | None, default: ast.expr | None, file: str) -> Declared:
    if annotation is None:
        return Declared()
    try:
        takes = _takes(annotation)
    except _UnknownTypeError as error:
        name = error.args[0]
        hint = nearest(name, _NAMED)
        about = {"name": name, "known": TYPES, "nearest": hint}
        raise AuthoringError("unknown_type", file=file, place=annotation.lineno, **about) from error
    if isinstance(default, ast.Constant) and default.value is None:
        takes = _any(takes, _NAMED["None"])
    return Declared(ast.unparse(_unquoted(annotation)), default is None, takes)


class _UnknownTypeError(Exception):
    """Holds the type as it is written."""


def _takes(annotation: ast.expr) -> Takes:
    node = _unquoted(annotation)
    written = ast.unparse(node)
    if written in _NAMED:
        return _NAMED[written]
    match node:
        case ast.BinOp(left=left, op=ast.BitOr(), right=right):
            return _any(_takes(left), _takes(right))
        case ast.Subscript(value=ast.Name(id="Optional"), slice=item):
            return _any(_takes(item), _NAMED["None"])
        case ast.Subscript(value=ast.Name(id="list"), slice=item):
            return _list(_takes(item))
        case ast.Subscript(value=ast.Name(id="dict"), slice=ast.Tuple(elts=[ast.Name(id="str"), item])):
            return _dict(_takes(item))
        case ast.Subscript(value=ast.Name(id="Literal"), slice=values):
            return _literal(written, values)
    raise _UnknownTypeError(written)


def _unquoted(node: ast.expr) -> ast.expr:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        try:
            return ast.parse(node.value, mode="eval").body
        except (SyntaxError, ValueError) as error:
            raise _UnknownTypeError(node.value) from error
    return node


def _any(*types: Takes) -> Takes:
    return lambda value: any(takes(value) for takes in types)


def _list(item: Takes) -> Takes:
    return lambda value: isinstance(value, list) and all(map(item, value))


def _dict(item: Takes) -> Takes:
    return lambda value: isinstance(value, dict) and all(map(item, value.values()))


def _literal(written: str, values: ast.expr) -> Takes:
    """Of values that are the same to Python, such as 1 and True, it takes the one that is written."""
    try:
        known = [ast.literal_eval(each) for each in (values.elts if isinstance(values, ast.Tuple) else [values])]
    except (TypeError, ValueError) as error:
        raise _UnknownTypeError(written) from error
    if not known or not all(isinstance(each, str | int | None) for each in known):
        raise _UnknownTypeError(written)
    return lambda value: any(type(value) is type(each) and value == each for each in known)
