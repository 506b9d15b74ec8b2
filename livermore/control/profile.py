"""Strategy profiles: which alert rules judge, on which timeframes and levels; switching applies one while all runs."""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Field

from livermore.alerts.engine import PACKAGE
from livermore.control.kind import Kind
from livermore.control.office import CommandFailed, Office
from livermore.market.timeframe import Timeframe
from livermore.plugins import did_you_mean, find
from livermore.settings import Options, plugged
from livermore.store.directives import PROFILE

KEPT = ("candles", "indicators", "tickers")
"""What there is here for rules to judge."""

Entry = Annotated[dict[str, Any], plugged(PACKAGE)]


class Profile(Options):
    """``rules``: as the evaluator's; none: those of the evaluator itself. ``timeframes`` and ``levels`` hold for rules
    that name none. ``needs``: what has to be there for it.
    """

    rules: tuple[Entry, ...] = ()
    timeframes: tuple[Timeframe, ...] = ()
    levels: tuple[float, ...] = ()
    needs: tuple[str, ...] = ()

    def entries(self) -> list[dict[str, Any]]:
        """The rules, complete: ``[{word: {options}}]``, in plain data."""
        return [{word: self._told(word, given or {})} for entry in self.rules for word, given in entry.items()]

    def _told(self, word: str, given: Mapping[str, Any]) -> dict[str, Any]:
        common = {"timeframes": [*map(str, self.timeframes)], "levels": [*self.levels]}
        fields = find(PACKAGE, word).Options.model_fields
        return {**{name: value for name, value in common.items() if value and name in fields}, **given}


class Switch(Options):
    """To which profile."""

    mode: str = Field(min_length=1, max_length=40)


async def switch(office: Office, asked: Switch) -> dict[str, Any]:
    """Have the evaluator judge by the rules of another profile from the next signal on."""
    profiles = office.profiles
    if asked.mode not in profiles:
        known = ", ".join(profiles) or "none, as the tree names none"
        raise CommandFailed(f"expected one of {known}; found {asked.mode!r}{did_you_mean(asked.mode, [*profiles])}")
    chosen = profiles[asked.mode]
    lacking = [need for need in chosen.needs if need not in KEPT]
    if lacking:
        here = ", ".join(KEPT)
        raise CommandFailed(f"{asked.mode} needs {', '.join(lacking)}, which is not kept here: there are {here}")
    await office.decide(PROFILE, {"name": asked.mode, "rules": chosen.entries()})
    return {"switched": True, "mode": asked.mode, "validModes": [*profiles]}


KINDS = (Kind("switch-mode", 10, Switch, switch),)
