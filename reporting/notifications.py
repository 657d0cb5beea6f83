"""One function per e-mail of the yearly cycle; each chooses its recipients."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.urls import reverse

from arml.enums import Role
from arml.models import Membership, User
from arml.permissions import BENEFICIARY_ROLES, SPOKESPERSONS, STATE_ROLES
from conventions.models import Act, Signature
from conventions.notifications.common import cosigners, one_line, people
from conventions.notifications.common import write as write_of_act
from cpo.lib import clock, journal
from cpo.lib.actor import Actor
from cpo.lib.enums import Side
from cpo.lib.mail.emails import absolute, write
from cpo.lib.models import OutboxMessage
from cpo.lib.wording import french

from .deadlines import invitations
from .enums import Reopening
from .models import (
    Clarification,
    Control,
    Correction,
    Deadline,
    Invitation,
    Invitee,
    Meeting,
    Payment,
    Report,
    ReportVersion,
)


def _write(report: Report, key: str, side: str, roles: Sequence[str], **context: Any) -> None:
    values = {
        "annee": report.year,
        "arml_nom": report.dossier.beneficiary.in_sentence,
        "arml_nom_court": str(report.dossier.beneficiary),
        "numero_convention": report.convention.number,
        "date_evenement": french.date(clock.today(report.dossier.time_zone)),
        "lien": link(report),
        "echeance_date": french.date(report.due_on),
        **context,
    }
    write(key, people(report.act, side, roles), values, root=journal.key(report.dossier))


def link(report: Report) -> str:
    return absolute(reverse("report-detail", kwargs={"number": report.convention.number, "year": report.year}))


def report_opened(report: Report) -> None:
    _write(
        report,
        "rapport_ouvert",
        Side.BENEFICIARY,
        [Role.DIRECTOR, Role.ACCOUNTANT],
        nombre_actions=report.sheets.count(),
    )


def report_submitted(report: Report, actor: Actor, version: ReportVersion) -> None:
    """The officer of a report that was sent back reads how much changed since."""
    count, changes = version.changes, ""
    if count is not None:
        words = f"{count} rubriques changent" if count > 1 else "Une rubrique change" if count else "Rien ne change"
        changes = f"{words} depuis l’envoi précédent."
    _write(report, "rapport_envoye", Side.STATE, [Role.OFFICER], auteur_nom=actor.name, changements_envoi=changes)


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


def reminder_template(days: int) -> str:
    """Key of the text for a number of days before (negative) or after the due date; five texts serve every ladder."""
    for limit, key in (
        (-8, "rappel_j_moins_30"),
        (-1, "rappel_j_moins_7"),
        (0, "rappel_jour_j"),
        (14, "rappel_j_plus_7"),
    ):
        if days <= limit:
            return key
    return "rappel_j_plus_15"


def delay(days: int) -> str:
    """« Dans 30 jours », « Demain », « Aujourd’hui », « Retard de 7 jours »."""
    if days == 0:
        return "Aujourd’hui"
    if days == -1:
        return "Demain"
    length = f"{abs(days)} jour{'s' if abs(days) > 1 else ''}"
    return f"Dans {length}" if days < 0 else f"Retard de {length}"


def reminder(
    deadline: Deadline, days: int, user: User, *, context: dict[str, Any], sent: int, others: list[User]
) -> OutboxMessage:
    """Write the message of a reminder; the caller writes the Reminder row in the same transaction.

    `days`: from the due date to the day of writing; after an outage this is more than the rung. `sent`: number of rungs
    sent before. `others`: the other recipients.
    """
    rule = deadline.rule
    message = write(
        WAITING if deadline.about else reminder_template(days),
        [user],
        {
            "delai": delay(days),
            "echeance_libelle": rule.label + (f" ({deadline.year})" if deadline.year else ""),
            "echeance_date": french.date(deadline.due_on),
            "echeance_effet": rule.effect,
            "arml_nom": deadline.convention.dossier.beneficiary.in_sentence,
            "arml_nom_court": str(deadline.convention.dossier.beneficiary),
            "numero_convention": deadline.convention.number,
            "nombre_rappels": sent,
            "article_reference": f"article {rule.article} de la convention." if rule.article else "",
            "autres_destinataires": ", ".join(map(str, others)),
            **context,
        },
        root=journal.key(deadline.convention.dossier),
    )
    return message[0]


def users_in_role(deadline: Deadline, role: str) -> list[User]:
    """The people who hold a role for this convention; for officers, the dossier's own when it has one."""
    dossier = deadline.convention.dossier
    members = Membership.objects.in_force().filter(role=role, user__is_active=True)
    if role in BENEFICIARY_ROLES:
        members = members.filter(organisation_id=dossier.beneficiary_id)
    elif role in STATE_ROLES:
        members = members.filter(organisation_id=dossier.lead_id)
    users = list(User.objects.filter(pk__in=members.values("user_id")).order_by("id"))
    if role == Role.OFFICER:  # the officer of the dossier, as long as they hold the role
        return [user for user in users if user.pk == dossier.officer_id] or users
    return users


# -- Payments ---------------------------------------------------------------------------------------------------------


def payment_to_certify(payment: Payment, actor: Actor) -> None:
    """To the managers of the lead service, but the one who proposed it."""
    managers = people(payment.convention.act, Side.STATE, [Role.MANAGER])
    _about_payment(
        payment, "versement_a_certifier", [one for one in managers if one != actor.user], auteur_nom=actor.name
    )


def payment_made(payment: Payment) -> None:
    recipients = people(payment.convention.act, Side.BENEFICIARY, BENEFICIARY_ROLES)
    _about_payment(payment, "versement_paye", recipients, versement_date=french.date(payment.paid_on))


def _about_payment(payment: Payment, key: str, recipients: list[User], **context: Any) -> None:
    number = payment.convention.number
    write_of_act(
        payment.convention.act,
        key,
        recipients,
        versement_libelle=f"{payment.label} {payment.year}",
        lien=absolute(reverse("convention-payments", kwargs={"number": number})),
        **context,
    )


# -- Taking over a paper convention -----------------------------------------------------------------------------------


def record_to_confirm(act: Act, actor: Actor, reason: str = "") -> None:
    """`reason`: that of a correction."""
    _about_record(act, "reprise_a_confirmer", Side.BENEFICIARY, actor, motif=one_line(reason))


def record_answered(act: Act, actor: Actor, *, contested: bool) -> None:
    for side in Side:
        _about_record(act, "reprise_erreur" if contested else "reprise_confirmee", side, actor)


def _about_record(act: Act, key: str, side: str, actor: Actor, **context: str) -> None:
    write_of_act(
        act,
        key,
        people(act, side, SPOKESPERSONS[Side(side)]),
        auteur_nom=actor.name,
        lien=absolute(reverse("convention-taking-over", kwargs={"number": act.convention.number})),
        **context,
    )


# -- Meetings ---------------------------------------------------------------------------------------------------------


def _meeting_context(meeting: Meeting) -> dict[str, Any]:
    dossier, name = meeting.dossier, meeting.title
    return {
        "reunion_nom": name,
        "reunion_date": when(meeting),
        "reunion_lieu": one_line(meeting.place),
        "ordre_du_jour": one_line(meeting.agenda),
        "numero_convention": meeting.convention.number,
        "arml_nom": dossier.beneficiary.in_sentence,
        "arml_nom_court": str(dossier.beneficiary),
        "lien": absolute(reverse("meeting-detail", args=[meeting.convention.number, meeting.pk])),
    }


def when(meeting: Meeting) -> str:
    """« mardi 15 décembre 2026, de 14 h 00 à 16 h 00 »; "" before the day is known."""
    if meeting.day is None:
        return ""
    day = french.date(meeting.day)
    if meeting.begins_at is None or meeting.ends_at is None:
        return day
    return f"{day}, de {french.hour(meeting.begins_at)} à {french.hour(meeting.ends_at)}"


def meeting_told(
    meeting: Meeting, invitees: list[Invitee], method: str, key: str, actor: Actor, **context: Any
) -> None:
    """Tell each of these people, with the file that puts the meeting in a calendar or takes it out.

    Everybody has a message of their own: an outside address reads no other one.
    """
    for invitee in invitees:
        values = {"motif": "", "changements": "", **_meeting_context(meeting), "auteur_nom": actor.name, **context}
        recipient = invitee.user if invitee.user is not None else invitee.email
        if invitee.user is None:
            values["lien"] = ""  # the page is not open to an outside address
        [message] = write(key, [recipient], values, root=journal.key(meeting.dossier))
        calendar = invitations.invitation(meeting, [invitee], method)
        Invitation.objects.create(meeting=meeting, message=message, method=method, calendar=calendar)


def _to_both_sides(meeting: Meeting, key: str, actor: Actor, **context: Any) -> None:
    """To everybody of both sides of the dossier, co-signing services included, but not to who acts."""
    act = meeting.convention.text
    everyone = [person for side in Side for person in people(act, side, Role.values)] + cosigners(act)
    recipients = [one for one in dict.fromkeys(everyone) if one != actor.user]
    values = {**_meeting_context(meeting), "auteur_nom": actor.name, **context}
    write(key, recipients, values, root=journal.key(meeting.dossier))


def minutes_recorded(meeting: Meeting, actor: Actor) -> None:
    count = meeting.decisions.count()
    words = f"{count} décision{'s' if count > 1 else ''}" if count else "aucune décision"
    _to_both_sides(meeting, "releve_enregistre", actor, nombre_decisions=words)


def minutes_signed(meeting: Meeting, signature: Signature, actor: Actor) -> None:
    """To both sides: who signed, and whether the minutes are signed by both."""
    if meeting.signed_on:
        rest = "Le relevé est signé des deux parties."
    else:
        other = {meeting.dossier.lead_id, meeting.dossier.beneficiary_id} - {signature.party.organisation_id}
        names = [one for one in (meeting.dossier.lead, meeting.dossier.beneficiary) if one.pk in other]
        rest = f"Il reste à signer pour {names[0].in_sentence}."
    _to_both_sides(
        meeting,
        "releve_signe",
        actor,
        signataire_nom=signature.signatory_name,
        autre_partie_nom=signature.party.organisation.in_sentence,
        suite_signature=rest,
    )


def minutes_taken_back(meeting: Meeting, actor: Actor, reason: str) -> None:
    _to_both_sides(meeting, "releve_repris", actor, motif=one_line(reason))


def year_concluded(report: Report, actor: Actor, opens: str) -> None:
    """`opens`: the act that the conclusion opens, in French; "" when none."""
    dialogue = report.dialogue
    amount = f"Montant proposé pour {dialogue.next_year} : {french.euros(dialogue.next_amount)}."
    _to_both_sides(
        dialogue,
        "annee_conclue",
        actor,
        annee=report.year,
        avis=dialogue.get_opinion_display().lower(),
        conclusion=one_line(dialogue.conclusion),
        montant_propose=amount if dialogue.next_amount is not None else "",
        acte_ouvert=opens,
    )
