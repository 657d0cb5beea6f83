"""Forms of the money of the State: a commitment, a step of a payment, a reason."""

import datetime as dt
from decimal import Decimal
from typing import Any

from django import forms

from conventions.enums import ContributionLine
from conventions.models import Convention
from cpo.lib.forms.base import DsfrForm, FrenchDateField, HintedLabel, MoneyField, add_faults
from cpo.lib.wording.french import euros
from reporting.models import Payment
from reporting.money.sums import Key, key_of, sums_of
from reporting.services.payments import commitment_faults

ENGAGE, TAKE_BACK = "engagement", "retrait"


class CommitmentForm(DsfrForm):
    line = forms.ChoiceField(
        label="Ligne de la contribution", error_messages={"required": "Choisissez la ligne de la contribution."}
    )
    kind = forms.ChoiceField(
        label="Cet acte est",
        widget=forms.RadioSelect,
        initial=ENGAGE,
        choices=[
            (ENGAGE, HintedLabel("Un engagement", "création de l’EJ, ou hausse de son montant")),
            (TAKE_BACK, HintedLabel("Un retrait", "baisse du montant engagé")),
        ],
        error_messages={"required": "Dites si le montant est engagé ou retiré."},
    )
    number = forms.CharField(
        label="Numéro d’engagement juridique (EJ)",
        max_length=20,
        help_text="Tel que Chorus le donne",
        error_messages={"required": "Donnez le numéro de l’engagement juridique."},
    )
    amount = MoneyField(
        label="Montant (AE), en euros", min_value=Decimal("0.01"), error_messages={"required": "Indiquez le montant."}
    )
    committed_on = FrenchDateField(label="Date", error_messages={"required": "Donnez la date de l’engagement."})
    imputation = forms.CharField(
        label="Imputation", required=False, max_length=120, help_text="Programme, action, centre financier"
    )

    def __init__(self, *args: Any, convention: Convention, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.convention = convention
        services = {row.service_id: row.service for row in convention.text.contributions.all()}
        self.keys: dict[str, Key] = {}
        choices = [("", "Choisir")]
        for key, part in sums_of(convention).items():
            if not part.conventioned:
                continue
            value = "-".join(map(str, key))
            self.keys[value] = key
            amounts = f"{euros(part.committed)} engagés sur {euros(part.conventioned)}"
            choices.append((value, f"{key[0]}, {ContributionLine(key[1]).label}, {services[key[2]]}\u00a0: {amounts}"))
        self.fields["line"].choices = choices

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        key, amount = self.keys.get(data.get("line") or ""), data.get("amount")
        if amount is not None and data.get("kind") == TAKE_BACK:
            amount = -amount
        add_faults(
            self, commitment_faults(self.convention, data.get("number") or "", key, amount, data.get("committed_on"))
        )
        return data

    def commitment(self) -> dict[str, Any]:
        """Return the arguments of `services.payments.record_commitment`."""
        data = self.cleaned_data
        return {
            "key": self.keys[data["line"]],
            "number": data["number"],
            "amount": data["amount"] if data["kind"] == ENGAGE else -data["amount"],
            "committed_on": data["committed_on"],
            "imputation": data["imputation"],
        }


class ProposalForm(DsfrForm):
    commitment = forms.ChoiceField(
        label="Sur l’engagement juridique", error_messages={"required": "Choisissez l’engagement juridique."}
    )
    amount = MoneyField(label="Montant (CP), en euros", error_messages={"required": "Indiquez le montant."})

    def __init__(self, *args: Any, payment: Payment, **kwargs: Any) -> None:
        convention, parts = payment.convention, sums_of(payment.convention)
        rows = [row for row in convention.commitments.all() if _usable(row, payment.year)]
        self.commitments = {str(row.pk): row for row in rows if parts[key_of(row)].room > 0}
        room = max((parts[key_of(row)].room for row in self.commitments.values()), default=Decimal(0))
        initial = {"amount": min(payment.amount, room)}
        if len(self.commitments) == 1:
            initial |= {"commitment": next(iter(self.commitments))}
        super().__init__(*args, initial=initial | kwargs.pop("initial", {}), **kwargs)
        self.fields["commitment"].choices = [
            ("", "Choisir"),
            *(
                (pk, f"{row}, {ContributionLine(row.line).label}, {row.service}")
                for pk, row in self.commitments.items()
            ),
        ]

    def data_of_step(self) -> dict[str, Any]:
        data = self.cleaned_data
        return {"commitment": self.commitments[data["commitment"]], "amount": data["amount"]}


def _usable(row: Any, year: int) -> bool:
    return not row.voided and row.amount > 0 and row.year == year


class StepForm(DsfrForm):
    """A step that needs nothing but a click."""

    def data_of_step(self) -> dict[str, Any]:
        return dict(self.cleaned_data)


class OrderForm(StepForm):
    number = forms.CharField(
        label="Numéro de la demande de paiement (DP)",
        max_length=20,
        help_text="Tel que Chorus le donne",
        error_messages={"required": "Donnez le numéro de la demande de paiement."},
    )
    on = FrenchDateField(label="Date du mandatement", error_messages={"required": "Donnez la date du mandatement."})


class PayForm(StepForm):
    on = FrenchDateField(label="Payé le", error_messages={"required": "Donnez la date du paiement."})


class ReasonForm(StepForm):
    reason = forms.CharField(
        label="Motif",
        max_length=250,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Les deux parties le lisent.",
        error_messages={"required": "Dites pourquoi."},
    )


class ReleaseForm(ReasonForm):
    reason = forms.CharField(
        label="Motif",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="Les services de l’État et l’administration centrale le lisent.",
        error_messages={"required": "Dites pourquoi le solde est débloqué."},
    )


STEP_FORMS: dict[str, type[StepForm]] = {"certify": StepForm, "order": OrderForm, "pay": PayForm, "void": ReasonForm}


def today_for(name: str, today: dt.date) -> dict[str, Any]:
    """The initial values of a step: it is mostly recorded on its day."""
    return {"on": today} if name in ("order", "pay") else {}
