"""One function per e-mail of the agreement; each says who gets it. Written in the transaction of the event."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import Q
from django.urls import reverse

from arml.enums import Role
from arml.models import Membership, User
from cpo.lib import clock, emails, french, journal
from cpo.lib.actor import Actor
from cpo.lib.dates import add_months
from cpo.lib.enums import Side

from .comparison import kept, summary
from .enums import ActKind, PartyRole, VisaDecision
from .models import Act, Comment, Party, Version

TALKERS = {Side.STATE: (Role.OFFICER, Role.MANAGER), Side.BENEFICIARY: (Role.DIRECTOR, Role.PRESIDENT)}


ANSWER_MONTHS = 2  # article 12.2 of the model


def people(act: Act, side: str, roles: Iterable[str]) -> list[User]:
    """The active people of a side of the dossier in these roles, each once; the State side is the lead service."""
    organisation_id = act.dossier.beneficiary_id if side == Side.BENEFICIARY else act.dossier.lead_id
    members = Membership.objects.in_force().filter(
        organisation_id=organisation_id, role__in=list(roles), user__is_active=True
    )
    return list(User.objects.filter(pk__in=members.values("user_id")).order_by("id"))


def side_name(act: Act, side: str) -> str:
    """« la DREETS Bretagne », « l’ARML Bretagne »."""
    organisation = act.dossier.beneficiary if side == Side.BENEFICIARY else act.dossier.lead
    return organisation.in_sentence


def _name(actor: Actor) -> str:
    return actor.organisation.in_sentence if actor.organisation else "l’application"


def _context(act: Act, **more: Any) -> dict[str, Any]:
    return {
        "numero_convention": act.convention.number,
        "acte_nom": act.name_in_sentence,
        "arml_nom": act.dossier.beneficiary.in_sentence,
        "arml_nom_court": str(act.dossier.beneficiary),
        "date_evenement": french.date(clock.today(act.dossier.time_zone)),
        "lien": link(act),
        **more,
    }


def link(act: Act, name: str = "convention-detail", **kwargs: Any) -> str:
    return emails.absolute(reverse(name, kwargs={"number": act.reference, **kwargs}))


def _write(act: Act, key: str, recipients: Iterable[User], secrets: Sequence[str] = (), **context: Any) -> None:
    emails.write(key, recipients, _context(act, **context), root=journal.key(act.dossier), secrets=secrets)


def negotiation_opened(act: Act, actor: Actor, comment: str) -> None:
    _write(
        act,
        "negociation_ouverte",
        people(act, Side.BENEFICIARY, TALKERS[Side.BENEFICIARY]),
        autre_partie_nom=side_name(act, Side.STATE),
        organisation_nom=side_name(act, Side.BENEFICIARY),
        auteur_nom=actor.name,
        message_auteur=comment,
    )


def version_proposed(version: Version, to_side: str) -> None:
    act = version.act
    previous = act.versions.filter(number__lt=version.number).first()
    if previous:
        told = summary.message(kept.between(previous, version))
        where = link(act, "convention-compare", a=previous.number, b=version.number)
    else:
        told, where = summary.first_message(version.content), link(act, "convention-version", n=version.number)
    _write(
        act,
        "proposition_recue",
        people(act, to_side, TALKERS[Side(to_side)]),
        autre_partie_nom=side_name(act, version.side),
        organisation_nom=side_name(act, to_side),
        numero_version=version.number,
        nombre_modifications=version.changes if previous else "",
        resume_modifications=told,
        message_auteur=version.note,
        lien=where,
    )


def turn_asked(act: Act, actor: Actor, comment: str) -> None:
    _about_turn(act, "main_redemandee", actor, comment)


def turn_given(act: Act, actor: Actor, comment: str) -> None:
    _about_turn(act, "main_rendue", actor, comment)


def _about_turn(act: Act, key: str, actor: Actor, comment: str) -> None:
    to_side = Side.BENEFICIARY if actor.side == Side.STATE else Side.STATE
    _write(
        act,
        key,
        people(act, to_side, TALKERS[to_side]),
        auteur_nom=actor.name,
        autre_partie_nom=side_name(act, actor.side),
        organisation_nom=side_name(act, to_side),
        message_auteur=comment,
    )


def mentioned(comment: Comment, users: Iterable[User]) -> None:
    thread = comment.thread
    _write(
        thread.act,
        "mention",
        users,
        auteur_nom=str(comment.author),
        autre_partie_nom=comment.organisation,
        element_modifie=thread.label,
        message_auteur=" ".join(comment.text.split()),
        lien=f"{link(thread.act, 'convention-versions')}#echange-{thread.pk}",
    )


def version_accepted(version: Version, actor: Actor, *, to_side: str, by_both: bool) -> None:
    act = version.act
    _write(
        act,
        "acceptation_deux_parties" if by_both else "acceptation",
        people(act, to_side, TALKERS[Side(to_side)]),
        auteur_nom=actor.name,
        autre_partie_nom=side_name(act, actor.side),
        organisation_nom=side_name(act, to_side),
        numero_version=version.number,
        lien=link(act, "convention-versions"),
    )


def acceptances_cancelled(act: Act, version: Version, actor: Actor, element: str) -> None:
    for side in Side:
        _write(
            act,
            "acceptations_annulees",
            people(act, side, TALKERS[side]),
            auteur_nom=actor.name,
            autre_partie_nom=_name(actor),
            organisation_nom=side_name(act, side),
            numero_version=version.number,
            element_modifie=element,
            lien=f"{link(act, 'convention-versions')}?de={version.number}&a=0",
        )


def visa_asked(act: Act, version: Version, actor: Actor, warnings: list[str]) -> None:
    _write(
        act,
        "visa_demande",
        people(act, Side.STATE, [Role.MANAGER]),
        auteur_nom=actor.name,
        numero_version=version.number,
        points_attention="\u00a0; ".join(warnings) or "aucun",
    )


def cosigners_awaited(act: Act, version: Version) -> None:
    """Tell each service that co-signs, once both sides agree, that its visa is awaited, unless it is given already."""
    given = version.visas.filter(decision=VisaDecision.GIVEN).values("organisation_id")
    parties = act.parties.filter(role=PartyRole.COSIGNER, signs=True).exclude(organisation__in=given)
    for party in parties.select_related("organisation"):
        members = Membership.objects.in_force().filter(
            organisation=party.organisation, role__in=(Role.MANAGER, Role.SIGNATORY), user__is_active=True
        )
        _write(
            act,
            "visa_cosignataire_attendu",
            User.objects.filter(pk__in=members.values("user_id")).order_by("id"),
            autre_partie_nom=side_name(act, Side.STATE),
            organisation_nom=party.organisation.in_sentence,
            numero_version=version.number,
            lien=link(act, "convention-version", n=version.number),
        )


def president_visa_asked(act: Act, version: Version, actor: Actor, comment: str) -> None:
    _write(
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
    _write(
        act,
        "visa_presidence_rendu",
        people(act, Side.BENEFICIARY, [Role.DIRECTOR]),
        auteur_nom=actor.name,
        decision_visa=decision.label,
        numero_version=version.number,
        message_auteur=comment,
    )


def signatories(act: Act, parties: Iterable[Party]) -> list[User]:
    """The accounts that may sign for these parties: the named one, else the organisation's signatories or president."""
    users: dict[int, User] = {}
    for party in parties:
        if party.signatory:
            users[party.signatory.pk] = party.signatory
            continue
        role = Role.PRESIDENT if party.role == "beneficiary" else Role.SIGNATORY
        members = Membership.objects.in_force().filter(organisation=party.organisation, role=role)
        for user in User.objects.filter(Q(pk__in=members.values("user_id")), is_active=True):
            users[user.pk] = user
    return list(users.values())


def ready_to_sign(act: Act, version: Version) -> None:
    for party in act.parties.filter(signs=True).select_related("organisation", "signatory"):
        other = side_name(act, Side.STATE if party.role == "beneficiary" else Side.BENEFICIARY)
        _write(
            act,
            "document_a_signer",
            signatories(act, [party]),
            autre_partie_nom=other,
            numero_version=version.number,
            empreinte_courte=version.short_hash,
            lien=link(act, "convention-documents"),
        )


def party_signed(act: Act, party: Party, signatory_name: str, remaining: list[Party]) -> None:
    _write(
        act,
        "signature_autre_partie",
        signatories(act, remaining),
        signataire_nom=signatory_name,
        autre_partie_nom=party.organisation.in_sentence,
        signatures_attendues=", ".join(str(other.organisation) for other in remaining),
        lien=link(act, "convention-documents"),
    )


def in_force(act: Act, next_deadline: tuple[str, str]) -> None:
    label, day = next_deadline
    everyone = [*people(act, Side.STATE, Role.values), *people(act, Side.BENEFICIARY, Role.values)]
    _write(
        act,
        "acte_en_vigueur" if act.number else "convention_en_vigueur",
        everyone,
        date_effet=french.date(act.effective_on),
        date_fin=french.date(act.ends_on),
        echeance_libelle=label,
        echeance_date=day,
        lien=link(act, "convention-documents"),
    )


def back_to_negotiation(act: Act, actor: Actor, reason: str) -> None:
    for side in Side:
        _stopped(act, "retour_negociation", side, actor, reason)


def abandoned(act: Act, actor: Actor, reason: str) -> None:
    sides = list(Side) if act.dossier.shared_on else [Side.STATE]
    for side in sides:
        _stopped(act, "convention_abandonnee", side, actor, reason)


def _stopped(act: Act, key: str, side: str, actor: Actor, reason: str) -> None:
    _write(
        act,
        key,
        people(act, side, Role.values),
        auteur_nom=actor.name,
        autre_partie_nom=_name(actor),
        motif=reason,
    )


def signing_code(act: Act, user: User, code: str, minutes: int) -> None:
    _write(act, "code_signature", [user], [code], code=code, duree_minutes=minutes, lien=link(act, "convention-sign"))


def act_opened(act: Act, actor: Actor) -> None:
    to_side = Side.BENEFICIARY if actor.side == Side.STATE else Side.STATE
    answer = add_months(act.asked_on, ANSWER_MONTHS) if act.asked_on and act.kind == ActKind.AMENDMENT else None
    _write(
        act,
        "acte_ouvert",
        people(act, to_side, TALKERS[to_side]),
        auteur_nom=actor.name,
        autre_partie_nom=side_name(act, actor.side),
        acte_objet=one_line(act.purpose),
        acte_cause=one_line(act.cause),
        acte_consequences=one_line(act.consequences),
        date_reponse=french.date(answer) if answer else "",
    )


def act_refused(act: Act, actor: Actor, reason: str) -> None:
    for side in Side:
        _stopped(act, "acte_termine", side, actor, reason)


def adaptation_declared(act: Act, version: Version, actor: Actor) -> None:
    _write(
        act,
        "adaptation_declaree",
        people(act, Side.STATE, TALKERS[Side.STATE]),
        auteur_nom=actor.name,
        autre_partie_nom=side_name(act, Side.BENEFICIARY),
        annee=str(act.year),
        acte_objet=one_line(act.purpose),
        message_auteur=version.note,
    )


def one_line(text: str) -> str:
    """In one line, as the template removes a line whose variables are empty."""
    return " ".join(text.split())


def to_everyone(act: Act, key: str, actor: Actor, *, side: str = "", **context: Any) -> None:
    """A message about what the actor did to everybody on both sides, or on one; co-signing services are the State's."""
    sides = [side] if side else list(Side)
    everyone = [person for one in sides for person in people(act, one, Role.values)]
    if Side.STATE in sides:
        services = act.dossier.services.all()
        cosigning = Membership.objects.in_force().filter(organisation__in=services, user__is_active=True)
        everyone += User.objects.filter(pk__in=cosigning.values("user_id")).order_by("id")
    _write(act, key, list(dict.fromkeys(everyone)), auteur_nom=actor.name, autre_partie_nom=_name(actor), **context)
