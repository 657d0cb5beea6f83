"""The officer examines what was sent: what is retained of each expense, and the opinions."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError

from arml.models import User
from cpo.lib import clock, journal
from cpo.lib.editing.lock import edit
from cpo.lib.enums import Audience
from cpo.lib.money import to_cents
from cpo.lib.wording import french
from reporting import permissions as may
from reporting.enums import GroundUse
from reporting.models import ExaminationOpinion, Ground, Report, RetainedAmount
from reporting.money.retained import STRUCTURE, Examined, examined


@dataclass(frozen=True)
class Decision:
    """What is retained of one account, in euros; what is neither retained nor waiting is left out."""

    account: str  # code
    retained: Decimal
    pending: Decimal = Decimal(0)
    ground: Ground | None = None
    comment: str = ""


def decision_faults(line: Examined, decision: Decision) -> dict[str, str]:
    """Return, by field, what is wrong of a decision; the left-out amount is the difference."""
    whole = line.declared + line.carried
    rejected = whole - decision.retained - decision.pending
    faults = {}
    for name, amount in (("retained", decision.retained), ("pending", decision.pending)):
        if amount < 0 or amount != to_cents(amount):
            faults[name] = "Donnez un montant positif ou nul, au centime."
    if faults:
        return faults
    if rejected < 0 and decision.pending:
        faults["pending"] = f"Retenu et en attente dépassent {french.euros(whole)}, ce qui est à examiner."
    elif rejected < 0 and not decision.comment.strip():
        faults["comment"] = f"Plus que les {french.euros(whole)} à examiner\u00a0: dites pourquoi."
    if rejected > 0 and decision.ground is None:
        faults["ground"] = f"{french.euros(rejected)} écartés\u00a0: choisissez le motif."
    elif rejected > 0 and not decision.comment.strip():
        faults["comment"] = f"{french.euros(rejected)} écartés\u00a0: dites pourquoi."
    elif rejected <= 0 and decision.ground is not None:
        faults["ground"] = "Rien n’est écarté\u00a0: ce motif est de trop."
    if decision.ground is not None and decision.ground.use != GroundUse.REJECTED:
        faults["ground"] = "Ce motif n’est pas de ceux d’un montant écarté."
    return faults


def examine(
    report: Report,
    *,
    sheet_key: str,
    decisions: Sequence[Decision],
    opinion: str,
    comment: str,
    by: User,
    expected_revision: int | None,
) -> None:
    """Write the decisions and the opinion on a fiche; sheet_key "": the structure and the whole report.

    A decision that retains all that is declared needs no row. Raises PermissionDenied, StaleRevision, ValidationError
    (of the first wrong decision).
    """
    actor = may.examiner(by, report)
    if actor is None:
        raise PermissionDenied(may.why_not_examine(by, report))
    element = _element(report, sheet_key)
    with edit(report, expected_revision=expected_revision, by=actor, element=element, state=_state) as locked:
        if may.examiner(by, locked) is None:
            raise PermissionDenied(may.why_not_examine(by, locked))
        [(_, lines)] = examined([locked])
        for decision in decisions:
            _decide(locked, lines[sheet_key, decision.account], decision, by)
        _give_opinion(locked, sheet_key, opinion, comment, by)
        journal.record(
            locked,
            root=locked.dossier,
            by=actor,
            verb="report_examined",
            sentence=f"{actor.name} instruit {element} du compte rendu {locked.year}.",
            element=element,
            parameters={"year": locked.year},
            audience=Audience.BOTH,
        )


def _element(report: Report, sheet_key: str) -> str:
    if sheet_key == STRUCTURE:
        return "l’ensemble"
    part = report.sheets.select_related("sheet").filter(sheet__key=sheet_key).first()
    return f"la fiche {part.sheet.code}" if part else "une fiche d’une année précédente"


def _state(report: Report) -> str:
    amounts = RetainedAmount.objects.filter(report=report, round=report.round).order_by("sheet_key", "account")
    opinions = ExaminationOpinion.objects.filter(report=report, round=report.round).order_by("sheet_key")
    fields = ("sheet_key", "account", "retained", "rejected", "pending", "ground", "comment")
    return repr([*amounts.values_list(*fields), *opinions.values_list("sheet_key", "opinion", "comment")])


def _decide(report: Report, line: Examined, decision: Decision, by: User) -> None:
    if faults := decision_faults(line, decision):
        raise ValidationError(faults)
    whole, comment = line.declared + line.carried, decision.comment.strip()[:500]
    key: dict[str, Any] = {"report": report, "round": report.round, "sheet_key": _uuid(line.sheet_key)}
    key["account"] = line.account
    default = decision.retained == line.declared and decision.pending == line.carried and not comment
    if default and line.decided is None:
        return
    RetainedAmount.objects.update_or_create(
        **key,
        defaults={
            "declared": line.declared,
            "carried": line.carried,
            "retained": decision.retained,
            "pending": decision.pending,
            "rejected": max(whole - decision.retained - decision.pending, Decimal(0)),
            "ground": decision.ground,
            "comment": comment,
            "author": by,
            "at": clock.now(),
        },
    )


def _give_opinion(report: Report, sheet_key: str, opinion: str, comment: str, by: User) -> None:
    key: dict[str, Any] = {"report": report, "round": report.round, "sheet_key": _uuid(sheet_key)}
    if not opinion:
        if comment.strip():
            raise ValidationError({"opinion": "Choisissez l’avis que ce commentaire explique."})
        ExaminationOpinion.objects.filter(**key).delete()
        return
    values = {"opinion": opinion, "comment": comment.strip(), "author": by, "at": clock.now()}
    ExaminationOpinion.objects.update_or_create(**key, defaults=values)


def _uuid(sheet_key: str) -> uuid.UUID | None:
    return uuid.UUID(sheet_key) if sheet_key else None
