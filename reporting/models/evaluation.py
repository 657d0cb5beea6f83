"""The final evaluation of a convention (article 9.5): what each side says of it, and what it concludes.

Once concluded it never changes: its content is kept as it was concluded, with its hash.
"""

import pgtrigger
from django.db import models
from django.db.models import Q

from arml.models import Dossier, User, within_scope
from conventions.models import Convention, Document
from cpo.lib.enums import Side
from reporting.enums import EvaluationState, Recommendation


class EvaluationQuerySet(models.QuerySet["Evaluation"]):
    def visible_to(self, user: User) -> "EvaluationQuerySet":
        """Both sides and the DGEFP: it holds payments and corrections. A draft is the lead service's alone (pages)."""
        return within_scope(self, user, "convention__dossier", observed=None)


class Evaluation(models.Model):
    """`answer_by`: the day until which the association gives its assessment, set when the draft is shared."""

    convention = models.OneToOneField(Convention, on_delete=models.PROTECT, related_name="evaluation")
    state = models.CharField("état", max_length=12, choices=EvaluationState, default=EvaluationState.DRAFT)
    state_since = models.DateTimeField("dans cet état depuis")
    opened_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    opened_on = models.DateField("préparée depuis le")
    answer_by = models.DateField("appréciation de l’association attendue le", null=True, blank=True)
    recommendation = models.CharField("recommandation", max_length=12, choices=Recommendation, blank=True)
    reasons = models.TextField("motifs de la recommandation", blank=True)
    funders = models.TextField("avis des autres financeurs", blank=True)
    revision = models.PositiveIntegerField(default=0)
    concluded_on = models.DateField("conclue le", null=True, blank=True)
    content = models.JSONField("contenu", null=True, blank=True)
    content_sha256 = models.CharField("empreinte du contenu", max_length=64, blank=True)
    document = models.ForeignKey(Document, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    objects = EvaluationQuerySet.as_manager()

    class Meta:
        verbose_name = "évaluation conjointe"
        verbose_name_plural = "évaluations conjointes"
        ordering = ["convention"]
        constraints = [
            models.CheckConstraint(
                name="shared_evaluation_has_its_term", condition=Q(state="draft") | Q(answer_by__isnull=False)
            ),
            models.CheckConstraint(
                name="concluded_evaluation_is_whole",
                condition=Q(concluded_on=None, content=None, content_sha256="", document=None) & ~Q(state="concluded")
                | Q(state="concluded", concluded_on__isnull=False, content__isnull=False)
                & ~Q(recommendation="")
                & ~Q(reasons="")
                & ~Q(content_sha256=""),
            ),
        ]
        triggers = [
            pgtrigger.Protect(
                name="concluded_evaluation_never_changes",
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition(
                    "OLD.state = 'concluded'"
                    " AND (to_jsonb(OLD) - 'document_id') IS DISTINCT FROM (to_jsonb(NEW) - 'document_id')"
                ),
            ),
            pgtrigger.Protect(name="evaluation_is_never_deleted", operation=pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"Évaluation conjointe de la convention {self.convention.number}"

    @property
    def dossier(self) -> Dossier:
        return self.convention.dossier

    @property
    def is_draft(self) -> bool:
        return self.state == EvaluationState.DRAFT

    @property
    def is_shared(self) -> bool:
        return self.state == EvaluationState.SHARED

    @property
    def is_concluded(self) -> bool:
        return self.state == EvaluationState.CONCLUDED


class Assessment(models.Model):
    """What one side says of the convention: the four points of article 9.5. Each side writes its own."""

    evaluation = models.ForeignKey(Evaluation, on_delete=models.PROTECT, related_name="assessments")
    side = models.CharField("partie", max_length=20, choices=Side)
    results = models.TextField("conformité des résultats à l’objet de la convention", blank=True)
    effects = models.TextField("effet pour les missions locales et pour les jeunes", blank=True)
    usefulness = models.TextField("utilité au regard de l’intérêt général", blank=True)
    cost = models.TextField("coût et emploi de la contribution", blank=True)
    revision = models.PositiveIntegerField(default=0)
    updated_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    updated_at = models.DateTimeField("écrite le", null=True, blank=True)

    class Meta:
        verbose_name = "appréciation d’une partie"
        verbose_name_plural = "appréciations des parties"
        ordering = ["-side"]
        constraints = [models.UniqueConstraint(name="one_assessment_per_side", fields=["evaluation", "side"])]
        triggers = [
            pgtrigger.Trigger(
                name="concluded_assessment_never_changes",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
                declare=[("target", "RECORD")],
                func="""
                    IF TG_OP = 'DELETE' THEN target := OLD; ELSE target := NEW; END IF;
                    IF EXISTS (SELECT 1 FROM reporting_evaluation e
                               WHERE e.id IN (target.evaluation_id, CASE WHEN TG_OP = 'UPDATE'
                                              THEN OLD.evaluation_id END) AND e.state = 'concluded') THEN
                        RAISE EXCEPTION 'a concluded evaluation never changes' USING ERRCODE = 'check_violation';
                    END IF;
                    RETURN target;
                """,
            )
        ]

    def __str__(self) -> str:
        return f"{self.evaluation}, {self.get_side_display()}"

    @property
    def given(self) -> bool:
        """Whether something is said of each of the four points."""
        return all(getattr(self, name).strip() for name in ASSESSED)


ASSESSED = ("results", "effects", "usefulness", "cost")
