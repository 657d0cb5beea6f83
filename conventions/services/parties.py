"""The parties of an act, and who signs for each of them, by delegation or not."""

from collections.abc import Sequence

from django.core.exceptions import PermissionDenied, ValidationError

from arml.enums import OrganisationKind, Role
from arml.models import Delegation, Membership, Organisation, User
from conventions.content.retained import keep
from conventions.enums import PartyRole
from conventions.models import Act, Party
from cpo.lib import clock
from cpo.lib.actor import Actor
from cpo.lib.enums import Side
from cpo.lib.wording import french

from .base import act_editing, save_act


def initial_parties(
    act: Act, lead: Organisation, beneficiary: Organisation, cosigners: Sequence[Organisation]
) -> list[Party]:
    """Create the parties of a new act, with the signatories that the roles and the delegations in force give."""
    parties = [
        _state_party(act, lead, PartyRole.LEAD, 0),
        *(_state_party(act, service, PartyRole.COSIGNER, rank) for rank, service in enumerate(cosigners, start=1)),
        _beneficiary_party(act, beneficiary, len(cosigners) + 1),
    ]
    return Party.objects.bulk_create(parties)


def cosigner_party(act: Act, service: Organisation) -> Party:
    return _state_party(act, service, PartyRole.COSIGNER, act.parties.filter(role=PartyRole.COSIGNER).count() + 1)


def _holders(organisation: Organisation, role: str) -> list[Membership]:
    roles = Membership.objects.in_force().filter(organisation=organisation, role=role)
    return list(roles.select_related("user").order_by("id"))


def _state_party(act: Act, service: Organisation, role: str, rank: int) -> Party:
    """Build the party of a State service. When a delegation is in force, its holder signs."""
    party = Party(act=act, organisation=service, role=role, rank=rank)
    signatories = _holders(service, Role.SIGNATORY)
    today = clock.today(act.dossier.time_zone)
    delegation = next((d for d in service.delegations.all() if not d.out_of_force(today)), None)
    if delegation:
        party.by_delegation, party.delegation = True, delegation
        party.signatory_name, party.capacity = delegation.holder_name, delegation.holder_capacity
        accounts = [m.user for m in signatories if str(m.user) == delegation.holder_name]
        party.signatory = accounts[0] if accounts else None
    elif len(signatories) == 1:
        party.signatory = signatories[0].user
        party.signatory_name, party.capacity = str(signatories[0].user), signatories[0].title
    return party


def _beneficiary_party(act: Act, beneficiary: Organisation, rank: int) -> Party:
    party = Party(act=act, organisation=beneficiary, role=PartyRole.BENEFICIARY, rank=rank)
    presidents = _holders(beneficiary, Role.PRESIDENT)
    if presidents:
        party.signatory = presidents[0].user
        party.signatory_name = str(presidents[0].user)
        party.capacity = presidents[0].title or "représentant légal"
    return party


def may_set(actor: Actor, party: Party) -> bool:
    """The State's side may change every party; the association may change its own."""
    return actor.side != Side.BENEFICIARY or party.role == PartyRole.BENEFICIARY


def set_party(
    *,
    party: Party,
    signatory_name: str,
    capacity: str,
    by: User | Actor,
    expected_revision: int | None,
    signatory: User | None = None,
    by_delegation: bool = False,
    delegation: Delegation | None = None,
    signs: bool = True,
) -> None:
    """Set who signs for a party. The delegation must be one of this party. Raises ValidationError keyed by field."""
    errors = party_faults(party, signatory, delegation, signs=signs)
    if by_delegation and party.role not in (PartyRole.LEAD, PartyRole.COSIGNER):
        errors["by_delegation"] = "Seul un service de l’État signe par délégation du préfet."
    if errors:
        raise ValidationError(errors)
    with act_editing(
        party.act,
        by=by,
        expected_revision=expected_revision,
        element=f"le signataire {french.of(party.organisation.in_sentence)}",
        of_amounts=True,
    ) as (fresh, actor):
        if not may_set(actor, party):
            raise PermissionDenied("L’association modifie son propre signataire seulement.")
        party.signatory_name, party.capacity = signatory_name.strip(), capacity.strip()
        party.signatory, party.signs = signatory, signs
        party.by_delegation, party.delegation = by_delegation, delegation if by_delegation else None
        party.save()
        if party.role == PartyRole.LEAD and "signataire_etat" in fresh.options:
            signatory_option = "delegation" if by_delegation else "prefet"
            save_act(party.act, fresh, options=fresh.options | {"signataire_etat": signatory_option})
        if party.role == PartyRole.COFUNDER:
            _follow_region(party.act, fresh)
        keep(fresh)


def party_faults(party: Party, signatory: User | None, delegation: Delegation | None, *, signs: bool) -> dict[str, str]:
    """Return, by field, why this person does not sign for this party in this way."""
    faults = {}
    if delegation and delegation.organisation_id != party.organisation_id:
        faults["delegation"] = "Cette délégation est celle d’un autre service."
    if signatory and not signatory.memberships.in_force().filter(organisation=party.organisation_id).exists():
        faults["signatory"] = f"Cette personne n’a aucun rôle dans {party.organisation.in_sentence}."
    if not signs and party.role != PartyRole.COFUNDER:
        faults["signs"] = "Cette partie signe la convention."
    return faults


def cofunder_faults(act: Act, organisation: Organisation | None) -> dict[str, str]:
    """Return, by field, why this organisation does not become a cofunder of the act."""
    if organisation is None:
        return {}
    if organisation.kind in (OrganisationKind.STATE_SERVICE, OrganisationKind.ARML, OrganisationKind.NATIONAL):
        return {"organisation": "Un cofinanceur est une Région ou un autre organisme."}
    if act.parties.filter(organisation=organisation).exists():
        return {"organisation": f"{organisation} est déjà partie à la convention."}
    return {}


def add_party(
    *, act: Act, organisation: Organisation, by: User | Actor, expected_revision: int | None, signs: bool = True
) -> Party:
    """Add a cofunder (a Région, for instance). `set_territories` adds the co-signing services."""
    if faults := cofunder_faults(act, organisation):
        raise ValidationError(faults)
    with act_editing(
        act, by=by, expected_revision=expected_revision, element=f"les parties ({organisation})", state_only=True
    ) as (fresh, _):
        party = Party.objects.create(
            act=fresh, organisation=organisation, role=PartyRole.COFUNDER, signs=signs, rank=50 + fresh.parties.count()
        )
        _follow_region(act, fresh)
        keep(fresh)
    return party


def remove_party(*, party: Party, by: User | Actor, expected_revision: int | None) -> None:
    """Remove a cofunder. Raises ValidationError for another party."""
    if party.role != PartyRole.COFUNDER:
        raise ValidationError("Seul un cofinanceur se retire des parties.")
    with act_editing(
        party.act,
        by=by,
        expected_revision=expected_revision,
        element=f"les parties ({party.organisation})",
        state_only=True,
    ) as (fresh, _):
        party.delete()
        _follow_region(party.act, fresh)


def _follow_region(act: Act, fresh: Act) -> None:
    """Choose the wording « avec cosignature de la Région » when a Région signs, or the other one when none does."""
    if "region" in fresh.options:
        signing = fresh.parties.filter(role=PartyRole.COFUNDER, signs=True, organisation__kind=OrganisationKind.REGION)
        option = "cosignataire" if signing.exists() else "absente"
        save_act(act, fresh, options=fresh.options | {"region": option})
