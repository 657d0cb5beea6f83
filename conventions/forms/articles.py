"""The form of an article: the text of a free one, the presence of an optional one, and the reason of a departure."""

from typing import Any

from django import forms

from conventions.enums import ArticleStatus
from conventions.models import Act, ArticleText

from .drafting import RevisionForm


class ArticleForm(RevisionForm):
    body = forms.CharField(
        label="Texte de l’article",
        max_length=50000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 16, "spellcheck": "true"}),
        help_text="Paragraphes, listes, **gras** et *italique* ; "
        "un titre, un lien, une citation ou un tableau s’imprime tel qu’il est tapé. "
        "Une variable, entre doubles accolades, se remplit d’elle-même.",
    )
    included = forms.BooleanField(label="Garder cet article dans la convention", required=False)
    reason = forms.CharField(
        label="Motif de l’écart",
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Obligatoire dès que l’article s’écarte du modèle. Lu par les deux parties et par la DGEFP.",
    )

    mark_optional = False

    def __init__(self, *args: Any, act: Act, article: ArticleText, **kwargs: Any) -> None:
        kwargs.setdefault(
            "initial",
            {
                "revision": act.programme.revision,
                "body": article.body,
                "included": article.included,
                "reason": article.reason,
            },
        )
        super().__init__(*args, **kwargs)
        self.article = article
        if article.model_article.status == ArticleStatus.OPTIONAL:
            del self.fields["body"]
        else:
            del self.fields["included"]

    @property
    def wording(self) -> str:
        return str(self.cleaned_data.get("body", self.article.body))

    @property
    def keeps(self) -> bool:
        return bool(self.cleaned_data.get("included", self.article.included))
