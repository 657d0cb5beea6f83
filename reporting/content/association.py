"""The registers of an association: what each holds, how a row is found again, what its figures add up to.

A row is found by what names it in the world (a SIRET and a first day, a title and a date), never by a hidden number:
a workbook that lost a column is still read.
"""

import hashlib
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import models
from django.db.models import Q, QuerySet, Sum

from actions.models import Sheet
from arml.models import AssociationNote, GeneralMeeting, LabelStep, Mandate, Member, MemberFee, Organisation
from reporting.models import Attendance, TrainingSession
from reporting.permissions import registers as may


@dataclass(frozen=True)
class Register:
    """`key`: the fields that name a row; `fields`: those that one writes; `path`: from a row to its association."""

    slug: str
    title: str
    add: str  # what the button says
    empty: str  # what the page says while nothing is there
    model: type[models.Model]
    key: tuple[str, ...]
    fields: tuple[str, ...]
    path: str = "organisation"
    related: tuple[str, ...] = field(default=())

    def rows(self, organisation: Organisation) -> QuerySet[Any, Any]:
        rows = self.model._default_manager.filter(**{self.path: organisation})
        return rows.select_related(*self.related) if self.related else rows

    @property
    def name(self) -> str:
        """What the journal calls it: « adhérentes »."""
        return self.title[0].lower() + self.title[1:]


ALL = (
    Register(
        may.LABEL,
        "Labellisation",
        "Ajouter une étape",
        "De l’autoévaluation à la décision de la commission nationale, chaque étape s’inscrit ici avec sa date.",
        LabelStep,
        ("step", "day"),
        ("step", "day", "expires_on", "note"),
    ),
    Register(
        may.MANDATES,
        "Gouvernance",
        "Ajouter un mandat",
        "Les mandats de la présidence et du bureau s’inscrivent ici, avec leurs dates.",
        Mandate,
        ("function", "holder", "since"),
        ("function", "holder", "represents", "since", "until"),
    ),
    Register(
        may.ASSEMBLIES,
        "Assemblées générales",
        "Ajouter une assemblée",
        "Chaque assemblée s’inscrit ici, avec les comptes et le budget qu’elle a approuvés.",
        GeneralMeeting,
        ("kind", "day"),
        ("kind", "day", "accounts_year", "budget_year", "note", "minutes"),
        related=("minutes__kind",),
    ),
    Register(
        may.MEMBERS,
        "Missions locales adhérentes",
        "Ajouter une adhérente",
        "Les missions locales adhérentes s’inscrivent ici une à une, ou toutes ensemble depuis un classeur.",
        Member,
        ("siret", "joined_on"),
        ("name", "siret", "department", "city", "joined_on", "left_on"),
    ),
    Register(
        may.FEES,
        "Cotisations",
        "Ajouter une cotisation",
        "La cotisation appelée et versée par chaque adhérente s’inscrit ici, année par année.",
        MemberFee,
        ("member", "year"),
        ("member", "year", "asked", "paid"),
        path="member__organisation",
        related=("member",),
    ),
    Register(
        may.SESSIONS,
        "Sessions de formation",
        "Ajouter une session",
        "Chaque session du plan de formation s’inscrit ici, et peut se rattacher à une fiche de la convention.",
        TrainingSession,
        ("title", "starts_on"),
        ("title", "sheet_key", "starts_on", "ends_on", "place", "trainer", "hours", "seats"),
    ),
    Register(
        may.ATTENDANCES,
        "Présences aux sessions",
        "Ajouter une présence",
        "Le nombre de personnes de chaque mission locale à chaque session s’inscrit ici. Aucun nom n’est demandé.",
        Attendance,
        ("session", "member"),
        ("session", "member", "persons"),
        path="session__organisation",
        related=("session", "member"),
    ),
    Register(
        may.NOTES,
        "Notes du service",
        "Ajouter une note",
        "Le service de l’État note ici ce qu’il retient de la vie de l’association. L’association le lit.",
        AssociationNote,
        ("day", "text"),
        ("day", "text"),
        related=("author", "service"),
    ),
)
REGISTERS = {register.slug: register for register in ALL}
# In this order a workbook is read: members before their fees, sessions before who came.
IMPORTED = tuple(register for register in ALL if register.slug != may.NOTES)


def state_of(organisation: Organisation) -> str:
    """A digest of all the registers of a workbook: two equal ones compare with a workbook in the same way."""
    digest = hashlib.sha256()
    for register in IMPORTED:
        for row in register.rows(organisation).order_by("pk").values_list("pk", "revision", *register.fields):
            digest.update(repr(row).encode())
    return digest.hexdigest()


def sheets_of(organisation: Organisation) -> dict[UUID, Sheet]:
    """The fiches of the signed texts of an association by key, each as its last text says it."""
    rows = Sheet.objects.filter(programme__dossier__beneficiary=organisation, programme__frozen=True)
    rows = rows.select_related("axis").order_by("programme_id", "axis__number", "rank", "id")
    return {sheet.key: sheet for sheet in rows}


@dataclass(frozen=True)
class FeesOfYear:
    """The fees of a year: asked and paid in euros (None: nothing filled in), how many members were asked."""

    year: int
    asked: Decimal | None
    paid: Decimal | None
    members: int


def fees_by_year(organisation: Organisation) -> list[FeesOfYear]:
    """One line for each year that has a fee, the last one first. The one answer to « how much in fees »."""
    rows = MemberFee.objects.filter(member__organisation=organisation).order_by("-year").values("year")
    rows = rows.annotate(asked=Sum("asked"), paid=Sum("paid"), members=models.Count("member", distinct=True))
    return [FeesOfYear(**row) for row in rows]


@dataclass(frozen=True)
class Training:
    """The sessions of a year: how many, the persons counted, the hours that they followed, the members that came."""

    sessions: int
    persons: int | None  # None: nobody was counted yet, which is not zero
    hours: Decimal | None  # persons times the hours of their session
    members: int


def training_of(organisation: Organisation, year: int, sheet_key: UUID | None = None) -> Training:
    """What the sessions that begin in a year add up to; of one fiche when a key is given."""
    rows = TrainingSession.objects.filter(organisation=organisation, starts_on__year=year)
    if sheet_key is not None:
        rows = rows.filter(sheet_key=sheet_key)
    sessions = {row.pk: row for row in rows}
    came = list(Attendance.objects.filter(session__in=sessions).order_by("pk"))
    hours = [row.persons * (sessions[row.session_id].hours or Decimal(0)) for row in came]
    known = any(sessions[row.session_id].hours is not None for row in came)
    return Training(
        sessions=len(sessions),
        persons=sum(row.persons for row in came) if came else None,
        hours=sum(hours, Decimal(0)) if known else None,
        members=len({row.member_id for row in came if row.persons}),
    )


def of_key(register: Register, values: dict[str, Any]) -> Q:
    """Condition: the row that these values name."""
    return Q(**{name: values[name] for name in register.key})
