"""The texts of the articles of an act."""

from django.db import models
from django.db.models import Q

from actions.models.programmes import frozen_trigger
from arml.models import User
from conventions.enums import Origin

from .acts import OF_ACT, Act
from .national_model import ModelArticle


class ArticleTextQuerySet(models.QuerySet["ArticleText"]):
    def held(self) -> "ArticleTextQuerySet":
        """Those whose text the application holds: see `ArticleText.held`."""
        return self.filter(~Q(former_title="") | ~Q(act__convention__origin=Origin.PAPER))


class ArticleText(models.Model):
    """The text of an article in an act. A departure from the model has its author and its reason.

    Of a convention signed on paper, the rows are places without text: an act after it fills one by quoting the
    original (`former_title`, `former_text`), and holds from then on the text that it puts there.
    """

    act = models.ForeignKey(Act, on_delete=models.CASCADE, related_name="articles")
    model_article = models.ForeignKey(ModelArticle, on_delete=models.PROTECT, related_name="texts")
    body = models.TextField("texte")
    included = models.BooleanField("retenu", default=True)
    reason = models.TextField("motif de l’écart", blank=True)
    former_title = models.CharField("titre dans l’original", max_length=200, blank=True)
    former_text = models.TextField("texte de l’original", blank=True)
    changed_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    changed_at = models.DateTimeField(null=True, blank=True)

    objects = ArticleTextQuerySet.as_manager()

    class Meta:
        verbose_name = "article"
        ordering = ["model_article__rank"]
        triggers = [frozen_trigger("frozen_article", OF_ACT)]
        constraints = [models.UniqueConstraint(name="article_text_is_unique", fields=["act", "model_article"])]

    def __str__(self) -> str:
        return str(self.model_article)

    @property
    def held(self) -> bool:
        """Whether the application holds its text: not that of a paper original, before an act quotes it."""
        return bool(self.former_title) or not self.act.convention.on_paper

    @property
    def departs(self) -> bool:
        """Whether it departs from the national model: changed text, or included or left out against the default.

        What was signed on paper was not written from the model: nothing departs from it.
        """
        model = self.model_article
        if self.act.convention.on_paper:
            return False
        return self.included != model.default_included or (self.included and self.body != model.body)
