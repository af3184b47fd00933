"""The application, and how it ends: whatever goes wrong is one line on stderr and an exit code."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer
from typer.core import TyperGroup

from lab import __version__
from lab.errors import LabError, unknown

FAILED, BAD_INPUT, INTERRUPTED = 1, 2, 130
_UsageError: Any = typer.BadParameter.__base__  # typer has its own copy of click or another's, by version


class _OneLine(TyperGroup):
    """Says every error in one line, where click prints a usage text and Python a traceback."""

    def main(self, *args: Any, **extra: Any) -> NoReturn:
        extra["standalone_mode"] = False
        try:
            code = super().main(*args, **extra)
        except LabError as error:
            code = say(str(error))
        except _UsageError as error:
            code = say(_usage(error))
        except typer.Abort:
            code = say("stopped", INTERRUPTED)
        sys.exit(code if isinstance(code, int) else 0)

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt as interrupt:  # click would drop the text, which says what was kept
            raise typer.Exit(say(str(interrupt) or "stopped", INTERRUPTED)) from None

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        if self.get_command(ctx, args[0]) is None and not args[0].startswith("-"):
            raise unknown("command", args[0], self.list_commands(ctx))
        return super().resolve_command(ctx, args)


def say(text: str, code: int = BAD_INPUT) -> int:
    """Print one line on stderr; return the exit code that goes with it."""
    print("ratelab:", " ".join(text.split()), file=sys.stderr)
    return code


def _usage(error: Any) -> str:
    """Return a usage error in one line; of an unknown option with the nearest that there is."""
    command = error.ctx.command_path if error.ctx else "ratelab"
    if error.ctx and hasattr(error, "possibilities"):
        options = [name for parameter in error.ctx.command.params for name in parameter.opts if name.startswith("-")]
        return str(unknown(f"option of {command}", error.option_name, options))
    return f"{error.format_message().rstrip('.')} (see {command} --help)"


app = typer.Typer(
    cls=_OneLine,
    add_completion=False,
    rich_markup_mode=None,  # rich's help takes 0.1 s more to import than all the rest
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

Json = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]
StoreFolder = Annotated[str, typer.Option("--store", metavar="DIR", help="Where results are kept and looked up.")]
NoStore = Annotated[bool, typer.Option("--no-store", help="Keep and look up nothing.")]


@app.callback(invoke_without_command=True)
def root(
    ctx: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
) -> None:
    """The laboratory where a convergence theorem runs.

    \b
    ratelab list                                  what there is
    ratelab show reddi2018.thm1                   one theorem, problem, optimizer or figure
    ratelab demo                                  Adam diverges, beside the theorems that say so

    Exit code: 0 where nothing failed, 1 where a verdict failed, 2 on bad input.
    """
    if version:
        print(__version__)
    elif ctx.invoked_subcommand is None:
        print(ctx.get_help())


def kept_in(store: str) -> str:
    """Return a store that is only read, which need not be there yet. LabError where it is no folder."""
    if Path(store).exists() and not Path(store).is_dir():
        raise LabError(f"--store must be a folder, got {store!r}")
    return store


def store_folder(store: str, no_store: bool) -> str | None:
    """Return the folder of results, None where none is wanted. LabError where it cannot be written.

    A folder that was not there is not there afterwards: bad input that is found later must leave nothing behind.
    """
    if no_store:
        return None
    from lab.results import Store

    root = Path(store)
    was_there = root.is_dir()
    Store(root).check_writable()
    if not was_there:
        root.rmdir()
    return store
