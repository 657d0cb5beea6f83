"""THE transition table of a yearly report: open, in progress, submitted ⇄ to complete, admissible, reviewed, concluded.

A transition locks the report's row; so does every write of its content (cpo.lib.editing.lock.edit).
"""

from typing import Any

from arml.permissions import capacities as dossier_capacities
from arml.permissions import lead_officer
from cpo.lib.actor import Actor
from cpo.lib.enums import Audience
from cpo.lib.wording import french
from cpo.lib.workflow import Transition, Workflow
from reporting import permissions as may
from reporting.effects import reports as effects
from reporting.enums import Reopening
from reporting.enums import ReportState as State
from reporting.guards import meetings as meeting_guards
from reporting.guards import reports as guards
from reporting.guards.completeness import report_complete
from reporting.models import Report


def lock(report: Report) -> Report:
    return (
        Report.objects.select_for_update(of=("self",))
        .select_related("convention__dossier__lead", "convention__dossier__beneficiary", "act")
        .get(pk=report.pk)
    )


def capacities(user: Any, report: Report) -> list[Actor]:
    return dossier_capacities(user, report.convention.dossier)


def _send_back_sentence(report: Report, actor: Actor, data: dict[str, Any]) -> str:
    count = len(data["requests"])
    parts = f"{count} rubrique{'s' if count > 1 else ''}"
    return f"{actor.name} demande des compléments sur {parts} du compte rendu {report.year}."


def unsigned(report: Report, actor: Actor) -> bool:
    """Whether the compte rendu financier of the last sending waits for its signature."""
    sending = report.last_sending()
    return sending is not None and sending.signature is None


def _reopen_sentence(report: Report, actor: Actor, data: dict[str, Any]) -> str:
    scope = french.lower_first(Reopening(data["scope"]).label)
    return f"{actor.name} rouvre le compte rendu {report.year}. Réouverture {scope}."


REPORT = Workflow(
    [
        Transition(
            name="start",
            label="Commencer le compte rendu",
            sources=frozenset({State.OPEN}),
            target=State.IN_PROGRESS,
            who=may.association,
            sentence=lambda report, actor, data: f"{actor.name} commence le compte rendu {report.year}.",
            effect=effects.enter_state,
            audience=Audience.BOTH,
            rank=90,
            own_page=True,
        ),
        Transition(
            name="submit",
            label="Envoyer le compte rendu",
            sources=frozenset({State.OPEN, State.IN_PROGRESS, State.TO_COMPLETE}),
            target=State.SUBMITTED,
            who=may.may_submit,
            guards=(
                guards.rests_on_the_right_act,
                guards.year_is_over,
                report_complete,
                guards.requests_answered,
                guards.decisions_answered,
            ),
            effect=effects.submit,
            sentence=lambda report, actor, data: f"{actor.name} envoie le compte rendu {report.year}.",
            comment="optional",
            comment_label="Message au service de l’État",
            consequence="Le compte rendu est transmis au service de l’État et ne se modifie plus, "
            "sauf demande de compléments. Un accusé de réception est produit.",
            rank=10,
        ),
        Transition(
            name="sign",
            label="Signer le compte rendu financier",
            sources=frozenset({State.SUBMITTED, State.ADMISSIBLE, State.REVIEWED}),
            target=None,
            who=may.may_submit,
            when=unsigned,
            not_now=lambda report, actor: "Le compte rendu financier de cet envoi est déjà signé.",
            guards=(guards.financial_report_printed,),
            effect=effects.sign,
            sentence=lambda report, actor, data: (
                f"{data['signature'].signatory_name} signe le compte rendu financier {report.year}, "
                f"envoi n° {report.round}."
            ),
            comment="optional",
            consequence="La signature porte sur le fichier de cet envoi, désigné par son empreinte. Un nouvel envoi "
            "est à signer de nouveau.",
            rank=5,
            own_page=True,
        ),
        Transition(
            name="send_back",
            label="Renvoyer avec des demandes",
            sources=frozenset({State.SUBMITTED}),
            target=State.TO_COMPLETE,
            who=lead_officer,
            effect=effects.send_back,
            sentence=_send_back_sentence,
            consequence="Seules les rubriques nommées se rouvrent. L’association en est informée par courriel.",
            rank=20,
            own_page=True,
        ),
        Transition(
            name="declare_admissible",
            label="Déclarer recevable",
            sources=frozenset({State.SUBMITTED}),
            target=State.ADMISSIBLE,
            who=may.manager,
            guards=(guards.documents_complete, guards.clarifications_closed, guards.grids_allow),
            effect=effects.declare_admissible,
            sentence=lambda report, actor, data: f"{actor.name} déclare recevable le compte rendu {report.year}.",
            comment="optional",
            consequence="Le compte rendu ne se modifie plus. Cette décision constate que le dossier est complet ; "
            "elle ne préjuge pas de l’appréciation des résultats.",
            rank=10,
        ),
        Transition(
            name="reopen",
            label="Rouvrir le compte rendu",
            sources=frozenset({State.ADMISSIBLE, State.REVIEWED}),
            target=State.TO_COMPLETE,
            who=may.manager,
            effect=effects.reopen,
            sentence=_reopen_sentence,
            comment="required",
            comment_label="Motif, lu par l’association et par l’administration centrale",
            consequence="L’envoi déclaré recevable demeure. L’association corrige, puis envoie de nouveau ; "
            "le compte rendu est à déclarer recevable une seconde fois.",
            rank=80,
        ),
        Transition(
            name="review",
            label="Enregistrer le dialogue de gestion",
            sources=frozenset({State.ADMISSIBLE}),
            target=State.REVIEWED,
            who=lead_officer,
            guards=(meeting_guards.review_held,),
            effect=effects.review,
            sentence=lambda report, actor, data: f"{actor.name} enregistre le dialogue de gestion {report.year}.",
            consequence="Le relevé est lu par l’association et l’administration centrale, produit en PDF "
            "et proposé à la signature des deux parties.",
            rank=10,
        ),
        Transition(
            name="conclude",
            label="Conclure l’année",
            sources=frozenset({State.REVIEWED}),
            target=State.CONCLUDED,
            who=may.manager,
            guards=(meeting_guards.review_concluded,),
            effect=effects.conclude,
            sentence=lambda report, actor, data: f"{actor.name} conclut l’année {report.year}.",
            consequence="La conclusion est définitive et visible de l’association et de l’administration centrale.",
            rank=10,
        ),
    ],
    root=lambda report: report.convention.dossier,
    capacities=capacities,
    lock=lock,
)


def apply(name: str, report: Report, *, by: Any, comment: str = "", data: dict[str, Any] | None = None) -> Report:
    """Do a transition of a report; see cpo.lib.workflow.Workflow.apply."""
    return REPORT.apply(name, report, by=by, comment=comment, data=data)  # type: ignore[no-any-return]
