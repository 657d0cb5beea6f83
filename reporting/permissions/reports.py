"""Who fills in, submits and reads a yearly report."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from arml.enums import Role, Standing
from arml.models import AttachmentKind, Dossier, Membership, User
from arml.permissions import SPOKESPERSONS, capacities, lead_officer
from cpo.lib import clock
from cpo.lib.actor import Actor
from cpo.lib.clock import PARIS
from cpo.lib.enums import Side
from cpo.lib.wording import french
from reporting.enums import ReportState
from reporting.models import Report, SendBack

UNSUBMITTED = (ReportState.OPEN, ReportState.IN_PROGRESS)
WRITABLE = (*UNSUBMITTED, ReportState.TO_COMPLETE)
PUBLISHED = (ReportState.ADMISSIBLE, ReportState.REVIEWED, ReportState.CONCLUDED)
FINANCE = "finance"
GENERAL = "general"
DOCUMENTS = "documents"
FIGURES_CLOSED = "Le compte rendu est rouvert pour ses textes et ses pièces : les chiffres ne se modifient pas."


AMOUNTS_ONLY = (
    "Votre rôle permet d’écrire les montants de cette fiche. La direction en écrit les textes et les valeurs."
)


def sheet_path(key: object) -> str:
    """The address of a fiche's part in a report."""
    return f"sheet/{key}"


def association(actor: Actor) -> bool:
    return actor.standing == Standing.BENEFICIARY


def manager(actor: Actor) -> bool:
    return actor.standing == Standing.LEAD and actor.role == Role.MANAGER


def decides_opening(actor: Actor) -> bool:
    """The DGEFP for any convention, the manager of the lead service for its own: the DGEFP reads the reason."""
    return manager(actor) or (actor.standing == Standing.NATIONAL and actor.role == Role.NATIONAL_ADMIN)


def may_submit(actor: Actor) -> bool:
    """The president, or a director holding a dated mandate in force (modèle interministériel, article 6)."""
    if not association(actor) or actor.organisation is None:
        return False
    return actor.role == Role.PRESIDENT or (
        actor.role == Role.DIRECTOR and _mandated(actor.user, actor.organisation.pk) is not None
    )


def sends_for(user: User, organisation_id: int) -> bool:
    """Whether the person is one of those who send and sign for this association: the rule of `may_submit`."""
    roles = [role for role in user.roles if role.organisation_id == organisation_id]
    return any(role.role == Role.PRESIDENT for role in roles) or _mandated(user, organisation_id) is not None


def mandate_in_force(report: Report) -> bool:
    """Whether a director of the association may send the report in place of the president today.

    A mandate is a right, like a role: one day for all (`MembershipQuerySet.in_force`).
    """
    today = clock.today(PARIS)
    directors = Membership.objects.in_force(today).filter(
        role=Role.DIRECTOR, organisation=report.dossier.beneficiary_id, mandated_on__isnull=False
    )
    return any(role.mandated(today) for role in directors)


def _mandated(user: Any, organisation_id: int) -> Membership | None:
    today = clock.today(PARIS)
    return next((role for role in _director_roles(user, organisation_id) if role.mandated(today)), None)


def _director_roles(user: Any, organisation_id: int) -> list[Membership]:
    """The roles of director of a person in an organisation."""
    roles: list[Membership] = getattr(user, "roles", [])
    return [role for role in roles if role.role == Role.DIRECTOR and role.organisation_id == organisation_id]


def why_not_submit(user: User, report: Report) -> str:
    """Why this person may not send the report; the page shows it before they finish."""
    rule = "L’envoi revient à la présidence, ou à la direction si la présidence l’a mandatée par écrit."
    for role in _director_roles(user, report.dossier.beneficiary_id):
        if role.mandated_on is None:
            return f"{rule} Aucun mandat n’est enregistré à votre nom."
        if role.mandated_on > clock.today(PARIS):
            return f"{rule} Votre mandat ne commence que le {french.date(role.mandated_on)}."
        return f"{rule} Votre mandat a pris fin le {french.date(role.mandate_until)}."
    return rule


def reopened_paths(report: Report) -> set[str]:
    """The parts that the last round of requests reopened."""
    return {request.path for request in report.send_backs.all() if request.round == report.round}


def writer(user: User, report: Report, path: str) -> Actor | None:
    """The capacity in which the person may write this part now, or None. Accountants write amounts and documents.

    Documents may be added until the report is admissible: approved accounts often come after the report.
    """
    return writer_among(capacities(user, report.dossier), report, path)


def writer_among(actors: Iterable[Actor], report: Report, path: str) -> Actor | None:
    """The rule of `writer` for who asks it of many parts: the capacities of the person are found once."""
    open_states = (*WRITABLE, ReportState.SUBMITTED) if path == DOCUMENTS else WRITABLE
    if report.state not in open_states:
        return None
    if report.state == ReportState.TO_COMPLETE and path != DOCUMENTS and path not in reopened_paths(report):
        return None
    return _author(actors, path)


def writer_of_fiches(user: User, report: Report) -> Actor | None:
    """The capacity in which the person may take over the fiches of an act: that of who writes the texts."""
    return author(user, report, GENERAL) if report.state in WRITABLE and not report.figures_closed else None


def author(user: User, report: Report, path: str) -> Actor | None:
    """The capacity in which the person fills in this part, whatever the state of the report."""
    return _author(capacities(user, report.dossier), path)


def _author(actors: Iterable[Actor], path: str) -> Actor | None:
    for actor in actors:
        if not association(actor):
            continue
        if actor.role in SPOKESPERSONS[Side.BENEFICIARY]:
            return actor
        if actor.role == Role.ACCOUNTANT and path != GENERAL:
            return actor
    return None


def writes_texts(actor: Actor) -> bool:
    """Direction and presidency write everything; the accountant writes the amounts of a fiche, not its texts."""
    return actor.role in SPOKESPERSONS[Side.BENEFICIARY]


def why_not(user: User, report: Report, path: str) -> str:
    """Say in French why the person can't write this part now ("" when they can)."""
    if writer(user, report, path):
        return ""
    if report.state in PUBLISHED:
        return "Ce compte rendu est recevable : il ne se modifie plus."
    if report.state == ReportState.SUBMITTED:
        return "Ce compte rendu est envoyé : il se modifie si le service de l’État demande des compléments."
    if not any(association(actor) for actor in capacities(user, report.dossier)):
        return "Seule l’association remplit son compte rendu."
    if report.state == ReportState.TO_COMPLETE and path not in reopened_paths(report):
        return "Cette rubrique n’a pas été rouverte : elle demeure telle que vous l’avez transmise."
    return "Votre rôle permet de remplir les montants et les pièces ; la direction remplit les autres rubriques."


def why_not_answer(user: User, report: Report) -> str:
    """Say in French why the person can't answer the requests of the service."""
    if report.state != ReportState.TO_COMPLETE:
        return "Aucune demande n’attend de réponse sur ce compte rendu."
    return "L’association répond aux demandes : la direction et la présidence à toutes, la comptabilité aux siennes."


def may_read(user: User, report: Report, path: str) -> bool:
    """Who reads a part of a report, by its state.

    The association always reads it. The State side and the DGEFP read what was submitted; a reopened part is closed to
    them until it is submitted again. Observers read admissible reports, without their documents.
    """
    return reads(capacities(user, report.dossier), report, path)


def reads(actors: Iterable[Actor], report: Report, path: str) -> bool:
    """The rule of `may_read` for who asks it of many parts: the capacities of the person are found once."""
    for actor in actors:
        if actor.side == Side.BENEFICIARY:
            return True
        if actor.standing == Standing.OBSERVER and path == DOCUMENTS:
            continue
        if report.state in PUBLISHED:
            return True
        if actor.standing == Standing.OBSERVER or report.state in UNSUBMITTED:
            continue
        if report.state == ReportState.SUBMITTED or path not in reopened_paths(report):
            return True
    return False


def reads_sendings(actor: Actor) -> bool:
    """Both sides and the DGEFP read each sending and its acknowledgement; an observer only what is admissible."""
    return bool(actor.side) or actor.standing == Standing.NATIONAL


def opens_confidential(actor: Actor) -> bool:
    """Who opens documents of a confidential type: the association and the lead service."""
    return actor.standing in (Standing.LEAD, Standing.BENEFICIARY)


def opens_documents(user: User, report: Report, kind: AttachmentKind) -> bool:
    """Whether the person opens documents of this kind: the rule of `Attachment.objects.visible_to`, kind by kind.

    To others a page does not say whether one was given: « manquante » would be false, « déposée » theirs to know.
    """
    actors = capacities(user, report.dossier)
    others = not kind.confidential and any(a.standing in (Standing.COSIGNER, Standing.NATIONAL) for a in actors)
    return others or any(opens_confidential(actor) for actor in actors)


def with_readable_documents(reports: QuerySet[Report]) -> QuerySet[Report]:
    """The rule of `may_read` for the documents, in SQL, for the State side and the DGEFP."""
    reopened = SendBack.objects.filter(report=OuterRef("pk"), round=OuterRef("round"), path=DOCUMENTS)
    sent = Q(state__in=(*PUBLISHED, ReportState.SUBMITTED))
    return reports.filter(sent | Q(state=ReportState.TO_COMPLETE) & ~Exists(reopened))


def sees_reminders(user: User, dossier: Dossier) -> bool:
    """Both sides and the DGEFP see the recipients of the reminders."""
    return any(actor.standing != Standing.OBSERVER for actor in capacities(user, dossier))


def reads_reminders(user: User, dossier: Dossier) -> bool:
    """The lead service reads the text of any reminder; a recipient reads their own."""
    return any(lead_officer(actor) for actor in capacities(user, dossier))
