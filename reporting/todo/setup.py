"""What the national administration still has to give before conventions can be signed everywhere."""

from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Prefetch, Q
from django.urls import reverse

from actions.models import Cycle, CycleText, IndicatorDefinition
from arml.enums import OrganisationKind, Role
from arml.models import Membership, Organisation
from conventions.models import ModelVersion
from conventions.text.shipped import new_emails, new_model
from cpo.lib.wording import french

HEADS = {OrganisationKind.STATE_SERVICE: (Role.MANAGER,), OrganisationKind.ARML: (Role.PRESIDENT, Role.DIRECTOR)}


@dataclass(frozen=True)
class Step:
    """One line of the list. `blocking`: no document is opened to signature without it."""

    words: str
    detail: str
    url: str
    blocking: bool = False


def steps() -> list[Step]:
    """List what is empty, in the order in which to give it, then the new wordings; an empty list once nothing is."""
    return [*blocking_steps(), *_identities(), *_accounts(), *_national(), *_wordings()]


def blocking_steps() -> list[Step]:
    """List what every signature of the present cycle needs and has not; two queries."""
    published = ModelVersion.objects.filter(cycle=OuterRef("pk"), published_on__isnull=False)
    blank = Prefetch("texts", CycleText.objects.filter(value=""), to_attr="blank_texts")
    cycle = Cycle.objects.annotate(has_model=Exists(published)).prefetch_related(blank).first()
    return [*_codes(cycle), *_model(cycle)] if cycle else []


def _codes(cycle: Cycle) -> list[Step]:
    blank = [text.label.partition("\u00a0;")[0] for text in cycle.blank_texts]  # type: ignore[attr-defined]
    if not blank:
        return []
    words = _count(len(blank), "valeur du cycle à renseigner", "valeurs du cycle à renseigner")
    return [Step(words, french.upper_first(" ; ".join(blank)), reverse("reference-values", args=[cycle.key]), True)]


def _model(cycle: Cycle) -> list[Step]:
    if cycle.has_model:  # type: ignore[attr-defined]
        return []
    detail = "Sans lui, aucune convention ne se crée."
    return [Step("Aucun modèle national publié", detail, reverse("reference-model", args=[cycle.key]), True)]


def _identities() -> list[Step]:
    services = Organisation.objects.filter(kind=OrganisationKind.STATE_SERVICE).filter(Q(siret="") | Q(address=""))
    names = list(services.values_list("short_name", flat=True))
    if not names:
        return []
    words = _count(len(names), "service sans SIRET ou sans adresse", "services sans SIRET ou sans adresse")
    return [Step(words, _some(names), f"{reverse('organisation-list')}?nature={OrganisationKind.STATE_SERVICE}")]


def _accounts() -> list[Step]:
    """Services and associations where nobody can invite the others."""
    lines = []
    for kind, roles in HEADS.items():
        heads = Membership.objects.in_force().filter(organisation=OuterRef("pk"), role__in=roles)
        without = Organisation.objects.filter(~Exists(heads), kind=kind, successor=None)
        names = list(without.values_list("short_name", flat=True))
        if names:
            one, many = _HEADLESS[kind]
            url = f"{reverse('organisation-list')}?nature={kind}"
            lines.append(Step(_count(len(names), one, many), _some(names), url))
    return lines


_HEADLESS = {
    OrganisationKind.STATE_SERVICE: ("service sans responsable", "services sans responsable"),
    OrganisationKind.ARML: (
        "association sans présidence ni direction",
        "associations sans présidence ni direction",
    ),
}


def _national() -> list[Step]:
    chosen = IndicatorDefinition.objects.filter(cycle=OuterRef("pk"), national=True)
    cycle = Cycle.objects.annotate(has_national=Exists(chosen)).first()
    if cycle is None or cycle.has_national:
        return []
    detail = "Le tableau de bord n’additionne que les indicateurs nationaux."
    return [Step("Aucun indicateur national choisi", detail, reverse("reference-indicators", args=[cycle.key]))]


def _wordings() -> list[Step]:
    """The texts that a new release of the application words otherwise than the deployment."""
    cycle = Cycle.objects.first()
    if cycle is None:
        return []
    lines = []
    if new_model(cycle):
        detail = "Aucune version du modèle ne l’a : prenez-la dans une nouvelle version, ou gardez la vôtre."
        lines.append(
            Step("Nouvelle rédaction du modèle national", detail, reverse("reference-model", args=[cycle.key]))
        )
    if count := len(new_emails()):
        words = _count(count, "nouvelle rédaction de courriel", "nouvelles rédactions de courriels")
        detail = "Livrées avec l’application : prenez-les, ou gardez les vôtres."
        lines.append(Step(words, detail, reverse("reference-emails", args=[cycle.key])))
    return lines


def _count(count: int, one: str, many: str) -> str:
    return f"{count}\u00a0{one if count == 1 else many}"


def _some(names: list[str]) -> str:
    """« DREETS Bretagne, DREETS Corse et 12 autres »."""
    shown, rest = names[:3], len(names) - 3
    return ", ".join(shown) + (f" et {_count(rest, 'autre', 'autres')}" if rest > 0 else "")
