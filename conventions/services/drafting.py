"""Open a convention from the cycle's national model; its territories and drafting options."""

import datetime as dt
from collections.abc import Collection, Mapping, Sequence

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from actions.models import Cycle, Programme
from arml.enums import Standing
from arml.models import Dossier, MissionLocaleCount, Organisation, Territory, User
from arml.permissions import SPOKESPERSONS
from arml.services import check_parties
from conventions.content.retained import keep
from conventions.enums import ConventionState, Origin, PartyRole
from conventions.models import Act, ArticleText, Convention, ModelArticle, ModelVariant, ModelVersion
from cpo.lib import clock, journal
from cpo.lib.actor import Actor
from cpo.lib.enums import Audience, Side
from cpo.lib.wording import french
from cpo.lib.wording.numbers import whole_number
from cpo.lib.workflow import Refused

from .base import act_editing, save_act
from .parties import cosigner_party, initial_parties


@transaction.atomic
def create_convention(
    *,
    beneficiary: Organisation,
    lead: Organisation,
    cycle: Cycle,
    territories: Sequence[Territory],
    by: User | Actor,
    cosigners: Sequence[Organisation] = (),
    officer: User | None = None,
    origin: str = Origin.APPLICATION,
    number: str | None = None,
) -> Convention:
    """Open a dossier, its programme and act 0 with the articles of the published model; the State has the turn.

    Raises ValidationError keyed by field, PermissionDenied when `by` is neither an officer nor a manager of the lead
    service.
    """
    actor = by if isinstance(by, Actor) else _drafter(by, lead)
    model = published_model(cycle)
    if faults := creation_faults(beneficiary, lead, cycle, territories, cosigners, number, by=actor.user):
        raise ValidationError(faults)
    # The lock on the territory prevents two conventions of a region from getting the same number.
    territory = Territory.objects.select_for_update().get(pk=_numbering_territory(territories, lead).pk)
    if number and _is_used(number):  # somebody took it while this waited for the lock
        raise ValidationError({"number": _used(number)})
    number = number or next_number(cycle, territory)
    now = clock.now()
    dossier = Dossier.objects.create(beneficiary=beneficiary, lead=lead, officer=officer, created_at=now)
    dossier.services.set(cosigners)
    dossier.territories.set(territories)
    convention = Convention.objects.create(
        number=number, dossier=dossier, cycle=cycle, origin=origin, state_since=now, created_at=now
    )
    act = _first_act(convention, model, territories, lead, cosigners)
    journal.record(
        act,
        root=dossier,
        by=actor,
        verb="created",
        sentence=f"{actor.name} crée la convention {number} avec {beneficiary.in_sentence}.",
        audience=Audience.STATE,
        to_state=ConventionState.DRAFT,
    )
    return convention


def _first_act(
    convention: Convention,
    model: ModelVersion,
    territories: Sequence[Territory],
    lead: Organisation,
    cosigners: Sequence[Organisation],
) -> Act:
    """Create act 0 with its programme, the articles of the model, and the parties with the signatories known so far."""
    dossier, cycle = convention.dossier, convention.cycle
    act = Act.objects.create(
        convention=convention,
        reference=convention.number,
        origin=convention.origin,
        programme=Programme.objects.create(dossier=dossier, cycle=cycle, side=Side.STATE),
        model_version=model,
        turn_since=convention.created_at,
        effective_on=dt.date(cycle.first_year, 1, 1),
        ends_on=dt.date(cycle.last_year, 12, 31),
        options=_initial_options(model, several=bool(cosigners)),
        values=_initial_values(territories),
    )
    ArticleText.objects.bulk_create(
        ArticleText(act=act, model_article=article, body=article.body, included=article.default_included)
        for article in model.articles.all()
    )
    parties = initial_parties(act, lead, dossier.beneficiary, cosigners)
    if any(party.role == PartyRole.LEAD and party.by_delegation for party in parties):
        save_act(act, act, options=act.options | _option_of_model(model, "signataire_etat", "delegation"))
    keep(act)
    return act


def _drafter(user: User, lead: Organisation) -> Actor:
    for membership in user.roles:
        if membership.organisation_id == lead.pk and membership.role in SPOKESPERSONS[Side.STATE]:
            return Actor(user, lead, membership.role, Side.STATE, Standing.LEAD)
    service = french.of(lead.in_sentence)
    raise PermissionDenied(
        f"Seules les personnes chargées de mission ou responsables {service} créent ses conventions."
    )


def published_model(cycle: Cycle) -> ModelVersion:
    """Return the latest published version of the cycle's national model. Raises ValidationError when there is none."""
    model = cycle.model_versions.filter(published_on__isnull=False).order_by("-published_on", "-id").first()
    if model is None:
        raise ValidationError({"cycle": "Aucun modèle national n’est publié pour ce cycle."})
    return model


def _numbering_territory(territories: Sequence[Territory], lead: Organisation) -> Territory:
    """Return the territory whose code is in the number of the convention: that of the lead service, if it has one."""
    return next((territory for territory in territories if territory.service_id == lead.pk), territories[0])


def _is_used(number: str) -> bool:
    return Convention.objects.filter(number=number).exists()


def _used(number: str) -> str:
    return f"Le numéro {number} est déjà celui d’une autre convention."


def next_number(cycle: Cycle, territory: Territory) -> str:
    """Return CPO-2025-BRE-001, then 002… The caller must hold the lock on the territory."""
    prefix = f"{cycle.number_prefix}-{cycle.first_year}-{territory.code3}-"
    numbers = set(Convention.objects.filter(number__startswith=prefix).values_list("number", flat=True))
    # A paper number may end in anything, or in a rank that leaves no room behind it.
    rank = 1 + max((whole_number(number.removeprefix(prefix)) or 0 for number in numbers), default=0)
    while (number := f"{prefix}{rank:03d}") in numbers:
        rank += 1
    return number


def creation_faults(
    beneficiary: Organisation | None,
    lead: Organisation | None,
    cycle: Cycle | None,
    territories: Sequence[Territory],
    cosigners: Collection[Organisation],
    number: str | None,
    *,
    by: User | None,
) -> dict[str, str]:
    """Return, by field, all that prevents this convention. What is not chosen, or not valid, is None."""
    faults: dict[str, str] = {}
    if beneficiary and cycle and beneficiary.kind != cycle.beneficiary_kind:
        faults["beneficiary"] = "Ce cycle ne concerne pas cette nature d’organisme."
    if lead and not lead.is_state:
        faults["lead"] = "Le service chef de file est un service de l’État."
    if beneficiary:
        faults |= _territory_faults(beneficiary, lead, territories)
    if any(not service.is_state for service in cosigners):
        faults["cosigners"] = "Un cosignataire est un service de l’État."
    elif lead in cosigners:
        faults["cosigners"] = "Le service chef de file n’est pas aussi cosignataire."
    if number and _is_used(number):
        faults["number"] = _used(number)
    if beneficiary and cycle and not faults.keys() - {"number"}:
        faults |= _already_covered(beneficiary, cycle, territories, by)
    if beneficiary and lead and not faults.keys() - {"number"}:
        faults |= _both_sides(beneficiary, [lead, *cosigners])
    return faults


def _territory_faults(
    beneficiary: Organisation, lead: Organisation | None, territories: Sequence[Territory]
) -> dict[str, str]:
    own_territories = set(beneficiary.territories.values_list("pk", flat=True))
    if not territories:
        return {"territories": "Choisissez au moins un territoire."}
    if any(territory.pk not in own_territories for territory in territories):
        return {"territories": f"Choisissez parmi les territoires {french.of(beneficiary.in_sentence)}."}
    if lead and lead.is_state and all(territory.service_id != lead.pk for territory in territories):
        # The lead service of a dossier may read the association's contacts and bank account.
        return {"lead": "Le service chef de file est celui de l’un des territoires de la convention."}
    return {}


def _already_covered(
    beneficiary: Organisation, cycle: Cycle, territories: Sequence[Territory], by: User | None
) -> dict[str, str]:
    """Refuse a second convention; the first one is named to those who may see it."""
    current = (
        Convention.objects.filter(
            cycle=cycle, dossier__beneficiary=beneficiary, dossier__territories__in=[t.pk for t in territories]
        )
        .exclude(state__in=(ConventionState.ABANDONED, ConventionState.TERMINATED))
        .first()
    )
    if current is None:
        return {}
    visible = by is None or Convention.objects.visible_to(by).filter(pk=current.pk).exists()
    which = f" : {current.number}" if visible else ", qui relève d’un autre service"
    return {"beneficiary": f"Cette association a déjà une convention dans ce cycle pour ce territoire{which}."}


def _both_sides(beneficiary: Organisation, services: Sequence[Organisation]) -> dict[str, str]:
    """Refuse an organisation, or a person, that would be on both sides of one dossier."""
    try:
        check_parties(beneficiary, services)
    except Refused as refused:
        return {"cosigners": refused.message}
    return {}


def _initial_options(model: ModelVersion, *, several: bool) -> dict[str, str]:
    """Return the defaults of the model for every option; `several`: more than one State service signs."""
    options = {variant.option: variant.value for variant in model.variants.all() if variant.default}
    return options | _option_of_model(model, "services_etat", "plusieurs") if several else options


def _option_of_model(model: ModelVersion, option: str, value: str) -> dict[str, str]:
    exists = any(variant.option == option and variant.value == value for variant in model.variants.all())
    return {option: value} if exists else {}


def _initial_values(territories: Sequence[Territory]) -> dict[str, str]:
    """Return the number of Missions Locales of the territories, as last counted; empty when no count is recorded."""
    latest: dict[int, int] = {}
    for row in MissionLocaleCount.objects.filter(territory__in=territories).order_by("counted_on"):
        latest[row.territory_id] = row.count
    return {"nombre_missions_locales": str(sum(latest.values()))} if latest else {}


def set_territories(
    *,
    act: Act,
    territories: Sequence[Territory],
    by: User | Actor,
    expected_revision: int | None,
    cosigners: Sequence[Organisation] | None = None,
) -> None:
    """Change the territories and, when given, the co-signing services, with the parties of these services."""
    with act_editing(
        act, by=by, expected_revision=expected_revision, element="les territoires et services", state_only=True
    ) as (fresh, _):
        if faults := perimeter_faults(fresh, territories, cosigners):
            raise ValidationError(faults)
        fresh.dossier.territories.set(territories)
        if cosigners is None:
            return
        cosigner_ids = {service.pk for service in cosigners}
        fresh.dossier.services.set(cosigners)
        fresh.parties.filter(role=PartyRole.COSIGNER).exclude(organisation_id__in=cosigner_ids).delete()
        present = set(fresh.parties.values_list("organisation_id", flat=True))
        for service in cosigners:
            if service.pk not in present:
                cosigner_party(fresh, service).save()
        keep(fresh)
        option = "plusieurs" if cosigners else "unique"
        save_act(act, fresh, options=fresh.options | _option_of_model(fresh.model_version, "services_etat", option))


def perimeter_faults(
    act: Act, territories: Sequence[Territory], cosigners: Sequence[Organisation] | None
) -> dict[str, str]:
    """Return, by field, why the convention does not cover these territories with these co-signing services."""
    dossier, faults = act.dossier, {}
    if not territories:
        faults["territories"] = "Choisissez au moins un territoire."
    if cosigners is None:
        return faults
    payers = {dossier.lead_id, *(service.pk for service in cosigners)}
    contribution = act.contributions.exclude(service_id__in=payers).select_related("service").first()
    if any(not service.is_state or service.pk == dossier.lead_id for service in cosigners):
        faults["cosigners"] = "Un cosignataire est un service de l’État autre que le chef de file."
    elif contribution:
        message = f"{contribution.service} porte une contribution : retirez-la avant de retirer ce service."
        faults["cosigners"] = message
    else:
        faults |= _both_sides(dossier.beneficiary, [dossier.lead, *cosigners])
    return faults


def set_options(*, act: Act, options: Mapping[str, str], by: User | Actor, expected_revision: int | None) -> None:
    """Choose among the model's variants. Raises ValidationError for an option or a value that the model lacks."""
    choices = set(ModelVariant.objects.filter(version=act.model_version_id).values_list("option", "value"))
    errors = {
        name: "Ce choix n’existe pas dans le modèle." for name, value in options.items() if (name, value) not in choices
    }
    if errors:
        raise ValidationError(errors)
    with act_editing(
        act, by=by, expected_revision=expected_revision, element="les options de rédaction", state_only=True
    ) as (fresh, _):
        save_act(act, fresh, options=fresh.options | dict(options))


def model_article(act: Act, key: str) -> ModelArticle:
    return ModelArticle.objects.get(version=act.model_version_id, key=key)
