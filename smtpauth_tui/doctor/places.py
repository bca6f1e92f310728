"""Whether the files that tell the places of addresses can be read, what they tell, and how old they are."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from smtpauth_tui.doctor.findings import Finding, Patient, notice, ok, warning
from smtpauth_tui.errors import SmtpAuthTuiError
from smtpauth_tui.places import places_of
from smtpauth_tui.settings import load

if TYPE_CHECKING:
    from smtpauth_tui.places.databases import Database

_STALE_DAYS: Final = 100
"""Publishers renew their files weekly or monthly."""


async def place_files(patient: Patient) -> list[Finding]:
    """Open each file that the settings name."""
    try:
        settings = load(patient.config, patient.environment)
    except SmtpAuthTuiError:
        return []  # the check of the configuration says so
    try:
        files = places_of(settings).finder().databases
    except SmtpAuthTuiError as error:
        return [warning("places", error.message, error.hint)]
    return [_of(file, patient) for file in files] or [
        ok("places", "No .mmdb file is named: countries and AS of client addresses are not told.")
    ]


def _of(file: "Database", patient: Patient) -> Finding:
    parts = [("countries", file.countries), ("AS", file.systems), ("locations", file.locations)]
    tells = ", ".join(what for what, there in parts if there)
    about = f"{file.path} ({file.title}) tells {tells}"
    try:
        built = datetime.fromtimestamp(file.built, UTC)
    except (ValueError, OverflowError, OSError):
        return ok("places", f"{about}.")
    days = (patient.clock.now() - built).days
    if days > _STALE_DAYS:
        return notice("places", f"{about}, as it was {days} days ago: addresses move.", "Download a newer one.")
    return ok("places", f"{about}, as of {built:%Y-%m-%d}.")
