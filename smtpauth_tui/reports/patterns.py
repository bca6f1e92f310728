"""What failed sign-ins amount to, in words: by the rules' own signs of a period, and by what is left without a sign."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from smtpauth_tui.networks import network_of
from smtpauth_tui.reports.figures import plural
from smtpauth_tui.reports.origins import By
from smtpauth_tui.reports.values import Tone
from smtpauth_tui.rules.guessing import GUESSING, Guessed
from smtpauth_tui.rules.spraying import SPRAYING
from smtpauth_tui.rules.values import EVERYWHERE, Severity, Sign
from smtpauth_tui.rules.words import day_words, minute_words
from smtpauth_tui.store.days import day_of

MANY_NAMES: Final = SPRAYING.defaults["network"]
"""So many names that are no accounts are a list that somebody works through."""
MANY_A_DAY: Final = GUESSING.defaults["day"]
"""So many failures of a name that is no account are no mistake of a person."""
_MOSTLY: Final = 0.9
_LASTING_DAYS: Final = 3
_LASTING_A_DAY: Final = 3
NOBODY: Final = "nobody has signed in or sent by this name, as far as the imported logs tell"
"""What is known of a name that is called no account: which accounts exist, no log tells."""


class Pattern(StrEnum):
    """What failures look like; what matters most comes first."""

    SUCCESS = "success after failures"
    BRUTE_FORCE = "brute force"
    STUFFING = "credential stuffing"
    SPRAYING = "password spraying"
    GUESSES = "quick guesses"
    STALE = "old password"
    NAMES = "guessed names"
    SEVERAL = "several sources"
    FEW = "few tries"
    MISTYPED = "mistyped"
    NOT_NAMED = "name not logged"
    PENDING = "…"
    """It is being looked for."""

    @property
    def rank(self) -> int:
        """Lower for what matters more."""
        return _RANKS[self]

    @property
    def tone(self) -> Tone:
        """Its colour."""
        return _TONES[self]


_RANKS: Final = {pattern: rank for rank, pattern in enumerate(Pattern)}
_TONES: Final = {
    Pattern.SUCCESS: Tone.BAD,
    Pattern.BRUTE_FORCE: Tone.WARN,
    Pattern.STUFFING: Tone.WARN,
    Pattern.SPRAYING: Tone.WARN,
    Pattern.GUESSES: Tone.WARN,
    Pattern.STALE: Tone.PLAIN,
    Pattern.NAMES: Tone.PLAIN,
    Pattern.SEVERAL: Tone.MUTED,
    Pattern.FEW: Tone.MUTED,
    Pattern.MISTYPED: Tone.MUTED,
    Pattern.NOT_NAMED: Tone.MUTED,
    Pattern.PENDING: Tone.MUTED,
}
MEANING: Final = {
    Pattern.SUCCESS: "A sign-in from a strange network after failures there, or while the password was guessed: "
    "somebody may have found the password out.",
    Pattern.BRUTE_FORCE: "Many passwords tried on one name in a short time.",
    Pattern.STUFFING: "Many accounts tried from many addresses, a few times each: passwords that leaked elsewhere, or "
    "a spray that is spread.",
    Pattern.SPRAYING: "One network that tries many accounts, a few common passwords each.",
    Pattern.GUESSES: "Several passwords within minutes, from an address from which the account never signed in.",
    Pattern.STALE: "One address that fails again and again for days: mostly a device or a mail program with an "
    "old password.",
    Pattern.NAMES: "Names by which nobody has signed in or sent, as far as the imported logs tell, or many names from "
    "one source, accounts or not: mostly somebody works through a list. An account that was never used looks the same.",
    Pattern.SEVERAL: "Addresses that have nothing in common but that no host name, place or network is known of them. "
    "They are not one source: look at them by address.",
    Pattern.FEW: "Too few to be any of the others.",
    Pattern.MISTYPED: "Failures from where people sign in as a rule: somebody mistyped.",
    Pattern.NOT_NAMED: "The log does not say whose password was tried, as that of older versions of Postfix. It is "
    "not guessed.",
    Pattern.PENDING: "",
}


class Verdict(NamedTuple):
    """A pattern with the sentence that says why, and the others that hold as well."""

    pattern: Pattern
    words: str
    """Raw as the log has names and addresses."""
    also: tuple[tuple[Pattern, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Signs:
    """What the rules say of a period, and where accounts are at home."""

    success: Sequence[Sign] = ()
    spraying: Sequence[Sign] = ()
    guessed: Sequence[Guessed] = ()
    homes: Mapping[int, Collection[str]] | None = None
    """The networks that accounts, by number, used in the period and in the 30 days before."""


@dataclass(frozen=True, slots=True)
class Teller:
    """Says days, times and addresses as they may be shown."""

    zone: ZoneInfo
    last: date
    """The last day of the period: days of other years have their year."""
    shown: Callable[[str], str]
    """A client address as it may be shown."""

    def day(self, day: date) -> str:
        """``Wed 18 Nov``."""
        return day_words(day, self.last)

    def time(self, moment: int) -> str:
        """``14:07 on Wed 18 Nov``."""
        when = datetime.fromtimestamp(moment, UTC).astimezone(self.zone)
        return f"{minute_words(when)} on {self.day(when.date())}"

    def addresses(self, failed: Collection[str]) -> str:
        """The address where it is one; else how many there are."""
        return self.shown(*failed) if len(failed) == 1 else plural(len(failed), "address", "addresses")

    def networks(self, failed: Collection[str]) -> str:
        """Likewise for their networks."""
        networks = {network_of(address) for address in failed}
        return next(iter(networks)) if len(networks) == 1 else plural(len(networks), "network")


def chosen(found: Sequence[tuple[Pattern, str]]) -> Verdict:
    """The pattern that matters most of some, with the others."""
    ordered = sorted(dict(reversed(found)).items(), key=lambda one: one[0].rank)
    return Verdict(*ordered[0], tuple(ordered[1:]))


# -- an account


def of_account(
    account: int, name: str, failed: Mapping[str, int], days: int, accepted: int, signs: Signs, tell: Teller
) -> Verdict:
    """What an account's failures are. *failed*: by address; *days*: on how many; *accepted*: its messages."""
    found: list[tuple[Pattern, str]] = []
    entered = [sign for sign in signs.success if sign.account == account]
    if entered:
        first = min(entered, key=lambda one: (-one.severity.rank, one.day))
        found.append((Pattern.SUCCESS, _entered(first, tell)))
    mine = [one for one in signs.guessed if one.account == account]
    found += _guessed(mine, tell)
    folded = name.casefold()
    for sign in signs.spraying:
        if any(tried.casefold() == folded for tried, _ in sign.names):
            found.append(_sprayed(sign, tell))
    return chosen(found or [_unremarkable(account, failed, days, accepted, signs, tell)])


def _entered(sign: Sign, tell: Teller) -> str:
    failures, addresses = sum(count for _, count in sign.failed), [address for address, _ in sign.failed]
    where = tell.networks(addresses) if sign.severity is Severity.HIGH else "other networks"
    when = tell.time(sign.moment) if sign.moment is not None else tell.day(sign.day)
    return f"signed in at {when}, where it never had before, after {plural(failures, 'failure')} from {where}"


def _guessed(mine: Sequence[Guessed], tell: Teller) -> list[tuple[Pattern, str]]:
    found = []
    for pattern, some in (
        (Pattern.BRUTE_FORCE, [one for one in mine if one.severity is not Severity.NOTICE]),
        (Pattern.GUESSES, [one for one in mine if one.severity is Severity.NOTICE and not one.stale]),
        (Pattern.STALE, [one for one in mine if one.stale]),
    ):
        if some:
            worst = max(some, key=lambda one: (sum(one.failures.values()), one.day))
            number = plural(sum(worst.failures.values()), "failure")
            where, when = tell.addresses(worst.failures), tell.day(day_of(worst.day))
            more = f", and on {plural(len(some) - 1, 'other day')}" if len(some) > 1 else ""
            found.append((pattern, f"{number} from {where} on {when}{more} (threshold: {worst.crossed})"))
    return found


def _sprayed(sign: Sign, tell: Teller) -> tuple[Pattern, str]:
    number = plural(len(sign.names), "account")
    if sign.unit == EVERYWHERE:
        where = plural(len(sign.failed), "address", "addresses")
        return Pattern.STUFFING, f"one of {number} tried from {where} on {tell.day(sign.day)}"
    return Pattern.SPRAYING, f"one of {number} that {sign.unit} tried on {tell.day(sign.day)}"


def _unremarkable(
    account: int, failed: Mapping[str, int], days: int, accepted: int, signs: Signs, tell: Teller
) -> tuple[Pattern, str]:
    homes = (signs.homes or {}).get(account, ())
    strange = [address for address in failed if network_of(address) not in homes]
    total = sum(failed.values())
    top = max(failed, key=lambda one: (failed[one], one))
    lasting = failed[top] >= _MOSTLY * total and days >= _LASTING_DAYS and total >= _LASTING_A_DAY * days
    if lasting and top not in strange:
        return Pattern.STALE, (
            f"{plural(failed[top], 'failure')} from {tell.shown(top)} on {days} days; the account signs in from there"
        )
    if not strange:
        said = f"; {plural(accepted, 'message')} accepted" if accepted else ""
        return Pattern.MISTYPED, f"{plural(total, 'failure')} from where the account signs in{said}"
    if lasting:
        return Pattern.FEW, (
            f"{plural(failed[top], 'failure')} from {tell.shown(top)} on {days} days, where the account never signed "
            "in: a device with an old password, or slow guessing"
        )
    there = sum(failed[address] for address in strange)
    elsewhere = f"; {plural(total - there, 'failure')} from where it does" if there < total else ""
    return Pattern.FEW, (
        f"{plural(there, 'failure')} from {tell.addresses(strange)} where the account never signed in{elsewhere}"
    )


# -- a name that is no account


def of_name(most: int, failures: int, days: int, clients: int) -> Verdict:
    """What failures of a name are that is no account, as far as the store can know. *most*: on one day."""
    where = plural(clients, "address", "addresses")
    if most >= MANY_A_DAY:
        return Verdict(Pattern.BRUTE_FORCE, f"{plural(most, 'failure')} on one day from {where}; {NOBODY}")
    said = f"{plural(failures, 'failure')} on {plural(days, 'day')} from {where}; {NOBODY}"
    return Verdict(Pattern.NAMES, said)


NOT_NAMED: Final = Verdict(Pattern.NOT_NAMED, "the log does not say whose password was tried")
PENDING: Final = Verdict(Pattern.PENDING, "")


# -- a source


class Tries(NamedTuple):
    """What a source tried: an address, or several of a network, a host, a country."""

    by: By
    key: str
    """As `Spot.key`: without one, addresses have only in common that nothing is known of them."""
    addresses: Collection[str]
    failures: int
    names: int
    """How many names; those not logged are none."""
    accounts: Mapping[int, tuple[str, int]]
    """The accounts among them by number, with what they are called and their failures."""
    accepted: int
    """Messages from there."""
    entered: Mapping[int, Collection[str]]
    """The networks in it from which accounts sent, by their numbers; of those that got in after failures."""


def of_source(tries: Tries, signs: Signs, tell: Teller) -> Verdict:
    """What the failures of a source are."""
    here = set(tries.addresses)
    if not tries.key and len(here) > 1:
        return Verdict(Pattern.SEVERAL, _several(tries))
    found = [(Pattern.SUCCESS, _let_in(sign, tries, tell)) for sign in signs.success if _holds_here(sign, tries)]
    for sign in signs.spraying:
        if any(address in here for address, _ in sign.failed):
            found.append(_spraying(sign, tell))
    found += _guessing(tries, here, signs, tell)
    none = tries.names - len(tries.accounts)
    many = none >= MANY_NAMES or (tries.names >= MANY_NAMES and not tries.accepted)
    if many or (none and not tries.accounts and tries.failures >= MANY_A_DAY):
        known = f"{len(tries.accounts):,} of them" if tries.accounts else "none of them"
        verb = ("is a known account", "is an account", "are accounts")[min(len(tries.accounts), 2)]
        found.append((Pattern.NAMES, f"tried {plural(tries.names, 'name')}, {known} {verb}"))
    if not found:
        found.append(_harmless(tries))
    return chosen(found)


def _several(tries: Tries) -> str:
    names = f" of {plural(tries.names, 'name')}" if tries.names else ""
    where = plural(len(tries.addresses), "address", "addresses")
    return f"{plural(tries.failures, 'failure')}{names} from {where}, which are not one source: look by address"


def _holds_here(sign: Sign, tries: Tries) -> bool:
    """Whether the account got in from this source, and not only from another one of the same network."""
    if sign.severity is not Severity.HIGH or sign.account is None:
        return False
    return not {network_of(address) for address, _ in sign.failed}.isdisjoint(tries.entered.get(sign.account, ()))


def _let_in(sign: Sign, tries: Tries, tell: Teller) -> str:
    when = tell.time(sign.moment) if sign.moment is not None else tell.day(sign.day)
    networks = tries.entered[sign.account] if sign.account is not None else ()
    number = plural(sum(count for address, count in sign.failed if network_of(address) in networks), "failure")
    if tries.by in (By.ADDRESS, By.HOST):
        return f"{sign.unit} signed in from here after {number} from its network; the first time at {when}"
    where = "this network" if tries.by is By.NETWORK else "there"
    return f"{sign.unit} signed in at {when} from {where} after {number}"


def _spraying(sign: Sign, tell: Teller) -> tuple[Pattern, str]:
    number, when = plural(len(sign.names), "account"), tell.day(sign.day)
    if sign.unit == EVERYWHERE:
        where = plural(len(sign.failed), "address", "addresses")
        return Pattern.STUFFING, f"one of {where} that tried {number} on {when}"
    return Pattern.SPRAYING, f"{sign.unit} tried {number} on {when}"


def _guessing(tries: Tries, here: set[str], signs: Signs, tell: Teller) -> list[tuple[Pattern, str]]:
    found = []
    for one in sorted(signs.guessed, key=lambda one: -sum(one.failures.values())):
        failures = sum(count for address, count in one.failures.items() if address in here)
        if one.account not in tries.accounts or not _takes_part(failures, tries.failures):
            continue
        pattern = Pattern.BRUTE_FORCE if one.severity is not Severity.NOTICE else Pattern.GUESSES
        said = f"{plural(failures, 'failure')} of {tries.accounts[one.account][0]} on {tell.day(day_of(one.day))}"
        found.append((Pattern.STALE if one.stale else pattern, said))
    return found


def _takes_part(failures: int, all_failures: int) -> bool:
    """Whether a source guesses an account's password, and did not only come across its name in a list."""
    return failures >= GUESSING.defaults["address"] or 2 * failures >= max(all_failures, 1)


def _harmless(tries: Tries) -> tuple[Pattern, str]:
    if tries.accepted and tries.names:
        return Pattern.MISTYPED, f"{plural(tries.accepted, 'message')} accepted from there as well"
    if not tries.names:
        return Pattern.NOT_NAMED, NOT_NAMED.words
    known = plural(len(tries.accounts), "account") if tries.accounts else "no known account"
    return Pattern.FEW, f"{plural(tries.failures, 'failure')} of {plural(tries.names, 'name')}, {known} among them"
