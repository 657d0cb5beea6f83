"""The e-mails about visas: of the lead service, of co-signing services, of the president."""

from arml.enums import Role
from arml.models import Membership, User
from conventions.enums import PartyRole, VisaDecision
from conventions.models import Act, Version
from conventions.notifications.common import actor_name, link, people, side_name, write
from cpo.lib.actor import Actor
from cpo.lib.enums import Side


def visa_asked(act: Act, version: Version, actor: Actor, warnings: list[str]) -> None:
    write(
        act,
        "visa_demande",
        people(act, Side.STATE, [Role.MANAGER]),
        auteur_nom=actor.name,
        numero_version=version.number,
        points_attention="\u00a0; ".join(warnings) or "aucun",
    )


def cosigners_awaited(act: Act, version: Version) -> None:
    """Ask each co-signing service for its visa, except those that have given it. Called once both sides agree."""
    organisations = version.visas.filter(decision=VisaDecision.GIVEN).values("organisation_id")
    parties = act.parties.filter(role=PartyRole.COSIGNER, signs=True).exclude(organisation__in=organisations)
    for party in parties.select_related("organisation"):
        members = Membership.objects.in_force().filter(
            organisation=party.organisation, role__in=(Role.MANAGER, Role.SIGNATORY), user__is_active=True
        )
        write(
            act,
            "visa_cosignataire_attendu",
            User.objects.filter(pk__in=members.values("user_id")).order_by("id"),
            autre_partie_nom=side_name(act, Side.STATE),
            organisation_nom=party.organisation.in_sentence,
            numero_version=version.number,
            lien=link(act, "convention-version", n=version.number),
        )


def visa_refused(act: Act, version: Version, actor: Actor, reason: str) -> None:
    """Tell the lead service, which alone can propose another version, except the person who refuses."""
    readers = people(act, Side.STATE, [Role.OFFICER, Role.MANAGER])
    write(
        act,
        "visa_refuse",
        [person for person in readers if person != actor.user],
        auteur_nom=actor.name,
        autre_partie_nom=actor_name(actor),
        numero_version=version.number,
        motif=reason,
        lien=link(act, "convention-versions"),
    )


def president_visa_asked(act: Act, version: Version, actor: Actor, comment: str) -> None:
    write(
        act,
        "visa_presidence_demande",
        people(act, Side.BENEFICIARY, [Role.PRESIDENT]),
        auteur_nom=actor.name,
        autre_partie_nom=side_name(act, Side.STATE),
        numero_version=version.number,
        message_auteur=comment,
        lien=link(act, "convention-versions"),
    )


def president_visa_answered(act: Act, version: Version, actor: Actor, decision: VisaDecision, comment: str) -> None:
    write(
        act,
        "visa_presidence_rendu",
        people(act, Side.BENEFICIARY, [Role.DIRECTOR]),
        auteur_nom=actor.name,
        decision_visa=decision.label,
        numero_version=version.number,
        message_auteur=comment,
    )
