"""The numbers of strings that repeat: each is kept once, looked up once, and added where it is new."""

import sqlite3
from collections import Counter
from collections.abc import Callable
from typing import Final

from smtpauth_tui.model import auth_kind, domain_of
from smtpauth_tui.remembered import Remembered
from smtpauth_tui.store.codes import AUTH_CODES, number_of

MOST_TRIED_NAMES: Final = 100_000
"""Names that attackers made up are kept up to this number; the rest stand as one."""
MOST_NAMES_A_DAY: Final = 10_000
"""Different names that are kept of one server's day: a brute force with made-up names leaves room for other days'."""
OTHER_NAMES: Final = "(other names)"
PROXY: Final = "dovecot"
"""The instance of a proxy's log. The server behind it logs the same message, when the client asked for it."""


class Dictionaries:
    """The numbers of strings, looked up once and added where they are new."""

    def __init__(self, connection: sqlite3.Connection, bounds: Callable[[int], tuple[int, int]]) -> None:
        """*bounds*: the first UTC second of a day by its number, and the first one after it."""
        self._run = connection.execute
        self._bounds = bounds
        self.forget()

    def forget(self) -> None:
        """After a transaction that was rolled back the numbers given in it stand for nothing."""
        self.addresses = Remembered(self._address)
        """By address, as logged."""
        self.domains_of = Remembered(self._domain_of)
        """By the number of an address: that of its domain."""
        self.mechanisms = Remembered(self._mechanism)
        self.auth_of: dict[int, int] = {}
        """By the number of a mechanism: the code of its kind."""
        self.servers = Remembered(self._server)
        """By host and instance."""
        self._domains = Remembered(self._domain)
        self.clients = Remembered(self._client)
        """By address and what it is called; that counts where the address is new."""
        self.servers_of = Remembered(self._server_of)
        """By host and a process of the server."""
        self.processes = Remembered(number_of)
        self.names: dict[str, int] = {}
        """Of the names tried that were asked for; `tried_name` knows the others."""
        self._names_known: int | None = None
        self._paired = False
        self._names_at: Counter[tuple[int, int]] = Counter()
        self._other_names: int | None = None
        self._looked_for_others = False

    def _address(self, text: str) -> int:
        folded = text.casefold()
        row = self._run("SELECT id FROM address WHERE folded = ?", (folded,)).fetchone()
        if row:
            return int(row[0])
        domain = self._domains[domain_of(text)]
        found = self._insert("INSERT INTO address (text, folded, domain) VALUES (?,?,?)", (text, folded, domain))
        self.domains_of[found] = domain
        return found

    def _domain_of(self, address: int) -> int:
        return int(self._run("SELECT domain FROM address WHERE id = ?", (address,)).fetchone()[0])

    def _domain(self, name: str) -> int:
        row = self._run("SELECT id FROM domain WHERE name = ?", (name,)).fetchone()
        return int(row[0]) if row else self._insert("INSERT INTO domain (name) VALUES (?)", (name,))

    def _mechanism(self, name: str) -> int:
        row = self._run("SELECT id FROM mechanism WHERE name = ?", (name,)).fetchone()
        auth = AUTH_CODES[auth_kind(name)]
        found = int(row[0]) if row else self._insert("INSERT INTO mechanism (name, auth) VALUES (?,?)", (name, auth))
        self.auth_of[found] = auth
        return found

    def _client(self, of: tuple[str, str]) -> int:
        address, name = of
        row = self._run("SELECT id FROM client WHERE address = ?", (address,)).fetchone()
        return int(row[0]) if row else self._insert("INSERT INTO client (address, name) VALUES (?,?)", (address, name))

    def _server(self, of: tuple[str, str]) -> int:
        host, instance = of
        key = f"{short_host(host)}/{instance}"
        row = self._run("SELECT id, host FROM server WHERE key = ?", (key,)).fetchone()
        if row is None:
            self._paired = False
            return self._insert("INSERT INTO server (key, host, instance) VALUES (?,?,?)", (key, host, instance))
        if len(host) > len(row[1]):
            self._run("UPDATE server SET host = ? WHERE id = ?", (host, row[0]))
        return int(row[0])

    def _server_of(self, of: tuple[str, str]) -> int:
        host, process = of
        return self.servers[host, process.partition("/")[0]]

    def pair_servers(self) -> None:
        """Bring `same_server` up to date."""
        if not self._paired:
            self._run("DELETE FROM same_server")
            self._run(PAIR_SERVERS)
            self._paired = True

    def tried_name(self, text: str, at: tuple[int, int] | None = None) -> int:
        """*at*: the server and the day's number, where names may be made up; see `MOST_NAMES_A_DAY`."""
        found = self.names.get(text)
        if found is None:
            folded = text.casefold()
            row = self._run("SELECT id FROM tried_name WHERE folded = ?", (folded,)).fetchone()
            if row:
                found = int(row[0])
            else:
                if self._names_known is None:
                    self._names_known = int(self._run("SELECT count(*) FROM tried_name").fetchone()[0])
                if text != OTHER_NAMES and (self._names_known >= MOST_TRIED_NAMES or (at and self._full(at))):
                    return self.tried_name(OTHER_NAMES)
                found = self._insert("INSERT INTO tried_name (text, folded) VALUES (?,?)", (text, folded))
                self._names_known += 1
                if at:
                    self._names_at[at] += 1
            self.names[text] = found
            if text == OTHER_NAMES:
                self._other_names = found
        return found

    def _full(self, at: tuple[int, int]) -> bool:
        """Whether no new name is kept of a server's day."""
        if at not in self._names_at:
            self._names_at[at] = int(self._run(COUNT_NAMES_AT, (at[0], *self._bounds(at[1]))).fetchone()[0])
        return self._names_at[at] >= MOST_NAMES_A_DAY

    @property
    def other_names(self) -> int | None:
        """The number of `OTHER_NAMES`, once a name stands under it."""
        if not self._looked_for_others:
            row = self._run("SELECT id FROM tried_name WHERE folded = ?", (OTHER_NAMES,)).fetchone()
            self._other_names = int(row[0]) if row else None
            self._looked_for_others = True
        return self._other_names

    def _insert(self, sql: str, values: tuple[object, ...]) -> int:
        return int(self._run(sql, values).lastrowid or 0)


def short_host(host: str) -> str:
    """A host's first label; an address stays whole."""
    name = host.casefold()
    label = name.partition(".")[0]
    return name if label.isdecimal() or ":" in name else label


COUNT_NAMES_AT: Final = """
    SELECT count(DISTINCT name) FROM main.auth_failure WHERE server = ? AND time >= ? AND time < ?
"""
PAIR_SERVERS: Final = f"""
    INSERT INTO same_server SELECT one.id, other.id FROM server AS one, server AS other
    WHERE one.id = other.id OR (one.instance = other.instance AND '' IN (one.host, other.host))
       OR (one.instance = '{PROXY}') <> (other.instance = '{PROXY}')
"""
