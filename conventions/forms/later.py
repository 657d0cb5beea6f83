"""Forms of the acts after the first one: their object and dates; and the form of the day whose text is read."""

from typing import Any

from django import forms

from conventions.enums import ActKind, ActTopic, ConventionState, Origin
from conventions.later.opening import Terms, earliest_effect, next_rank, years_of
from conventions.models import Act
from cpo.lib.forms.base import DsfrForm
from cpo.lib.forms.fields import FrenchDateField
from cpo.lib.forms.hardening import WholeNumberField

from .drafting import RevisionForm

LONG = 4000


def _text(label: str, help_text: str, missing: str = "", *, required: bool = True) -> forms.CharField:
    return forms.CharField(
        label=label,
        help_text=help_text,
        max_length=LONG,
        required=required,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": missing},
    )


class AmendmentForm(DsfrForm):
    """The request for an avenant has an object, a cause and consequences (article 12.2 of the model)."""

    topic = forms.ChoiceField(
        label="L’avenant porte sur",
        choices=ActTopic.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Choisissez ce que l’avenant change d’abord."},
    )
    purpose = _text("Objet", "Ce qui doit changer, en une ou deux phrases.", "Dites ce qui doit changer.")
    cause = _text("Cause", "Pourquoi ce changement est nécessaire.", "Dites pourquoi ce changement est nécessaire.")
    consequences = _text(
        "Conséquences",
        "Ce que ce changement entraîne pour le programme, les montants ou les délais.",
        "Dites ce que ce changement entraîne.",
    )

    @property
    def terms(self) -> Terms:
        return Terms(**self.cleaned_data)


class YearForm(DsfrForm):
    """An act about the amounts of one year."""

    year = forms.TypedChoiceField(
        label="Année", coerce=int, choices=(), error_messages={"required": "Choisissez l’année."}
    )
    purpose = _text("Objet", "", "Dites ce que l’acte fixe.")

    def __init__(self, *args: Any, years: list[int], purpose_help: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["year"].choices = [("", "Choisir"), *((year, str(year)) for year in years)]  # type: ignore[attr-defined]
        self.fields["purpose"].help_text = purpose_help

    @property
    def terms(self) -> Terms:
        return Terms(**self.cleaned_data)


class PaperActForm(DsfrForm):
    """An avenant or an annual act that was signed on paper after the convention: what its original says of itself."""

    mark_optional = False

    kind = forms.ChoiceField(
        label="Nature de l’acte",
        choices=[(ActKind.AMENDMENT, "Avenant"), (ActKind.ANNUAL, "Acte financier d’une année")],
        widget=forms.RadioSelect,
        error_messages={"required": "Choisissez la nature de l’acte."},
    )
    rank = WholeNumberField(
        label="Numéro de l’avenant", help_text="Celui que porte l’original.", required=False, min_value=1, max_value=99
    )
    year = forms.TypedChoiceField(
        label="Année de l’acte financier", coerce=int, choices=(), required=False, empty_value=None
    )
    purpose = _text("Objet", "Ce que l’acte change, en une ou deux phrases.", "Dites ce que l’acte change.")
    effective_on = FrenchDateField(
        label="Prise d’effet", error_messages={"required": "Indiquez la date de prise d’effet."}
    )

    def __init__(self, *args: Any, first: Act, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.convention = first.convention
        self.fields["rank"].initial = next_rank(first.convention, ActKind.AMENDMENT)
        years = [(year, str(year)) for year in years_of(first, ActKind.ANNUAL)]
        self.fields["year"].choices = [("", "Choisir"), *years]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        is_annual = data.get("kind") == ActKind.ANNUAL
        if is_annual and not data.get("year") and "year" not in self.errors:
            self.add_error("year", "Choisissez l’année que l’acte fixe.")
        if data.get("kind") == ActKind.AMENDMENT and "rank" not in self.errors:
            self._check_rank(data.get("rank"))
        start, text = data.get("effective_on"), self.convention.text
        if start and not text.effective_on <= start <= text.ends_on:
            self.add_error(
                "effective_on",
                f"L’acte prend effet entre le {text.effective_on:%d/%m/%Y}, comme le texte qu’il change, "
                f"et le {text.ends_on:%d/%m/%Y}, terme de la convention.",
            )
        return data

    def _check_rank(self, rank: int | None) -> None:
        signed = self.convention.acts.filter(kind=ActKind.AMENDMENT, state=ConventionState.ACTIVE)
        last = max(signed.values_list("rank", flat=True), default=0)
        if rank is None:
            self.add_error("rank", "Donnez le numéro que porte l’avenant.")
        elif rank <= last:
            self.add_error("rank", f"L’avenant n° {last} est déjà repris : celui-ci vient après.")

    @property
    def terms(self) -> Terms:
        data, is_annual = self.cleaned_data, self.cleaned_data["kind"] == ActKind.ANNUAL
        return Terms(
            purpose=data["purpose"],
            year=data["year"] if is_annual else None,
            origin=Origin.PAPER,
            rank=None if is_annual else data["rank"],
            effective_on=data["effective_on"],
        )


class TermsForm(RevisionForm):
    """The object and the dates of an open act. Texts may be empty while it is a draft, but not for the signature."""

    mark_optional = False

    purpose = _text("Objet", "Ce que l’acte change, en une ou deux phrases.", required=False)
    cause = _text("Cause", "Pourquoi ce changement est nécessaire.", required=False)
    consequences = _text("Conséquences", "Ce que ce changement entraîne.", required=False)
    effective_on = FrenchDateField(
        label="Prise d’effet", error_messages={"required": "Indiquez la date de prise d’effet."}
    )
    ends_on = FrenchDateField(
        label="Terme de la convention",
        help_text="Un terme plus lointain ajoute ses années aux budgets, aux cibles et à l’échéancier. "
        "Un terme plus proche demande d’en retirer ce qui le dépasse.",
        error_messages={"required": "Indiquez le terme de la convention."},
    )

    def __init__(self, *args: Any, act: Act, **kwargs: Any) -> None:
        names = [name for name in self.base_fields if name != "revision"]
        kwargs.setdefault(
            "initial", {"revision": act.programme.revision, **{name: getattr(act, name) for name in names}}
        )
        super().__init__(*args, **kwargs)
        self.act = act
        if act.kind != ActKind.AMENDMENT:
            for name in ("cause", "consequences", "ends_on"):
                del self.fields[name]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        start, end = data.get("effective_on"), data.get("ends_on")
        earliest = earliest_effect(self.act)
        if start and start < earliest:
            words = f"L’acte ne prend pas effet avant le texte qu’il change, en vigueur au {earliest:%d/%m/%Y}."
            self.add_error("effective_on", words)
        if start and end and end < start:
            self.add_error("ends_on", "Le terme suit la prise d’effet.")
        elif start and "ends_on" not in self.fields and start > self.act.ends_on:
            words = f"La convention prend fin le {self.act.ends_on:%d/%m/%Y} : l’acte prend effet avant."
            self.add_error("effective_on", words)
        return data


class DayForm(DsfrForm):
    """The day whose text is read; today when it is empty."""

    mark_optional = False

    au = FrenchDateField(label="Texte en vigueur au", required=False)
