"""Create the large conventions whose pages are measured: 30 fiches with 5 indicators over 3 years, articles, versions.

Also create two versions with 60 fiches, all different, for the comparison.
"""

import copy
import datetime as dt
from typing import Any

from django.db import connection, transaction

from actions.models import Programme
from actions.services.copies import copy_into
from conventions.content.freeze import build_content
from conventions.enums import ActKind, ActTopic
from conventions.later.opening import copy_rows
from conventions.models import Act, ArticleText, Version
from cpo.lib import clock
from cpo.lib.enums import Side
from cpo.lib.files.hashing import content_hash

from .data import STATES, Maker
from .years import save

FICHES, INDICATORS = 30, 5
CHARGES = ("64-REMU", "64-SOC", "62-DEPL", "60-MAT")
BASE = 2_000_000  # their first rank, above those of the conventions created in bulk
COMPARED = 60
AMENDED = 29  # fiches of the convention that has an avenant


def make(state: str, fiches: int = FICHES) -> Act:
    """A large convention in that state. An active one has the report of its first year."""
    rank = BASE + 1000 * (fiches != FICHES) * fiches + STATES.index(state)
    act = Act.objects.filter(convention__number__endswith=f"-{rank}").first()
    return act or _make(rank, fiches)


def make_amended() -> Act:
    """The first act of a large convention that an avenant changed: its text in force is that of the avenant."""
    act = make("active", AMENDED)
    if act.convention.acts.count() == 1:
        _amend(act)
    return act


def _amend(act: Act) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        programme = Programme.objects.create(dossier=act.dossier, cycle=act.convention.cycle, frozen=True, revision=12)
        copy_into(act.programme, programme)
        Act.objects.filter(pk=act.pk).update(latest=False)
        avenant = Act.objects.get(pk=act.pk)
        avenant.pk, avenant._state.adding, avenant.base, avenant.programme = None, True, act, programme
        avenant.kind, avenant.number, avenant.rank, avenant.latest = ActKind.AMENDMENT, 1, 1, True
        avenant.reference = f"{act.reference}-A1"
        avenant.purpose, avenant.topic = "Une action de plus.", ActTopic.values[0]
        avenant.effective_on = act.effective_on + dt.timedelta(days=90)
        avenant.save(force_insert=True)
        copy_rows(act, avenant)
        freeze(avenant, 1)


def make_compared(fiches: int = COMPARED) -> Act:
    """A large convention whose version 4 changes each fiche, one article in three, and the amounts."""
    act = make("negotiation", fiches)
    if act.versions.filter(number=4).exists():
        return act
    content = copy.deepcopy(act.versions.get(number=3).content)
    for article in content["articles"][::3]:
        words = article["body"].split("\n\n")
        article["body"] = "\n\n".join([*words[1:], words[0], "Les parties en conviennent chaque année."])
    for rank, sheet in enumerate(content["sheets"]):
        sheet["title"] += " et ses partenaires"
        sheet["description"] = sheet["description"].replace("outille", "accompagne", 1)
        sheet["steps"] = sheet["steps"][::-1]
        sheet["indicators"][0]["targets"]["2025"] = {"value": str(110 + rank)}
        sheet["expenses"][0]["amount"] = "31000.00"
    content["sheets"][0]["key"] = "00000000-0000-4000-8000-000000000000"
    content["contributions"][0]["amount"] = "45000.00"
    _write(act, 4, content)
    return act


def _make(rank: int, fiches: int) -> Act:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        maker = Maker()
        maker.sheets_each = fiches
        maker.indicators_each = INDICATORS
        maker.charges = CHARGES
        act = maker.make(range(rank, rank + 1))[0]
        save(
            ArticleText, (ArticleText(act=act, model_article=article, body=article.body) for article in maker.articles)
        )
        for number in (2, 3):
            freeze(act, number)
    return act


def freeze(act: Act, number: int) -> None:
    _write(act, number, build_content(act))


def _write(act: Act, number: int, content: dict[str, Any]) -> None:
    Version.objects.create(
        act=act,
        number=number,
        content=content,
        content_sha256=content_hash(content),
        revision=12,
        side=Side.STATE,
        author_name="Camille Exemple",
        created_at=clock.now(),
    )
