"""The form of an article: the text of a free one, the presence of an optional one, and the reason of a departure.

An act after a paper original has another: what it does with the article, the old wording, the new one.
"""

from typing import Any

from django import forms

from conventions.content.comparison.contents import article_title
from conventions.enums import ArticleStatus, Quoting
from conventions.models import Act, ArticleText
from conventions.services.quoting import quoting_faults
from cpo.lib.forms.base import add_faults

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


class QuoteForm(RevisionForm):
    """`known`: an earlier act quoted the article, so that its title and its present text are held."""

    mark_optional = False

    quoting = forms.ChoiceField(
        label="Ce que fait l’acte",
        choices=Quoting.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Dites si l’acte modifie, supprime ou ajoute cet article."},
    )
    title = forms.CharField(
        label="Titre de l’article dans l’original",
        max_length=200,
        help_text="Avec son numéro, tel que l’original le porte. Pour un article ajouté, celui qu’il aura.",
        error_messages={"required": "Donnez le titre de l’article, tel que l’original le porte."},
    )
    former = forms.CharField(
        label="Texte de l’original",
        max_length=50000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 10, "spellcheck": "true"}),
        help_text="Recopié mot pour mot de l’original. L’acte l’imprime comme texte remplacé ou supprimé.",
    )
    body = forms.CharField(
        label="Nouveau texte",
        max_length=50000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 10, "spellcheck": "true"}),
        help_text="Laissez vide si l’acte supprime l’article.",
    )

    def __init__(self, *args: Any, act: Act, article: ArticleText, quoting: str, known: bool, **kwargs: Any) -> None:
        initial = {
            "revision": act.programme.revision,
            "quoting": quoting or Quoting.MODIFIED,
            "title": article.former_title or article_title(vars(article.model_article)),
            "former": article.former_text,
            "body": article.body if quoting else "",
        }
        kwargs.setdefault("initial", initial)
        super().__init__(*args, **kwargs)
        self.act, self.known = act, known
        if known:
            del self.fields["title"], self.fields["former"]
            self.fields["quoting"].choices = [  # type: ignore[attr-defined]
                choice for choice in Quoting.choices if choice[0] != Quoting.ADDED
            ]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if "laisser" in self.data:  # the act leaves the article as it was, whatever is typed
            return data
        texts = (data.get(name, "") for name in ("title", "former", "body"))
        add_faults(self, quoting_faults(self.act, data.get("quoting", ""), *texts, known=self.known))
        return data
