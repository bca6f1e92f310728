"""The group of commands: examples before the rest of the help, and each command loaded when it is asked for."""

import errno
import os
import signal
import sys
from collections.abc import Iterator, Mapping, MutableMapping
from importlib import import_module
from typing import Any

import click

from smtpauth_tui.errors import SmtpAuthTuiError, UsageError


class ExamplesFirst(click.Command):
    """A command whose help begins with examples."""

    def __init__(self, *args: Any, examples: tuple[str, ...] = (), **extra: Any) -> None:
        super().__init__(*args, **extra)
        self._examples = examples

    def format_help(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        _write_examples(formatter, self._examples)
        super().format_help(ctx, formatter)


class LateCommands(MutableMapping[str, click.Command]):
    """Commands by name, each loaded when it is asked for from the place ``module.function`` of this package."""

    def __init__(self, commands: Mapping[str, str | click.Command]) -> None:
        self._commands = dict(commands)

    def __getitem__(self, name: str) -> click.Command:
        found = self._commands[name]
        if isinstance(found, str):
            module, _, function = found.rpartition(".")
            found = getattr(import_module(f"{__package__}.{module}"), function)
            assert isinstance(found, click.Command)
            self._commands[name] = found
        return found

    def __setitem__(self, name: str, command: click.Command) -> None:
        self._commands[name] = command

    def __delitem__(self, name: str) -> None:
        del self._commands[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._commands)

    def __len__(self) -> int:
        return len(self._commands)


class Commands(click.Group):
    """The group of commands; ``smtpauth-tui help COMMAND`` is ``smtpauth-tui COMMAND --help``."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command. Whoever reads the output may stop at any time: that is no failure (SIGPIPE)."""
        try:
            result = super().invoke(ctx)
            sys.stdout.flush()
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            sys.exit(128 + signal.SIGPIPE)
        except OSError as error:
            if error.errno not in (errno.ENOSPC, errno.EIO, errno.EDQUOT):
                raise
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise SmtpAuthTuiError(f"The output cannot be written: {error.strerror}.", "Make room there.") from error
        return result

    def format_help(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        _write_examples(
            formatter,
            (
                "smtpauth-tui demo                        look at it on made-up data",
                "smtpauth-tui import /var/log/mail.log*   bring in the logs of a mail server",
                "smtpauth-tui                             open the interface",
                "smtpauth-tui show senders --last 30d     a report as text, JSON or CSV",
            ),
        )
        super().format_help(ctx, formatter)


def _write_examples(formatter: click.HelpFormatter, examples: tuple[str, ...]) -> None:
    if examples:
        with formatter.section("Examples"):
            for example in examples:
                formatter.write(f"{'':{formatter.current_indent}}{example}\n")
        formatter.write_paragraph()


@click.command("help", cls=ExamplesFirst, examples=("smtpauth-tui help import",))
@click.argument("command", required=False)
@click.pass_context
def help_command(ctx: click.Context, command: str | None) -> None:
    """The help of a command."""
    parent = ctx.parent or ctx
    group = parent.command
    assert isinstance(group, click.Group)
    found = group.get_command(parent, command) if command else group
    if found is None:
        raise UsageError(f"There is no command {command!r}.", f"Commands are: {', '.join(group.commands)}.")
    with click.Context(found, info_name=command or parent.info_name, parent=parent if command else None) as inner:
        click.echo(found.get_help(inner))
