"""The dated facts of a convention that rules start from, or that put deadlines out."""

import datetime as dt
from collections.abc import Iterable

from arml.enums import AttachmentMoment
from arml.models import Attachment
from conventions.attachments import checklist
from conventions.enums import ConventionState
from conventions.models import Convention
from cpo.lib import clock

from ..enums import ReportState

Facts = dict[str, dt.date]
SENT = (ReportState.SUBMITTED, ReportState.ADMISSIBLE, ReportState.REVIEWED, ReportState.CONCLUDED)
SETTLED = (ReportState.ADMISSIBLE, ReportState.REVIEWED, ReportState.CONCLUDED)
# kind of attachment → (fact, dated by the document itself rather than by the day it was given)
ATTACHMENTS = {
    "proces_verbal_ag": ("approbation_comptes", True),
    "publication_jo": ("reference_publication_saisie", False),
    "compte_rendu_comite_pilotage": ("compte_rendu_comite_depose", False),
    "bilan_ensemble": ("bilan_ensemble_depose", False),
    "evaluation_conjointe": ("evaluation_signee", False),
}


def facts_of(convention: Convention) -> Facts:
    """Return the facts by name, or by "name:year" for those of a year; days are those of the service's time zone."""
    facts: dict[str, dt.date | None] = {}
    _of_act(convention, facts)
    _of_reports(convention, facts)
    _of_attachments(convention, facts)
    return {name: day for name, day in facts.items() if day is not None}


def _of_act(convention: Convention, facts: dict[str, dt.date | None]) -> None:
    act, dossier = convention.act, convention.dossier
    facts["ouverture_negociation"] = dossier.shared_on
    facts["derniere_signature"] = act.signed_on
    facts["notification"] = act.notified_on
    facts["delegation_renouvelee_ou_convention_signee"] = act.signed_on
    if act.state in (ConventionState.SIGNATURE, ConventionState.ACTIVE):
        # The signature opens only on a complete request.
        facts["dossier_complet"] = act.notified_on or clock.local_day(convention.state_since, dossier.time_zone)
    elif act.state == ConventionState.NEGOTIATION:
        lines = checklist(act, (AttachmentMoment.REQUEST,))
        if not any(line.missing for line in lines):
            given = [line.current.added_at for line in lines if line.current]
            facts["dossier_complet"] = clock.local_day(max(given), dossier.time_zone) if given else None
    if act.state in (ConventionState.NEGOTIATION, ConventionState.SIGNATURE):
        ends: Iterable[dt.date] = (
            party.delegation.valid_until
            for party in act.parties.select_related("delegation")
            if party.signs and party.by_delegation and party.delegation and party.delegation.valid_until
        )
        facts["fin_delegation"] = min(ends, default=None)


def _of_reports(convention: Convention, facts: dict[str, dt.date | None]) -> None:
    zone = convention.dossier.time_zone
    for report in convention.reports.prefetch_related("send_backs").select_related("review"):
        year = report.year
        if report.state in SENT and report.submitted_at:
            facts[f"rapport_soumis:{year}"] = clock.local_day(report.submitted_at, zone)
        sent_back = [request.at for request in report.send_backs.all()]
        if sent_back:
            facts[f"renvoi_rapport:{year}"] = clock.local_day(max(sent_back), zone)
        if report.state in SETTLED:
            facts[f"rapport_recevable:{year}"] = facts[f"rapport_recevable_{year}"] = report.admissible_on
        review = getattr(report, "review", None)
        if review and review.held_on and report.state in (ReportState.REVIEWED, ReportState.CONCLUDED):
            # The dialogue of a year examines the results known that year (rule « dialogue_gestion »).
            facts[f"releve_dialogue_signe:{review.held_on.year}"] = review.held_on


def _of_attachments(convention: Convention, facts: dict[str, dt.date | None]) -> None:
    zone = convention.dossier.time_zone
    given = (
        Attachment.objects.current()
        .filter(dossier=convention.dossier, kind__key__in=ATTACHMENTS, provisional=False)
        .select_related("kind")
        .order_by("added_at", "id")
    )
    for attachment in given:
        name, own_date = ATTACHMENTS[attachment.kind.key]
        day = attachment.dated if own_date else clock.local_day(attachment.added_at, zone)
        facts[f"{name}:{attachment.year}" if attachment.year else name] = day
