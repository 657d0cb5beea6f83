"""The dated facts of a convention: rules start from them, deadlines end with them."""

import datetime as dt
from collections.abc import Iterable

from django.db.models import Prefetch

from arml.enums import AttachmentMoment, LabelStatus
from arml.models import Attachment, Delegation, LabelStep, label_among
from arml.permissions import SPOKESPERSONS
from conventions.enums import ActKind, ConventionState
from conventions.guards.pieces import checklist
from conventions.later.term import covered_years, set_by, term
from conventions.models import Acceptance, Act, Convention, FormalNotice, counted_from
from conventions.permissions import DECIDES
from cpo.lib import clock, journal
from cpo.lib.enums import Side
from reporting.deadlines.examination import examination_time
from reporting.enums import CorrectionState, MeetingKind, MeetingState, PaymentKind, PaymentState, ReportState
from reporting.models import Evaluation, Forecast, Payment, PieceCheck, Report, ReportVersion

Facts = dict[str, dt.date]
SENT = (ReportState.SUBMITTED, ReportState.ADMISSIBLE, ReportState.REVIEWED, ReportState.CONCLUDED)
SETTLED = (ReportState.ADMISSIBLE, ReportState.REVIEWED, ReportState.CONCLUDED)
COUNTED = "notification_comptee"  # the day from which what follows the notification runs
DIALOGUE_HELD, MINUTES_SIGNED = "dialogue_tenu", "releve_dialogue_signe"
EVALUATED = "evaluation_signee"
FORECAST = "prevision_envoyee"
LABEL_FILE = "renouvellement_label_depose"
FIRST_PAYMENT, ADVANCE = "demande_paiement_annee_1", "demande_paiement_avance"
# type of document → (fact, whether its date is the document's own; otherwise the day it was added)
DELEGATION_RENEWED = "delegation_renouvelee_ou_convention_signee"
ATTACHMENTS = {
    "proces_verbal_ag": ("approbation_comptes", True),
    "publication_donnees_essentielles": ("publication_donnees_essentielles", False),
    "publication_jo": ("reference_publication_saisie", False),
    "compte_rendu_comite_pilotage": ("compte_rendu_comite_depose", False),
    "bilan_ensemble": ("bilan_ensemble_depose", False),
    "evaluation_conjointe": (EVALUATED, False),
}


def facts_of(convention: Convention) -> Facts:
    """The facts by name, or by "name:year" for the facts of a year; days are in the service's time zone."""
    facts: dict[str, dt.date | None] = {}
    _of_act(convention, facts)
    _of_annual_acts(convention, facts)
    _of_reports(convention, facts)
    _of_meetings(convention, facts)
    _of_payments(convention, facts)
    _of_corrections(convention, facts)
    _of_attachments(convention, facts)
    _of_evaluation(convention, facts)
    _of_forecasts(convention, facts)
    _of_request(convention, facts)
    _of_end(convention, facts)
    _of_term(convention, facts)
    _of_label(convention, facts)
    return {name: day for name, day in facts.items() if name and day is not None}


def _of_act(convention: Convention, facts: dict[str, dt.date | None]) -> None:
    act, dossier = convention.act, convention.dossier
    facts["ouverture_negociation"] = dossier.shared_on
    facts["derniere_signature"] = act.signed_on
    facts["notification"] = act.notified_on
    facts[COUNTED] = counted_from(act)
    facts[DELEGATION_RENEWED] = act.signed_on
    if act.state in (ConventionState.SIGNATURE, ConventionState.ACTIVE):
        # The signature opens only once the request is complete.
        facts["dossier_complet"] = act.notified_on or clock.local_day(convention.state_since, dossier.time_zone)
    elif act.state == ConventionState.NEGOTIATION:
        lines = checklist(act, (AttachmentMoment.REQUEST,))
        if not any(line.missing for line in lines):
            deposit_times = [line.current.added_at for line in lines if line.current]
            facts["dossier_complet"] = clock.local_day(max(deposit_times), dossier.time_zone) if deposit_times else None
    if act.state in (ConventionState.NEGOTIATION, ConventionState.SIGNATURE):
        facts["fin_delegation"] = min(_ends_of_delegations(act), default=None)


def _ends_of_delegations(act: Act) -> Iterable[dt.date]:
    """The last day of each delegation that a party signs by; one that was renewed since lasts as its renewal does."""
    for party in act.parties.select_related("delegation"):
        held = party.delegation
        if not (party.signs and party.by_delegation and held and held.valid_until):
            continue
        same = Delegation.objects.filter(organisation=held.organisation_id, holder_name=held.holder_name)
        last = same.filter(dated__gte=held.dated).order_by("dated", "pk").last() or held
        if last.valid_until:
            yield max(last.valid_until, held.valid_until)


def _of_annual_acts(convention: Convention, facts: dict[str, dt.date | None]) -> None:
    for act in convention.acts.all():
        if act.kind == ActKind.ANNUAL and act.is_active:
            facts[f"acte_financier_signe:{act.year}"] = act.signed_on


def _of_reports(convention: Convention, facts: dict[str, dt.date | None]) -> None:
    zone = convention.dossier.time_zone
    rows = convention.reports.prefetch_related(
        "send_backs",
        "settlements",
        "clarifications__answers",
        "piece_checks__attachment__replaced_by",
        Prefetch("versions", ReportVersion.objects.defer("content")),
    )
    for report in rows:
        report.convention, year = convention, report.year
        _of_examination(report, facts)
        _of_pieces(report, facts)
        if report.state in SENT and report.submitted_at:
            facts[f"rapport_soumis:{year}"] = clock.local_day(report.submitted_at, zone)
        sent_back = [request.at for request in report.send_backs.all()]
        if sent_back:
            facts[f"renvoi_rapport:{year}"] = clock.local_day(max(sent_back), zone)
        if report.state in SETTLED:
            facts[f"rapport_recevable:{year}"] = report.admissible_on


def _of_meetings(convention: Convention, facts: dict[str, dt.date | None]) -> None:
    """A dialogue de gestion counts for the year in which it was held, not for that of its report.

    Held and recorded, it is done; its minutes are when both parties have signed them.
    """
    held = convention.meetings.filter(kind=MeetingKind.DIALOGUE, state=MeetingState.HELD).order_by("day")
    for meeting in held:
        if meeting.day:
            facts[f"{DIALOGUE_HELD}:{meeting.day.year}"] = meeting.day
            facts[f"{MINUTES_SIGNED}:{meeting.day.year}"] = meeting.signed_on


def _of_examination(report: Report, facts: dict[str, dt.date | None]) -> None:
    """The day from which the time of the service counts, moved by the days that waited; none while it is suspended.

    The details that are asked are due on the day that the request says; once all have an answer, that day is the fact.
    """
    zone, year = report.dossier.time_zone, report.year
    time = examination_time(report)
    if time and not time.paused:
        facts[f"instruction_en_cours:{year}"] = time.since + dt.timedelta(days=time.waited)
    asked = list(report.clarifications.all())
    waiting = [row.due_on for row in asked if row.is_open and not row.answers.all()]
    ends = [answer.at for row in asked for answer in row.answers.all()]
    ends += [row.judged_at for row in asked if row.judged_at]
    if waiting and not report.is_settled:
        facts[f"precisions_attendues:{year}"] = min(waiting)
    elif ends:
        last = max(asked, key=lambda row: row.number)
        day = clock.local_day(max(ends), zone)
        facts[f"precisions_attendues:{year}"] = min(last.due_on, day)
        facts[f"precisions_recues:{year}"] = day


def _of_pieces(report: Report, facts: dict[str, dt.date | None]) -> None:
    """The oldest refusal of a document that no other one replaced; once all are replaced, the day of the last one.

    A document that was refused, then accepted, waits for nothing.
    """
    zone, year, last = report.dossier.time_zone, report.year, {}
    for row in sorted(report.piece_checks.all(), key=lambda row: row.pk):
        last[row.attachment_id] = row
    refused = [row for row in last.values() if row.is_refusal]
    newer = {row.pk: _replacing(row) for row in refused}
    waiting = [row.at for row in refused if newer[row.pk] is None]
    if waiting and not report.is_settled:
        facts[f"piece_refusee:{year}"] = clock.local_day(min(waiting), zone)
    elif refused:
        facts[f"piece_refusee:{year}"] = clock.local_day(max(row.at for row in refused), zone)
        days = [moment for moment in newer.values() if moment]
        facts[f"piece_remplacee:{year}"] = clock.local_day(max(days), zone) if days else report.admissible_on


def _replacing(row: PieceCheck) -> dt.datetime | None:
    """When a newer document took the place of the refused one; None while none did."""
    newer = getattr(row.attachment, "replaced_by", None)
    return newer.added_at if newer else None


def _of_payments(convention: Convention, facts: dict[str, dt.date | None]) -> None:
    for payment in convention.payments.filter(state=PaymentState.PAID).order_by("paid_on", "pk"):
        facts.setdefault(payment_fact(payment), payment.paid_on)


def _of_corrections(convention: Convention, facts: dict[str, dt.date | None]) -> None:
    """The letter of the contradictory phase that waits for an answer, the last one where all are answered."""
    rows = list(convention.corrections.filter(notified_on__isnull=False, suspected_fraud=False).order_by("notified_on"))
    waiting = [row for row in rows if row.observed_at is None and row.state == CorrectionState.NOTIFIED]
    if waiting:
        facts["reception_lettre_contradictoire"] = waiting[0].notified_on
    elif rows:
        zone = convention.dossier.time_zone
        answered = [clock.local_day(row.observed_at, zone) for row in rows if row.observed_at]
        facts["reception_lettre_contradictoire"] = rows[-1].notified_on
        ends = [*answered, *(row.decided_on for row in rows if row.decided_on)]
        facts["observations_recues"] = max(ends, default=None)


def payment_fact(payment: Payment) -> str:
    """The fact that a payment is, once paid: the first one of the first year, the advance of a later one; else ""."""
    if payment.year == payment.convention.cycle.first_year:
        return FIRST_PAYMENT
    return f"{ADVANCE}:{payment.year}" if payment.kind == PaymentKind.ADVANCE else ""


def _of_attachments(convention: Convention, facts: dict[str, dt.date | None]) -> None:
    zone = convention.dossier.time_zone
    attachments = (
        Attachment.objects.current()
        .filter(dossier=convention.dossier, kind__key__in=ATTACHMENTS, provisional=False)
        .select_related("kind")
        .order_by("added_at", "id")
    )
    for attachment in attachments:
        name, own_date = ATTACHMENTS[attachment.kind.key]
        day = attachment.dated if own_date else clock.local_day(attachment.added_at, zone)
        facts[f"{name}:{attachment.year}" if attachment.year else name] = day


def _of_evaluation(convention: Convention, facts: dict[str, dt.date | None]) -> None:
    """The evaluation that was concluded here; else the one that was signed on paper (`_of_attachments`)."""
    concluded = Evaluation.objects.filter(convention=convention, concluded_on__isnull=False)
    if (day := concluded.values_list("concluded_on", flat=True).first()) is not None:
        facts[EVALUATED] = day


def _of_forecasts(convention: Convention, facts: dict[str, dt.date | None]) -> None:
    for year, day in Forecast.objects.filter(convention=convention).values_list("year", "sent_on"):
        facts[f"{FORECAST}:{year}"] = day


def _request(convention: Convention) -> Act | None:
    """The last avenant requested."""
    amendments = [act for act in convention.acts.all() if act.kind == ActKind.AMENDMENT and act.asked_on]
    return max(amendments, key=lambda act: act.number, default=None)


def _of_request(convention: Convention, facts: dict[str, dt.date | None]) -> None:
    """The other side answers a request by proposing, accepting or refusing (article 12.2).

    When the side that asked withdraws its request, there is no longer anything to answer.
    """
    act = _request(convention)
    if act is None:
        return
    zone, other = convention.dossier.time_zone, Side.other(act.asked_by)
    answers = list(act.versions.filter(side=other).values_list("created_at", flat=True))
    answers += Acceptance.objects.filter(version__act=act, side=other).values_list("at", flat=True)
    refusal = journal.last(act, "refuse") if act.state == ConventionState.ABANDONED else None
    if refusal and refusal.side == other:
        answers.append(refusal.at)
    if refusal is None or answers:
        facts["reception_demande_avenant"] = act.asked_on
        facts["reponse_avenant"] = clock.local_day(min(answers), zone) if answers else None


def _notice(convention: Convention) -> FormalNotice | None:
    """The open formal notice with the earliest term, else the last one withdrawn."""
    notices = [notice for notice in convention.notices.all() if notice.sent_on]
    notices.sort(key=lambda notice: (notice.due_on or dt.date.max, notice.pk))
    return next((notice for notice in notices if notice.open), notices[-1] if notices else None)


def _of_end(convention: Convention, facts: dict[str, dt.date | None]) -> None:
    notice = _notice(convention)
    if notice:
        facts["envoi_mise_en_demeure"], facts["mise_en_demeure_satisfaite"] = notice.sent_on, notice.withdrawn_on
    if convention.state == ConventionState.CLOSED:
        facts["convention_cloturee"] = convention.ended_on
    if convention.state == ConventionState.TERMINATED and convention.ended_on:
        facts["resiliation"] = convention.ended_on
        last = convention.reports.filter(year=_covered(convention)[-1], state__in=SENT).first()
        if last and last.submitted_at:
            facts["documents_resiliation_remis"] = clock.local_day(last.submitted_at, convention.dossier.time_zone)


def _of_term(convention: Convention, facts: dict[str, dt.date | None]) -> None:
    """The last day of a signed convention, and the day of its last year's report, declared admissible.

    With the day on which the act that set this term was notified: what starts from the term was not known before.
    """
    if convention.act.is_active:
        today = clock.today(convention.dossier.time_zone)
        facts["terme"] = term(convention, today)
        facts["terme_notifie"] = counted_from(set_by(convention, today))
        facts["dernier_rapport_recevable"] = facts.get(f"rapport_recevable:{_covered(convention)[-1]}")


def _of_label(convention: Convention, facts: dict[str, dt.date | None]) -> None:
    """The end of the label in force or just expired, and the file of its renewal: one written after the label."""
    steps = list(LabelStep.objects.filter(organisation=convention.dossier.beneficiary_id))
    label = label_among(steps, clock.today(convention.dossier.time_zone))["label"]
    if label is not None and label.expires_on:
        facts["fin_label"] = label.expires_on
        files = [step.day for step in steps if step.step == LabelStatus.FILED and step.day > label.day]
        facts[LABEL_FILE] = max(files, default=None)


def _covered(convention: Convention) -> list[int]:
    return covered_years(convention, clock.today(convention.dossier.time_zone))


def party_roles(convention: Convention) -> dict[str, str]:
    """The role that each party name of a rule means for this convention."""
    act, notice = _request(convention), _notice(convention)
    roles = {}
    if act:
        roles["partie_sollicitee"] = SPOKESPERSONS[Side.other(act.asked_by)][0]
    if notice:
        roles["partie_mise_en_demeure"] = DECIDES[Side.other(notice.side)]
    return {name: str(role) for name, role in roles.items()}
