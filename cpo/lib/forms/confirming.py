"""Boxes to tick below a table of amounts, one for each amount out of proportion: what is ticked is exact.

A box says the amount that it is about: another amount is another question. What is stored was confirmed.
"""

from collections.abc import Callable, Collection, Iterable
from typing import Any

from django import forms

from .base import DsfrForm, HintedLabel

UNUSUAL = "Des montants sont hors de proportion : corrigez-les, ou cochez ceux qui sont exacts."
FIELD = "confirm"

Questions = Iterable[tuple[str, str]]  # an amount with its line and year, and why it is asked about


class ConfirmedField(forms.MultipleChoiceField):
    """The amounts said to be exact. What may be ticked depends on the amounts typed: see `ask`."""

    def __init__(self) -> None:
        super().__init__(label="Montants inhabituels", required=False, widget=forms.CheckboxSelectMultiple)

    def validate(self, value: Any) -> None:
        """Accept any answer: one to a question that is no longer asked does no harm."""


def ask(form: forms.Form, questions: Questions, stored: Collection[str]) -> None:
    """Ask about these amounts, except those that are `stored`. Call it in `clean`."""
    pending = {figure: reason for figure, reason in questions if figure not in stored}
    choices = [(figure, HintedLabel(figure, reason[:1].upper() + reason[1:])) for figure, reason in pending.items()]
    form.fields[FIELD] = form.fields.pop(FIELD)  # the summary of errors names it after the amounts
    form.fields[FIELD].choices = choices  # type: ignore[attr-defined]
    if set(pending) - set(form.cleaned_data.get(FIELD, ())):
        form.add_error(FIELD, UNUSUAL)


class ConfirmForm(DsfrForm):
    """The boxes of a page whose amounts are in other forms. `questions` reads these, `stored` what was saved before."""

    mark_optional = False
    confirm = ConfirmedField()

    def __init__(
        self, data: Any = None, *, questions: Callable[[], Questions], stored: Callable[[], Questions]
    ) -> None:
        super().__init__(data)
        self.questions, self.stored = questions, stored

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        ask(self, self.questions(), {figure for figure, _ in self.stored()})
        return data
