"""Forms to record and to void what funders granted and paid."""

from collections import Counter
from typing import Any

from django import forms
from django.db.models import Q

from actions.enums import STATE_ACCOUNT, AccountKind, AccountSide
from actions.models import Account, Sheet
from actions.services import default_funder
from conventions.enums import FundingKind
from conventions.models import Act, FundingFact
from conventions.money.plan import NO_SHEET, line_value
from conventions.services.funding import funding_faults
from cpo.lib.forms.base import DsfrForm, FrenchDateField, HintedLabel, MoneyField, add_faults
from cpo.lib.forms.uploads import UploadForm
from cpo.lib.wording.french import euros


class FundingForm(UploadForm):
    uploads = {"upload": False}

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
        allow_empty_file=True,  # the service refuses an empty file with its own message
    )
    excess_reason = forms.CharField(  # shown after a payment above the grant only
        label="Pourquoi ce versement dépasse-t-il ce qui est accordé\u00a0?",
        required=False,
        max_length=250,
        help_text="Les deux parties lisent ce motif.",
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    confirm = forms.BooleanField(label="Je confirme ce montant", required=False)  # shown after an unusual amount only

    def __init__(self, *args: Any, act: Act, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.act = act
        years = act.programme.years
        self.lines: dict[str, tuple[Account, str]] = {}
        self.sheets: dict[str, Sheet] = {str(sheet.key): sheet for sheet in act.programme.sheets.all()}
        self.fields["line"].choices = [("", "Choisir"), *self._funders(act)]  # type: ignore[attr-defined]
        self.fields["sheet"].choices = [  # type: ignore[attr-defined]
            ("", NO_SHEET),
            *((key, str(sheet)) for key, sheet in self.sheets.items()),
        ]
        self.fields["year"].choices = [("", "Choisir"), *((year, str(year)) for year in years)]  # type: ignore[attr-defined]

    def _funders(self, act: Act) -> list[tuple[str, list[tuple[str, str]]]]:
        """Return the funders of the plan, then the other accounts, for a funder that the plan does not have.

        Without the State, whose money is kept by its service.
        """
        rows = act.programme.resources.cash().exclude(account__code=STATE_ACCOUNT).select_related("account")
        planned_lines = {line_value(row.account, row.funder): (row.account, row.funder) for row in rows}
        self.planned_amounts: Counter[tuple[str, int]] = Counter()
        for row in rows:
            self.planned_amounts[line_value(row.account, row.funder), row.year] += row.amount  # type: ignore[assignment]
        planned_ids = {account.pk for account, _ in planned_lines.values()}
        cash = (
            Account.objects.offered()
            .filter(side=AccountSide.RESOURCE, kind=AccountKind.CASH)
            .exclude(Q(pk__in=planned_ids) | Q(code=STATE_ACCOUNT))
        )
        other_lines = {}
        for account in cash:
            funder = default_funder(account, act.dossier)
            other_lines[line_value(account, funder)] = (account, funder)
        self.lines = planned_lines | other_lines
        return [
            (
                "Au plan de financement",
                [(value, f"{name} ({account.code})") for value, (account, name) in planned_lines.items()],
            ),
            ("Hors du plan", [(value, f"{name} ({account.code})") for value, (account, name) in other_lines.items()]),
        ]

    def clean(self) -> dict[str, Any]:
        """Ask for a confirmation of an amount above twice the plan: it may have a digit too many, or be right."""
        data = self.cleaned_data
        sheet = self.sheets.get(data.get("sheet", ""))
        typed = (data.get("year"), data.get("amount"), data.get("dated_on"))
        add_faults(self, funding_faults(self.act, data.get("kind", ""), sheet, *typed))
        line, year, amount = data.get("line"), data.get("year"), data.get("amount")
        planned_amount = self.planned_amounts.get((line, year)) if line and year else None
        if planned_amount and amount and amount > 2 * planned_amount and not data.get("confirm"):
            message = f"{euros(amount)} : {euros(planned_amount)} sont demandés à ce financeur pour {year}."
            self.add_error("confirm", f"{message} Corrigez le montant, ou cochez cette case s’il est exact.")
        return super().clean()

    def fact(self) -> dict[str, Any]:
        """Return the arguments of `services.record_funding`."""
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
            "excess_reason": data["excess_reason"],
            "upload": upload or None,
            "name": upload.name if upload else "",
            "size": upload.size if upload else None,
        }


def initial_values(fact: FundingFact) -> dict[str, Any]:
    """Return the initial values of the form for a fact that replaces this one; its file is not among them."""
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
