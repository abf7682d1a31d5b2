"""The command line: wiring and printing only. A command is imported when it is called, so that help answers at once.

Exit status: 0 done; 1 a diagnosis at or above `--fail-on`; 2 a wrong call or wrong data files; 3 nothing readable.
"""

import gc
import sys
from collections.abc import Sequence
from importlib import import_module
from io import TextIOWrapper
from typing import Any

import click

from analyzer import __version__
from analyzer.errors import PatchtrailError

COMMANDS = {
    "analyze": "Say what went wrong, with the lines that prove it and what to do.",
    "timeline": "List what happened, in order, as a table or as data.",
    "explain": "Say what codes mean.",
    "codes": "Search and list the code book.",
    "formats": "Say as what each input is read, and why.",
    "rules": "List, show, check, test and begin diagnoses.",
}
"""Each command is `command` in the module of its name."""
NOTHING_READABLE = 3
INTERRUPTED = 130


class Commands(click.Group):
    """The commands by name, imported only when called; faults of ours end as one line, not as a traceback."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All names, in the order of the help."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name."""
        if cmd_name not in COMMANDS:
            return None
        found: click.Command = import_module(f"analyzer.cli.{cmd_name}").command
        return found

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list of commands, without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))

    def invoke(self, ctx: click.Context) -> Any:
        """Runs the command; a fault that a person must mend goes to standard error."""
        from analyzer.report.escape import safe
        from analyzer.report.write import silence

        try:
            return super().invoke(ctx)
        except PatchtrailError as fault:
            click.echo(f"patchtrail: {safe(str(fault))}", err=True)
            ctx.exit(fault.exit_code)
        except BrokenPipeError:
            silence()
            ctx.exit(0)
        except KeyboardInterrupt:
            ctx.exit(INTERRUPTED)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, "--version", prog_name="patchtrail", message="%(prog)s %(version)s")
def commands() -> None:
    """Find out, offline, why Windows machines do not get their updates.

    \b
    patchtrail analyze WindowsUpdate.log        one log
    patchtrail analyze ticket.zip evidence/     whatever was collected
    patchtrail explain 0x8024402C               one code

    Exit status: 0 done; 1 a diagnosis at or above --fail-on; 2 a wrong call or wrong data files; 3 nothing readable.
    """


def main(args: Sequence[str] | None = None, prog_name: str = "patchtrail") -> None:
    """The program."""
    # Nearly nothing here is cyclic, and a collection for every 700 objects costs a long run a tenth of its time.
    gc.set_threshold(50_000, 20, 50)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            legible(stream)
    commands.main(args, prog_name=prog_name)


def end_unreadable(why: str = "nothing readable: no input has a format that is known") -> None:
    """Says that no input could be read, and ends."""
    click.echo(f"patchtrail: {why}", err=True)
    sys.exit(NOTHING_READABLE)


def legible(stream: TextIOWrapper) -> None:
    """Makes *stream* UTF-8; a terminal keeps its encoding. What it cannot show becomes an escape."""
    encoding = stream.encoding if stream.isatty() else "utf-8"
    stream.reconfigure(encoding=encoding, errors="backslashreplace")
