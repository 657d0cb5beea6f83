"""The e-mails of an examination and of a control: details asked and given, steps of a control or correction."""

from django.urls import reverse

from arml.enums import Role
from arml.permissions import BENEFICIARY_ROLES
from conventions.notifications.common import people
from cpo.lib import journal
from cpo.lib.actor import Actor
from cpo.lib.enums import Side
from cpo.lib.mail.emails import absolute, write
from cpo.lib.wording import french
from reporting.models import (
    Clarification,
    Control,
    Correction,
)

from .reports import _write


def clarification_asked(row: Clarification, actor: Actor) -> None:
    _write(
        row.report,
        "precisions_demandees",
        Side.BENEFICIARY,
        BENEFICIARY_ROLES,
        auteur_nom=actor.name,
        element_modifie=row.label,
        motif=row.question,
        echeance_date=french.date(row.due_on),
        lien=clarification_link(row),
    )


def clarification_answered(row: Clarification, actor: Actor) -> None:
    _write(
        row.report,
        "precisions_recues",
        Side.STATE,
        [Role.OFFICER],
        auteur_nom=actor.name,
        element_modifie=row.label,
        lien=clarification_link(row),
    )


def clarification_link(row: Clarification) -> str:
    of_report = {"number": row.report.convention.number, "year": row.report.year}
    return absolute(reverse("report-clarification", kwargs=of_report | {"sequence": row.number}))


def control_step(control: Control, step: str, words: str) -> None:
    _of_controls(control, "controle_etape", str(control), step, words)


def correction_step(correction: Correction, step: str, words: str) -> None:
    """The association is told from the letter on, and of nothing that is suspected."""
    _of_controls(correction, "correction_etape", str(correction), step, words)


def _of_controls(row: Control | Correction, key: str, name: str, step: str, words: str) -> None:
    convention = row.convention
    dossier = convention.dossier
    values = {
        "arml_nom": dossier.beneficiary.in_sentence,
        "numero_convention": convention.number,
        "element_modifie": french.lower_first(name),
        "etape": step,
        "motif": words,
        "lien": absolute(reverse("convention-controls", args=[convention.number])),
    }
    write(key, people(convention.act, Side.BENEFICIARY, BENEFICIARY_ROLES), values, root=journal.key(dossier))


WAITING = "rappel_attente"  # the text about what people wait for on an act, whatever the rung
