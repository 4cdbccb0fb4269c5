"""The shape of the package: floors, doors, words, notebooks, documents."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
import yaml

from gongkai.catalogues import LANGUAGES, catalogue
from gongkai.cli import cli
from tests.helpers import ROOT

PACKAGE = ROOT / "toolkit" / "gongkai"
MODULES = sorted(PACKAGE.rglob("*.py"))

FLOORS = (
    {"__init__", "errors", "catalogues", "authored", "deferring", "forms"},
    {"rules", "filing", "finding", "wording", "workspace"},
    {"tables", "intake", "narrative", "fonts"},
    {"consistency"},
    {"formats", "report", "execute", "export", "ledger", "versions", "decisions", "waivers", "example"},
    {"runfile", "roster"},
    {"batch"},
    {"review", "cli", "terminal"},
)
DOORS: dict[str, str | tuple[str, ...]] = {
    "great_expectations": "consistency/gx.py",
    "papermill": "execute/",
    "nbclient": "execute/",
    "nbconvert": "export/",
    "openpyxl": "intake/spreadsheet/",
    "xlrd": "intake/xls.py",
    "olefile": "intake/ole.py",
    "docx": "export/docx/",
    "jupyter_server": "review/server/",
    "jupyterhub": "review/server/",
    "tornado": "review/server/",
    "argon2": "review/people.py",
    "typst": ("export/typesetting.py", "fonts/inspection.py"),
    "pikepdf": ("export/pdf/", "intake/pdf/safety.py"),
    "pypdfium2": "intake/pdf/pdfium.py",
    "fontTools": "fonts/",
    "matplotlib": "report/figures.py",
    "rich": "terminal/",
}
CJK = re.compile("[⺀-⿟\u3000-〿㐀-䶿一-鿿豈-﫿︰-﹏\uff00-￯]")


def name(path: Path) -> str:
    return path.relative_to(PACKAGE).as_posix()


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def component(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            assert node.level == 0, f"{name(path)} imports relatively"
            # `from gongkai import x` imports the component x.
            yield from (
                (f"{node.module}.{alias.name}" for alias in node.names) if node.module == "gongkai" else [node.module]
            )


def own_imports(path: Path) -> set[str]:
    parts = (module.split(".") for module in imports(path))
    return {part[1] for part in parts if part[0] == "gongkai" and len(part) > 1} - {component(path), "__version__"}


def floor(part: str) -> int:
    return next(number for number, parts in enumerate(FLOORS) if part in parts)


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_a_module_imports_from_its_own_floor_or_a_lower_one(path: Path) -> None:
    above = {part for part in own_imports(path) if floor(part) > floor(component(path))}
    assert not above


def test_no_two_components_import_each_other() -> None:
    graph: dict[str, set[str]] = {}
    for path in MODULES:
        graph.setdefault(component(path), set()).update(own_imports(path))
    done: set[str] = set()

    def visit(part: str, path: tuple[str, ...]) -> None:
        assert part not in path, " → ".join((*path, part))
        if part not in done:
            for each in graph.get(part, ()):
                visit(each, (*path, part))
            done.add(part)

    for part in graph:
        visit(part, ())


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_a_heavy_library_has_one_door(path: Path) -> None:
    for module in imports(path):
        door = DOORS.get(module.split(".")[0])
        assert door is None or name(path).startswith(door), f"{name(path)} imports {module}"


@pytest.mark.parametrize(
    "module", ["gongkai", "gongkai.cli", "gongkai.batch", "gongkai.report", "gongkai.intake", "gongkai.review.release"]
)
def test_importing_loads_no_heavy_library(module: str) -> None:
    code = f"import sys, {module}; print([name for name in {sorted({*DOORS, 'pandas'})} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_importing_spares_grammars_that_nothing_here_asks_for() -> None:
    code = "import sys, gongkai, nbformat; print([name for name in ('jsonschema', 'lark') if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "['jsonschema']"


def test_importing_great_expectations_loads_statistics_when_they_are_asked_for() -> None:
    loaded = "print('scipy.stats.distributions' in sys.modules)"
    asked = "from scipy import stats; stats.norm"
    code = f"import sys, gongkai.consistency.gx; {loaded}; {asked}; {loaded}"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "True"]


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_no_constant_of_the_package_holds_a_chinese_character(path: Path) -> None:
    constants = (node for node in ast.walk(tree(path)) if isinstance(node, ast.Constant))
    found = [(node.lineno, node.value) for node in constants if isinstance(node.value, str) and CJK.search(node.value)]
    assert not found


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_modules_and_functions_keep_their_size(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 400
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert (node.end_lineno or 0) - node.lineno < 60, f"{node.name} is long"


@pytest.mark.parametrize("path", [path for path in MODULES if path.name != "__init__.py"], ids=name)
def test_every_module_says_what_it_is(path: Path) -> None:
    assert ast.get_docstring(tree(path))


def placeholders(text: str) -> set[str]:
    return set(re.findall(r"{(\w+)}", text))


def test_catalogues_have_the_same_keys_and_placeholders() -> None:
    chinese, english = (catalogue(lang) for lang in ("zh", "en"))
    assert set(chinese) == set(english)
    differing = {key for key in chinese if placeholders(chinese[key]) != placeholders(english[key])}
    assert not differing


def test_catalogues_hold_no_key_twice() -> None:
    for lang in LANGUAGES:
        node = yaml.compose((PACKAGE / "catalogues" / f"{lang}.yaml").read_text(encoding="utf-8"))
        waiting = [node]
        while waiting:
            mapping = waiting.pop()
            if isinstance(mapping, yaml.MappingNode):
                keys = [key.value for key, _ in mapping.value]
                assert len(keys) == len(set(keys)), f"{lang}: {keys}"
                waiting += [value for _, value in mapping.value]


ERRORS = {
    "UsageError",
    "AuthoringError",
    "InputError",
    "JobError",
    "NotebookError",
    "InternalError",
    "PydanticCustomError",
}


def used_keys() -> Iterator[tuple[str, str]]:
    """Where a catalogue key is used, and the key; of a key that is put together, its fixed beginning and a star."""
    for path in MODULES:
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.Call) and node.args:
                called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                if called == "say" or called in ERRORS:
                    yield from (
                        (name(path), ("" if called == "say" else "error.") + key) for key in keys_of(node.args[0])
                    )


def keys_of(argument: ast.expr) -> Iterator[str]:
    match argument:
        case ast.Constant(value=str(key)):
            yield key
        case ast.JoinedStr(values=[ast.Constant(value=str(beginning)), *_]):
            yield beginning + "*"
        case ast.BinOp(left=ast.Constant(value=str(beginning))):
            yield beginning + "*"
        case ast.IfExp():
            yield from keys_of(argument.body)
            yield from keys_of(argument.orelse)


def test_every_key_that_is_said_is_in_the_catalogues() -> None:
    keys = catalogue("zh")
    unknown = {
        (where, key)
        for where, key in used_keys()
        if not (any(known.startswith(key[:-1]) for known in keys) if key.endswith("*") else key in keys)
    }
    assert not unknown


def test_every_word_of_the_catalogues_is_said() -> None:
    sources = "\n".join(path.read_text(encoding="utf-8") for path in [*MODULES, *PACKAGE.rglob("*.j2")])
    said = {key for _, key in used_keys()}
    dead = {
        key
        for key in catalogue("zh")
        if key not in said
        and not any(each.endswith("*") and key.startswith(each[:-1]) for each in said if each != "*")
        and f'"{key}"' not in sources
        and f"'{key}'" not in sources
        and f'"{key.removeprefix("error.")}"' not in sources
        and not key.startswith(("error.missing_", "cli."))
    }
    assert not dead


def options() -> Iterator[str]:
    for command in cli.commands.values():
        yield f"gongkai {command.name}"


@pytest.mark.parametrize("document", ["README.md", "README.zh-CN.md"])
def test_every_command_is_in_the_readme(document: str) -> None:
    text = (ROOT / document).read_text(encoding="utf-8")
    assert not [command for command in options() if command not in text]
