"""Form of the landing forecast: a table of charges, a table of resources, two texts that the direction writes."""

from collections.abc import Sequence
from typing import Any

from django import forms

from actions.enums import AccountSide
from actions.services import state_funders
from cpo.lib.forms.base import DsfrForm
from cpo.lib.forms.confirming import ConfirmedField, ask
from reporting import figures
from reporting.content import forecasts as content
from reporting.models import Forecast
from reporting.services.forecasts import TEXTS
from reporting.services.reports import AmountInput

from .amounts import AmountRows
from .base import LongText


class ForecastForm(DsfrForm):
    """`texts`: the person writes the texts too."""

    mark_optional = False
    revision = forms.IntegerField(widget=forms.HiddenInput)
    comment = LongText(label="Ce qui explique l’atterrissage", rows=4)
    measures = LongText(label="Ce qui est fait d’ici au 31 décembre", rows=4)
    confirm = ConfirmedField()

    def __init__(self, data: Any = None, *, forecast: Forecast, texts: bool) -> None:
        self.charges, self.resources = content.charges(forecast), content.resources(forecast)
        stored = AmountRows.stored_values("charge", self.charges) | AmountRows.stored_values("produit", self.resources)
        written = {name: getattr(forecast, name) for name in TEXTS}
        super().__init__(data, initial=stored | written | {"revision": forecast.revision})
        self.texts = texts
        if not texts:
            for name in TEXTS:
                del self.fields[name]
        self.charge_rows = AmountRows(
            self, "charge", self.charges, content.accounts(AccountSide.EXPENSE), verb="attendu au 31 décembre"
        )
        self.resource_rows = AmountRows(
            self,
            "produit",
            self.resources,
            content.accounts(AccountSide.RESOURCE),
            verb="attendu au 31 décembre",
            funders=True,
            of_state=state_funders(forecast.act.programme),
        )

    @property
    def charge_sum(self) -> figures.Sum:
        return figures.Sum(self.charges)

    @property
    def resource_sum(self) -> figures.Sum:
        return figures.Sum(self.resources)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        tables = (self.charge_rows, self.resource_rows)
        for rows in tables:
            rows.clean(data)
        questions = [question for rows in tables for question in rows.unusual(data)]
        ask(self, questions, self.charge_rows.stored() | self.resource_rows.stored())
        return data

    def lines(self) -> Sequence[AmountInput]:
        return [*self.charge_rows.inputs(self.cleaned_data), *self.resource_rows.inputs(self.cleaned_data)]

    def written(self) -> dict[str, str]:
        return {name: self.cleaned_data[name] for name in TEXTS} if self.texts else {}
