"""The settings of the rules: ``[rules.NAME]`` in the configuration, or ``SMTPAUTH_TUI_RULES_NAME_LIMIT``, or --set."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Final

from smtpauth_tui.errors import UsageError
from smtpauth_tui.rules import RULES
from smtpauth_tui.rules.values import Limit, Rule
from smtpauth_tui.settings import Settings

if TYPE_CHECKING:
    from pydantic import BaseModel

_EXACT: Final = 100_000
"""Below it six digits are all of a number."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """A rule as it is set."""

    rule: Rule
    on: bool
    limits: Mapping[str, float]


def chosen_rules(settings: Settings, sets: Sequence[str] = ()) -> list[Chosen]:
    """All rules as they are set, in their order; *sets* are words such as ``volume.k=8``, which come last.

    UsageError names a rule or limit that there is not, and a value that cannot be.
    """
    given: dict[str, dict[str, object]] = {}
    for name, table in settings.rules.items():
        given.setdefault(rule_named(name).name, {}).update(table)
    for words in sets:
        place, sign, value = words.partition("=")
        name, dot, limit = place.strip().partition(".")
        if not sign or not dot:
            raise UsageError(f"{words!r} sets no limit.", "Write it as RULE.LIMIT=VALUE: volume.k=8")
        given.setdefault(rule_named(name).name, {})[limit.strip()] = value.strip()
    return [_chosen(rule, given.get(rule.name, {})) for rule in RULES]


def rule_named(name: str) -> Rule:
    """The rule of a name or number, in any case; UsageError where there is none."""
    wanted = name.strip().casefold()
    for rule in RULES:
        if wanted in (rule.name, rule.id.casefold()):
            return rule
    raise UsageError(f"There is no rule {name!r}.", f"Rules are: {', '.join(rule.name for rule in RULES)}.")


def settings_lines(chosen: Chosen) -> list[str]:
    """How the settings say what differs from the defaults, as TOML; the rule's name alone where nothing does."""
    rule = chosen.rule
    lines = [f"[rules.{rule.name}]"]
    if chosen.on is not rule.on:
        lines.append(f"on = {'true' if chosen.on else 'false'}")
    return lines + [
        f"{name} = {value:g}" if value < _EXACT else f"{name} = {value:.0f}"
        for name, value in chosen.limits.items()
        if value != rule.defaults[name]
    ]


def _chosen(rule: Rule, given: Mapping[str, object]) -> Chosen:
    if not given:
        return Chosen(rule, rule.on, rule.defaults)
    from pydantic import ValidationError  # late: mostly nothing is set

    try:
        values = _model(rule)(**given).model_dump()
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        name = str(first["loc"][0]) if first["loc"] else ""
        if first["type"] == "extra_forbidden":
            names = ", ".join(("on", *(limit.name for limit in rule.limits)))
            raise UsageError(f"[rules.{rule.name}] has no setting {name!r}.", f"Its settings are: {names}.") from None
        about = next((limit.about for limit in rule.limits if limit.name == name), "true or false")
        raise UsageError(f"[rules.{rule.name}] {name}: {first['msg']}.", f"It is: {about}.") from None
    return Chosen(rule, values.pop("on"), values)


def _model(rule: Rule) -> "type[BaseModel]":
    from pydantic import ConfigDict, create_model

    strict = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)
    fields: dict[str, Any] = {limit.name: (_type(limit), limit.default) for limit in rule.limits}
    return create_model(f"{rule.name.title()}Settings", __config__=strict, on=(bool, rule.on), **fields)


def _type(limit: Limit) -> Any:
    from pydantic import Field

    kind = int if isinstance(limit.default, int) else float
    return Annotated[
        kind,
        Field(ge=limit.least, le=limit.most, allow_inf_nan=False)
        if kind is float
        else Field(ge=limit.least, le=limit.most),
    ]
