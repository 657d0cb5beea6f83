"""Conversion between the text form of a model (`conventions.text.model_format`) and its rows."""

from conventions.models import ModelArticle, ModelVariable, ModelVariant, ModelVersion

from .model_format import Article, ModelText, Variable, Variant, write


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
            source=variable.source,
        )
        for variable in text.variables
    )
    return len(articles) + len(variants) + len(variables)


def text_of(version: ModelVersion) -> str:
    """The text form of a version: people copy it, correct it elsewhere and paste it back."""
    return write(model_of(version))


def model_of(version: ModelVersion) -> ModelText:
    """A version as the parser gives a text; unlike a text, a draft may be inconsistent for a while."""
    return ModelText(
        articles=[
            Article(0, row.key, row.number, row.title, row.status, row.default_included, row.body, row.drafting_note)
            for row in version.articles.all()
        ],
        variants=[
            Variant(0, row.group, row.key, row.title, row.option, row.value, row.default, row.body)
            for row in version.variants.all()
        ],
        variables=[
            Variable(0, row.name, row.label, row.type, row.example, row.source) for row in version.variables.all()
        ],
    )
