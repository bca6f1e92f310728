"""Files that tell where the addresses of the tests are: countries, locations and AS that are made up."""

from pathlib import Path
from typing import Any, Final

from smtpauth_tui.places import Places
from tests.mmdb import write_mmdb

COUNTRIES: Final = {
    "DE": ("Germany", 52.5, 13.4),
    "FR": ("France", 48.9, 2.4),
    "BR": ("Brazil", -23.5, -46.6),
    "CN": ("China", 31.2, 121.5),
    "US": ("United States", 37.8, -122.4),
    "VN": ("Vietnam", 10.8, 106.7),
}
NETWORKS: Final = {
    "192.0.2.0/25": ("DE", 64500),
    "192.0.2.128/25": ("DE", 64501),
    "198.51.100.0/25": ("DE", 64500),
    "198.51.100.128/25": ("FR", 64502),
    "203.0.0.0/24": ("BR", 64510),
    "203.0.1.0/24": ("CN", 64511),
    "203.0.2.0/24": ("US", 64512),
    "203.0.3.0/24": ("VN", 64513),
    "203.0.4.0/22": ("BR", 64510),
}


def _country(code: str) -> dict[str, Any]:
    return {"iso_code": code, "names": {"en": COUNTRIES[code][0]}}


def countries(folder: Path) -> str:
    """A file as GeoLite2-Country is."""
    records = {network: {"country": _country(code)} for network, (code, _) in NETWORKS.items()}
    return str(write_mmdb(folder / "country.mmdb", records, title="GeoLite2-Country"))


def cities(folder: Path) -> str:
    """A file as GeoLite2-City is."""
    records = {
        network: {
            "country": _country(code),
            "location": {"latitude": COUNTRIES[code][1], "longitude": COUNTRIES[code][2]},
        }
        for network, (code, _) in NETWORKS.items()
    }
    return str(write_mmdb(folder / "city.mmdb", records, title="GeoLite2-City"))


def systems(folder: Path) -> str:
    """A file as GeoLite2-ASN is."""
    records = {
        network: {"autonomous_system_number": asn, "autonomous_system_organization": f"Net {asn}"}
        for network, (_, asn) in NETWORKS.items()
    }
    return str(write_mmdb(folder / "asn.mmdb", records, title="GeoLite2-ASN"))


def everywhere(folder: Path) -> Places:
    """All that files can tell."""
    return Places([cities(folder), systems(folder)])
