"""What people and the program note between imports: findings, acknowledgements, allow lists, filters, things to do."""

from smtpauth_tui.store.beside import Beside


class Notes(Beside):
    """The notes of a store. What can be done with them stands in a module for each concern."""

    WHAT = "notes"
    APPLICATION_ID = 0x7361746E
    VERSION = 2
