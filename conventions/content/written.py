"""The rows that an edit of an act writes, as one hash: the same before and after, nothing was changed.

Building the content of a version twice for each save would cost ten times as much, and say the same: reference data and
pièces, which a content prints too, are not written in an edit.
"""

from collections.abc import Iterator
from typing import Any

from django.db.models import Model, QuerySet

from actions.models import Expense, Programme, Resource, Sheet, SheetIndicator, Target
from conventions.models import Act, ArticleText, Contribution, Instalment, Party
from cpo.lib.files.hashing import content_hash

# What an edit writes besides the content: who saved an article and when, the count of the edits, years that follow from
# the act's dates, values that are retained (`services/retained.py` says by itself that it changes them).
BESIDE: dict[type[Model], frozenset[str]] = {
    ArticleText: frozenset({"changed_by_id", "changed_at"}),
    Programme: frozenset({"revision", "outdated", "retained", "term_year", "farthest_year"}),
}
# A row that is written anew has another id. A row below a fiche or an indicator is that of its key.
OWNERS: dict[type[Model], tuple[str, ...]] = {
    SheetIndicator: ("sheet__key",),
    Target: ("indicator__key",),
    Expense: ("sheet__key",),
    Resource: ("sheet__key",),
}
# Ranks count by their order alone, in which the rows are read.
LEFT_OUT = frozenset({"id", "sheet_id", "indicator_id", "rank"})


def hash_of_rows(act: Act) -> str:
    """Return the SHA-256 of all rows below the act and its programme."""
    programme = act.programme_id
    queries = [
        Act.objects.filter(pk=act.pk),
        Programme.objects.filter(pk=programme),
        *(model.objects.filter(act=act) for model in (Party, ArticleText, Contribution, Instalment)),
        *(model.objects.filter(programme=programme) for model in (Sheet, Expense, Resource)),
        SheetIndicator.objects.filter(sheet__programme=programme),
        Target.objects.filter(indicator__sheet__programme=programme),
    ]
    functions = Sheet.functions.through.objects.filter(sheet__programme=programme).order_by("sheet__key", "function_id")
    dossier = act.dossier
    content = {queryset.model.__name__: _rows(queryset) for queryset in queries} | {
        "functions": _plain(functions, "sheet__key", "function_id"),
        "territories": _plain(dossier.territories.order_by("pk"), "pk"),
        "services": _plain(dossier.services.order_by("pk"), "pk"),
    }
    return content_hash(content)


def _rows(queryset: QuerySet[Any]) -> list[list[str]]:
    model = queryset.model
    owners = OWNERS.get(model, ())
    return _plain(queryset.order_by(*owners, *model._meta.ordering, "pk"), *owners, *columns(model))


def columns(model: type[Model]) -> Iterator[str]:
    """The columns of the content: all, but ids, ranks and what an edit writes beside."""
    left_out = LEFT_OUT | BESIDE.get(model, frozenset())
    return (field.attname for field in model._meta.concrete_fields if field.attname not in left_out)


def _plain(queryset: QuerySet[Any], *names: str) -> list[list[str]]:
    return [[repr(value) for value in row] for row in queryset.values_list(*names)]
