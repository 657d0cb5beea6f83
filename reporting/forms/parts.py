"""The yearly text and the compte rendu financier."""

from collections.abc import Iterable
from typing import Any

from actions.enums import AccountSide
from actions.models import Account
from actions.services import state_funders
from cpo.lib.forms.confirming import ConfirmedField, ask
from cpo.lib.forms.hardening import harden
from reporting import figures
from reporting.content import network
from reporting.enums import NetworkMeasure
from reporting.models import Report

from .amounts import AmountRows
from .base import LongText, PartForm, whole_number


def network_name(measure: str) -> str:
    """The name of the field of a figure of the network."""
    return f"network-{measure}"


class GeneralForm(PartForm):
    highlights = LongText(label="Faits marquants de l’année", rows=8)
    governance = LongText(label="Gouvernance et représentation", rows=5)

    def __init__(self, data: Any = None, *, report: Report, revision: int) -> None:
        self.report = report
        texts: dict[str, Any] = {"highlights": report.highlights, "governance": report.governance}
        numbers = {network_name(measure): number for measure, number in network.stored(report).items()}
        super().__init__(data, stored_values=texts | numbers, revision=revision)

    def build(self) -> None:
        for measure in NetworkMeasure:
            name = network_name(measure)
            options: dict[str, Any] = {"required": False, "min_value": 0, "max_value": 9_999_999}
            self.fields[name] = whole_number(str(measure.label), disabled=self.is_closed(name), **options)
            harden(self.fields[name])

    def is_closed(self, name: str) -> bool:
        """Whether the field is shown and not written, in a report open again for its texts."""
        return name.startswith("network-") and self.report.figures_closed

    @property
    def network(self) -> list[Any]:
        return [self[network_name(measure)] for measure in NetworkMeasure]

    def arguments(self, data: dict[str, Any]) -> dict[str, Any]:
        """Arguments of services.reports.save_general."""
        numbers = {str(measure): data[network_name(measure)] for measure in NetworkMeasure}
        return {"fields": {"highlights": data["highlights"], "governance": data["governance"]}, "network": numbers}


class FinanceForm(PartForm):
    comment = LongText(label="Explication des écarts entre le prévu et le réalisé", rows=5)
    allocation_keys = LongText(
        label="Clés de répartition des charges indirectes",
        rows=3,
        help_text="Annexe du compte rendu financier : comment les charges communes sont partagées entre les actions.",
    )
    surplus_use = LongText(
        label="Excédent : origine et destination",
        rows=3,
        help_text="Article 3.5 de la convention : à justifier au-delà de l’excédent présumé raisonnable.",
    )
    confirm = ConfirmedField()

    def __init__(
        self, data: Any = None, *, report: Report, revision: int, more: Iterable[tuple[Account, str]] = ()
    ) -> None:
        """more: accounts of new lines, each with its funder, "" for a charge."""
        self.report, more = report, list(more)
        self.received = figures.with_accounts(figures.resource_lines(report), [row for row in more if row[1]])
        self.structure = figures.with_accounts(
            figures.structure_lines(report), [account for account, funder in more if not funder]
        )
        stored_values = (
            {
                "comment": report.financial_comment,
                "allocation_keys": report.allocation_keys,
                "surplus_use": report.surplus_use,
            }
            | AmountRows.stored_values("produit", self.received)
            | AmountRows.stored_values("structure", self.structure)
        )
        super().__init__(data, stored_values=stored_values, revision=revision)

    @property
    def received_sum(self) -> figures.Sum:
        return figures.Sum(self.received)

    @property
    def structure_sum(self) -> figures.Sum:
        return figures.Sum(self.structure)

    def build(self) -> None:
        accounts = list(Account.objects.filter(enterable=True, withdrawn=False))
        resources = [account for account in accounts if account.side == AccountSide.RESOURCE]
        expenses = [account for account in accounts if account.side == AccountSide.EXPENSE]
        self.resources = AmountRows(
            self,
            "produit",
            self.received,
            resources,
            verb="reçu",
            funders=True,
            of_state=state_funders(self.report.act.programme),
        )
        self.expenses = AmountRows(self, "structure", self.structure, expenses, verb="dépensé")

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        self.resources.clean(data)
        self.expenses.clean(data)
        questions = [*self.resources.unusual(data), *self.expenses.unusual(data)]
        ask(self, questions, self.resources.stored() | self.expenses.stored())
        return data

    def arguments(self, data: dict[str, Any]) -> dict[str, Any]:
        """Arguments of services.reports.save_finance."""
        return {
            "comment": data["comment"],
            "allocation_keys": data["allocation_keys"],
            "surplus_use": data["surplus_use"],
            "expenses": self.expenses.inputs(data),
            "resources": self.resources.inputs(data),
        }
