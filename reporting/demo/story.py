"""The stories of the demonstration, read once from the fixtures."""

import datetime as dt
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from typing import Any

import yaml
from django.conf import settings

from actions.models import Cycle
from arml.models import Organisation, User

STEPS = ("draft", "shared", "proposed", "countered", "accepted", "visa", "signature", "active")


@cache
def load(name: str) -> Any:
    path = settings.FIXTURE_ROOT / "demo" / f"{name}.yaml"
    return yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)


@cache
def programme_data(key: str) -> dict[str, Any]:
    return next(row for row in load("programmes")["programmes"] if row["cle"] == key)


@dataclass
class Story:
    """One convention of the demonstration: parties, programme, last step."""

    cycle: Cycle
    arml: Organisation
    lead: Organisation
    cosigners: list[Organisation]
    programme: str
    step: str
    people: dict[tuple[int, str], User]
    signed_on: dt.date | None = None
    report: str = ""
    paper: bool = False
    outside_visa: bool = False
    factor: Decimal = Decimal(1)
    sheets: int | None = None
    acts: list[str] = field(default_factory=list)

    def user(self, role: str, organisation: Organisation | None = None) -> User:
        """The person of a role: in the ARML or the lead service according to the role, or in `organisation`."""
        own = self.arml if role in ("director", "president", "accountant") else self.lead
        return self.people[(organisation or own).pk, role]

    def reaches(self, step: str) -> bool:
        return self.step != "abandoned" and STEPS.index(self.step) >= STEPS.index(step)

    def amount(self, value: int | float) -> Decimal:
        """An amount of the fixture times the factor of the story; the factors keep cents exact."""
        return (Decimal(str(value)) * self.factor).quantize(Decimal("0.01"))

    @property
    def data(self) -> dict[str, Any]:
        return programme_data(self.programme)

    @property
    def texts(self) -> dict[str, str]:
        """« diagnostic » and « projet »: of the programme for its own association, shared texts for the others."""
        own = self.arml.key == f"arml-{self.programme}"
        source = self.data if own else load("histoires")["repris"]
        return {name: source[name].strip() for name in ("diagnostic", "projet")}

    @property
    def sheet_data(self) -> list[dict[str, Any]]:
        """The fiches of the story, spread over the axes so that each axis has one."""
        fiches = self.data["fiches"]
        if not self.sheets:
            return list(fiches)
        by_axis: dict[int, list[dict[str, Any]]] = {}
        for fiche in fiches:
            by_axis.setdefault(fiche["axe"], []).append(fiche)
        selection: list[dict[str, Any]] = []
        while len(selection) < self.sheets and any(by_axis.values()):
            selection += [rows.pop(0) for rows in by_axis.values() if rows][: self.sheets - len(selection)]
        return sorted(selection, key=lambda fiche: fiche["code"])


def at(day: dt.date, hour: int = 9, minute: int = 0) -> dt.datetime:
    """A moment of the story, in UTC."""
    return dt.datetime(day.year, day.month, day.day, hour, minute, tzinfo=dt.UTC)
