"""Copy fiches from another year of the programme, or from another convention of the same association."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django import forms

from actions.models import Programme, Sheet
from arml.models import User
from cpo.lib.forms.base import DsfrForm, FilterForm


@dataclass(frozen=True)
class Source:
    """A source of fiches: one year of the same programme, or another whole programme."""

    key: str
    label: str
    origin: str  # after « à partir »
    programme: Programme
    year: int | None = None

    @property
    def sheets(self) -> "forms.models.QuerySet[Sheet]":
        rows = self.programme.sheets.select_related("axis__cycle", "objective")
        return rows.filter(first_year__lte=self.year, last_year__gte=self.year) if self.year else rows


def sources(programme: Programme, user: User) -> list[Source]:
    """Return the years of the programme with a fiche, then the other visible conventions of the association."""
    choices = []
    spans = list(programme.sheets.values_list("first_year", "last_year"))
    for year in programme.years:
        if any(first <= year <= last for first, last in spans) and len(programme.years) > 1:
            label, origin = f"Ce programme, année {year}", f"de l’année {year}"
            choices.append(Source(f"annee-{year}", label, origin, programme, year))
    others = Programme.objects.visible_to(user).filter(dossier__beneficiary=programme.dossier.beneficiary_id)
    others = others.filter(act__number=0, sheets__isnull=False).exclude(pk=programme.pk).distinct()
    for other in others.select_related("cycle", "act__convention").order_by("-cycle__first_year", "-pk"):
        number = other.act.convention.number  # type: ignore[attr-defined]
        label = f"Convention {number}, {other.cycle.years_label}"
        choices.append(Source(number, label, f"de la convention {number}", other))
    return choices


class SourceForm(FilterForm):
    source = forms.ChoiceField(label="Reprendre depuis", required=False)

    def __init__(self, *args: Any, sources: Sequence[Source], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["source"].choices = [(source.key, source.label) for source in sources]


class TakeForm(DsfrForm):
    """The fiches to copy, with or without their figures; when the source is a year, the year that receives them."""

    source = forms.CharField(widget=forms.HiddenInput)
    sheets = forms.ModelMultipleChoiceField(
        label="Fiches", queryset=Sheet.objects.none(), error_messages={"required": "Choisissez au moins une fiche."}
    )
    to_year = forms.TypedChoiceField(label="Année qui les reçoit", coerce=int)
    figures = forms.BooleanField(label="Reprendre aussi les cibles et les montants", required=False, initial=True)

    def __init__(self, *args: Any, source: Source, **kwargs: Any) -> None:
        kwargs["initial"] = {"source": source.key, **kwargs.get("initial", {})}
        super().__init__(*args, **kwargs)
        self.fields["sheets"].queryset = source.sheets
        if source.year is None:
            del self.fields["to_year"]
            return
        others = [year for year in source.programme.years if year != source.year]
        self.fields["to_year"].choices = [(year, str(year)) for year in others]
        self.initial.setdefault("to_year", next((year for year in others if year > source.year), others[0]))
