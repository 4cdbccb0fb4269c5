"""Files that people write (forms, rules, run files): strict YAML, checked against a model, faults named by key."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError, model_validator
from pydantic_core import PydanticCustomError

from gongkai.catalogues import catalogue, language, pick
from gongkai.errors import AuthoringError, nearest

T = TypeVar("T")
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class Model(BaseModel):
    """Base of what is authored: frozen, and unknown keys are faults."""

    model_config = ConfigDict(frozen=True)

    @model_validator(mode="before")
    @classmethod
    def _known_keys_only(cls, data: Any) -> Any:
        known = {field.alias or name for name, field in cls.model_fields.items()}
        for key in data if isinstance(data, dict) else ():
            if key not in known:
                raise PydanticCustomError(
                    "unknown_key", "{name}", {"name": str(key), "nearest": nearest(str(key), known)}
                )
        return data


class Words(Model):
    """One text in each language of the interface."""

    zh: str
    en: str

    def __str__(self) -> str:
        return pick({"zh": self.zh, "en": self.en})


class _StrictLoader(_Loader):  # type: ignore[misc]
    """YAML as JSON has it: a date is text, as for papermill; a key given twice is a fault, not silently overwritten."""

    def construct_object(self, node: yaml.Node, deep: bool = False) -> Any:
        try:
            return super().construct_object(node, deep)
        except (TypeError, ValueError) as error:  # of a key that is a list, of a number that is none: "0x_"
            raise yaml.constructor.ConstructorError(None, None, str(error), node.start_mark) from error


def _mapping(loader: Any, node: yaml.MappingNode) -> dict[Any, Any]:
    _refuse_key_given_twice(node)
    return dict(loader.construct_pairs(node, deep=True))


def _refuse_key_given_twice(node: yaml.MappingNode) -> None:
    seen: set[str] = set()
    for key_node, _ in node.value:
        if not isinstance(key_node, yaml.ScalarNode):
            raise yaml.constructor.ConstructorError(None, None, "a key that is no single word", key_node.start_mark)
        key = key_node.value
        if key in seen:
            raise yaml.constructor.ConstructorError(None, None, f"duplicate key {key}", key_node.start_mark)
        seen.add(key)


_StrictLoader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _mapping)
_StrictLoader.add_constructor("tag:yaml.org,2002:timestamp", _StrictLoader.construct_yaml_str)


def load_yaml(path: Path) -> Any:
    """The content of one YAML file. Raises AuthoringError for a missing, undecodable or malformed file."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise AuthoringError("no_such_file", file=path.name) from error
    except IsADirectoryError as error:
        raise AuthoringError("is_directory", file=path.resolve().name) from error
    except UnicodeDecodeError as error:
        raise AuthoringError("not_yaml_text", file=path.name) from error
    except OSError as error:
        raise AuthoringError("unreadable_file", file=path.name, reason=error.strerror) from error
    return parse_yaml(text, file=path.name)


def parse_yaml(text: str, *, file: str) -> Any:
    """What a YAML text says. Raises AuthoringError for a malformed one."""
    with _faults_of_yaml(file):
        _refuse_deep(text)
        return yaml.load(text, _StrictLoader)  # noqa: S506  # a safe loader, made stricter


def yaml_records(text: str, *, file: str) -> Iterator[tuple[int, dict[str, Any]]]:
    """The mappings of a YAML list, each with its line; what is one word or number is text as it is written.

    So a code keeps its zeros. Raises AuthoringError for a malformed text, and for what is no list of mappings.
    """
    with _faults_of_yaml(file):
        _refuse_deep(text)
        loader = _StrictLoader(text)
        node = loader.get_single_node()
        if not isinstance(node, yaml.SequenceNode):
            raise AuthoringError("needs_records", file=file)
        for each in node.value:
            line = each.start_mark.line + 1
            if not isinstance(each, yaml.MappingNode):
                value = shown(loader.construct_document(each))
                raise AuthoringError("needs_mapping", file=file, place=line, value=value)
            _refuse_key_given_twice(each)
            yield line, {str(key.value): _as_written(loader, value) for key, value in each.value}


def _as_written(loader: Any, node: yaml.Node) -> Any:
    data = loader.construct_document(node)
    return node.value if isinstance(node, yaml.ScalarNode) and data is not None else data


DEPTH = 50
"""Collections in each other; the deepest of ours has some 10."""


def _refuse_deep(text: str) -> None:
    """Composing nodes calls itself for each level, in C, where too many levels end the process."""
    depth = 0
    for event in yaml.parse(text, _Loader):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > DEPTH:
                raise yaml.constructor.ConstructorError(None, None, "nested too deeply", event.start_mark)  # type: ignore[arg-type]
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1


@contextmanager
def _faults_of_yaml(file: str) -> Iterator[None]:
    try:
        yield
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else 1
        problem = getattr(error, "problem", None) or str(error)
        raise AuthoringError("yaml", file=file, line=line, problem=problem[:200]) from error


def validate(kind: type[T], data: Any, *, file: str) -> T:
    """`data` as a `kind`. Raises AuthoringError naming `file` and the first faulty key."""
    try:
        return TypeAdapter(kind).validate_python(data)
    except ValidationError as error:
        raise _fault(error, file) from error


_NEEDED = {
    "needs_int": ("int_parsing", "int_type", "int_from_float"),
    "needs_positive": ("greater_than",),
    "needs_bool": ("bool_parsing", "bool_type"),
    "needs_text": ("string_type",),
    "needs_mapping": ("model_type", "dict_type", "model_attributes_type"),
    "needs_list": ("list_type", "tuple_type"),
    "needs_one_of": ("literal_error",),
}
"""What a value should have been (the key of its sentence), by the kinds of faults that pydantic tells."""


def _fault(error: ValidationError, file: str) -> AuthoringError:
    first = error.errors(include_url=False)[0]
    kind, place = first["type"], ".".join(str(part) for part in first["loc"]) or None
    if kind == "missing":
        return AuthoringError("missing_key", file=file, place=place, name=first["loc"][-1])
    if f"error.{kind}" in catalogue(language()):
        # A fault that one of our own models tells by raising PydanticCustomError with the key of its sentence.
        return AuthoringError(kind, file=file, place=place, **first.get("ctx", {}))
    value = shown(first["input"])
    for needed, kinds in _NEEDED.items():
        if kind in kinds:
            return AuthoringError(needed, file=file, place=place, value=value, **first.get("ctx", {}))
    return AuthoringError("bad_value", file=file, place=place, value=value, problem=first["msg"])


def shown(value: object) -> str:
    """The beginning of `value` as JSON, for a message."""
    # No more of it is looked at than is shown: with aliases, YAML can hold itself.
    pieces = json.JSONEncoder(ensure_ascii=False, default=str, check_circular=False).iterencode(value)
    try:
        return "".join(islice(pieces, 80))[:80]
    except ValueError:  # of a number of thousands of digits
        return "…"
