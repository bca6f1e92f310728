"""What is asked on the command line, checked by Pydantic before it is a query."""

from typing import Annotated

from pydantic import ConfigDict, InstanceOf, StringConstraints
from pydantic.dataclasses import dataclass

from smtpauth_tui.conditions import Filter
from smtpauth_tui.query import LONGEST_TEXT, ReportQuery

Text = Annotated[str, StringConstraints(max_length=LONGEST_TEXT)]


@dataclass(frozen=True, config=ConfigDict(extra="forbid"))
class EnteredQuery(ReportQuery):
    """A query of which each part is of its type, and each text not too long; ValidationError otherwise."""

    domain: Text | None = None
    search: Text = ""
    sender: Text | None = None
    where: InstanceOf[Filter] | None = None
