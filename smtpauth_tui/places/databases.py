"""Countries and AS from ``.mmdb`` files, in the layouts of GeoLite2, DB-IP Lite, IPinfo Lite and others like them.

The format is that of https://maxmind.github.io/MaxMind-DB/; what a record holds is each publisher's own affair.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

from smtpauth_tui.errors import UsageError
from smtpauth_tui.networks import Address
from smtpauth_tui.places.networks import Kind, known

if TYPE_CHECKING:
    from maxminddb.reader import Reader

T = TypeVar("T")
Identity = tuple[int, int, int] | None

_SAMPLE: Final = 200
"""Records that are read to see what a file holds."""
_KEPT: Final = 1 << 17
"""Addresses whose places are remembered."""
_LONGEST: Final = 100
"""Characters of a name that are kept."""
_MOST_ASN: Final = (1 << 32) - 1
_NUMBERS: Final = ("autonomous_system_number", "asn", "AutonomousSystemNumber")
_ORGANISATIONS: Final = ("autonomous_system_organization", "as_name", "AutonomousSystemOrganization", "org")
_INSTALL: Final = "Install it: pip install 'smtpauth-tui[geo]'; or take databases out of [places]."
_NAME_ANOTHER: Final = (
    "Name one such as GeoLite2-Country, GeoLite2-ASN, dbip-country-lite, dbip-asn-lite or ipinfo_lite"
    " in [places] databases."
)


@dataclass(frozen=True, slots=True)
class Place:
    """What the files say of an address; what they do not say is empty."""

    country: str = ""
    """Two letters: ISO 3166-1."""
    country_name: str = ""
    """In English; empty where the file has codes only."""
    asn: int | None = None
    """The number of the autonomous system."""
    as_name: str = ""
    location: tuple[float, float] | None = None
    """Latitude and longitude in degrees."""


NOWHERE: Final = Place()


@dataclass(frozen=True, slots=True)
class Database:
    """One file."""

    path: str
    title: str
    """What it calls itself: ``GeoLite2-Country``."""
    built: int
    """UTC seconds."""
    countries: bool
    """Whether its records tell countries; so do the next two of AS and locations."""
    systems: bool
    locations: bool
    reader: "Reader"
    ip_versions: tuple[int, ...]


class Finder:
    """Tells the place of addresses."""

    def __init__(self, paths: Sequence[str], identities: tuple[Identity, ...]) -> None:
        """Open the files; UsageError as `Places.finder`."""
        self.identities = identities
        """Those of the files, when they were opened."""
        self.databases = tuple(_opened(path) for path in paths)
        self.countries = any(one.countries for one in self.databases)
        """Whether countries can be told at all; so do the next two of AS and locations."""
        self.systems = any(one.systems for one in self.databases)
        self.locations = any(one.locations for one in self.databases)
        facts = (("country", self.countries), ("AS", self.systems))
        self.lacks = tuple(what for what, there in facts if not there)
        """What no file is named for: ``country``, ``AS``, in this order."""
        self._known: dict[Address, Place | None] = {}

    def place(self, client: str) -> Place | None:
        """Where a client's address is; None for one that is not public, or that no file knows."""
        found = known(client)
        if found.address is None or found.kind is not Kind.PUBLIC or not self.databases:
            return None
        if found.address not in self._known:
            if len(self._known) > _KEPT:
                self._known.clear()
            self._known[found.address] = self._found(found.address)
        return self._known[found.address]

    def _found(self, address: Address) -> Place | None:
        found = [_looked_up(one, address) for one in self.databases if address.version in one.ip_versions]
        country = _first(one for one in found if one.country) or NOWHERE
        system = _first(one for one in found if one.asn is not None) or NOWHERE
        location = _first(one.location for one in found if one.location)
        place = Place(country.country, country.country_name, system.asn, system.as_name, location)
        return None if place == NOWHERE else place


def _first(values: Iterator[T]) -> T | None:
    return next(values, None)


def identities(paths: Sequence[str]) -> tuple[Identity, ...]:
    """What tells files from those that have their names later."""
    return tuple(map(_identity, paths))


def _identity(path: str) -> Identity:
    try:
        status = Path(path).stat()
    except OSError:
        return None
    return status.st_ino, status.st_size, status.st_mtime_ns


def _opened(path: str) -> Database:
    try:
        import maxminddb
    except ImportError:
        raise UsageError(f"{path} cannot be read: the package maxminddb is not installed.", _INSTALL) from None
    _look(Path(path))
    try:
        reader = maxminddb.open_database(path)
        about = reader.metadata()
        sample = [_place(record) for _, record in islice(reader, _SAMPLE)]
    except Exception as error:  # a file may hold anything
        raise _damaged(path) from error
    found = Database(
        path=path,
        title=_text(about.database_type) or Path(path).name,
        built=int(about.build_epoch),
        countries=any(one.country for one in sample),
        systems=any(one.asn is not None for one in sample),
        locations=any(one.location for one in sample),
        reader=reader,
        ip_versions=(4,) if about.ip_version == 4 else (4, 6),
    )
    if not (found.countries or found.systems or found.locations):
        raise UsageError(f"{path} ({found.title}) has neither countries nor AS.", _NAME_ANOTHER)
    return found


def _look(path: Path) -> None:
    """UsageError for what is no file that can be read; the package calls each of these a damaged one."""
    try:
        if not path.is_file():
            path.stat()
            raise UsageError(f"{path}, which [places] databases names, is no file.", "Name the .mmdb file itself.")
        path.open("rb").close()
    except FileNotFoundError:
        raise UsageError(
            f"There is no file {path}, which [places] databases names.", "Check the path, or download the file."
        ) from None
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}.", "Check the path and its rights.") from None


def _damaged(path: str) -> UsageError:
    return UsageError(f"{path} is no .mmdb file, or a damaged one.", f"Download it again. {_NAME_ANOTHER}")


def _looked_up(database: Database, address: Address) -> Place:
    try:
        return _place(database.reader.get(address))
    except Exception as error:
        raise _damaged(database.path) from error


def _place(record: Any) -> Place:
    """What a record says, whatever its layout.

    GeoLite2, DB-IP: ``{"country": {"iso_code": "DE", "names": {"en": "Germany"}}, "location": {"latitude": 52.5, …}}``,
    ``{"autonomous_system_number": 64500, "autonomous_system_organization": "Contoso"}``. IPinfo Lite:
    ``{"country_code": "DE", "country": "Germany", "asn": "AS64500", "as_name": "Contoso"}``. The country in which a
    network is only registered is not where the address is.
    """
    if not isinstance(record, Mapping):
        return NOWHERE
    country, traits = _part(record, "country"), _part(record, "traits")
    code, name = _country(record, country)
    asn, as_name = _first(found for part in (record, traits, country) if (found := _system(part))) or (None, "")
    return Place(code, name, asn, as_name, _location(record, _part(record, "location")))


def _part(record: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = record.get(name)
    return value if isinstance(value, Mapping) else {}


def _country(record: Mapping[str, Any], country: Mapping[str, Any]) -> tuple[str, str]:
    if country:
        return _code(country.get("iso_code")), _text(_part(country, "names").get("en"))
    code = _code(record.get("country_code"))
    if code:
        return code, _text(record.get("country") or record.get("country_name"))
    return _code(record.get("country")), _text(record.get("country_name"))


def _code(value: object) -> str:
    code = value.upper() if isinstance(value, str) else ""
    return code if len(code) == 2 and code.isascii() and code.isalpha() and code != "ZZ" else ""


def _system(part: Mapping[str, Any]) -> tuple[int, str] | None:
    number = _asn(_first(part[name] for name in _NUMBERS if name in part))
    if number is None:
        return None
    return number, _text(_first(part[name] for name in _ORGANISATIONS if name in part))


def _asn(value: object) -> int | None:
    """15169, ``AS15169`` or ``15169``."""
    if isinstance(value, str):
        digits = value.upper().removeprefix("AS")
        value = int(digits) if digits.isascii() and digits.isdecimal() and len(digits) <= 10 else None
    return value if isinstance(value, int) and 0 < value <= _MOST_ASN else None


def _text(value: object) -> str:
    return value[:_LONGEST] if isinstance(value, str) else ""


def _location(record: Mapping[str, Any], location: Mapping[str, Any]) -> tuple[float, float] | None:
    for part in (location, record):
        for names in (("latitude", "longitude"), ("lat", "lng")):
            try:
                latitude, longitude = (float(part[name]) for name in names)
            except (KeyError, TypeError, ValueError):
                continue
            if math.isfinite(latitude) and abs(latitude) <= 90 and abs(longitude) <= 180:
                return latitude, longitude
    return None
