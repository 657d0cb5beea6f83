"""What must hold before a transition, in one place; each line of « ce qui manque » links to the field that mends it.

Guards return `Missing` lines; « errors » block, « warnings » are only said.
"""

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Any

from django.urls import reverse

from actions import completeness
from cpo.lib import clock
from cpo.lib.actor import Actor
from cpo.lib.money import total
from cpo.lib.workflow import Missing

from .. import standing
from ..enums import ContributionLine, Origin, PartyRole
from ..models import Act, Party
from .later import later_act, missing_values
from .order import first_of


def url(act: Act, page: str, /, fragment: str = "", **kwargs: Any) -> str:
    address = reverse(page, kwargs={"number": act.reference, **kwargs})
    return f"{address}#{fragment}" if fragment else address


def parties(act: Act) -> list[Party]:
    """The parties with their organisation and delegation, read once per page."""
    return standing.once(
        act, "parties", lambda: list(act.parties.select_related("organisation", "delegation", "signatory"))
    )


def parties_named(act: Act) -> Iterator[Missing]:
    """The lead and the beneficiary are there, each signing party has its signatory and capacity."""
    roles = {party.role for party in parties(act)}
    page = url(act, "convention-parties")
    if PartyRole.LEAD not in roles:
        yield Missing("Le service chef de file n’est pas désigné comme partie.", page)
    if PartyRole.BENEFICIARY not in roles:
        yield Missing("L’association n’est pas désignée comme partie.", page)


def signatories_complete(act: Act) -> Iterator[Missing]:
    if not act.is_signed_act:
        return
    for party in parties(act):
        if not party.signs:
            continue
        target = url(act, "convention-parties", f"partie-{party.pk}")
        if not party.signatory_name or not party.capacity:
            yield Missing(f"{party.organisation}\u00a0: nom et qualité du signataire", target)
        if party.by_delegation:
            yield from _delegation(act, party, target)


def _delegation(act: Act, party: Party, target: str) -> Iterator[Missing]:
    delegation = party.delegation
    if delegation is None:
        yield Missing(f"{party.organisation}\u00a0: acte de délégation de signature", target)
        return
    today = clock.today(act.dossier.time_zone)
    if not delegation.covers(today, Decimal(0)):
        yield Missing(f"{party.organisation}\u00a0: la délégation de signature n’est pas en vigueur", target)
    elif not delegation.covers(today, state_total(act)):
        yield Missing(f"{party.organisation}\u00a0: le plafond de la délégation est dépassé", target)


def state_total(act: Act) -> Decimal:
    return standing.of_revision(
        act, "state_total", lambda: total(contribution.amount for contribution in act.contributions.all())
    )


def deliberation_dated(act: Act) -> Iterator[Missing]:
    if not act.values.get("date_deliberation"):
        yield Missing("Date de la délibération de l’association", url(act, "convention-values", "id_date_deliberation"))


def attachments_given(act: Act) -> Iterator[Missing]:
    """Blocking documents of the checklist: present, and valid today."""
    from ..attachments import checklist

    for line in checklist(act) if act.is_signed_act else ():
        if line.kind.blocks == "ouverture_signature" and line.expected and not line.satisfied:
            yield Missing(
                f"Pièce\u00a0: {line.kind.label}" + (" (périmée)" if line.expired else ""),
                url(act, "convention-documents", f"piece-{line.kind.key}"),
                # Given for the convention, on paper or out of date since: an act after it is signed all the same.
                "warning" if act.number and (line.expired or act.convention.origin == Origin.PAPER) else "error",
            )


def money_adds_up(act: Act) -> Iterator[Missing]:
    """Contributions, instalments and the State lines of the fiches agree, year by year; State ≤ eligible cost."""
    totals = completeness.totals(act.programme)
    contributions: dict[int, Decimal] = {}
    for contribution in act.contributions.all():
        contributions[contribution.year] = contributions.get(contribution.year, Decimal(0)) + contribution.amount
    instalments: dict[int, Decimal] = {}
    for instalment in act.instalments.all():
        instalments[instalment.year] = instalments.get(instalment.year, Decimal(0)) + instalment.amount
    page = url(act, "convention-contribution")
    for year in act.programme.cycle.years:
        convened = contributions.get(year, Decimal(0))
        amount = f"{page}#id_m-{act.dossier.lead_id}-{ContributionLine.BASE}-{year}"
        if not convened:
            yield Missing(f"Contribution de l’État en {year}", amount)
            continue
        asked = totals.state_by_year.get(year, Decimal(0))
        if asked != convened:
            yield Missing(
                f"{year}\u00a0: les fiches demandent {euros(asked)} à l’État, la contribution est de {euros(convened)}",
                amount,
            )
        eligible = totals.eligible_by_year.get(year, Decimal(0))
        if convened > eligible:
            yield Missing(
                f"{year}\u00a0: la contribution ({euros(convened)}) dépasse le coût éligible ({euros(eligible)})",
                amount,
            )
        planned = instalments.get(year, Decimal(0))
        if planned != convened:
            yield Missing(
                f"{year}\u00a0: l’échéancier ({euros(planned)}) ne donne pas la contribution ({euros(convened)})",
                f"{page}#{_instalment_field(act, year)}",
            )


def _instalment_field(act: Act, year: int) -> str:
    """The amount of the first instalment of the year, else the year of the blank one."""
    years = [instalment.year for instalment in act.instalments.all()]
    return f"id_versement-{years.index(year)}-amount" if year in years else f"id_versement-{len(years)}-year"


def euros(amount: Decimal) -> str:
    """Write « 1 234,50 € » for a message."""
    whole, cents = f"{amount:,.2f}".replace(",", "\u00a0").split(".")
    return f"{whole}\u00a0€" if cents == "00" else f"{whole},{cents}\u00a0€"


def articles_reasoned(act: Act) -> Iterator[Missing]:
    """A departure from a locked or optional article carries its reason."""
    for article in act.articles.select_related("model_article"):
        if article.departs and article.model_article.status != "free" and not article.reason.strip():
            yield Missing(
                f"{article.model_article.title}\u00a0: motif de l’écart au modèle national",
                url(act, "convention-article", "id_reason", key=article.model_article.key),
            )


def programme_complete(act: Act) -> Iterator[Missing]:
    """Each action has an axis, an indicator, a target per year, balanced years; an empty axis is a warning."""
    yield from completeness.missing(act.programme, act.reference)


def unresolved_threads(act: Act) -> Iterator[Missing]:
    count = standing.once(act, "shared_threads", lambda: act.threads.filter(resolved_at=None, audience="both").count())
    if count:
        text = "Un échange reste ouvert" if count == 1 else f"{count} échanges restent ouverts"
        yield Missing(text, url(act, "convention-versions", "echanges"), severity="warning")


CHECKS = (
    parties_named,
    signatories_complete,
    deliberation_dated,
    programme_complete,
    money_adds_up,
    articles_reasoned,
    attachments_given,
    later_act,
    unresolved_threads,
)


# What these say follows from the content alone: remembered for its revision where a page only shows it.
OF_CONTENT = (programme_complete, money_adds_up, articles_reasoned, later_act)


def _checked(act: Act, check: Callable[[Act], Iterator[Missing]]) -> list[Missing]:
    if check in OF_CONTENT:
        return standing.of_revision(act, check.__name__, lambda: list(check(act)))
    return list(check(act))


def nothing_missing(act: Act) -> list[Missing]:
    """Everything that the document prints and that the law asks before it is signed. Computed once per act instance."""
    cached: tuple[int, list[Missing]] | None = getattr(act, "_missing", None)
    if cached is None or cached[0] != act.programme.revision:
        cached = (act.programme.revision, [line for check in CHECKS for line in _checked(act, check)])
        act._missing = cached  # type: ignore[attr-defined]
    return cached[1]


def as_warnings(act: Act) -> list[Missing]:
    """The same list, said but not blocking (one may propose an incomplete version)."""
    return [replace(line, severity="later") if line.severity == "error" else line for line in nothing_missing(act)]


def version_is_live(act: Act) -> Iterator[Missing]:
    """Only the latest version, equal to the live content, can be accepted, endorsed or signed."""
    from cpo.lib.hashing import content_hash

    from ..freeze import build_content

    version = standing.latest_version(act)
    if version is None:
        yield Missing("Aucune version n’a encore été proposée.", url(act, "convention-versions"))
    elif version.revision != act.programme.revision and version.content_sha256 != standing.once(
        act, "content_hash", lambda: content_hash(build_content(act))
    ):
        yield Missing(
            f"Le contenu a changé depuis la version {version.number}\u00a0: proposez une nouvelle version.",
            url(act, "convention-transition", name="propose"),
        )


def version_prints_complete(act: Act) -> Iterator[Missing]:
    """Every value that the articles of the latest version print is filled in; read from the version alone."""
    version = act.versions.order_by("-number").first()
    if version is None:
        return
    missing = missing_values(act, version.content)
    for variable in missing:
        yield Missing(f"Absent de la version {version.number}\u00a0: {variable.label}", value_url(act, variable.name))
    if missing:
        text = f"La version {version.number} est figée\u00a0: une fois ces informations données, proposez la suivante."
        yield Missing(text, url(act, "convention-transition", name="propose"), "warning")


def live_prints_complete(act: Act) -> Iterator[Missing]:
    """What a version proposed now would not print: said before it is frozen (costs a freeze, hence no guard)."""
    from ..freeze import build_content

    for variable in missing_values(act, build_content(act)):
        text = f"Information à imprimer\u00a0: {variable.label}"
        yield Missing(text, value_url(act, variable.name), "warning")


# Where a printed value comes from, when it is not typed among the information of the text: by its name's beginning.
HELD_BY_PARTIES = ("signataire_", "delegation_", "date_delegation", "arml_representant", "liste_signataires", "region_")
HELD_BY_MONEY = ("contribution_", "taux_contribution", "avance_", "solde_", "liste_lignes", "liste_repartition")
HELD_BY_ASSOCIATION = ("arml_nom", "arml_adresse", "arml_siret", "arml_rna", "titulaire_compte", "iban", "bic")


def value_url(act: Act, name: str) -> str:
    """The page where a value that the articles print is filled in."""
    if name.startswith(HELD_BY_PARTIES):
        return url(act, "convention-parties")
    if name.startswith(HELD_BY_MONEY):
        return url(act, "convention-contribution")
    if name in ("service_nom", "service_adresse", "service_siret"):
        return reverse("organisation-detail", args=[act.dossier.lead.key])
    if name in HELD_BY_ASSOCIATION:
        return reverse("organisation-detail", args=[act.dossier.beneficiary.key])
    if name.startswith(("liste_fiches", "cout_")):
        return url(act, "programme-detail")
    return url(act, "convention-values", f"id_{name}")


def no_other_signature(act: Act) -> Iterator[Missing]:
    """Acts are signed one after the other: each starts from the text of the last one signed."""
    other = act.convention.acts.filter(state="signature").exclude(pk=act.pk).first()
    if other:
        words = f"{other.subject} est à la signature\u00a0: il doit d’abord être notifié, ou revenir en négociation."
        yield Missing(words, url(other, "convention-documents"))


def signing_document(act: Act) -> Any:
    """The document to sign that stands, or None while it is being produced."""
    return act.documents.filter(purpose="a_signer", voided_at=None).select_related("file", "version").first()


def unsigned_parties(act: Act) -> list[Party]:
    """The signing parties without a standing signature of the standing document."""
    document = signing_document(act)
    parties = list(act.parties.filter(signs=True).select_related("organisation", "signatory", "delegation"))
    if document is None:
        return parties
    signed = set(document.signatures.filter(voided_at=None).values_list("party_id", flat=True))
    return [party for party in parties if party.pk not in signed]


def next_to_sign(act: Act) -> list[Party]:
    """The parties that may sign now, in the order that the cycle asks for."""
    return first_of(act, unsigned_parties(act))


def party_to_sign(act: Act, actor: Actor) -> Party | None:
    """The party for which this person may sign now: where named, or as signatory or president if nobody is."""
    for party in next_to_sign(act):
        if actor.organisation is None or party.organisation_id != actor.organisation.pk:
            continue
        if party.signatory_id is not None:
            if actor.user is not None and party.signatory_id == actor.user.pk:
                return party
        elif actor.role == ("president" if party.role == PartyRole.BENEFICIARY else "signatory"):
            return party
    return None


def recordable_parties(act: Act, actor: Actor) -> list[Party]:
    """The parties that may sign now, whose original this person may record: all for the lead, its own for the ARML."""
    waiting = next_to_sign(act)
    if actor.standing == "lead":
        return waiting
    return [party for party in waiting if actor.organisation and party.organisation_id == actor.organisation.pk]


def delegation_problem(act: Act, party: Party, day: dt.date) -> str:
    """Say why a delegation does not cover that day and amount ("" when it does or none is needed)."""
    if not party.by_delegation:
        return ""
    if party.delegation is None:
        return "Aucun acte de délégation n’est rattaché à ce signataire."
    if not party.delegation.covers(day, Decimal(0)):
        return "La délégation de signature n’est pas en vigueur à cette date."
    if not party.delegation.covers(day, state_total(act)):
        return "Le montant dépasse le plafond de la délégation de signature."
    return ""


def paper_complete(act: Act) -> Iterator[Missing]:
    """A paper convention is recorded with its scan, parties, dates, amounts and fiches."""
    yield from parties_named(act)
    if not act.documents.filter(purpose="a_signer", voided_at=None).exists():
        yield Missing("Original signé numérisé", url(act, "convention-paper-original", "id_scan"))
    if act.signed_on is None or act.notified_on is None:
        yield Missing("Dates de signature et de notification", url(act, "convention-paper-original", "id_notified_on"))
    for party in act.parties.filter(signs=True, signatory_name="").select_related("organisation"):
        yield Missing(f"{party.organisation}\u00a0: nom du signataire", url(act, "convention-parties"))
    if not act.contributions.exists():
        yield Missing("Contribution de l’État par année", url(act, "convention-contribution"))
    if not act.programme.sheets.exists():
        yield Missing("Aucune fiche action", url(act, "programme-detail"))
