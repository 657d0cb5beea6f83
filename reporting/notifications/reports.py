"""The e-mails of a yearly report: opened, sent, sent back, admissible, reopened."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from django.urls import reverse

from arml.enums import Role
from arml.models import User
from arml.permissions import BENEFICIARY_ROLES
from conventions.models import Signature
from conventions.notifications.common import people, people_of
from cpo.lib import clock, journal
from cpo.lib.actor import Actor
from cpo.lib.enums import Side
from cpo.lib.mail.emails import Letter, absolute, write, write_all
from cpo.lib.wording import french
from reporting.enums import Reopening
from reporting.models import (
    PieceCheck,
    Report,
    ReportVersion,
)


def _write(
    report: Report, key: str, side: str, roles: Sequence[str], *, but: User | None = None, **context: Any
) -> None:
    readers = [person for person in people(report.act, side, roles) if person != but]
    write(key, readers, _values(report, **context), root=journal.key(report.dossier))


def _values(report: Report, **context: Any) -> dict[str, Any]:
    return {
        "annee": report.year,
        "arml_nom": report.dossier.beneficiary.in_sentence,
        "arml_nom_court": str(report.dossier.beneficiary),
        "numero_convention": report.convention.number,
        "date_evenement": french.date(clock.today(report.dossier.time_zone)),
        "lien": link(report),
        "echeance_date": french.date(report.due_on),
        **context,
    }


def link(report: Report) -> str:
    return absolute(reverse("report-detail", kwargs={"number": report.convention.number, "year": report.year}))


def reports_opened(reports: Mapping[Report, int]) -> None:
    """Tell the associations of their reports, each with its number of fiches; a constant number of queries."""
    held = people_of({report.dossier.beneficiary_id for report in reports}, [Role.DIRECTOR, Role.ACCOUNTANT])
    letters = [
        Letter(
            held.get(report.dossier.beneficiary_id, []),
            _values(report, nombre_actions=count),
            root=journal.key(report.dossier),
        )
        for report, count in reports.items()
    ]
    write_all("rapport_ouvert", letters)


def report_submitted(report: Report, actor: Actor, version: ReportVersion) -> None:
    """The officer of a report that was sent back reads how much changed since."""
    count, changes = version.changes, ""
    if count is not None:
        words = f"{count} rubriques changent" if count > 1 else "Une rubrique change" if count else "Rien ne change"
        changes = f"{words} depuis l’envoi précédent."
    _write(report, "rapport_envoye", Side.STATE, [Role.OFFICER], auteur_nom=actor.name, changements_envoi=changes)


def financial_report_to_sign(report: Report, actor: Actor) -> None:
    """The presidency signs what was sent, by itself or by whom it mandated."""
    _write(report, "compte_rendu_financier_a_signer", Side.BENEFICIARY, [Role.PRESIDENT], auteur_nom=actor.name)


def financial_report_signed(report: Report, signature: Signature, actor: Actor) -> None:
    """Both sides are told, and not who acts."""
    values = {"auteur_nom": actor.name, "signataire_nom": signature.signatory_name, "qualite": signature.capacity}
    for side, roles in ((Side.STATE, [Role.OFFICER]), (Side.BENEFICIARY, [Role.PRESIDENT, Role.DIRECTOR])):
        _write(report, "compte_rendu_financier_signe", side, roles, but=actor.user, **values)


def piece_refused(row: PieceCheck, actor: Actor) -> None:
    """The association is told why, and until when another document is awaited."""
    report = row.report
    due = clock.today(report.dossier.time_zone) + dt.timedelta(days=15)  # at least fifteen days (article 6.3)
    _write(
        report,
        "piece_refusee",
        Side.BENEFICIARY,
        BENEFICIARY_ROLES,
        auteur_nom=actor.name,
        element_modifie=row.attachment.kind.label,
        motif=row.refusal,
        echeance_date=french.date(due),
    )


def report_sent_back(report: Report, actor: Actor, requests: list[tuple[str, str, str]]) -> None:
    due = clock.today(report.dossier.time_zone) + dt.timedelta(days=15)  # at least fifteen days (article 6.3)
    _write(
        report,
        "rapport_renvoye",
        Side.BENEFICIARY,
        BENEFICIARY_ROLES,
        auteur_nom=actor.name,
        nombre_points=len(requests),
        liste_points="\n".join(f"- {label} : {reason}" for _, label, reason in requests),
        echeance_date=french.date(due),
    )


def report_admissible(report: Report) -> None:
    _write(
        report,
        "rapport_recevable",
        Side.BENEFICIARY,
        BENEFICIARY_ROLES,
        date_dialogue="une date à convenir",
    )


def report_reopened(report: Report, actor: Actor, scope: Reopening, reason: str) -> None:
    """Both sides are told; the DGEFP reads the reason in the journal."""
    for side, roles in ((Side.BENEFICIARY, BENEFICIARY_ROLES), (Side.STATE, [Role.OFFICER])):
        _write(
            report,
            "rapport_rouvert",
            side,
            roles,
            auteur_nom=actor.name,
            etendue=french.lower_first(scope.label),
            motif=reason,
        )
