"""The rows of « Indicateurs »."""

import uuid
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from django.core.exceptions import ValidationError

from actions.enums import Direction, IndicatorType, Unit
from actions.models import IndicatorDefinition, SheetIndicator
from actions.services import IndicatorData, TargetData
from actions.services.indicators import MOST_INDICATORS, WORDING
from actions.targets import read_target

from .base import Draft, Reader
from .cells import Row
from .layout import (
    cell_text,
)

TEXTS = ("label", "definition", "source", "baseline")


class IndicatorReader(Reader):
    def indicators(self, rows: Sequence[Row], drafts: Mapping[str, Draft]) -> dict[str, list[IndicatorData]]:
        found: dict[str, list[IndicatorData]] = defaultdict(list)
        taken: set[uuid.UUID] = set()
        for row in rows:
            code = self.owner(row, drafts, structure=False)
            draft = drafts.get(code or "")
            stored = {data.key: data for data in draft.stored.indicators} if draft and draft.stored else {}
            key = self.key(row)
            was = stored.get(key) if key and key not in taken else None
            if was and was.key:
                taken.add(was.key)
            data = self.indicator(row, was, draft.sheet.years if draft else self.years)
            found[code or ""].append(data)
            if len(found[code or ""]) == MOST_INDICATORS + 1:
                row.fault("sheet", f"Une fiche a {MOST_INDICATORS} indicateurs au plus.")
        return found

    def indicator(self, row: Row, was: IndicatorData | None, years: Sequence[int]) -> IndicatorData:
        definition = self.definition(row, was)
        wording = was if was and definition and definition.national else definition
        values = {name: row.kept_text(name, getattr(was, name) if was else "") for name in TEXTS}
        if definition and definition.national and wording:
            self.same_wording(row, values, wording, definition)
            values |= {name: getattr(wording, name) for name in WORDING}
        else:
            self.own_wording(row, values, None if was else definition)
        self.check_indicator(row, values)
        targets = self.targets(row, values["unit"], years, was)
        return IndicatorData(**values, targets=targets, definition_from=definition, key=was.key if was else None)

    def own_wording(self, row: Row, values: dict[str, str], source: IndicatorDefinition | None) -> None:
        """What the row says; a new indicator taken from the catalogue may leave it to the catalogue."""
        if source:
            both = "\n".join(text for text in (source.definition, source.method) if text)
            values["label"], values["definition"] = values["label"] or source.label, values["definition"] or both
            values["source"] = values["source"] or source.source
        elif not values["label"]:
            row.required("label")
        values["unit"] = row.choice("unit", Unit, Unit(source.unit) if source else None)
        direction = Direction(source.direction) if source else Direction.UP
        values["direction"] = row.choice("direction", Direction, direction)
        kind = IndicatorType(source.type) if source else IndicatorType.OUTPUT
        values["type"] = row.choice("type", IndicatorType, kind)

    def definition(self, row: Row, was: IndicatorData | None) -> IndicatorDefinition | None:
        code = row.text("catalogue")
        if was:
            kept = was.definition_from.code if was.definition_from else ""
            if code != kept:
                said = f"il vient de « {kept} »" if kept else "il ne vient pas du catalogue"
                row.fault("catalogue", f"Cet indicateur est déjà enregistré : {said}. Ajoutez une autre ligne.")
            return was.definition_from
        if code and code not in self.catalogue:
            row.fault("catalogue", f"« {code} » n’est pas un code du catalogue.")
        return self.catalogue.get(code)

    def same_wording(self, row: Row, values: Mapping[str, str], wording: Any, definition: IndicatorDefinition) -> None:
        """The wording of a national indicator may be left out or repeated, not changed."""
        told: dict[str, str] = {name: values[name] for name in ("label", "definition")}
        for name, choices in (("unit", Unit), ("direction", Direction), ("type", IndicatorType)):
            told[name] = row.choice(name, choices, choices(getattr(wording, name)))  # type: ignore[type-var]
        for name, text in told.items():
            same = {cell_text(str(getattr(source, name))).strip() for source in (wording, definition)}
            if text and cell_text(text).strip() not in same:
                row.fault(name, "Cet indicateur est national : sa rédaction est celle du catalogue.")

    def check_indicator(self, row: Row, values: Mapping[str, Any]) -> None:
        blank = [name for name in ("label", "unit", "direction", "type") if not values[name]]  # said already
        try:
            SheetIndicator(**values).full_clean(
                exclude=["sheet", "key", "definition_from", *blank], validate_constraints=False
            )
        except ValidationError as error:
            for name, messages in error.message_dict.items():
                row.fault(name, messages[0])

    def targets(self, row: Row, unit: str, years: Sequence[int], was: IndicatorData | None) -> dict[int, TargetData]:
        stored = was.targets if was and was.unit == unit else {}
        found = {}
        for year in self.years:
            name = f"target_{year}"
            text = row.text(name)
            old = stored.get(year)
            if not text:
                continue
            if old and old.text and cell_text(old.text).strip() == text:
                found[year] = old
                continue
            if year not in years:
                row.fault(name, f"L’action ne court pas en {year} : effacez cette cible.")
            elif len(text) > 120:
                row.fault(name, "Une cible a 120 caractères au plus.")
            elif unit:
                try:
                    found[year] = read_target(text, unit)
                except ValidationError as error:
                    row.fault(name, error.messages[0])
        return found
