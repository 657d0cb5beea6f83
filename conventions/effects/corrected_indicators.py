"""Indicators that the correction of a paper original adds to a fiche or removes from it, with their targets."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Max, ProtectedError

from actions.models import IndicatorDefinition, Sheet, SheetIndicator, Target
from actions.services.indicators import MOST_INDICATORS, WORDING, TargetData
from conventions.content.freeze import build_content
from conventions.models import Act
from cpo.lib.actor import Actor

from .corrected_rows import Faults


@dataclass(frozen=True)
class NewIndicator:
    """`wording`: label, unit, direction, type and definition, unless they are those of the catalogue."""

    key: uuid.UUID  # of the fiche
    wording: Mapping[str, str]
    baseline: str = ""
    source: str = ""
    targets: Mapping[int, TargetData] = field(default_factory=dict)
    definition_from: IndicatorDefinition | None = None
    own_key: uuid.UUID = field(default_factory=uuid.uuid4)

    @property
    def label(self) -> str:
        return self.definition_from.label if self.definition_from else self.wording["label"]

    @property
    def words(self) -> str:
        return f"Ajouté\u00a0: indicateur «\u00a0{self.label}\u00a0»"

    def _sheet(self, act: Act) -> Sheet | None:
        return act.programme.sheets.filter(key=self.key).first()

    def _row(self, sheet: Sheet) -> SheetIndicator:
        last = sheet.indicators.aggregate(last=Max("rank"))["last"] or 0
        row = SheetIndicator(sheet=sheet, key=self.own_key, rank=last + 1, definition_from=self.definition_from)
        for name in WORDING:
            value = getattr(self.definition_from, name) if self.definition_from else self.wording.get(name)
            if value:
                setattr(row, name, value)
        row.baseline, row.source = self.baseline, self.source
        return row

    def faults(self, act: Act) -> Faults:
        sheet = self._sheet(act)
        if sheet is None:
            return {"__all__": "Cette fiche n’existe plus. Rechargez la page."}
        faults = {
            f"target_{year}": f"L’action ne court pas en {year}."
            for year, target in self.targets.items()
            if not target.empty and year not in sheet.years
        }
        if sheet.indicators.filter(label=self.label).exists():
            faults["label"] = "Cet indicateur est déjà celui de la fiche\u00a0: corrigez ses valeurs."
        elif sheet.indicators.count() >= MOST_INDICATORS:
            faults["label"] = f"Une fiche a {MOST_INDICATORS} indicateurs au plus."
        try:
            self._row(sheet).full_clean(exclude=["sheet", "definition_from"], validate_constraints=False)
        except ValidationError as error:
            faults |= {name: str(words[0]) for name, words in error.message_dict.items()}
        return faults

    def needed(self, act: Act, base: Act) -> bool:
        sheet = self._sheet(act)
        return sheet is not None and not sheet.indicators.filter(label=self.label).exists()

    def write(self, act: Act, base: Act, actor: Actor) -> None:
        """An act that shortened the fiche has no target beyond its years."""
        sheet = act.programme.sheets.get(key=self.key)
        row = self._row(sheet)
        row.save(force_insert=True)
        Target.objects.bulk_create(
            Target(indicator=row, year=year, number=one.number, text=one.text, not_applicable=one.not_applicable)
            for year, one in self.targets.items()
            if not one.empty and year in sheet.years
        )


@dataclass(frozen=True)
class IndicatorRemoved:
    """An indicator that the original does not have. An act that changes it keeps it, and prevents its removal."""

    indicator: SheetIndicator

    @property
    def words(self) -> str:
        sheet = self.indicator.sheet
        return (
            f"Retiré\u00a0: indicateur «\u00a0{self.indicator.label}\u00a0» de la fiche {sheet.code}, avec ses cibles"
        )

    def _rows(self, act: Act) -> Any:
        return SheetIndicator.objects.filter(sheet__programme=act.programme_id, key=self.indicator.key)

    def faults(self, act: Act) -> Faults:
        base = self.indicator.sheet.programme.act
        if act.pk == base.pk or not self.needed(act, base):
            return {}
        ours, theirs = (_frozen(one, str(self.indicator.key)) for one in (act, base))
        return (
            {} if ours == theirs else {"__all__": f"{act.subject} modifie cet indicateur\u00a0: il ne se retire plus."}
        )

    def needed(self, act: Act, base: Act) -> bool:
        return bool(self._rows(act).exists())

    def write(self, act: Act, base: Act, actor: Actor) -> None:
        try:
            self._rows(act).delete()
        except ProtectedError as error:
            raise ValidationError("Un compte rendu porte sur cet indicateur : il ne se retire plus.") from error


def _frozen(act: Act, key: str) -> Any:
    rows = (row for sheet in build_content(act)["sheets"] for row in sheet["indicators"])
    return next((row for row in rows if row["key"] == key), None)
