"""The large convention whose pages are measured: 30 fiches, each with 5 indicators over 3 years, articles, versions."""

from django.db import connection, transaction

from conventions.freeze import build_content, content_hash
from conventions.models import Act, ArticleText, Version
from cpo.lib import clock
from cpo.lib.enums import Side

from .data import STATES, Maker
from .years import save

FICHES, INDICATORS = 30, 5
CHARGES = ("64-REMU", "64-SOC", "62-DEPL", "60-MAT")
BASE = 2_000_000  # their rank: clear of the conventions made by the thousand


def make(state: str) -> Act:
    """A large convention in that state; with a report of its first year when it is active."""
    rank = BASE + STATES.index(state)
    known = Act.objects.filter(convention__number__endswith=f"-{rank}").first()
    return known or _make(rank)


def _make(rank: int) -> Act:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        maker = Maker()
        maker.sheets_each = FICHES
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
    content = build_content(act)
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
