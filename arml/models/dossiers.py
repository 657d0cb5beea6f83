"""The dossier: its parties and who may see it. Every other `visible_to` filters by the dossier."""

from collections.abc import Iterable
from typing import Any, NamedTuple, TypeVar

from django.db import models
from django.db.models import Case, Exists, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Coalesce

from arml.enums import AttachmentMoment, AttachmentScope, OrganisationKind, Role
from cpo.lib import zones
from cpo.lib.clock import PARIS
from cpo.lib.models import StoredFile

from .organisations import Organisation, Territory
from .people import User

Rows = TypeVar("Rows", bound="models.QuerySet[Any, Any]")
EVERY_ROW = Q()


class DossierQuerySet(models.QuerySet["Dossier"]):
    def visible_to(self, user: User) -> "DossierQuerySet":
        """Keep the dossiers that the person may see.

        The DGEFP sees all; a service, its own and those of its territories; an association, its own once shared;
        an observer, those published in its territories.
        """
        return within_scope(self, user, "pk")

    def dated_in(self, names: Iterable[str]) -> "DossierQuerySet":
        """Keep the dossiers whose zone is one of these."""
        return self.annotate(zone=zone_of("pk")).filter(zone__in=list(names))


class Scope(NamedTuple):
    """The organisations through which a person sees dossiers: their ids, by their position in a dossier."""

    everything: bool
    services: tuple[int, ...] = ()
    associations: tuple[int, ...] = ()
    observers: tuple[int, ...] = ()
    all_published: bool = False  # an observer of the whole country

    @classmethod
    def of(cls, user: User) -> "Scope":
        """Return the scope of a person; it is empty when nobody is signed in."""
        memberships = [(m.organisation, m.role) for m in getattr(user, "roles", ())]
        if any(o.kind == OrganisationKind.NATIONAL for o, _ in memberships):
            return cls(everything=True)
        observers = [o for o, role in memberships if role == Role.READER and not o.is_state]
        return cls(
            False,
            _ids(o for o, _ in memberships if o.kind == OrganisationKind.STATE_SERVICE),
            _ids(o for o, _ in memberships if o.kind == OrganisationKind.ARML),
            _ids(observers),
            any(o.national_scope for o in observers),
        )

    @property
    def observes(self) -> bool:
        return bool(self.observers) or self.all_published

    @property
    def of_parties(self) -> "Scope":
        """The scope without what the person only observes."""
        return self._replace(observers=(), all_published=False)

    def keep(self, rows: Rows, path: str = "dossier", *, observed: Q | None = EVERY_ROW) -> Rows:
        """Keep the rows whose dossier, at the end of `path`, is visible. Every `visible_to` calls this.

        `observed`: which rows of a dossier that the person only observes are published; None: none of them.
        """
        if self.everything:
            return rows.all()
        if observed is None:
            return self.of_parties.keep(rows, path)
        ids = visible_ids(self)
        if ids is None:
            return rows.none()
        visible = rows.filter(**{f"{path}__in": ids})
        if observed == EVERY_ROW or not self.observes:
            return visible
        own = visible_ids(self.of_parties)
        return visible.filter(observed if own is None else observed | Q(**{f"{path}__in": own}))


def _ids(organisations: Iterable[Organisation]) -> tuple[int, ...]:
    return tuple(sorted({organisation.pk for organisation in organisations}))


def within_scope(rows: Rows, user: User, path: str = "dossier", *, observed: Q | None = EVERY_ROW) -> Rows:
    return Scope.of(user).keep(rows, path, observed=observed)


def sees_all(user: User) -> bool:
    return Scope.of(user).everything


def visible_ids(scope: Scope) -> "models.QuerySet[Any, Any] | None":
    """Return the ids of the visible dossiers as a query, None when there is no reason to see any.

    A union, not an « or »: each part uses an index, while conditions joined by « or » would read every dossier.
    """
    cosigned, local = Dossier.services.through.objects, Dossier.territories.through.objects
    dossiers, published = Dossier.objects, Dossier.objects.filter(published_on__isnull=False)
    parts: list[models.QuerySet[Any, Any]] = []
    if scope.services:
        parts += [
            dossiers.filter(lead_id__in=scope.services).values("pk"),
            cosigned.filter(organisation_id__in=scope.services).values("dossier_id"),
            local.filter(territory__service_id__in=scope.services).values("dossier_id"),
        ]
    if scope.associations:
        parts.append(dossiers.filter(beneficiary_id__in=scope.associations, shared_on__isnull=False).values("pk"))
    if scope.all_published:
        parts.append(published.values("pk"))
    elif scope.observers:
        parts.append(published.filter(territories__organisations__in=scope.observers).values("pk"))
    return parts[0].union(*parts[1:]) if parts else None


class Dossier(models.Model):
    """One beneficiary, one lead service, co-signing services, territories. All rights depend on it."""

    beneficiary = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="dossiers")
    lead = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="led_dossiers")
    services = models.ManyToManyField(Organisation, blank=True, related_name="cosigned_dossiers")
    territories = models.ManyToManyField(Territory, related_name="dossiers")
    officer = models.ForeignKey(
        User,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="followed_dossiers",
        verbose_name="suivi par",
    )
    shared_on = models.DateField("partagé le", null=True, blank=True)
    published_on = models.DateField("publié le", null=True, blank=True)
    created_at = models.DateTimeField()

    objects = DossierQuerySet.as_manager()

    class Meta:
        verbose_name = "dossier"

    def __str__(self) -> str:
        return f"{self.beneficiary} – {self.lead}"

    @property
    def time_zone(self) -> str:
        """The time zone of the lead service; deadlines are dates in this zone. In SQL: `zone_of`."""
        models.prefetch_related_objects([self], "territories")  # asked several times of one dossier: read once
        territories = list(self.territories.all())
        served = next((territory for territory in territories if territory.service_id == self.lead_id), None)
        first = served or next(iter(territories), None)
        return first.time_zone if first else PARIS

    def gather(self, user: User) -> None:
        """Prefetch what every page asks about this dossier: its territories; its other services for who may be of one.

        The other readers need the services on few pages, which ask once.
        """
        elsewhere = any(one.organisation.is_state and one.organisation_id != self.lead_id for one in user.roles)
        models.prefetch_related_objects([self], "territories", *(["services"] if elsewhere else []))


def zone_of(path: str = "dossier") -> Coalesce:
    """`Dossier.time_zone` in SQL, for the dossier at the end of `path` (« pk » for a query of dossiers)."""
    return Coalesce(Subquery(_first_territory(path).values("time_zone")[:1]), Value(PARIS))


def place_of(path: str = "dossier") -> Coalesce:
    """The code of the territory where the lead service works: its public holidays count."""
    served = _first_territory(path).filter(service=OuterRef(_lead(path)))
    return Coalesce(Subquery(served.values("code")[:1]), Value(""))


def _lead(path: str) -> str:
    return "lead" if path == "pk" else f"{path}__lead"


def _first_territory(path: str) -> "models.QuerySet[Territory]":
    """The territories of a dossier, first the one that its lead service serves."""
    served = Case(When(service=OuterRef(_lead(path)), then=Value(0)), default=Value(1))
    return Territory.objects.filter(dossiers=OuterRef(path)).annotate(served=served).order_by("served", "code")


def overdue(day: str, dossier: str = "dossier") -> Q:
    """Filter the rows whose `day` has passed where their dossier is.

    The day has begun everywhere after the first of the present days; only between that one and the last does the
    zone of each dossier count.
    """
    present = zones.days()
    first, *others = sorted(set(present.values()))
    clause = Q(**{f"{day}__lt": first})
    for other in others:
        ahead = [zone for zone, today in present.items() if today >= other]
        clause |= Q(**{f"{day}__lt": other, f"{dossier}__in": Dossier.objects.dated_in(ahead).values("pk")})
    return clause


class AttachmentKind(models.Model):
    """A type of document of a dossier: who provides it, when, on which condition, what it blocks (reference data)."""

    key = models.SlugField("clé", max_length=60, unique=True)
    label = models.CharField("libellé", max_length=200)
    provided_by = models.CharField("fourni par", max_length=20, choices=Role)
    scope = models.CharField("portée", max_length=20, choices=AttachmentScope)
    moment = models.CharField("moment", max_length=20, choices=AttachmentMoment)
    condition = models.CharField("condition", max_length=120, blank=True)
    validity_months = models.PositiveIntegerField("validité en mois", null=True, blank=True)
    needs_end_date = models.BooleanField("porte une date de fin", default=False)
    blocks = models.CharField("bloque", max_length=30, blank=True)
    not_applicable_allowed = models.BooleanField("« sans objet » admis", default=False)
    confidential = models.BooleanField("accès limité au service", default=False)
    source = models.CharField("source", max_length=200, blank=True)
    rank = models.PositiveIntegerField(default=0)
    withdrawn = models.BooleanField("retirée", default=False)
    revision = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = "type de pièce"
        ordering = ["rank"]

    def __str__(self) -> str:
        return self.label

    @property
    def blocks_signature(self) -> bool:
        """Whether the signature does not open without it."""
        return self.blocks == "ouverture_signature"


class AttachmentQuerySet(models.QuerySet["Attachment"]):
    def visible_to(self, user: User) -> "AttachmentQuerySet":
        """Keep the documents of visible dossiers. Observers see none.

        Only the lead service and the association see confidential ones (loi 2006-586, art. 20: remuneration of
        managers).
        """
        own = [
            m.organisation_id
            for m in user.roles
            if m.organisation.kind in (OrganisationKind.STATE_SERVICE, OrganisationKind.ARML)
        ]
        national = sees_all(user)
        visible = within_scope(self, user)
        party = Q(dossier__lead_id__in=own) | Q(dossier__beneficiary_id__in=own)
        cosigner = Exists(
            Dossier.services.through.objects.filter(dossier_id=OuterRef("dossier_id"), organisation_id__in=own)
        )
        open_kinds = Q(kind__confidential=False) & (cosigner if not national else Q())
        return visible.filter(party | open_kinds)

    def current(self) -> "AttachmentQuerySet":
        """Keep the documents that no newer one replaces."""
        return self.filter(replaced_by__isnull=True)


class Attachment(models.Model):
    """A dated document of a dossier. It is never changed: a newer one replaces it."""

    dossier = models.ForeignKey(Dossier, on_delete=models.PROTECT, related_name="attachments")
    kind = models.ForeignKey(AttachmentKind, on_delete=models.PROTECT, related_name="attachments")
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    not_applicable_reason = models.CharField("sans objet, parce que", max_length=250, blank=True)
    name = models.CharField("nom du fichier", max_length=200, blank=True)
    year = models.PositiveIntegerField("exercice", null=True, blank=True)
    dated = models.DateField("date du document", null=True, blank=True)
    valid_until = models.DateField("valable jusqu’au", null=True, blank=True)
    provisional = models.BooleanField("version provisoire", default=False)
    comment = models.CharField("précision", max_length=250, blank=True)
    replaces = models.OneToOneField("self", null=True, blank=True, on_delete=models.PROTECT, related_name="replaced_by")
    added_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    added_at = models.DateTimeField("déposé le")

    objects = AttachmentQuerySet.as_manager()

    class Meta:
        verbose_name = "pièce"
        ordering = ["-added_at", "-id"]
        indexes = [models.Index(fields=["dossier", "kind", "year"])]
        constraints = [
            models.CheckConstraint(
                name="attachment_is_a_file_or_not_applicable",
                condition=(Q(file__isnull=False) & Q(not_applicable_reason=""))
                | (Q(file__isnull=True) & ~Q(not_applicable_reason="")),
                violation_error_message="Déposez un fichier, ou dites pourquoi la pièce est sans objet.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} ({self.name or 'sans objet'})"
