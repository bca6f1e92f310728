"""The colours of series in mails and workbooks, told from each other on a light and on a dark ground."""

from typing import Final

from smtpauth_tui.reports.values import Role

COLOURS: Final = {
    Role.TLS_1_3: "#2e8b57",
    Role.TLS_1_2: "#4a7fd1",
    Role.TLS_1_1: "#e0a800",
    Role.TLS_1_0: "#e06a1b",
    Role.SSL3: "#b5489a",
    Role.NO_TLS: "#d63b3b",
    Role.UNKNOWN: "#8b95a1",
    Role.OAUTH: "#2f9e6b",
    Role.BASIC: "#d8a200",
    Role.BREAKS: "#d9641a",
    Role.FIRST: "#4a7fd1",
    Role.SECOND: "#2fa39a",
    Role.THIRD: "#d9982b",
    Role.FOURTH: "#9168c9",
    Role.REST: "#9aa4b0",
}
