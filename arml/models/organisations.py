"""Territories, State services, ARML, Missions Locales counts, delegations of signature."""

import datetime as dt
from decimal import Decimal

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Func, OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce
from django.utils.functional import cached_property
from stdnum import iban as iban_numbers

from arml.enums import LabelStatus, OrganisationKind, ServiceType
from cpo.lib.clock import PARIS
from cpo.lib.wording import french

SIRET = RegexValidator(r"^\d{14}$", "Un SIRET comporte 14 chiffres.")
RNA = RegexValidator(r"^W\d{9}$", "Un numéro RNA commence par W, suivi de 9 chiffres.")


def is_bank_account(iban: str) -> bool:
    """Whether an IBAN has its check digits (ISO 13616) and names an account: one of zeros names none."""
    return iban_numbers.is_valid(iban) and bool(iban_numbers.compact(iban)[4:].strip("0"))


# The database sorts by code points: without this, « Île-de-France » would come after Z.
BY_NAME = Func(F("name"), Value("ÎÉÈ"), Value("IEE"), function="translate", output_field=models.CharField())


class Territory(models.Model):
    """A region or an overseas collectivity. `code3` (BRE) is part of convention numbers."""

    code = models.CharField("code INSEE", max_length=3, unique=True)
    code3 = models.CharField("code court", max_length=3, unique=True)
    name = models.CharField("nom", max_length=80)
    in_sentence = models.CharField(
        "dans une phrase", max_length=100, help_text="préposition comprise : « en Bretagne »"
    )
    prefecture = models.CharField("ville de préfecture", max_length=80)
    prefect_title = models.CharField("titre du préfet", max_length=250, help_text="article compris")
    court = models.CharField("tribunal administratif", max_length=120)
    time_zone = models.CharField("fuseau horaire", max_length=40, default=PARIS)
    is_region = models.BooleanField("région", default=True)
    service = models.ForeignKey(
        "arml.Organisation", null=True, blank=True, on_delete=models.PROTECT, related_name="served_territories"
    )
    revision = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = "territoire"
        ordering = ["code"]

    def __str__(self) -> str:
        return self.name


class Organisation(models.Model):
    kind = models.CharField("nature", max_length=20, choices=OrganisationKind)
    key = models.SlugField("clé", max_length=60, unique=True)
    name = models.CharField("nom", max_length=200)
    short_name = models.CharField("nom court", max_length=80)
    article_name = models.CharField(
        "nom dans la convention", max_length=250, help_text="article compris : « l’Association régionale… »"
    )
    sort_name = models.CharField("nom de tri", max_length=80, help_text="sans accent, en minuscules")
    service_type = models.CharField("type de service", max_length=10, choices=ServiceType, blank=True)
    siret = models.CharField("SIRET", max_length=14, blank=True, validators=[SIRET])
    rna = models.CharField("numéro RNA", max_length=10, blank=True, validators=[RNA])
    address = models.CharField("adresse", max_length=250, blank=True, help_text="préposition comprise")
    city = models.CharField("ville", max_length=80, blank=True)
    email = models.EmailField("adresse électronique", blank=True)
    statutory_purpose = models.TextField("objet statutaire", blank=True)
    label_status = models.CharField("labellisation", max_length=20, choices=LabelStatus, default=LabelStatus.NONE)
    label_since = models.DateField("labellisée le", null=True, blank=True)
    bank_holder = models.CharField("titulaire du compte", max_length=120, blank=True)
    iban = models.CharField("IBAN", max_length=34, blank=True)
    bic = models.CharField("BIC", max_length=11, blank=True)
    accounting_officer = models.CharField("comptable assignataire", max_length=150, blank=True)
    national_scope = models.BooleanField("portée nationale", default=False)
    territories = models.ManyToManyField(Territory, blank=True, related_name="organisations")
    successor = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="predecessors")
    revision = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = "organisation"
        ordering = ["sort_name"]
        indexes = [models.Index(fields=["sort_name"])]
        constraints = [
            models.CheckConstraint(
                name="only_state_services_have_a_service_type",
                condition=models.Q(kind=OrganisationKind.STATE_SERVICE) ^ models.Q(service_type=""),
                violation_error_message="Le type de service ne vaut que pour un service de l’État.",
            ),
            models.CheckConstraint(
                name="siret_has_14_digits", condition=models.Q(siret="") | models.Q(siret__regex=r"^\d{14}$")
            ),
            models.CheckConstraint(
                name="rna_is_w_and_9_digits", condition=models.Q(rna="") | models.Q(rna__regex=r"^W\d{9}$")
            ),
        ]

    def __str__(self) -> str:
        return self.short_name

    @property
    def in_sentence(self) -> str:
        """The short name with its article: « la DREETS Bretagne », « l’ARML Bretagne »."""
        return french.with_article(self.short_name, self.article_name)

    @cached_property
    def time_zone(self) -> str:
        """Its territory's, for what belongs to no dossier: an invitation, what is written for one of its members."""
        return Organisation.objects.values_list(zone_of_organisation("pk"), flat=True).get(pk=self.pk)

    @property
    def covered_territories(self) -> "list[Territory]":
        """The territories that it serves or covers, by name; prefetch `territories` and `served_territories`."""
        territories = {*self.territories.all(), *self.served_territories.all()}
        return sorted(territories, key=lambda territory: territory.name)

    @cached_property
    def territory_ids(self) -> set[int]:
        """Read once per object, hence once per request for the organisations of `User.roles`."""
        return set(self.territories.values_list("pk", flat=True))

    @property
    def is_state(self) -> bool:
        return self.kind == OrganisationKind.STATE_SERVICE


def zone_of_organisation(path: str) -> Coalesce:
    """The time zone of the organisation at the end of `path`: of the first territory that it serves or covers."""
    territories = Territory.objects.filter(Q(service=OuterRef(path)) | Q(organisations=OuterRef(path)))
    return Coalesce(Subquery(territories.order_by("code").values("time_zone")[:1]), Value(PARIS))


class MissionLocaleCount(models.Model):
    """The number of Missions Locales of a territory at a date, with its source."""

    territory = models.ForeignKey(Territory, on_delete=models.CASCADE, related_name="mission_locale_counts")
    counted_on = models.DateField("à la date du")
    count = models.PositiveIntegerField("nombre")
    source = models.CharField("source", max_length=200)

    class Meta:
        verbose_name = "nombre de missions locales"
        ordering = ["-counted_on"]
        constraints = [models.UniqueConstraint(name="one_count_per_day", fields=["territory", "counted_on"])]

    def __str__(self) -> str:
        return f"{self.territory} : {self.count}"


class Delegation(models.Model):
    """The act that lets somebody sign for the préfet (décret 2004-374, art. 38, 43, 44): ceiling, expiry."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="delegations")
    holder_name = models.CharField("délégataire", max_length=120)
    holder_capacity = models.CharField("qualité", max_length=160)
    reference = models.CharField("référence de l’acte", max_length=160, help_text="article compris")
    dated = models.DateField("date de l’acte")
    raa = models.CharField("publication au recueil des actes administratifs", max_length=120, blank=True)
    ceiling = models.DecimalField("plafond en euros", max_digits=14, decimal_places=2, null=True, blank=True)
    valid_until = models.DateField("fin de validité", null=True, blank=True)

    class Meta:
        verbose_name = "délégation de signature"
        ordering = ["-dated"]

    def __str__(self) -> str:
        return f"{self.reference} du {self.dated:%d/%m/%Y}"

    def covers(self, day: dt.date, amount: Decimal) -> bool:
        """Whether it is in force that day for that amount."""
        return not self.out_of_force(day) and (self.ceiling is None or amount <= self.ceiling)

    def out_of_force(self, day: dt.date) -> str:
        """Why it is not in force that day: « expirée le … », « en vigueur à partir du … »; "" if it is."""
        if self.dated > day:
            return f"en vigueur à partir du {self.dated:%d/%m/%Y}"
        if self.valid_until is not None and self.valid_until < day:
            return f"expirée le {self.valid_until:%d/%m/%Y}"
        return ""
