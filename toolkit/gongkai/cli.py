"""The command line: wiring only. Heavy modules are imported by the command that needs them.

Help and messages come from the catalogues, under ``cli.<command>.help`` and ``cli.option.<its long name>``; `--lang`
and `--debug` may stand anywhere on the line.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gongkai import __version__
from gongkai.catalogues import LANGUAGES, catalogue, language, say, use
from gongkai.errors import GongkaiError, InputError, InternalError, UsageError

if TYPE_CHECKING:
    from gongkai.filing import Filing

_PATH = click.Path(path_type=Path)


class _Formatter(click.HelpFormatter):
    """Click's help in the language in use."""

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        super().write_usage(prog, args, prefix or say("cli.usage"))

    def write_heading(self, heading: str) -> None:
        super().write_heading(say(f"cli.heading.{heading.lower()}"))


click.Context.formatter_class = _Formatter


@click.group(name="gongkai")
@click.option("--lang", type=click.Choice(LANGUAGES))
@click.option("--debug", is_flag=True)
@click.version_option(__version__, prog_name="gongkai")
def cli(lang: str | None, debug: bool) -> None:
    """Read by `main` before click is: so that they may stand anywhere, and click's own words are spoken."""


def _about(command: Any) -> Any:
    """The options by which any input may be completed."""
    for name, kind in (("--year", int), ("--level", str), ("--code", str), ("--agency", str)):
        command = click.option(name, type=kind)(command)
    return command


@cli.command()
@click.option("--agency", required=True)
@click.option("--code", required=True)
@click.option("--level", required=True)
@click.option("--year", type=int, required=True)
@click.option("--previous", type=_PATH)
@click.option("-o", "--output", type=_PATH, required=True)
@click.option("--force", is_flag=True)
def template(agency: str, code: str, level: str, year: int, previous: Path | None, output: Path, force: bool) -> None:
    from gongkai.intake.template import blank, write_workbook

    if output.suffix.lower() != ".xlsx":
        raise UsageError("not_xlsx", file=output.name)
    if output.exists() and not force:
        # A clerk may have begun to fill it; nothing is lost by writing elsewhere.
        raise UsageError("exists", file=output.name)
    filing = blank(agency, code, level, year)
    write_workbook(output, filing, previous=_read_previous(previous, filing))
    click.echo(say("cli.written", path=output))


@cli.command()
@click.argument("files", nargs=-1, required=True, type=_PATH)
@_about
@click.option("--show", is_flag=True)
@click.option("--to", "kind", type=click.Choice(["json", "xlsx"]), default="json")
@click.option("-o", "--output", type=_PATH)
def read(files: tuple[Path, ...], show: bool, kind: str, output: Path | None, **about: Any) -> int:
    from gongkai import terminal
    from gongkai.intake.template import write_workbook
    from gongkai.workspace import write_text

    if output is None and kind == "xlsx":
        raise UsageError("output_needed", file=files[0].name)
    filings, unread = _read_all(files, about)
    if show:
        for filing in filings.values():
            terminal.print_filing(filing)
    if output is None:
        for filing in () if show else filings.values():
            click.echo(filing.to_json(), nl=False)
        return _exit_code(unread)
    as_file = output.suffix == f".{kind}" and len(files) == 1
    targets = {path: output if as_file else output / f"{path.stem}.{kind}" for path in filings}
    if len(set(targets.values())) < len(targets):
        raise UsageError("same_names", file=output.name)
    for path, target in targets.items():
        if kind == "xlsx":
            write_workbook(target, filings[path])
            # Doubts do not travel in workbooks.
            terminal.print_doubts(filings[path])
        else:
            write_text(target, filings[path].to_json())
        click.echo(say("cli.written", path=target))
    return _exit_code(unread)


@cli.command()
@click.argument("files", nargs=-1, required=True, type=_PATH)
@_about
@click.option("--previous", type=_PATH)
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text")
def check(files: tuple[Path, ...], previous: Path | None, form: str, **about: Any) -> int:
    from gongkai import terminal
    from gongkai.consistency import check as run_check
    from gongkai.filing import canonical_json
    from gongkai.finding import blocks_release

    if previous and len(files) > 1:
        raise UsageError("previous_of_one")
    filings, unread = _read_all(files, about)
    last = [_read_previous(previous, filing) for filing in filings.values()]
    found = run_check(tuple(filings.values()), previous=last)
    summary = found.summary(tuple(filings.values())) | {"unread": unread}
    if form == "json":
        findings = [finding.to_data() for finding in found.all]
        data = {"filings": [filing.to_data() for filing in filings.values()], "findings": findings, "summary": summary}
        click.echo(canonical_json(data), nl=False)
    else:
        terminal.print_check(filings.values(), found, summary)
    blocked = any(blocks_release(*each) for each in zip(filings.values(), found.findings, strict=True))
    return _exit_code(unread) or int(blocked)


@cli.command()
@click.argument("file", type=_PATH)
@_about
@click.option("--previous", type=_PATH)
@click.option("-o", "--output", type=_PATH, required=True)
@click.option("--fail-on", type=click.Choice(["error"]))
def report(file: Path, previous: Path | None, output: Path, fail_on: str | None, **about: Any) -> int:
    from gongkai import terminal
    from gongkai.batch import make_report
    from gongkai.finding import blocks_release

    filing = _read_one(file, about)
    made = make_report(filing, output, previous=_read_previous(previous, filing))
    terminal.print_report(filing, made)
    return int(bool(fail_on) and blocks_release(filing, made.findings))


@cli.command()
@click.argument("run_file", type=_PATH)
@click.option("--agency", "agencies", multiple=True)
@click.option("--level", "levels", multiple=True)
@click.option("--only-failed", is_flag=True)
@click.option("--dry-run", is_flag=True)
@click.option("--jobs", type=int)
@click.option("--engine", type=click.Choice(["warm", "jupyter"]), default="warm")
@click.option("--fail-on", type=click.Choice(["error"]))
@click.option("--json", "as_json", is_flag=True)
def run(
    run_file: Path, jobs: int | None, engine: Any, dry_run: bool, fail_on: str | None, as_json: bool, **selected: Any
) -> int:
    from gongkai import batch
    from gongkai.terminal import runs

    selection = batch.Selection(**selected)
    if dry_run:
        runs.print_survey(batch.look(run_file, selection=selection), as_json=as_json)
        return 0
    with runs.progress(as_json=as_json) as step:
        result = batch.run(run_file, selection=selection, jobs=jobs, engine=engine, on_progress=step)
    runs.print_run(result, as_json=as_json)
    if result.failed:
        return 3
    return 1 if fail_on and result.blocked else 0


@cli.command()
@click.argument("build", type=_PATH)
def status(build: Path) -> None:
    from gongkai.ledger import read_ledger
    from gongkai.terminal import runs
    from gongkai.workspace import held_by

    run, entries = read_ledger(build)
    runs.print_status(build, run, entries, held_by(build))


@cli.command()
@click.option("--counties", type=int, required=True)
@click.option("--agencies", type=int, required=True)
@click.option("--years", required=True)
@click.option("--faults", type=float, default=0.0)
@click.option("--seed", type=int, default=1)
@click.option("--files", type=click.Choice(["workbook", "cells"]), default="workbook")
@click.option("-o", "--output", type=_PATH, required=True)
def example(years: str, output: Path, **wanted: Any) -> None:
    from gongkai.example import Example, write_example, years_of

    asked = Example(years=years_of(years), **wanted)
    label = say("cli.example.progress")
    with click.progressbar(length=asked.count, label=label, file=sys.stderr, hidden=not sys.stderr.isatty()) as bar:
        made = write_example(output, asked, bar.update)
    run_file = output / "params" / "all.yaml"
    click.echo(say("cli.example.done", path=output, files=made.files, faults=made.faults, run=run_file))


@cli.group()
def fonts() -> None:
    """Has commands of its own; its words stand in the catalogues."""


@fonts.command()
@click.argument("files", nargs=-1, required=True, type=_PATH)
@click.option("--role")
def add(files: tuple[Path, ...], role: str | None) -> None:
    from gongkai.fonts import register

    for font in register(files, role):
        key = "fonts.replaced" if font.replaced else "fonts.registered"
        where = say(f"fonts.role.{font.role}")
        click.echo(say(key, role=where, family=font.family, file=font.file, replaced=font.replaced))


@fonts.command("list")
def list_fonts() -> None:
    from gongkai.fonts import ROLES, chain

    for role in ROLES:
        font = chain(role)[0]
        whose = say("fonts.office" if font.of_office else "fonts.own")
        click.echo(say("fonts.line", role=say(f"fonts.role.{role}"), family=font.family, whose=whose, file=font.file))


def _read_all(files: Sequence[Path], about: dict[str, Any]) -> tuple[dict[Path, Filing], list[dict[str, str]]]:
    """The filings of `files`; those that cannot be read are told on the spot, and returned, without stopping."""
    if len(files) > 1 and (about["agency"] or about["code"]):
        raise UsageError("about_one")
    filings, unread = {}, []
    for path in dict.fromkeys(files):
        try:
            filings[path] = _read_one(path, about)
        except InputError as error:
            click.echo(str(error), err=True)
            unread.append({"file": path.name, "message": str(error)})
    return filings, unread


def _read_one(path: Path, about: dict[str, Any]) -> Filing:
    from gongkai.intake import read as read_file

    given = {"agency_code" if key == "code" else key: value for key, value in about.items()}
    return read_file(path).identified(**given)


def _read_previous(path: Path | None, filing: Filing) -> Filing | None:
    return filing.require_previous(_read_one(path, {})) if path else None


def _exit_code(unread: Sequence[object]) -> int:
    return InputError.exit_code if unread else 0


def speak(group: click.Group, words: str = "cli") -> click.Group:
    """Give every command and parameter of `group` its words, which stand under `words`, in the language in use."""
    group.help = say(f"{words}.help")
    for command in (group, *group.commands.values()):
        if isinstance(command, click.Group) and command is not group:
            speak(command, f"{words}.{command.name}")
        elif command is not group:
            command.help = say(f"{words}.{command.name}.help")
        for parameter in command.get_params(click.Context(command)):
            if isinstance(parameter, click.Option):
                option = parameter.opts[-1].lstrip("-")
                own = f"{words}.{command.name}.option.{option}"
                parameter.help = say(own if own in catalogue(language()) else f"cli.option.{option}")
    return group


def _everywhere(arguments: list[str]) -> tuple[list[str], bool]:
    """The arguments without `--lang` and `--debug`, which are heeded here wherever they stand."""
    rest: list[str] = []
    debug = False
    waiting = list(arguments)
    while waiting:
        argument = waiting.pop(0)
        if argument == "--":
            return [*rest, argument, *waiting], debug
        if argument == "--debug":
            debug = True
        elif argument.partition("=")[0] == "--lang":
            lang = argument.partition("=")[2] or (waiting.pop(0) if waiting else "")
            if lang not in LANGUAGES:
                raise UsageError("unknown_language", lang=lang, known=", ".join(LANGUAGES))
            use(lang)
        else:
            rest.append(argument)
    return rest, debug


def main(arguments: Sequence[str] | None = None) -> None:
    """The ``gongkai`` command. Ends the process with the exit codes of the design."""
    debug = False
    try:
        rest, debug = _everywhere(list(sys.argv[1:] if arguments is None else arguments))
        code = speak(cli).main(args=rest, prog_name="gongkai", standalone_mode=False)
    except GongkaiError as error:
        if debug:
            raise
        _complain(str(error))
        code = error.exit_code
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message(), err=True)
        code = UsageError.exit_code
    except click.UsageError as error:
        _complain(_usage_words(error))
        code = UsageError.exit_code
    except click.exceptions.Exit as done:
        code = done.exit_code
    except (KeyboardInterrupt, click.Abort):
        _complain(say("cli.interrupted"))
        code = 130
    except BrokenPipeError:
        # Whoever read our output has stopped reading; that is no error, and Python shall not complain on its way out.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 0
    except Exception as error:
        # Never a fault of what we were given, which would be one of our own errors.
        if debug:
            raise
        problem = str(error) or type(error).__name__
        _complain(str(InternalError("unexpected", problem=f"{type(error).__name__}: {problem}".splitlines()[0])))
        code = InternalError.exit_code
    sys.exit(code if isinstance(code, int) else 0)


def _complain(words: str) -> None:
    click.echo(say("cli.error", words=words), err=True)


def _usage_words(error: click.UsageError) -> str:
    """What click found wrong with the line, in our words."""
    key, values = "bad_usage", {"problem": error.format_message()}
    match error:
        case click.NoSuchOption():
            key, values = "no_such_option", {"name": error.option_name}
        case click.exceptions.NoSuchCommand():
            key, values = "no_such_command", {"name": error.command_name, "known": ", ".join(_commands(error))}
        case click.MissingParameter():
            key, values = "missing_parameter", {"name": _name(error)}
        case click.BadParameter(param=click.Parameter(type=click.types.IntParamType())):
            key, values = "needs_int", {"name": _name(error)}
        case click.BadParameter(param=click.Parameter(type=click.types.FloatParamType())):
            key, values = "needs_number", {"name": _name(error)}
        case click.BadParameter(param=click.Parameter(type=click.Choice(choices=choices))):
            key, values = "needs_one_of", {"name": _name(error), "known": ", ".join(map(str, choices))}
    return say(f"cli.{key}", **values)


def _commands(error: click.UsageError) -> Iterable[str]:
    """The commands of the group in which one was not found."""
    group = error.ctx.command if error.ctx else cli
    return group.commands if isinstance(group, click.Group) else ()


def _name(error: click.BadParameter) -> str:
    if error.param is None:
        return "?"
    return error.param.opts[-1] if isinstance(error.param, click.Option) else str(error.param.name).upper()
