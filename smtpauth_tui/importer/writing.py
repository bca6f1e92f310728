"""What an import writes to the store, and counts in its outcome."""

from collections.abc import Callable

from smtpauth_tui.formats import Facts
from smtpauth_tui.importer.outcome import Outcome
from smtpauth_tui.store.sources import SourceRow, Sources
from smtpauth_tui.store.writer import Added, Writer


class Writing:
    """Opens the store when there is something to write. *exists*: there is one, of which something may be known."""

    def __init__(self, open_writer: Callable[[], Writer], outcome: Outcome, *, exists: bool) -> None:
        self.exists = exists
        self.unfinished = False
        """The last import did not bring up to date what is counted ahead."""
        self._open_writer = open_writer
        self._outcome = outcome
        self._open: Writer | None = None

    @property
    def writer(self) -> Writer:
        """The store, opened now if need be: other imports wait from then on."""
        if self._open is None:
            self._open = self._open_writer()
        return self._open

    @property
    def begun(self) -> bool:
        """Whether the store is open."""
        return self._open is not None

    @property
    def sources(self) -> Sources | None:
        """What was read before; None where there is no store yet."""
        return self.writer.sources if self.exists or self._open else None

    def write(self, facts: Facts, row: SourceRow) -> Added:
        """Write what was found in a source; what of it was new."""
        if facts.withdrawn:
            self.writer.begin()
            self.writer.withdraw(facts.withdrawn, ())
        if not (facts.submissions or facts.failures):
            return Added()
        self.writer.begin()
        if row.id is None:
            self.writer.sources.save(row)
        added = self.writer.add(facts.submissions, facts.failures, row.id or 0)
        self.count(added)
        return added

    def count(self, added: Added) -> None:
        """Count what was written."""
        outcome = self._outcome
        outcome.submissions += added.submissions
        outcome.auth_failures += added.auth_failures
        outcome.already_known += added.already_known
        outcome.pruned += added.pruned
        outcome.sign_ins += added.sign_ins
        outcome.snapshots += added.snapshots

    def commit(self) -> None:
        """Make it last, unless the import is only tried."""
        if not self._outcome.dry_run:
            self.writer.commit()

    def undo(self) -> None:
        """Undo what was written since it was made to last the last time."""
        if self._open:
            self._open.commit(keep=False)

    def finish(self) -> None:
        """Bring up to date what is counted ahead, and make it last."""
        if self._open or (self.unfinished and not self._outcome.dry_run):
            self.writer.begin()
            self.writer.finish()
            self.writer.commit(keep=not self._outcome.dry_run)

    def close(self) -> None:
        """Let others write. What was not made to last is undone."""
        if self._open:
            self._open.close()
            self._open = None
