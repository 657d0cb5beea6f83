"""The national model (Annexe 2) as versioned data. A new version never changes an existing convention."""

from django.db import models

from actions.models import Cycle
from conventions.enums import ArticleStatus, VariableType


class ModelVersion(models.Model):
    cycle = models.ForeignKey(Cycle, on_delete=models.PROTECT, related_name="model_versions")
    number = models.CharField("version", max_length=20)
    published_on = models.DateField("publiée le", null=True, blank=True)
    note = models.CharField("note", max_length=250, blank=True)
    revision = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = "version du modèle"
        ordering = ["-published_on", "-id"]
        constraints = [models.UniqueConstraint(name="model_version_is_unique", fields=["cycle", "number"])]

    def __str__(self) -> str:
        return f"modèle {self.number}"


class ModelArticle(models.Model):
    version = models.ForeignKey(ModelVersion, on_delete=models.CASCADE, related_name="articles")
    key = models.SlugField("clé", max_length=40)
    number = models.CharField("numéro", max_length=20)
    title = models.CharField("intitulé", max_length=200)
    status = models.CharField("statut", max_length=10, choices=ArticleStatus)
    default_included = models.BooleanField("retenu par défaut", default=True)
    body = models.TextField("texte")
    drafting_note = models.TextField("note de rédaction", blank=True)
    rank = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = "article du modèle"
        ordering = ["rank"]
        constraints = [models.UniqueConstraint(name="model_article_key_is_unique", fields=["version", "key"])]

    def __str__(self) -> str:
        return f"{self.number} {self.title}"

    @property
    def is_free(self) -> bool:
        """Whether a convention may change its text."""
        return self.status == ArticleStatus.FREE

    @property
    def is_optional(self) -> bool:
        """Whether a convention may leave it out; its text does not change."""
        return self.status == ArticleStatus.OPTIONAL

    @property
    def is_locked(self) -> bool:
        return self.status == ArticleStatus.LOCKED


class ModelVariant(models.Model):
    """One of several passages; an option of the act chooses it (signatory, services, indirect costs…)."""

    version = models.ForeignKey(ModelVersion, on_delete=models.CASCADE, related_name="variants")
    group = models.CharField("point d’insertion", max_length=60)
    key = models.SlugField("clé", max_length=60)
    title = models.CharField("intitulé", max_length=200)
    option = models.CharField("option", max_length=40)
    value = models.CharField("valeur", max_length=40)
    default = models.BooleanField("par défaut", default=False)
    body = models.TextField("texte", blank=True)

    class Meta:
        verbose_name = "variante"
        ordering = ["id"]
        constraints = [models.UniqueConstraint(name="variant_value_is_unique", fields=["version", "group", "value"])]

    def __str__(self) -> str:
        return f"{self.group} : {self.value}"


class ModelVariable(models.Model):
    version = models.ForeignKey(ModelVersion, on_delete=models.CASCADE, related_name="variables")
    name = models.CharField("nom", max_length=60)
    label = models.CharField("sens", max_length=250)
    type = models.CharField("type", max_length=10, choices=VariableType)
    example = models.CharField("exemple", max_length=250, blank=True)
    source = models.CharField("source", max_length=20)

    class Meta:
        verbose_name = "variable"
        ordering = ["name"]
        constraints = [models.UniqueConstraint(name="variable_name_is_unique", fields=["version", "name"])]

    def __str__(self) -> str:
        return self.name


class ShippedChoice(models.Model):
    """The wording shipped with the application that was last taken, or set aside: nobody is told of it again.

    `key`: « modele:<cycle> » or « courriel:<key> »; `sha256`: that of the shipped wording.
    """

    key = models.CharField("texte", max_length=120, unique=True)
    sha256 = models.CharField("empreinte", max_length=64)

    class Meta:
        verbose_name = "rédaction livrée déjà examinée"
        verbose_name_plural = "rédactions livrées déjà examinées"

    def __str__(self) -> str:
        return self.key
