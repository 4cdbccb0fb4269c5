"""Files that people write (forms, rules, run files): strict YAML, checked against a model, faults named by key."""

from __future__ import annotations

import json
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
    """YAML that refuses a key given twice, which the plain loader silently overwrites."""


def _mapping(loader: Any, node: yaml.MappingNode) -> dict[Any, Any]:
    seen: set[str] = set()
    for key_node, _ in node.value:
        if key_node.value in seen:
            raise yaml.constructor.ConstructorError(None, None, f"duplicate key {key_node.value}", key_node.start_mark)
        seen.add(key_node.value)
    return dict(loader.construct_pairs(node, deep=True))


_StrictLoader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _mapping)


def load_yaml(path: Path) -> Any:
    """The content of one YAML file. Raises AuthoringError for a missing, undecodable or malformed file."""
    try:
        return yaml.load(path.read_text(encoding="utf-8"), _StrictLoader)  # noqa: S506  # a safe loader, made stricter
    except FileNotFoundError as error:
        raise AuthoringError("no_such_file", file=path.name) from error
    except IsADirectoryError as error:
        raise AuthoringError("is_directory", file=path.resolve().name) from error
    except UnicodeDecodeError as error:
        raise AuthoringError("not_yaml_text", file=path.name) from error
    except OSError as error:
        raise AuthoringError("unreadable_file", file=path.name, reason=error.strerror) from error
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else 1
        problem = getattr(error, "problem", None) or str(error)
        raise AuthoringError("yaml", file=path.name, line=line, problem=problem) from error


def validate(kind: type[T], data: Any, *, file: str) -> T:
    """`data` as a `kind`. Raises AuthoringError naming `file` and the first faulty key."""
    try:
        return TypeAdapter(kind).validate_python(data)
    except ValidationError as error:
        raise _fault(error, file) from error


_NEEDED = {
    "needs_int": ("int_parsing", "int_type", "int_from_float"),
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
    value = json.dumps(first["input"], ensure_ascii=False, default=str)[:80]
    for needed, kinds in _NEEDED.items():
        if kind in kinds:
            return AuthoringError(needed, file=file, place=place, value=value, **first.get("ctx", {}))
    return AuthoringError("bad_value", file=file, place=place, value=value, problem=first["msg"])
