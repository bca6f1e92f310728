"""What would keep the program from working here or its figures from being right, and how to mend it."""

from collections.abc import AsyncGenerator
from typing import Final

from smtpauth_tui.doctor.findings import Check, Finding, Patient, notice, warning
from smtpauth_tui.doctor.gaps import gaps
from smtpauth_tui.doctor.logs import doubled, lost_lines, newest_import, unknown_tls
from smtpauth_tui.doctor.machine import configuration, sqlite, store_file, store_sound, terminal
from smtpauth_tui.doctor.mail import mail_server, outbox
from smtpauth_tui.doctor.places import place_files
from smtpauth_tui.errors import NoStoreError, SmtpAuthTuiError
from smtpauth_tui.store.reader import Store

CHECKS: Final = (
    Check("configuration", "Configuration", look=configuration),
    Check("terminal", "Terminal", look=terminal),
    Check("sqlite", "SQLite", look=sqlite),
    Check("store", "Store", look=store_file),
    Check("places", "Places", look=place_files),
    Check("mail", "Mail", look=mail_server),
    Check("outbox", "Outbox", look=outbox),
    Check("newest", "Newest import", look_at_store=newest_import),
    Check("tls", "TLS versions", look_at_store=unknown_tls),
    Check("lost", "Lost lines", look_at_store=lost_lines),
    Check("gaps", "Gaps", look_at_store=gaps),
    Check("doubles", "Doubles", look_at_store=doubled),
    Check("sound", "Store's file", look_at_store=store_sound),
)
"""All checks, in the order in which they are made: what takes long comes last."""


async def examine(patient: Patient) -> AsyncGenerator[Finding, None]:
    """All findings, as they come. Problems of the store are findings, not errors."""
    for check in CHECKS:
        if check.look:
            for finding in await check.look(patient):
                yield finding
    try:
        store = await Store.open(patient.path)
    except NoStoreError as error:
        yield notice("store", error.message, error.hint)
        return
    except SmtpAuthTuiError as error:
        yield warning("store", error.message, error.hint)
        return
    async with store:
        for check in CHECKS:
            if check.look_at_store is None:
                continue
            try:
                found = await check.look_at_store(patient, store)
            except SmtpAuthTuiError as error:
                found = [warning(check.name, error.message, error.hint)]
            for finding in found:
                yield finding
