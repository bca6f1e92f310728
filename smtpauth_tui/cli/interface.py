"""Opens the interface, on the store or on made-up data; without a terminal, prints the dashboard as text."""

import gc
import os
import shutil
import sys
from collections.abc import Callable
from functools import partial

import click

from smtpauth_tui.cli.context import Context, ascii_only, run_async
from smtpauth_tui.cli.group import ExamplesFirst
from smtpauth_tui.cli.progress import say_progress
from smtpauth_tui.clock import machine_zone_name
from smtpauth_tui.errors import NoStoreError, UsageError


@click.command(cls=ExamplesFirst, examples=("smtpauth-tui demo", "smtpauth-tui demo > dashboard.txt"))
@click.pass_obj
def demo(context: Context) -> None:
    """The interface on a store of made-up data of the last 90 days, in a place of its own."""
    from smtpauth_tui.demo import demo_store
    from smtpauth_tui.terminal import leaving_on_signals

    zone = context.settings.timezone or machine_zone_name()
    with leaving_on_signals(), demo_store(context.clock, zone, say_progress) as path:
        settings = context.settings.with_store(path)
        shown = Context(settings, context.color, context.clock, mouse=context.mouse, config=context.config)
        open_or_print(shown, last=partial(shutil.rmtree, path.parent, ignore_errors=True))


def open_or_print(context: Context, last: Callable[[], None] | None = None) -> None:
    """Open the interface; where there is no terminal for it, print the dashboard.

    *last* is called before an end by force, which leaves no context.
    """
    if not all(stream and stream.isatty() for stream in (sys.stdin, sys.stdout, sys.stderr)):
        run_async(_print_dashboard(context))
        return
    if os.environ.get("TERM", "dumb") == "dumb":
        raise UsageError(
            "This terminal (TERM=dumb) cannot show the interface.",
            "Set TERM to what it is, or print a report: smtpauth-tui show summary",
        )
    from smtpauth_tui.first_picture import first_picture
    from smtpauth_tui.terminal import Guard, prepare

    prepare(context.settings)
    guard = Guard(last)
    gc.disable()  # what is loaded stays: to look for garbage in it only takes time
    with guard.signals():
        picture = first_picture(context.settings, context.clock)
        with guard.loading(picture.text if picture else ""):
            from smtpauth_tui.app import open_interface
        status = open_interface(context.settings, context.clock, guard, picture, context.config, mouse=context.mouse)
    sys.exit(status)


async def _print_dashboard(context: Context) -> None:
    from smtpauth_tui.dashboard_text import dashboard_lines
    from smtpauth_tui.store.reader import Store

    try:
        store = await Store.open(context.path, context.places)
    except NoStoreError as error:
        click.echo(str(error))
        return
    async with store:
        for line in await dashboard_lines(store, context.clock, colour=context.colour, ascii_only=ascii_only()):
            click.echo(line)
