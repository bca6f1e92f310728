"""What a reader has found so far, for the importer to take away."""

from dataclasses import dataclass, field

from smtpauth_tui.model import AuthFailure, LogLine, Submission


@dataclass(slots=True)
class Facts:
    """Submissions and failures in the order in which they were settled, and what stayed open or unread."""

    submissions: list[Submission] = field(default_factory=list)
    failures: list[AuthFailure] = field(default_factory=list)
    incomplete: int = 0
    """Sessions or messages that began and whose end was not read."""
    misread_lines: list[LogLine] = field(default_factory=list)
    """Lines that looked like the format's and could not be read."""

    def misread(self, line: LogLine) -> None:
        """Note a line that looked like the format's and could not be read."""
        self.misread_lines.append(line)

    def take(self) -> "Facts":
        """All that was found since the last call."""
        taken = Facts(self.submissions, self.failures, self.incomplete, self.misread_lines)
        self.submissions, self.failures, self.incomplete, self.misread_lines = [], [], 0, []
        return taken
