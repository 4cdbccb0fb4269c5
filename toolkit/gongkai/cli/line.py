"""The line that was typed: its words for every language, its faults, how the process ends."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Sequence

import click

from gongkai.catalogues import LANGUAGES, catalogue, language, say, use
from gongkai.cli.group import cli
from gongkai.errors import GongkaiError, InternalError, UsageError


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
