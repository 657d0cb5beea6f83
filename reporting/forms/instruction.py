"""The examination of a fiche, or of the structure with the whole report: one row for each account, then the opinion."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django import forms

from cpo.lib.forms.base import DsfrForm, MoneyField, add_faults
from reporting.enums import Opinion
from reporting.models import ExaminationOpinion, Ground
from reporting.money.retained import Examined
from reporting.services.instruction import Decision, decision_faults

from .base import LongText

FIELDS = ("retained", "pending", "ground", "comment")


@dataclass
class Row:
    line: Examined
    fields: list[Any]


class ExaminationForm(DsfrForm):
    """The fields of an account end with its key; `grounds`: those of the national list."""

    mark_optional = False
    revision = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(
        self,
        data: Any = None,
        *,
        lines: Sequence[Examined],
        grounds: Sequence[Ground],
        opinion: ExaminationOpinion | None,
        revision: int,
    ) -> None:
        initial: dict[str, Any] = {"revision": revision}
        if opinion:
            initial |= {"opinion": opinion.opinion, "opinion_comment": opinion.comment}
        super().__init__(data, initial=initial)
        self.lines = list(lines)
        self.grounds = {str(ground.pk): ground for ground in grounds}
        for line in self.lines:
            self._add(line)
        self.fields["opinion"] = forms.ChoiceField(
            label="Avis", choices=[("", "Pas encore d’avis"), *Opinion.choices], required=False
        )
        self.fields["opinion_comment"] = LongText(label="Commentaire de l’avis", rows=3, max_length=3000)

    def _add(self, line: Examined) -> None:
        names = dict(zip(FIELDS, self._names(line), strict=True))
        code = line.account.code
        self.fields[names["retained"]] = MoneyField(
            label=f"Retenu, compte {code}", error_messages={"required": "Indiquez le montant retenu, 0 s’il est nul."}
        )
        self.fields[names["pending"]] = MoneyField(label=f"En attente de justificatif, compte {code}", required=False)
        choices = [("", "Rien d’écarté"), *((pk, str(ground)) for pk, ground in self.grounds.items())]
        self.fields[names["ground"]] = forms.ChoiceField(
            label=f"Motif de l’écart, compte {code}", choices=choices, required=False
        )
        self.fields[names["comment"]] = forms.CharField(
            label=f"Commentaire, compte {code}", required=False, max_length=500
        )
        self.initial |= {names["retained"]: line.retained, names["pending"]: line.pending or None}
        if line.decided:
            ground = line.decided.ground_id
            self.initial |= {names["ground"]: str(ground or ""), names["comment"]: line.decided.comment}

    @staticmethod
    def _names(line: Examined) -> list[str]:
        return [f"{name}-{line.account.pk}" for name in FIELDS]

    def rows(self) -> list[Row]:
        return [Row(line, [self[name] for name in self._names(line)]) for line in self.lines]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        for line in self.lines:
            if data.get(f"retained-{line.account.pk}") is not None:
                faults = decision_faults(line, self._decision(line, data))
                add_faults(self, {f"{name}-{line.account.pk}": text for name, text in faults.items()})
        if data.get("opinion_comment") and not data.get("opinion"):
            add_faults(self, {"opinion": "Choisissez l’avis que ce commentaire explique."})
        return data

    def _decision(self, line: Examined, data: dict[str, Any]) -> Decision:
        retained, pending, ground, comment = (data.get(name) for name in self._names(line))
        return Decision(
            line.account.code, retained, pending or Decimal(0), self.grounds.get(ground or ""), comment or ""
        )

    def arguments(self) -> dict[str, Any]:
        """Arguments of `services.instruction.examine`."""
        data = self.cleaned_data
        return {
            "decisions": [self._decision(line, data) for line in self.lines],
            "opinion": data["opinion"],
            "comment": data["opinion_comment"],
        }
