"""What is on the terminal before the interface is loaded: the dashboard, where its figures are there at once."""

import os
import sys
from dataclasses import dataclass

from smtpauth_tui.clock import Clock
from smtpauth_tui.dashboard_picture import Figures, dashboard_picture, first_figures, palette_for
from smtpauth_tui.places import places_of
from smtpauth_tui.settings import Settings
from smtpauth_tui.shadow import Shadow
from smtpauth_tui.terminal import MIN_HEIGHT, MIN_WIDTH, suitable_theme


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture, what it shows, and what the terminal shows with it."""

    text: str
    figures: Figures
    shadow: Shadow


def first_picture(settings: Settings, clock: Clock) -> Picture | None:
    """The dashboard for the terminal of this process; None where there is no store to show, or no room for it."""
    size = os.get_terminal_size(sys.stderr.fileno())
    palette = palette_for(suitable_theme(settings, os.environ), os.environ)
    if palette is None or size.columns < MIN_WIDTH or size.lines < MIN_HEIGHT or sys.stderr.encoding != "utf-8":
        return None
    figures = first_figures(settings.store_path, clock, places_of(settings))
    if figures is None:
        return None
    shadow = Shadow(size.columns, size.lines)
    frame = dashboard_picture(
        figures, settings.store_path, size.columns, size.lines, palette, own_keys=bool(settings.keys)
    )
    return Picture(shadow.shortened(frame), figures, shadow)
