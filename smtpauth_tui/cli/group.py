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
        if self._examples:
            with formatter.section("Examples"):
                for example in self._examples:
                    formatter.write(f"{'':{formatter.current_indent}}{example}\n")
            formatter.write_paragraph()
        super().format_help(ctx, formatter)


class GroupExamplesFirst(ExamplesFirst, click.Group):
    """A group of commands whose help begins with examples; so does that of each command."""

    command_class = ExamplesFirst


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


class Commands(GroupExamplesFirst):
    """The group of all commands; ``smtpauth-tui help COMMAND`` is ``smtpauth-tui COMMAND --help``."""

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


@click.command("help", cls=ExamplesFirst, examples=("smtpauth-tui help import", "smtpauth-tui help outbox retry"))
@click.argument("command", nargs=-1)
@click.pass_context
def help_command(ctx: click.Context, command: tuple[str, ...]) -> None:
    """The help of a command."""
    at = ctx.parent or ctx
    for word in command:
        group = at.command
        found = group.get_command(at, word) if isinstance(group, click.Group) else None
        if found is None:
            names = ", ".join(group.commands) if isinstance(group, click.Group) else ""
            hint = f"Commands are: {names}." if names else f"{group.name} has no commands of its own."
            raise UsageError(f"There is no command {word!r}.", hint)
        at = click.Context(found, info_name=word, parent=at)
    click.echo(at.command.get_help(at))
