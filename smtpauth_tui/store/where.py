"""A filter as conditions of SQL."""

from collections.abc import Mapping
from typing import Any, NamedTuple


class Where(NamedTuple):
    """What is asked of rows; without a filter, all of them will do."""

    rows: str = "true"
    """What can be asked of each row before it is counted."""
    groups: str = "true"
    """What is asked of the rows that were counted together."""
    values: Mapping[str, Any] = {}
    """The parameters of both."""
