"""The rows of « Indicateurs »."""

import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.core.exceptions import ValidationError

from actions.enums import Direction, IndicatorType, Unit
from actions.models import IndicatorDefinition, SheetIndicator
from actions.services import IndicatorData, TargetData
from actions.services.indicators import MOST_INDICATORS, WORDING
from actions.targets import read_target

from .base import Draft, Reader
from .cells import Row
from .layout import cell_text, same_title

TEXTS = ("label", "definition", "source", "baseline")


def _same_label(row: Row, stored: Iterable[IndicatorData], taken: set[uuid.UUID]) -> uuid.UUID | None:
    """The key of the stored indicator that a row without key names by its label, unless another row is that one."""
    label = same_title(row.text("label"))
    return next((one.key for one in stored if one.key not in taken and same_title(cell_text(one.label)) == label), None)


class IndicatorReader(Reader):
    def indicators(self, rows: Sequence[Row], drafts: Mapping[str, Draft]) -> dict[str, list[IndicatorData]]:
        by_sheet: dict[str, list[IndicatorData]] = defaultdict(list)
        matched_keys: set[uuid.UUID] = set()
        claimed = {key for row in rows if row.text("key") and (key := self.key(row))}
        for row in rows:
            code = self.owner(row, drafts, structure=False)
            draft = drafts.get(code or "")
            existing = {data.key: data for data in draft.existing.indicators} if draft and draft.existing else {}
            key = self.key(row)
            if key is None:
                key = _same_label(row, existing.values(), claimed | matched_keys)
            previous = existing.get(key) if key and key not in matched_keys else None
            if previous and previous.key:
                matched_keys.add(previous.key)
            data = self.indicator(row, previous, draft.sheet.years if draft else self.years)
            by_sheet[code or ""].append(data)
            if len(by_sheet[code or ""]) == MOST_INDICATORS + 1:
                row.fault("sheet", f"Une fiche a {MOST_INDICATORS} indicateurs au plus.")
        return by_sheet

    def indicator(self, row: Row, previous: IndicatorData | None, years: Sequence[int]) -> IndicatorData:
        definition = self.definition(row, previous)
        wording = previous if previous and definition and definition.national else definition
        values = {name: row.full_text(name, getattr(previous, name) if previous else "") for name in TEXTS}
        if definition and definition.national and wording:
            self.same_wording(row, values, wording, definition)
            values |= {name: getattr(wording, name) for name in WORDING}
        else:
            self.own_wording(row, values, None if previous else definition)
        self.check_indicator(row, values)
        targets = self.targets(row, values["unit"], years, previous)
        key = previous.key if previous else None
        return IndicatorData(**values, targets=targets, definition_from=definition, key=key)

    def own_wording(self, row: Row, values: dict[str, str], source: IndicatorDefinition | None) -> None:
        """Read the wording of the row; a new indicator of the catalogue takes blank cells from the catalogue."""
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

    def definition(self, row: Row, previous: IndicatorData | None) -> IndicatorDefinition | None:
        code = row.text("catalogue")
        if previous:
            stored_code = previous.definition_from.code if previous.definition_from else ""
            if code != stored_code:
                origin_words = f"il vient de « {stored_code} »" if stored_code else "il ne vient pas du catalogue"
                row.fault("catalogue", f"Cet indicateur est déjà enregistré : {origin_words}. Ajoutez une autre ligne.")
            return previous.definition_from
        if code and code not in self.catalogue:
            row.fault("catalogue", f"« {code} » n’est pas un code du catalogue.")
        return self.catalogue.get(code)

    def same_wording(self, row: Row, values: Mapping[str, str], wording: Any, definition: IndicatorDefinition) -> None:
        """Check the wording of a national indicator: it may be blank or repeated, not changed."""
        texts: dict[str, str] = {name: values[name] for name in ("label", "definition")}
        for name, choices in (("unit", Unit), ("direction", Direction), ("type", IndicatorType)):
            texts[name] = row.choice(name, choices, choices(getattr(wording, name)))  # type: ignore[type-var]
        for name, text in texts.items():
            same = {cell_text(str(getattr(source, name))).strip() for source in (wording, definition)}
            if text and cell_text(text).strip() not in same:
                row.fault(name, "Cet indicateur est national : sa rédaction est celle du catalogue.")

    def check_indicator(self, row: Row, values: Mapping[str, Any]) -> None:
        blank = [name for name in ("label", "unit", "direction", "type") if not values[name]]  # already reported
        try:
            SheetIndicator(**values).full_clean(
                exclude=["sheet", "key", "definition_from", *blank], validate_constraints=False
            )
        except ValidationError as error:
            for name, messages in error.message_dict.items():
                row.fault(name, messages[0])

    def targets(
        self, row: Row, unit: str, years: Sequence[int], former_data: IndicatorData | None
    ) -> dict[int, TargetData]:
        former = former_data.targets if former_data and former_data.unit == unit else {}
        targets = {}
        for year in self.years:
            name = f"target_{year}"
            text = row.text(name)
            old = former.get(year)
            if not text:
                continue
            if old and old.text and cell_text(old.text).strip() == text:
                targets[year] = old
                continue
            if year not in years:
                row.fault(name, f"L’action ne court pas en {year} : effacez cette cible.")
            elif len(text) > 120:
                row.fault(name, "Une cible a 120 caractères au plus.")
            elif unit:
                try:
                    targets[year] = read_target(text, unit)
                except ValidationError as error:
                    row.fault(name, error.messages[0])
        return targets
