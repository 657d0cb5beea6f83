"""The model convention (Annexe 2) as version 2025-1, from `fixtures/reference/modele.md`."""

import datetime as dt

from actions.models import Cycle
from cpo.lib.reference import path, read

from .model_format import ModelText, parse
from .models import ModelArticle, ModelVariable, ModelVariant, ModelVersion

NUMBER = "2025-1"
PUBLISHED_ON = dt.date(2025, 7, 16)
NOTE = "Rédaction originale en quinze articles, dans l’attente du texte officiel de l’annexe 2."


def load() -> int:
    """Create the version once, whole; once there, it is edited and published in the application."""
    cycle = Cycle.objects.get(key=read("cycle.yaml")["cycle"]["cle"])
    version, created = ModelVersion.objects.get_or_create(
        cycle=cycle, number=NUMBER, defaults={"published_on": PUBLISHED_ON, "note": NOTE}
    )
    if not created:
        return 0
    return 1 + fill(version, parse(path("modele.md").read_text(encoding="utf-8")))


def fill(version: ModelVersion, text: ModelText) -> int:
    """Write a parsed model into an empty version; return the number of rows."""
    articles = ModelArticle.objects.bulk_create(
        ModelArticle(
            version=version,
            key=article.key,
            number=article.number,
            title=article.title,
            status=article.status,
            default_included=article.default_included,
            body=article.body,
            drafting_note=article.drafting_note,
            rank=rank,
        )
        for rank, article in enumerate(text.articles, start=1)
    )
    variants = ModelVariant.objects.bulk_create(
        ModelVariant(
            version=version,
            group=variant.group,
            key=variant.key,
            title=variant.title,
            option=variant.option,
            value=variant.value,
            default=variant.default,
            body=variant.body,
        )
        for variant in text.variants
    )
    variables = ModelVariable.objects.bulk_create(
        ModelVariable(
            version=version,
            name=variable.name,
            label=variable.label,
            type=variable.type,
            example=variable.example,
            source=variable.source.lower(),
        )
        for variable in text.variables
    )
    return len(articles) + len(variants) + len(variables)
