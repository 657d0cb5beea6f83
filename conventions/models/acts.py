"""Conventions and their acts. An act is what people negotiate and sign; act 0 is the convention itself."""

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from actions.models import Cycle, Programme
from arml.models import Dossier, User, within_scope
from conventions.enums import ENDED, ActKind, ActTopic, ConventionState, Origin
from cpo.lib.correction import Typed
from cpo.lib.enums import Side

from .national_model import ModelVersion


class ConventionQuerySet(models.QuerySet["Convention"]):
    def visible_to(self, user: User) -> "ConventionQuerySet":
        return within_scope(self, user)


class Convention(models.Model):
    number = models.CharField("numéro", max_length=30, unique=True)
    dossier = models.OneToOneField(Dossier, on_delete=models.PROTECT, related_name="convention")
    cycle = models.ForeignKey(Cycle, on_delete=models.PROTECT, related_name="conventions")
    state = models.CharField("état", max_length=20, choices=ConventionState, default=ConventionState.DRAFT)
    state_since = models.DateTimeField("dans cet état depuis")
    origin = models.CharField("origine", max_length=10, choices=Origin, default=Origin.APPLICATION)
    predecessor = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="successors")
    created_at = models.DateTimeField()
    ended_on = models.DateField("résiliée ou clôturée le", null=True, blank=True)
    # The years whose examination is concluded; `reporting` writes them.
    years_concluded = ArrayField(
        models.PositiveIntegerField(), default=list, blank=True, verbose_name="années conclues"
    )

    # Of a paper original: the years whose annual act was signed on paper too; `reporting` writes them.
    years_fixed_on_paper = ArrayField(
        models.PositiveIntegerField(), default=list, blank=True, verbose_name="années fixées par un acte sur papier"
    )

    objects = ConventionQuerySet.as_manager()

    class Meta:
        verbose_name = "convention"
        ordering = ["number"]
        constraints = [
            models.CheckConstraint(
                name="ended_convention_has_its_date",
                condition=Q(state__in=ENDED, ended_on__isnull=False) | ~Q(state__in=ENDED) & Q(ended_on=None),
            )
        ]
        indexes = [models.Index(fields=["state"]), models.Index(fields=["cycle", "state"])]

    def __str__(self) -> str:
        return self.number

    @property
    def on_paper(self) -> bool:
        return self.origin == Origin.PAPER  # the application does not hold the text of its articles

    @property
    def act(self) -> "Act":
        """Act 0, the convention itself (prefetched or one query)."""
        return next(act for act in self.acts.all() if act.number == 0)

    @property
    def text(self) -> "Act":
        """The act with the last signed text; act 0 as long as no act is signed."""
        return next((act for act in self.acts.all() if act.latest), None) or self.act


# Article 2.2: four years from the first day of the convention, whichever act changes its term.
# A guard tells the authors of a draft that goes beyond.
FOUR_YEARS = """
    IF NEW.ends_on >= (
        CASE WHEN NEW.number = 0 THEN NEW.effective_on ELSE (
            SELECT effective_on FROM conventions_act WHERE convention_id = NEW.convention_id AND number = 0
        ) END + interval '48 months'
    ) THEN
        RAISE EXCEPTION 'no act carries a convention beyond four years' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
"""


class ActQuerySet(models.QuerySet["Act"]):
    def visible_to(self, user: User) -> "ActQuerySet":
        """An observer sees signed acts only."""
        return within_scope(self, user, "convention__dossier", observed=Q(programme__frozen=True))


class ActReads:
    """What a page has read about its act besides the row: see `conventions/reads.py`."""


class Act(models.Model):
    """What people negotiate: turn, articles, parties, money, versions. Its editing lock is its programme's row.

    Each act holds the whole text that it puts in force. Act 0 starts from the national model; another act starts from
    the text of its `base`, the last act signed before it. `reference` names the act in addresses and on paper: the
    number of the convention for act 0, then « …-A1 » (avenant), « …-F1 » (annual financial act), « …-N1 » (budget
    adaptation).
    """

    OPEN = (ConventionState.DRAFT, ConventionState.NEGOTIATION, ConventionState.SIGNATURE)
    reads: ActReads | None = None  # set by the page that shows this object; decisions use another object

    convention = models.ForeignKey(Convention, on_delete=models.PROTECT, related_name="acts")
    reference = models.CharField("référence", max_length=40, unique=True)
    number = models.PositiveIntegerField("rang", default=0)
    rank = models.PositiveSmallIntegerField("rang parmi les actes de sa nature", default=0)
    base = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="built_on", verbose_name="texte de départ"
    )
    latest = models.BooleanField("dernier texte signé", default=False)
    kind = models.CharField("nature", max_length=20, choices=ActKind, default=ActKind.CONVENTION)
    state = models.CharField("état", max_length=20, choices=ConventionState, default=ConventionState.DRAFT)
    origin = models.CharField("origine", max_length=10, choices=Origin, default=Origin.APPLICATION)
    topic = models.CharField("porte sur", max_length=20, choices=ActTopic, blank=True)
    year = models.PositiveIntegerField("année", null=True, blank=True)
    purpose = models.TextField("objet", blank=True)
    cause = models.TextField("cause", blank=True)
    consequences = models.TextField("conséquences", blank=True)
    asked_by = models.CharField("demandé par", max_length=20, choices=Side, blank=True)
    asked_on = models.DateField("demandé le", null=True, blank=True)
    programme = models.OneToOneField(Programme, on_delete=models.PROTECT, related_name="act")
    model_version = models.ForeignKey(ModelVersion, on_delete=models.PROTECT, related_name="acts")
    turn_since = models.DateTimeField("main depuis", null=True, blank=True)
    turn_asked_at = models.DateTimeField("main redemandée le", null=True, blank=True)
    effective_on = models.DateField("prise d’effet")
    ends_on = models.DateField("terme")
    signed_on = models.DateField("signée le", null=True, blank=True)
    notified_on = models.DateField("notifiée le", null=True, blank=True)
    options = models.JSONField("options de rédaction", default=dict)
    values = models.JSONField("valeurs saisies des variables", default=dict)
    visa_asked_at = models.DateTimeField("visa demandé le", null=True, blank=True)
    president_visa_asked_at = models.DateTimeField("visa de la présidence demandé le", null=True, blank=True)

    objects = ActQuerySet.as_manager()

    class Meta:
        verbose_name = "acte"
        ordering = ["convention", "number"]
        constraints = [
            models.UniqueConstraint(name="act_number_is_unique", fields=["convention", "number"]),
            models.UniqueConstraint(
                name="one_open_content_act",
                fields=["convention"],
                condition=Q(state__in=["draft", "negotiation", "signature"], kind__in=["convention", "avenant"]),
                violation_error_message="Un seul acte est négocié à la fois.",
            ),
            models.UniqueConstraint(
                name="one_open_act_of_amounts",
                fields=["convention", "kind"],
                condition=Q(state__in=["draft", "negotiation", "signature"], kind__in=["annual", "notice"]),
                violation_error_message="Un acte de cette nature est déjà ouvert.",
            ),
            models.UniqueConstraint(
                name="one_act_in_signature",
                fields=["convention"],
                condition=Q(state="signature"),
                violation_error_message="Un autre acte de cette convention est à la signature.",
            ),
            models.UniqueConstraint(name="one_latest_signed_act", fields=["convention"], condition=Q(latest=True)),
            models.CheckConstraint(
                name="active_act_is_signed_and_notified",
                condition=~Q(state="active")
                | Q(notified_on__isnull=False) & (Q(signed_on__isnull=False) | Q(kind="notice")),
            ),
            models.CheckConstraint(
                name="later_act_starts_from_a_text",
                condition=Q(number=0, kind="convention", base=None)
                | Q(number__gt=0, base__isnull=False) & ~Q(kind="convention"),
            ),
            models.CheckConstraint(
                name="act_of_amounts_has_its_year",
                condition=Q(kind__in=["convention", "avenant"], year=None)
                | Q(kind__in=["annual", "notice"], year__isnull=False),
            ),
            models.CheckConstraint(
                name="act_ends_after_it_begins",
                condition=Q(ends_on__gte=models.F("effective_on")),
                violation_error_message="Le terme doit suivre la prise d’effet.",
            ),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="four_years_at_most",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.Update,
                condition=pgtrigger.Q(new__state__in=["signature", "active"]),
                func=FOUR_YEARS,
            ),
            pgtrigger.Protect(
                name="signed_act_keeps_its_content",
                operation=pgtrigger.Update,
                condition=Typed(
                    pgtrigger.Q(old__state="active")
                    & (
                        pgtrigger.Q(old__options__df=pgtrigger.F("new__options"))
                        | pgtrigger.Q(old__values__df=pgtrigger.F("new__values"))
                        | pgtrigger.Q(old__effective_on__df=pgtrigger.F("new__effective_on"))
                        | pgtrigger.Q(old__ends_on__df=pgtrigger.F("new__ends_on"))
                        | pgtrigger.Q(old__purpose__df=pgtrigger.F("new__purpose"))
                        | pgtrigger.Q(old__base_id__df=pgtrigger.F("new__base_id"))
                    )
                ),
            ),
        ]

    def __str__(self) -> str:
        return self.convention.number if self.number == 0 else f"{self.convention.number}, {self.name_in_sentence}"

    @property
    def name(self) -> str:
        """« Convention », « Avenant n° 1 », « Acte financier 2026 », « Adaptation du budget 2026 »."""
        names = {
            ActKind.CONVENTION: "Convention",
            ActKind.AMENDMENT: f"Avenant n° {self.rank}",
            ActKind.ANNUAL: f"Acte financier {self.year}",
            ActKind.ADAPTATION: f"Adaptation du budget {self.year}",
        }
        return names[ActKind(self.kind)]

    @property
    def name_in_sentence(self) -> str:
        """« l’avenant n° 1 »."""
        article = {ActKind.CONVENTION: "la "}.get(ActKind(self.kind), "l’")
        return f"{article}{self.name[:1].lower()}{self.name[1:]}"

    @property
    def signed_on_paper(self) -> str:
        """« la convention signée sur papier », « l’avenant n° 1 signé sur papier »."""
        return f"{self.name_in_sentence} signé{'' if self.number else 'e'} sur papier"

    @property
    def subject(self) -> str:
        """« L’avenant n° 1 », at the head of a sentence."""
        return self.name_in_sentence[:1].upper() + self.name_in_sentence[1:]

    def journal_sentence(self, sentence: str) -> str:
        """The sentence for the journal, which all acts of a convention share: « Avenant n° 1 : … ».

        The versions and fiches of all acts have the same names, so the act is named when the sentence does not do it.
        """
        names_the_act = not self.number or self.name_in_sentence in sentence or self.name in sentence
        return sentence if names_the_act else f"{self.name} : {sentence}"

    @property
    def on_paper(self) -> bool:
        """Whether it was signed on paper before it was recorded: its text is that of its scan."""
        return self.origin == Origin.PAPER

    @property
    def is_being_recorded(self) -> bool:
        """Whether the service copies it from its paper original: it is signed, so that nothing is negotiated."""
        return self.on_paper and self.state in (ConventionState.DRAFT, ConventionState.NEGOTIATION)

    @property
    def is_signed_act(self) -> bool:
        """Whether it takes signatures. A budget adaptation is declared, not signed (article 3.4)."""
        return self.kind != ActKind.ADAPTATION

    @property
    def is_amendment(self) -> bool:
        return self.kind == ActKind.AMENDMENT

    @property
    def in_signature(self) -> bool:
        return self.state == ConventionState.SIGNATURE

    @property
    def is_active(self) -> bool:
        """Whether it is signed and notified; an adaptation notice: declared."""
        return self.state == ConventionState.ACTIVE

    @property
    def is_abandoned(self) -> bool:
        return self.state == ConventionState.ABANDONED

    @property
    def state_words(self) -> str:
        """The label of the state. A budget adaptation has its own words: it is neither negotiated nor signed."""
        adaptation = not self.is_signed_act
        open_words = "En préparation" if adaptation else "Reprise en cours" if self.on_paper else ""
        words = {
            ConventionState.NEGOTIATION: open_words,
            ConventionState.ACTIVE: "Déclarée" if adaptation else "Signé et notifié",
            ConventionState.ABANDONED: "Sans suite",
        }
        return (words.get(ConventionState(self.state)) if self.number else "") or self.get_state_display()

    @property
    def shown_state(self) -> str:
        """The state that its pages show: that of the convention for act 0, once the convention has ended."""
        return self.convention.state if self.number == 0 and self.convention.state in ENDED else self.state

    @property
    def dossier(self) -> Dossier:
        return self.convention.dossier

    @property
    def turn(self) -> str:
        """The side that may edit now ("" when nobody may)."""
        return self.programme.side


OF_ACT = "SELECT a.programme_id FROM conventions_act a WHERE a.id = target.act_id"
