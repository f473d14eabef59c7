"""The command ``panhuo``: every declared verb as a subcommand.

Invariant: ``--help`` imports no engine. With ``--json`` exactly one JSON object goes to standard output, an error
included; words for people and progress never mix with it.
"""

from __future__ import annotations

import inspect
import json
import os
import sys
from collections.abc import Callable
from typing import Any

import click

from panhuo import __version__
from panhuo.ground.record.errors import Defect, PanhuoError
from panhuo.verbs.declaration import Argument, Verb, resolve
from panhuo.verbs.listing import verb_named, verb_names

_TYPES: dict[str, Any] = {"path": str, "text": str, "int": int, "float": float}


def default_language() -> str:
    """``zh`` or ``en``: PANHUO_LANGUAGE, else the locale, else Chinese."""
    for name in ("PANHUO_LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        value = os.environ.get(name, "").lower()
        if value.startswith("zh"):
            return "zh"
        if value.startswith("en"):
            return "en"
    return "zh"


def _parameter(argument: Argument, language: str) -> click.Parameter:
    words = argument.zh if language == "zh" else argument.en
    kind = click.Choice(list(argument.choices)) if argument.kind == "choice" else _TYPES.get(argument.kind)
    if not argument.option:
        return click.Argument([argument.name], required=argument.required, type=kind, default=argument.default)
    if argument.kind == "flag":
        return click.Option([argument.flag, argument.name], is_flag=True, default=bool(argument.default), help=words)
    return click.Option(
        [argument.flag, argument.name],
        type=kind,
        required=argument.required and argument.default is None,
        default=argument.default,
        show_default=argument.default is not None,
        multiple=argument.multiple,
        help=words,
    )


def _help(verb: Verb, language: str) -> str:
    lines = [verb.zh if language == "zh" else verb.en]
    places = [a for a in verb.arguments if not a.option]
    if places:
        lines.append("\b\n" + "\n".join(f"{a.name.upper()}  {a.zh if language == 'zh' else a.en}" for a in places))
    if verb.example:
        lines.append("\b\n" + verb.example)
    return "\n\n".join(lines)


def _progress() -> Callable[[str, int, int], None] | None:
    if not sys.stderr.isatty():
        return None
    from panhuo.verbs.progress import bar

    return bar()


def _call(verb: Verb, language: str, as_json: bool, values: dict[str, Any]) -> None:
    try:
        run = resolve(verb.run)
        if "progress" in inspect.signature(run).parameters:
            values["progress"] = _progress()
        if "language" in inspect.signature(run).parameters:
            values["language"] = language
        result = run(**values)
    except PanhuoError as error:
        _fail(error, as_json)
    except (KeyboardInterrupt, BrokenPipeError):
        raise
    except Exception as error:
        if os.environ.get("PANHUO_TRACEBACK"):
            raise
        place = error.__traceback__
        while place is not None and place.tb_next is not None:
            place = place.tb_next
        where = f"{place.tb_frame.f_code.co_filename.rsplit('/', 1)[-1]}:{place.tb_lineno}" if place else ""
        remedy = "please report it; PANHUO_TRACEBACK=1 shows where it happened"
        _fail(Defect(f"{type(error).__name__}: {error}", where=where, remedy=remedy), as_json)
    else:
        if as_json:
            click.echo(json.dumps(result, ensure_ascii=False, default=str, allow_nan=False))
        else:
            click.echo(verb.words(result, language) or json.dumps(result, ensure_ascii=False, indent=1, default=str))
        sys.exit(int(result.get("exit_code", 0)) if isinstance(result, dict) else 0)


def _fail(error: PanhuoError, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(error.as_json(), ensure_ascii=False))
    else:
        click.echo(f"panhuo: {error}", err=True)
    sys.exit(error.exit_code)


class _Verbs(click.Group):
    """Subcommands made from declarations when they are asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return verb_names()

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        verb = verb_named(cmd_name)
        if verb is None:
            return None
        language = default_language()

        def callback(as_json: bool, language: str, **values: Any) -> None:
            _call(verb, language, as_json, values)

        json_words = "只输出一个 JSON 对象" if language == "zh" else "print exactly one JSON object"
        language_words = "语言" if language == "zh" else "language"
        parameters = [
            *(_parameter(a, language) for a in verb.arguments),
            click.Option(["--json", "as_json"], is_flag=True, help=json_words),
            click.Option(["--language"], type=click.Choice(["zh", "en"]), default=language, help=language_words),
        ]
        short = (verb.zh if language == "zh" else verb.en).split("\n")[0]
        return click.Command(
            cmd_name, callback=callback, params=parameters, help=_help(verb, language), short_help=short
        )


_WORDS = {
    "zh": "盘活：小微贷款的一生。每个数字都能打开（why）、重算（replay）、证明（verify）。",
    "en": "Panhuo: the whole life of a small-business loan. Every number opens (why), replays and proves (verify).",
}


@click.command(cls=_Verbs, help=_WORDS[default_language()], context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="panhuo")
def main() -> None:
    """Entry point; the subcommand does the work."""
