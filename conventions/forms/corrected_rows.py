"""The forms that add a row to what was typed of a paper original, remove one, or replace the scan: with a reason."""

import uuid
from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ObjectDoesNotExist

from actions.enums import AccountSide, Direction, IndicatorType, Unit
from actions.models import Account, Axis, Sheet, SheetIndicator
from actions.services import TargetData
from actions.services.catalogue import current_indicators
from actions.services.indicators import WORDING
from actions.targets import WHOLE, over_a_whole, read_target
from arml.enums import OrganisationKind
from arml.models import Organisation
from conventions.effects.corrected_indicators import IndicatorRemoved, NewIndicator
from conventions.effects.corrected_rows import (
    NewAmount,
    NewContribution,
    NewInstalment,
    NewParty,
    NewSheet,
    PartyRemoved,
    RowChange,
    SheetRemoved,
)
from conventions.enums import ContributionLine, PartyRole
from conventions.models import Act
from cpo.lib.files.stored import check_upload
from cpo.lib.forms.base import FrenchDateField, MoneyField, add_faults
from cpo.lib.money import CENT

from .drafting import RevisionForm

WHY = "Dites pourquoi ce qui a été saisi est corrigé."


class CorrectedRowForm(RevisionForm):
    """`place`: the key of a fiche, of a party; None for the whole act. `title` and `button` are those of the page."""

    title = ""
    button = "Ajouter"

    def __init__(self, *args: Any, act: Act, place: str = "", **kwargs: Any) -> None:
        super().__init__(*args, initial={"revision": act.programme.revision}, **kwargs)
        self.act, self.place = act, place
        self.build()
        self.fields["reason"] = forms.CharField(
            label="Motif de la correction",
            help_text="Par exemple : « Le second versement avait été oublié. »",
            max_length=1000,
            widget=forms.Textarea(attrs={"rows": 3}),
            error_messages={"required": WHY},
        )

    def build(self) -> None:
        """Add the fields that depend on the act."""

    def row(self) -> RowChange | None:
        raise NotImplementedError

    def scan(self) -> bytes | None:
        return None

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        missing = [name for name in self.fields if self.fields[name].required and name not in data]
        if missing in ([], ["reason"]):
            try:
                row = self.row()
            except ObjectDoesNotExist:  # somebody removed it since the page was opened
                raise forms.ValidationError("Cette ligne n’existe plus. Rechargez la page.") from None
            add_faults(self, row.faults(self.act) if row else {})
        return data

    def _years(self, label: str = "Année") -> forms.TypedChoiceField:
        years = [(year, str(year)) for year in self.act.programme.years_to_fill]
        return forms.TypedChoiceField(
            label=label,
            coerce=int,
            choices=[("", "Choisir"), *years],
            error_messages={"required": "Choisissez l’année."},
        )


def _amount() -> MoneyField:
    return MoneyField(label="Montant", min_value=CENT, error_messages={"required": "Donnez le montant."})


class ContributionRowForm(CorrectedRowForm):
    title = "Ajouter une ligne de contribution"

    def build(self) -> None:
        payers = self.act.parties.filter(role__in=(PartyRole.LEAD, PartyRole.COSIGNER)).values("organisation")
        self.fields["year"] = self._years()
        self.fields["line"] = forms.ChoiceField(label="Ligne", choices=ContributionLine.choices)
        self.fields["service"] = forms.ModelChoiceField(
            Organisation.objects.filter(pk__in=payers), label="Service", empty_label="Choisir",
            error_messages={"required": "Choisissez le service."},
        )  # fmt: skip
        self.fields["amount"] = _amount()

    def row(self) -> RowChange:
        data = self.cleaned_data
        return NewContribution(data["year"], data["line"], data["service"], data["amount"])


class InstalmentRowForm(CorrectedRowForm):
    title = "Ajouter un versement prévu"

    def build(self) -> None:
        self.fields["year"] = self._years()
        self.fields["label"] = forms.CharField(
            label="Objet", max_length=60, help_text="Avance, solde…", error_messages={"required": "Donnez l’objet."}
        )
        self.fields["amount"] = _amount()
        self.fields["due_on"] = FrenchDateField(label="Date prévue", required=False)
        self.fields["condition"] = forms.CharField(label="Condition", max_length=250, required=False)

    def row(self) -> RowChange:
        data = self.cleaned_data
        return NewInstalment(
            data["year"], data["label"].strip(), data["amount"], data.get("due_on"), data.get("condition", "").strip()
        )


class ExpenseRowForm(CorrectedRowForm):
    title = "Ajouter une charge"
    side = AccountSide.EXPENSE

    def build(self) -> None:
        accounts = Account.objects.filter(side=self.side, enterable=True).order_by("rank")
        self.fields["year"] = self._years()
        self.fields["account"] = forms.ModelChoiceField(
            accounts, label="Compte", empty_label="Choisir", error_messages={"required": "Choisissez le compte."}
        )
        self.fields["amount"] = _amount()

    def row(self) -> RowChange:
        data, key = self.cleaned_data, uuid.UUID(self.place) if self.place else None
        return NewAmount(data["account"], data["year"], data["amount"], key, data.get("funder", "").strip())


class ResourceRowForm(ExpenseRowForm):
    title = "Ajouter un produit"
    side = AccountSide.RESOURCE

    def build(self) -> None:
        super().build()
        self.fields["funder"] = forms.CharField(
            label="Financeur", max_length=120, help_text="Tel que l’original le nomme.",
            error_messages={"required": "Donnez le financeur."},
        )  # fmt: skip


class SheetRowForm(CorrectedRowForm):
    title = "Ajouter une fiche"

    def build(self) -> None:
        self.fields["code"] = forms.CharField(
            label="Code",
            max_length=12,
            help_text="Celui de l’original.",
            error_messages={"required": "Donnez le code."},
        )
        self.fields["title"] = forms.CharField(
            label="Intitulé", max_length=200, error_messages={"required": "Donnez l’intitulé."}
        )
        self.fields["axis"] = forms.ModelChoiceField(
            Axis.objects.filter(cycle=self.act.programme.cycle_id),
            label=self.act.programme.cycle.axis_label, empty_label="Choisir",
            error_messages={"required": "Choisissez-en un."},
        )  # fmt: skip
        self.fields["first_year"] = self._years("Première année")
        self.fields["last_year"] = self._years("Dernière année")

    def row(self) -> RowChange:
        data = self.cleaned_data
        return NewSheet(
            data["axis"], data["title"].strip(), data["first_year"], data["last_year"], data["code"].strip()
        )


class IndicatorRowForm(CorrectedRowForm):
    title = "Ajouter un indicateur"

    def build(self) -> None:
        self.sheet = Sheet.objects.get(programme=self.act.programme_id, key=self.place)
        known = current_indicators(self.act.programme.cycle)
        self.fields["definition_from"] = forms.ModelChoiceField(
            known, label="Indicateur du catalogue", required=False, empty_label="Aucun\u00a0: propre à la convention",
            help_text="Son libellé et son unité sont alors ceux du catalogue.",
        )  # fmt: skip
        self.fields["label"] = forms.CharField(label="Libellé", max_length=200, required=False)
        for name, label, choices in (
            ("unit", "Unité", Unit), ("direction", "Sens d’une amélioration", Direction),
            ("type", "Type", IndicatorType),
        ):  # fmt: skip
            self.fields[name] = forms.ChoiceField(label=label, choices=choices)
        self.fields["definition"] = forms.CharField(
            label="Définition", required=False, max_length=20_000, widget=forms.Textarea(attrs={"rows": 3})
        )
        self.fields["source"] = forms.CharField(label="Source", max_length=150, required=False)
        self.fields["baseline"] = forms.CharField(label="Valeur de départ", max_length=60, required=False)
        for year in self.sheet.years:
            self.fields[f"target_{year}"] = forms.CharField(
                label=f"Cible {year}",
                max_length=120,
                required=False,
                help_text="Un nombre, un texte ou « sans objet ».",
            )
        self.fields["confirm"] = forms.BooleanField(
            label=f"Je confirme une cible de plus de {WHOLE}\u00a0%", required=False
        )

    def clean(self) -> dict[str, Any]:
        self.targets: dict[int, TargetData] = {}
        given = self.cleaned_data.get("definition_from")
        if not given and not self.cleaned_data.get("label", "").strip():
            self.add_error("label", "Donnez le libellé, ou choisissez un indicateur du catalogue.")
        unit = given.unit if given else self.cleaned_data.get("unit", "")
        for year in self.sheet.years:
            try:
                self.targets[year] = read_target(self.cleaned_data.get(f"target_{year}", "").strip(), unit)
            except forms.ValidationError as error:
                self.add_error(f"target_{year}", error)
        beyond = [str(year) for year, target in self.targets.items() if over_a_whole(target, unit)]
        if beyond and not self.cleaned_data.get("confirm"):
            words = f"Cible de plus de {WHOLE}\u00a0% ({', '.join(beyond)})\u00a0: corrigez-la, ou cochez cette case."
            self.add_error("confirm", words)
        return super().clean()

    def row(self) -> RowChange | None:
        data = self.cleaned_data
        if not data.get("definition_from") and not data.get("label"):
            return None
        wording = {name: data.get(name, "").strip() for name in WORDING}
        return NewIndicator(
            self.sheet.key, wording, data.get("baseline", "").strip(), data.get("source", "").strip(), self.targets,
            data.get("definition_from"),
        )  # fmt: skip


class IndicatorRemovalForm(CorrectedRowForm):
    title = "Retirer l’indicateur"
    button = "Retirer"

    def row(self) -> RowChange:
        rows = SheetIndicator.objects.filter(sheet__programme=self.act.programme_id)
        return IndicatorRemoved(rows.select_related("sheet__programme").get(pk=self.place))


class PartyRowForm(CorrectedRowForm):
    title = "Ajouter une partie"

    def build(self) -> None:
        kinds = (OrganisationKind.STATE_SERVICE, OrganisationKind.REGION, OrganisationKind.OTHER)
        present = self.act.parties.values("organisation")
        self.fields["organisation"] = forms.ModelChoiceField(
            Organisation.objects.filter(kind__in=kinds).exclude(pk__in=present).order_by("sort_name"),
            label="Service cosignataire ou cofinanceur", empty_label="Choisir",
            error_messages={"required": "Choisissez l’organisme."},
        )  # fmt: skip
        self.fields["signed_on"] = FrenchDateField(
            label="Signé le", required=False, no_future=True, help_text="Vide\u00a0: un cofinanceur qui n’a pas signé."
        )
        self.fields["signatory_name"] = forms.CharField(label="Nom du signataire", max_length=120, required=False)
        self.fields["capacity"] = forms.CharField(label="En qualité de", max_length=200, required=False)

    def row(self) -> RowChange:
        data = self.cleaned_data
        name, capacity = (data.get(one, "").strip() for one in ("signatory_name", "capacity"))
        return NewParty(data["organisation"], name, capacity, data.get("signed_on"))


class SheetRemovalForm(CorrectedRowForm):
    title = "Retirer la fiche"
    button = "Retirer"

    def row(self) -> RowChange:
        return SheetRemoved(self.act.programme.sheets.get(key=self.place))


class PartyRemovalForm(CorrectedRowForm):
    title = "Retirer la partie"
    button = "Retirer"

    def row(self) -> RowChange:
        return PartyRemoved(self.act.parties.get(pk=self.place).organisation)


class ScanForm(CorrectedRowForm):
    title = "Remplacer l’original numérisé"
    button = "Remplacer l’original"

    def build(self) -> None:
        self.fields["scan"] = forms.FileField(
            label="Original signé, numérisé", allow_empty_file=True, error_messages={"required": "Choisissez le PDF."},
            help_text="L’ancien fichier reste au registre, marqué annulé.",
        )  # fmt: skip

    def clean_scan(self) -> bytes:
        upload = self.cleaned_data["scan"]
        return check_upload(upload, name=upload.name, size=upload.size, pdf_only=True)[0]

    def row(self) -> RowChange | None:
        return None

    def scan(self) -> bytes:
        return bytes(self.cleaned_data["scan"])


ROW_FORMS: Mapping[str, type[CorrectedRowForm]] = {
    "contribution": ContributionRowForm,
    "versement": InstalmentRowForm,
    "charge": ExpenseRowForm,
    "produit": ResourceRowForm,
    "fiche": SheetRowForm,
    "indicateur": IndicatorRowForm,
    "retirer-indicateur": IndicatorRemovalForm,
    "partie": PartyRowForm,
    "retirer-fiche": SheetRemovalForm,
    "retirer-partie": PartyRemovalForm,
    "original": ScanForm,
}
OF_SHEET, OF_PARTY, OF_INDICATOR = ("retirer-fiche", "indicateur"), ("retirer-partie",), ("retirer-indicateur",)
