"""The e-mails of a meeting: invitation, minutes, conclusion of a year."""

from typing import Any

from django.urls import reverse

from arml.enums import Role
from conventions.models import Signature
from conventions.notifications.common import cosigners, one_line, people
from cpo.lib import journal
from cpo.lib.actor import Actor
from cpo.lib.enums import Side
from cpo.lib.mail.emails import absolute, write
from cpo.lib.wording import french
from reporting.content.decisions import prepared_year
from reporting.deadlines import invitations
from reporting.models import (
    Invitation,
    Invitee,
    Meeting,
    Report,
)


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
    year, amount = prepared_year(dialogue), ""
    if year is not None and dialogue.next_amount is not None:
        amount = f"Montant proposé pour {year} : {french.euros(dialogue.next_amount)}."
    _to_both_sides(
        dialogue,
        "annee_conclue",
        actor,
        annee=report.year,
        avis=dialogue.get_opinion_display().lower(),
        conclusion=one_line(dialogue.conclusion),
        montant_propose=amount,
        acte_ouvert=opens,
    )
