"""The forms of what funders granted and paid."""

from collections import Counter
from typing import Any

from django import forms

from actions.enums import AccountKind, AccountSide
from actions.models import Account, Sheet
from actions.services import default_funder
from conventions.enums import FundingKind
from conventions.models import Act, FundingFact
from conventions.money.plan import NO_SHEET, line_value
from cpo.lib.forms.base import DsfrForm, FrenchDateField, HintedLabel, MoneyField
from cpo.lib.wording.french import euros


class FundingForm(DsfrForm):
    kind = forms.ChoiceField(
        label="Ce financement est",
        widget=forms.RadioSelect,
        choices=[
            (
                FundingKind.GRANTED,
                HintedLabel("Accordé", "arrêté, délibération, notification ; 0 € pour un refus"),
            ),
            (FundingKind.PAID, HintedLabel("Versé", "reçu sur le compte de l’association")),
        ],
        error_messages={"required": "Dites si ce montant est accordé ou versé."},
    )
    line = forms.ChoiceField(label="Financeur", error_messages={"required": "Choisissez le financeur."})
    sheet = forms.ChoiceField(label="Fiche", required=False)
    year = forms.TypedChoiceField(
        label="Pour l’année",
        coerce=int,
        help_text="L’année du plan que cet argent finance, même s’il est versé plus tard.",
        error_messages={"required": "Choisissez l’année."},
    )
    amount = MoneyField(label="Montant, en euros", error_messages={"required": "Indiquez le montant."})
    dated_on = FrenchDateField(
        label="Date",
        help_text="Date de la décision, ou du versement",
        error_messages={"required": "Donnez la date de la décision ou du versement."},
    )
    reference = forms.CharField(
        label="Référence", required=False, max_length=120, help_text="Numéro de la décision, libellé du virement…"
    )
    upload = forms.FileField(
        label="Pièce",
        required=False,
        error_messages={
            "empty": "Ce fichier est vide. Choisissez le fichier complet.",
            "invalid": "Le fichier n’est pas arrivé. Choisissez-le à nouveau.",
        },
        allow_empty_file=True,  # the service says it, in our words
    )
    confirm = forms.BooleanField(label="Je confirme ce montant", required=False)  # drawn once it is asked

    def __init__(self, *args: Any, act: Act, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        years = act.programme.cycle.years
        self.lines: dict[str, tuple[Account, str]] = {}
        self.sheets: dict[str, Sheet] = {str(sheet.key): sheet for sheet in act.programme.sheets.all()}
        self.fields["line"].choices = [("", "Choisir"), *self._funders(act)]  # type: ignore[attr-defined]
        self.fields["sheet"].choices = [  # type: ignore[attr-defined]
            ("", NO_SHEET),
            *((key, str(sheet)) for key, sheet in self.sheets.items()),
        ]
        self.fields["year"].choices = [("", "Choisir"), *((year, str(year)) for year in years)]  # type: ignore[attr-defined]

    def _funders(self, act: Act) -> list[tuple[str, list[tuple[str, str]]]]:
        """Those of the plan, whose names are not typed twice; then the other accounts, for who gives unasked."""
        asked = act.programme.resources.cash().select_related("account")
        planned = {line_value(row.account, row.funder): (row.account, row.funder) for row in asked}
        self.asked: Counter[tuple[str, int]] = Counter()
        for row in asked:
            self.asked[line_value(row.account, row.funder), row.year] += row.amount  # type: ignore[assignment]
        used = {account.pk for account, _ in planned.values()}
        cash = Account.objects.offered().filter(side=AccountSide.RESOURCE, kind=AccountKind.CASH).exclude(pk__in=used)
        others = {}
        for account in cash:
            funder = default_funder(account, act.dossier)
            others[line_value(account, funder)] = (account, funder)
        self.lines = planned | others
        return [
            (
                "Au plan de financement",
                [(value, f"{name} ({account.code})") for value, (account, name) in planned.items()],
            ),
            ("Hors du plan", [(value, f"{name} ({account.code})") for value, (account, name) in others.items()]),
        ]

    def clean(self) -> dict[str, Any]:
        """A digit too many shows beside what was asked; more than asked happens, so it is confirmed, not refused."""
        data = super().clean() or {}
        line, year, amount = data.get("line"), data.get("year"), data.get("amount")
        asked = self.asked.get((line, year)) if line and year else None
        if asked and amount and amount > 2 * asked and not data.get("confirm"):
            told = f"{euros(amount)} : {euros(asked)} sont demandés à ce financeur pour {year}."
            self.add_error("confirm", f"{told} Corrigez le montant, ou cochez cette case s’il est exact.")
        return data

    def fact(self) -> dict[str, Any]:
        """What `services.record_funding` takes."""
        data = self.cleaned_data
        account, funder = self.lines[data["line"]]
        upload = data["upload"]
        return {
            "kind": data["kind"],
            "account": account,
            "funder": funder,
            "sheet": self.sheets.get(data["sheet"]),
            "year": data["year"],
            "amount": data["amount"],
            "dated_on": data["dated_on"],
            "reference": data["reference"],
            "upload": upload or None,
            "name": upload.name if upload else "",
            "size": upload.size if upload else None,
        }


def as_typed(fact: FundingFact) -> dict[str, Any]:
    """The values of the form for a fact like this one, but for its file."""
    return {
        "kind": fact.kind,
        "line": line_value(fact.account, fact.funder),
        "sheet": str(fact.sheet_key or ""),
        "year": fact.year,
        "amount": fact.amount,
        "dated_on": fact.dated_on,
        "reference": fact.reference,
    }


class VoidFundingForm(DsfrForm):
    reason = forms.CharField(
        label="Motif",
        max_length=250,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Les deux parties le lisent ; le financement reste dans la liste, annulé.",
        error_messages={"required": "Dites pourquoi ce financement est annulé."},
    )
