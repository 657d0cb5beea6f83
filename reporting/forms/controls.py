"""Forms of the controls and of the corrections; a step without a field is a click."""

from decimal import Decimal
from typing import Any

from django import forms

from actions.models import Account
from conventions.models import Convention
from cpo.lib.forms.base import DsfrForm, FrenchDateField, MoneyField, add_faults
from cpo.lib.forms.uploads import UploadForm
from reporting.effects.controls import effect_fault
from reporting.enums import ControlKind, CorrectionEffect, FollowUp, GroundUse, PaymentState
from reporting.models import Control, Correction, Ground, Payment
from reporting.services.controls import control_faults, correction_faults, room_fault

from .base import LongText

TAKE, GIVE = "reprise", "restitution"


def _text(label: str, missing: str, **options: Any) -> LongText:
    return LongText(label=label, required=True, rows=5, error_messages={"required": missing}, **options)


class ControlForm(DsfrForm):
    kind = forms.ChoiceField(
        label="Nature du contrôle",
        choices=ControlKind.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Dites si le contrôle est sur pièces ou sur place."},
    )
    announced_on = FrenchDateField(label="Annoncé le", error_messages={"required": "Donnez la date de l’annonce."})
    starts_on = FrenchDateField(label="Du", error_messages={"required": "Donnez le premier jour."})
    ends_on = FrenchDateField(label="Au", required=False)
    scope = _text(
        "Périmètre", "Dites ce que le contrôle porte.", help_text="Actions, comptes, années, pièces demandées"
    )

    def __init__(self, *args: Any, convention: Convention, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.convention = convention

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        days = (data.get(name) for name in ("announced_on", "starts_on", "ends_on"))
        add_faults(self, control_faults(self.convention, *days))
        return data


class StepForm(DsfrForm):
    """A step of a control or of a correction. `row`: what it is about."""

    def __init__(self, *args: Any, row: Control | Correction, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.row: Any = row

    def values(self) -> dict[str, Any]:
        return dict(self.cleaned_data)


class FindingsForm(StepForm, UploadForm):
    uploads = {"file": False}
    findings = _text("Constats", "Écrivez les constats.")
    file = forms.FileField(label="Relevé du contrôle", required=False, allow_empty_file=True)


class ObserveForm(StepForm):
    observations = _text("Vos observations", "Écrivez vos observations.")


class CloseForm(StepForm):
    conclusions = _text("Conclusions", "Écrivez les conclusions.")


class NotifyForm(StepForm):
    on = FrenchDateField(
        label="Lettre reçue par l’association le",
        help_text="Le délai d’un mois court de ce jour",
        error_messages={"required": "Donnez la date de réception de la lettre."},
    )


class LiftForm(StepForm):
    comment = _text("Motif", "Dites pourquoi le soupçon est levé.", max_length=1000)


class DecideForm(StepForm):
    effect = forms.ChoiceField(
        label="Suite donnée",
        choices=CorrectionEffect.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Choisissez la suite donnée."},
    )
    decision = _text("Motifs de la décision", "Motivez la décision.")

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("effect") and (fault := effect_fault(self.row, CorrectionEffect(data["effect"]))):
            add_faults(self, {"effect": fault})
        return data


class RecoverForm(StepForm):
    title_number = forms.CharField(
        label="Numéro du titre de perception",
        max_length=30,
        error_messages={"required": "Donnez le numéro du titre."},
    )
    on = FrenchDateField(label="Recouvrée le", error_messages={"required": "Donnez la date du recouvrement."})


class ReduceForm(StepForm):
    year = forms.TypedChoiceField(
        label="Année de l’acte", coerce=int, error_messages={"required": "Choisissez l’année de l’acte."}
    )

    def __init__(self, *args: Any, row: Correction, **kwargs: Any) -> None:
        super().__init__(*args, row=row, **kwargs)
        years = sorted({line.year for line in row.convention.text.contributions.all() if line.year > row.year})
        self.fields["year"].choices = [("", "Choisir"), *((year, str(year)) for year in years)]


CONTROL_STEPS: dict[str, type[StepForm]] = {"communicate": FindingsForm, "observe": ObserveForm, "close": CloseForm}
CORRECTION_STEPS: dict[str, type[StepForm]] = {
    "notify": NotifyForm,
    "observe": ObserveForm,
    "lift": LiftForm,
    "decide": DecideForm,
    "recover": RecoverForm,
    "reduce": ReduceForm,
    "settle": StepForm,
}


class CorrectionForm(DsfrForm):
    """A correction of an amount, on an account, a fiche, or a whole year; or the follow-up of another one."""

    year = forms.TypedChoiceField(
        label="Année corrigée", coerce=int, error_messages={"required": "Choisissez l’année corrigée."}
    )
    kind = forms.ChoiceField(
        label="Cette correction",
        choices=[(TAKE, "Reprend une somme à l’association"), (GIVE, "Lui rend une somme")],
        initial=TAKE,
        widget=forms.RadioSelect,
        error_messages={"required": "Dites si la somme est reprise ou rendue."},
    )
    amount = MoneyField(
        label="Montant, en euros", min_value=Decimal("0.01"), error_messages={"required": "Indiquez le montant."}
    )
    ground = forms.ModelChoiceField(
        label="Motif", queryset=Ground.objects.none(), error_messages={"required": "Choisissez le motif."}
    )
    explanation = _text("Explication", "Expliquez la correction.", max_length=5000)
    control = forms.ModelChoiceField(label="Contrôle", queryset=Control.objects.none(), required=False)
    account = forms.ModelChoiceField(label="Compte", queryset=Account.objects.none(), required=False)
    sheet = forms.ChoiceField(label="Fiche", required=False)
    follows = forms.ModelChoiceField(label="Suite de la correction", queryset=Correction.objects.none(), required=False)
    follow_up = forms.ChoiceField(
        label="Nature de la suite", choices=[("", "Aucune"), *FollowUp.choices], required=False
    )
    suspected_fraud = forms.BooleanField(
        label="Soupçon de fraude", required=False, help_text="Les services de l’État et la DGEFP la lisent seuls."
    )

    def __init__(self, *args: Any, convention: Convention, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.convention, text = convention, convention.text
        years = sorted({row.year for row in text.contributions.all()})
        self.fields["year"].choices = [("", "Choisir"), *((year, str(year)) for year in years)]
        self.fields["ground"].queryset = Ground.objects.filter(use=GroundUse.CORRECTED, withdrawn=False)
        self.fields["control"].queryset = convention.controls.order_by("number")
        self.fields["account"].queryset = Account.objects.filter(
            pk__in=text.programme.expenses.order_by().values("account")
        )
        self.fields["follows"].queryset = Correction.objects.filter(convention=convention).order_by("number")
        self.sheets = {str(sheet.key): str(sheet) for sheet in text.programme.sheets.all()}
        self.fields["sheet"].choices = [("", "Aucune"), *self.sheets.items()]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        add_faults(self, correction_faults(self.convention, **data))
        return data

    def correction(self) -> dict[str, Any]:
        """The fields of `services.controls.propose`."""
        data = dict(self.cleaned_data)
        sheet, kind = data.pop("sheet"), data.pop("kind")
        amount = data["amount"] if kind == TAKE else -data["amount"]
        return data | {"amount": amount, "sheet_key": sheet or None, "sheet_label": self.sheets.get(sheet, "")[:200]}


class ImputeForm(DsfrForm):
    """On which proposed payment a correction is imputed, or why it is postponed."""

    payment = forms.ChoiceField(
        label="Versement proposé", error_messages={"required": "Choisissez le versement qui porte la correction."}
    )
    reason = forms.CharField(label="Ou reporter au versement suivant, parce que", required=False, max_length=250)

    def __init__(self, *args: Any, correction: Correction, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.correction, convention = correction, correction.convention
        rows = [row for row in convention.payments.all() if row.state == PaymentState.PROPOSED]
        self.payments: dict[str, Payment] = {str(row.pk): row for row in rows}
        self.fields["payment"].choices = [("", "Choisir"), *((pk, str(row)) for pk, row in self.payments.items())]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        payment = self.payments.get(data.get("payment") or "")
        if payment and not (data.get("reason") or "").strip():
            fault = room_fault(self.correction.convention, payment, self.correction.amount)
            add_faults(self, {"payment": fault} if fault else {})
        return data

    def arguments(self) -> dict[str, Any]:
        return {"payment": self.payments[self.cleaned_data["payment"]], "reason": self.cleaned_data["reason"]}
