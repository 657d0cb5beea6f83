"""Opening of an act after the first: a working copy of the last signed text, to be negotiated."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.db import models

from actions.models import Programme
from actions.services.copies import copy_into
from conventions.enums import ActKind, ConventionState, Origin
from conventions.models import Act, Convention
from conventions.text.dating import dates_printed
from cpo.lib import clock
from cpo.lib.actor import Actor
from cpo.lib.workflow import Refused

LETTERS = {ActKind.AMENDMENT: "A", ActKind.ANNUAL: "F", ActKind.ADAPTATION: "N"}
OF_AMOUNTS = (ActKind.ANNUAL, ActKind.ADAPTATION)
OPEN = (ConventionState.DRAFT, ConventionState.NEGOTIATION, ConventionState.SIGNATURE)


@dataclass(frozen=True)
class Terms:
    """The terms of an act: its purpose, cause and consequences (article 12.2 of the model).

    `rank` and `effective_on` are those that the original of an act signed on paper has; by default they follow.
    """

    purpose: str
    cause: str = ""
    consequences: str = ""
    topic: str = ""
    year: int | None = None
    origin: str = Origin.APPLICATION
    rank: int | None = None
    effective_on: dt.date | None = None


def blocking_act(act: Act, kind: str) -> Act | None:
    """The open act that prevents another act of this kind, else None.

    A convention may have one open act on the whole text, and one open act of each kind on amounts. An act that is being
    recorded from paper was signed before all of them, and blocks them all.
    """
    return blocking_among(act.convention.acts.filter(state__in=OPEN), kind)


def blocking_among(open_acts: Iterable[Act], kind: str) -> Act | None:
    kinds = [kind] if kind in OF_AMOUNTS else [ActKind.CONVENTION, ActKind.AMENDMENT]
    return next((act for act in open_acts if act.kind in kinds or act.on_paper), None)


def next_rank(convention: Convention, kind: str) -> int:
    last = convention.acts.filter(kind=kind).aggregate(last=models.Max("rank"))["last"]
    return (last or 0) + 1


def _reference(convention: Convention, kind: str, rank: int) -> str:
    """« CPO-2025-BRE-001-A2 »; « …-A2-2 » when the number is that of a record from paper that was withdrawn."""
    reference = f"{convention.number}-{LETTERS[ActKind(kind)]}{rank}"
    same = convention.acts.filter(kind=kind, rank=rank).count()
    return f"{reference}-{same + 1}" if same else reference


def already_open(act: Act) -> str:
    return f"{act.subject} est déjà en cours : terminez-le, ou retirez-le, avant d’en ouvrir un autre."


def years_of(first: Act, kind: str) -> list[int]:
    """The years that an act of amounts may concern.

    An annual act fixes a year after the first (article 4.3); an adaptation is for the current year or a later one
    (article 3.4).
    """
    years = (first.convention.acts.filter(latest=True).first() or first).programme.years_to_fill
    if kind == ActKind.ADAPTATION:
        current = clock.today(first.dossier.time_zone).year
        return [year for year in years if year >= current]
    return years[1:]


_WRONG_YEAR = {
    ActKind.ANNUAL: "L’année {year} n’a pas d’acte financier : "
    "il fixe une année de la convention après la première, qui est ferme (articles 4.2 et 4.3).",
    ActKind.ADAPTATION: "Le budget de {year} ne s’adapte pas : "
    "l’année est terminée, ou n’est pas de la convention (article 3.4).",
}


def _start(convention: Convention) -> Act:
    """Lock and return the last signed act. Raises Refused without one.

    The lock lasts until the new act is written. If another act is notified meanwhile, `carry` then finds the new act.
    """
    last = convention.acts.select_for_update().filter(latest=True)
    base = last.first() or last.first()  # the first query is empty if an act was notified while it waited
    if base is None:
        raise Refused("Aucun texte n’est encore signé.")
    return base


def open_act(first: Act, kind: str, terms: Terms, actor: Actor) -> Act:
    """Create the act with its working copy, and give the turn to the author's side. Call it under the lock of act 0."""
    convention = first.convention
    base = _start(convention)
    if terms.year is not None and terms.year not in years_of(first, kind):
        raise Refused(_WRONG_YEAR[ActKind(kind)].format(year=terms.year))
    today = clock.today(convention.dossier.time_zone)
    number = convention.acts.aggregate(last=models.Max("number"))["last"] + 1
    rank = terms.rank or next_rank(convention, kind)
    programme = _working_copy(base.programme, actor.side, amounts_of=terms.year if kind in OF_AMOUNTS else None)
    act = Act.objects.create(
        convention=convention,
        reference=_reference(convention, kind, rank),
        number=number,
        rank=rank,
        base=base,
        kind=kind,
        origin=terms.origin,
        state=ConventionState.NEGOTIATION,
        topic=terms.topic,
        year=terms.year,
        purpose=terms.purpose.strip(),
        cause=terms.cause.strip(),
        consequences=terms.consequences.strip(),
        asked_by=actor.side,
        asked_on=today if terms.origin == Origin.APPLICATION else None,
        programme=programme,
        model_version=base.model_version,
        turn_since=clock.now(),
        effective_on=terms.effective_on or max(today, base.effective_on),
        ends_on=base.ends_on,
        options=base.options,
        values=base.values | _dates_printed(base),
    )
    copy_rows(base, act)
    return act


def _working_copy(source: Programme, side: str, *, amounts_of: int | None) -> Programme:
    """The programme of a new act: that of the text it starts from. `amounts_of`: the only year that it may change."""
    programme = Programme.objects.create(
        dossier=source.dossier,
        cycle=source.cycle,
        side=side,
        term_year=source.term_year,
        farthest_year=source.term_year,
        retained=source.retained,
    )
    copy_into(source, programme)
    if amounts_of is not None:
        Programme.objects.filter(pk=programme.pk).update(amounts_of=amounts_of)
    return Programme.objects.get(pk=programme.pk)


def _dates_printed(base: Act) -> dict[str, str]:
    """The dates that pièces gave to the signed text, which later pièces must not move; a paper original prints none."""
    content = base.versions.order_by("-number").values_list("content", flat=True).first()
    return dates_printed(content) if content else {}


def copy_rows(source: Act, target: Act) -> None:
    """Copy the articles, parties, contributions and instalments of an act to another one that has none."""
    for name in ("articles", "parties", "contributions", "instalments"):
        rows = list(getattr(source, name).all())
        for row in rows:
            row.pk, row.act = None, target
            row._state.adding = True
        getattr(target, name).model.objects.bulk_create(rows)


def earliest_effect(act: Act) -> dt.date:
    """The first possible effective date: an act never takes effect before the text that it changes."""
    return act.base.effective_on if act.base else act.effective_on
