"""The e-mails of the signature: request to sign, signature of another party, one-time code, text in force."""

from collections.abc import Iterable

from django.db.models import Q

from arml.enums import Role
from arml.models import Membership, User
from arml.permissions import SPOKESPERSONS
from conventions.enums import PartyRole
from conventions.models import Act, Party, SignedDeposit, Version
from conventions.notifications.common import cosigners, link, one_line, people, side_name, to_everyone, write
from conventions.permissions import signing_role
from cpo.lib.actor import Actor
from cpo.lib.enums import Side
from cpo.lib.mail.emails import absolute
from cpo.lib.wording import french


def signatories(act: Act, parties: Iterable[Party]) -> list[User]:
    """The accounts that may sign for these parties: the named one, else the organisation's signatories or president."""
    users: dict[int, User] = {}
    for party in parties:
        if party.signatory:
            users[party.signatory.pk] = party.signatory
            continue
        role = signing_role(party.role)
        members = Membership.objects.in_force().filter(organisation=party.organisation, role=role)
        for user in User.objects.filter(Q(pk__in=members.values("user_id")), is_active=True):
            users[user.pk] = user
    return list(users.values())


def ready_to_sign(act: Act, version: Version) -> None:
    for party in act.parties.filter(signs=True).select_related("organisation", "signatory"):
        other = side_name(act, Side.STATE if party.role == PartyRole.BENEFICIARY else Side.BENEFICIARY)
        write(
            act,
            "document_a_signer",
            signatories(act, [party]),
            autre_partie_nom=other,
            numero_version=version.number,
            empreinte_courte=version.short_hash,
            lien=link(act, "convention-documents"),
        )


def all_signed(act: Act) -> None:
    """Tell who notifies; the other parties wait for it."""
    write(act, "a_notifier", people(act, Side.STATE, SPOKESPERSONS[Side.STATE]))


def party_signed(act: Act, party: Party, signatory_name: str, remaining: list[Party]) -> None:
    write(
        act,
        "signature_autre_partie",
        signatories(act, remaining),
        signataire_nom=signatory_name,
        autre_partie_nom=party.organisation.in_sentence,
        signatures_attendues=", ".join(str(other.organisation) for other in remaining),
        lien=link(act, "convention-documents"),
    )


def deposit_refused(act: Act, deposit: SignedDeposit, reason: str) -> None:
    """Tell the person who handed the file in, and nobody else: nothing is signed."""
    write(
        act,
        "pdf_signe_refuse",
        [deposit.by],
        autre_partie_nom=deposit.party.organisation.in_sentence,
        motif=one_line(reason),
        lien=link(act, "convention-signed-deposit", pk=deposit.pk),
    )


def signature_declined(act: Act, actor: Actor, party: Party, reason: str) -> None:
    """Tell both sides, co-signing services included: nobody signs further while the refusal stands."""
    to_everyone(
        act,
        "signature_refusee",
        actor,
        signataire_nom=actor.name,
        motif=one_line(reason),
        lien=link(act, "convention-documents"),
    )


def in_force(act: Act, next_deadline: tuple[str, str]) -> None:
    label, day = next_deadline
    both_sides = [*people(act, Side.STATE, Role.values), *people(act, Side.BENEFICIARY, Role.values)]
    everyone = list(dict.fromkeys([*both_sides, *cosigners(act)]))
    write(
        act,
        "acte_en_vigueur" if act.number else "convention_en_vigueur",
        everyone,
        date_effet=french.date(act.effective_on),
        date_fin=french.date(act.ends_on),
        echeance_libelle=label,
        echeance_date=day,
        lien=link(act, "convention-documents"),
    )


def signing_code(act: Act, user: User, code: str, minutes: int, *, name: str = "", page: str = "") -> None:
    """`name`, `page`: what is signed and where, when it is not the text of the act."""
    write(
        act,
        "code_signature",
        [user],
        [code],
        code=code,
        duree_minutes=minutes,
        acte_nom=name or act.name_in_sentence,
        lien=absolute(page) if page else link(act, "convention-sign"),
    )
