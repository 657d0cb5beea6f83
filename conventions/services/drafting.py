"""Open a convention from the cycle's national model; its territories and drafting options."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from actions.models import Cycle, Programme
from arml.enums import Standing
from arml.models import Dossier, MissionLocaleCount, Organisation, Territory, User
from arml.permissions import SPOKESPERSONS
from arml.services import check_parties
from conventions.enums import ConventionState, Origin, PartyRole
from conventions.models import Act, ArticleText, Convention, ModelArticle, ModelVariant, ModelVersion
from cpo.lib import clock, journal
from cpo.lib.actor import Actor
from cpo.lib.enums import Audience, Side
from cpo.lib.wording import french
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

    Raises ValidationError keyed by field, PermissionDenied when `by` neither drafts nor manages in the lead service.
    """
    actor = by if isinstance(by, Actor) else _drafter(by, lead)
    model = published_model(cycle)
    _check(beneficiary, lead, cycle, territories, cosigners)
    # The lock on the territory makes the numbers of a region follow one another.
    first = Territory.objects.select_for_update().get(pk=_first(territories, lead).pk)
    number = _free(number) if number else next_number(cycle, first)
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
    """Act 0: its programme, the articles of the model, the parties with the signatories that are known."""
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
        save_act(act, act, options=act.options | _known_option(model, "signataire_etat", "delegation"))
    return act


def _drafter(user: User, lead: Organisation) -> Actor:
    for membership in user.roles:
        if membership.organisation_id == lead.pk and membership.role in SPOKESPERSONS[Side.STATE]:
            return Actor(user, lead, membership.role, Side.STATE, Standing.LEAD)
    raise PermissionDenied(
        "Seules les personnes chargées de mission ou responsables "
        f"{french.of(lead.in_sentence)} créent ses conventions."
    )


def published_model(cycle: Cycle) -> ModelVersion:
    """The latest published version of the cycle's national model. Raises ValidationError when there is none."""
    model = cycle.model_versions.filter(published_on__isnull=False).order_by("-published_on", "-id").first()
    if model is None:
        raise ValidationError({"cycle": "Aucun modèle national n’est publié pour ce cycle."})
    return model


def _first(territories: Sequence[Territory], lead: Organisation) -> Territory:
    return next((territory for territory in territories if territory.service_id == lead.pk), territories[0])


def _free(number: str) -> str:
    if Convention.objects.filter(number=number).exists():
        raise ValidationError({"number": f"Le numéro {number} est déjà celui d’une autre convention."})
    return number


def next_number(cycle: Cycle, territory: Territory) -> str:
    """CPO-2025-BRE-001, then 002…; call it under the territory's lock."""
    prefix = f"{cycle.number_prefix}-{cycle.first_year}-{territory.code3}-"
    taken = Convention.objects.filter(number__startswith=prefix).values_list("number", flat=True)
    ranks = [int(number[len(prefix) :]) for number in taken if number[len(prefix) :].isdigit()]
    return f"{prefix}{max(ranks, default=0) + 1:03d}"


def _check(
    beneficiary: Organisation,
    lead: Organisation,
    cycle: Cycle,
    territories: Sequence[Territory],
    cosigners: Iterable[Organisation],
) -> None:
    errors: dict[str, str] = {}
    if beneficiary.kind != cycle.beneficiary_kind:
        errors["beneficiary"] = "Ce cycle ne concerne pas cette nature d’organisme."
    if not lead.is_state:
        errors["lead"] = "Le service chef de file est un service de l’État."
    own = set(beneficiary.territories.values_list("pk", flat=True))
    if not territories:
        errors["territories"] = "Choisissez au moins un territoire."
    elif any(territory.pk not in own for territory in territories):
        errors["territories"] = f"Choisissez parmi les territoires {french.of(beneficiary.in_sentence)}."
    elif lead.is_state and all(territory.service_id != lead.pk for territory in territories):
        # A dossier opens the association's contacts and bank account to its lead service.
        errors["lead"] = "Le service chef de file est celui de l’un des territoires de la convention."
    if any(not service.is_state for service in cosigners):
        errors["cosigners"] = "Un cosignataire est un service de l’État."
    elif any(service.pk == lead.pk for service in cosigners):
        errors["cosigners"] = "Le service chef de file n’est pas aussi cosignataire."
    current = (
        Convention.objects.filter(
            cycle=cycle, dossier__beneficiary=beneficiary, dossier__territories__in=[t.pk for t in territories]
        )
        .exclude(state__in=(ConventionState.ABANDONED, ConventionState.TERMINATED))
        .first()
    )
    if current and "beneficiary" not in errors:
        errors["beneficiary"] = (
            f"Cette association a déjà une convention dans ce cycle pour ce territoire : {current.number}."
        )
    if errors:
        raise ValidationError(errors)
    _both_sides(beneficiary, [lead, *cosigners])


def _both_sides(beneficiary: Organisation, services: Sequence[Organisation]) -> None:
    """Nobody stands on both sides of one dossier."""
    try:
        check_parties(beneficiary, services)
    except Refused as refused:
        raise ValidationError({"cosigners": refused.message}) from refused


def _initial_options(model: ModelVersion, *, several: bool) -> dict[str, str]:
    """Every option at the model's default, several services where some co-sign."""
    options = {variant.option: variant.value for variant in model.variants.all() if variant.default}
    return options | _known_option(model, "services_etat", "plusieurs") if several else options


def _known_option(model: ModelVersion, option: str, value: str) -> dict[str, str]:
    known = any(variant.option == option and variant.value == value for variant in model.variants.all())
    return {option: value} if known else {}


def _initial_values(territories: Sequence[Territory]) -> dict[str, str]:
    """The number of Missions Locales of the territories, when all are known."""
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
    """Change the territories and, when given, the co-signing services: their parties come and go with them."""
    if not territories:
        raise ValidationError({"territories": "Choisissez au moins un territoire."})
    with act_editing(
        act, by=by, expected_revision=expected_revision, element="les territoires et services", state_only=True
    ) as (fresh, _):
        fresh.dossier.territories.set(territories)
        if cosigners is None:
            return
        if any(not service.is_state or service.pk == fresh.dossier.lead_id for service in cosigners):
            raise ValidationError({"cosigners": "Un cosignataire est un service de l’État autre que le chef de file."})
        kept = {service.pk for service in cosigners}
        paying = fresh.contributions.exclude(service_id__in=kept | {fresh.dossier.lead_id}).select_related("service")
        if paid := paying.first():
            raise ValidationError(
                {"cosigners": f"{paid.service} porte une contribution : retirez-la avant de retirer ce service."}
            )
        _both_sides(fresh.dossier.beneficiary, [fresh.dossier.lead, *cosigners])
        fresh.dossier.services.set(cosigners)
        fresh.parties.filter(role=PartyRole.COSIGNER).exclude(organisation_id__in=kept).delete()
        present = set(fresh.parties.values_list("organisation_id", flat=True))
        for service in cosigners:
            if service.pk not in present:
                cosigner_party(fresh, service).save()
        wanted = "plusieurs" if cosigners else "unique"
        save_act(act, fresh, options=fresh.options | _known_option(fresh.model_version, "services_etat", wanted))


def set_options(*, act: Act, options: Mapping[str, str], by: User | Actor, expected_revision: int | None) -> None:
    """Choose among the model's variants. Raises ValidationError for an option or a value that it does not know."""
    known = ModelVariant.objects.filter(version=act.model_version_id).values_list("option", "value")
    pairs = set(known)
    errors = {
        name: "Ce choix n’existe pas dans le modèle." for name, value in options.items() if (name, value) not in pairs
    }
    if errors:
        raise ValidationError(errors)
    with act_editing(
        act, by=by, expected_revision=expected_revision, element="les options de rédaction", state_only=True
    ) as (fresh, _):
        save_act(act, fresh, options=fresh.options | dict(options))


def model_article(act: Act, key: str) -> ModelArticle:
    return ModelArticle.objects.get(version=act.model_version_id, key=key)
