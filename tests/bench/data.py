"""Create thousands of conventions in bulk: plausible rows, without services and triggers.

`grow(to)` adds conventions until there are `to`, and may be called again. The number, organisation and state of the nth
convention depend only on n. Amounts, dates and names are fictitious.
"""

import datetime as dt
import itertools
from collections.abc import Iterator
from decimal import Decimal
from importlib import import_module

from django.db import connection, transaction

from actions.models import Account, Cycle, Expense, Programme, Resource, Sheet, SheetIndicator, Target
from arml.enums import OrganisationKind, Role
from arml.models import Dossier, Membership, Organisation, Territory, User
from conventions.enums import ConventionState, PartyRole
from conventions.models import Act, Contribution, Convention, Instalment, ModelVersion, Party, SignedTotal, Version
from cpo.lib.enums import Side
from reporting.models import DeadlineRule

from . import years
from .years import BEFORE, SIGNED, save

CHUNK = 500
STATES = (  # the states of twenty conventions in late 2026
    *(ConventionState.ACTIVE,) * 15,
    *(ConventionState.NEGOTIATION,) * 2,
    ConventionState.SIGNATURE,
    ConventionState.DRAFT,
    ConventionState.ABANDONED,
)


def account_of(role: Role, organisation: Organisation) -> User:
    """The account that holds this role, created by the first call."""
    email = f"{role.value}.{organisation.pk}@banc.example"
    user, created = User.objects.get_or_create(email=email, defaults={"first_name": "Camille", "last_name": "Exemple"})
    if created:
        Membership.objects.create(user=user, organisation=organisation, role=role, valid_from=dt.date(2024, 1, 1))
    return user


def grow(to: int) -> None:
    """Add conventions until there are `to`, then vacuum and analyse the tables, as autovacuum does."""
    start = Convention.objects.filter(number__regex=r"-\d{5}$").count()
    maker = Maker()
    for first in range(start, to, CHUNK):
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL session_replication_role = replica")  # no freeze triggers: they are not measured
            maker.make(range(first, min(first + CHUNK, to)))
    count_in()
    settle()


def count_in() -> None:
    """Fill the totals that each signature updates, with the SQL of their migration."""
    SignedTotal.objects.all().delete()
    with connection.cursor() as cursor:
        cursor.execute(import_module("conventions.migrations.0003_signed_total").FILL)


def settle() -> None:
    with connection.cursor() as cursor:
        cursor.execute("VACUUM (ANALYZE)")


class Maker:
    """Read once the rows that all conventions refer to, and create conventions."""

    def __init__(self) -> None:
        self.cycle = Cycle.objects.order_by("-first_year")[0]
        self.years = self.cycle.years
        self.axes = list(self.cycle.axes.all())
        self.model = ModelVersion.objects.filter(cycle=self.cycle).order_by("-number")[0]
        self.articles = list(self.model.articles.all())
        self.territories = list(Territory.objects.filter(service__isnull=False).select_related("service"))
        self.accounts = {account.code: account for account in Account.objects.all()}
        self.rules = list(DeadlineRule.objects.filter(cycle=self.cycle)[:6])
        self.officers = {t.service_id: account_of(Role.OFFICER, t.service) for t in self.territories if t.service}
        self.sheets_each, self.indicators_each, self.charges = 3, 1, ("64-REMU",)

    def territory(self, n: int) -> Territory:
        return self.territories[n % len(self.territories)]

    def make(self, numbers: range) -> list[Act]:
        """Create one chunk of conventions, one table after the other."""
        dossiers = self.dossiers(numbers)
        programmes = save(Programme, (self.programme(n, d) for n, d in zip(numbers, dossiers, strict=True)))
        conventions = save(Convention, (self.convention(n, d) for n, d in zip(numbers, dossiers, strict=True)))
        acts = save(Act, itertools.starmap(self.act, zip(numbers, conventions, programmes, strict=True)))
        both = list(zip(numbers, acts, strict=True))
        save(Party, itertools.chain.from_iterable(self.parties(n, act) for n, act in both))
        save(Contribution, itertools.chain.from_iterable(self.contributions(n, act) for n, act in both))
        save(Instalment, itertools.chain.from_iterable(self.instalments(n, act) for n, act in both))
        save(Version, (self.version(n, act) for n, act in both if act.state != ConventionState.DRAFT))
        sheets = save(Sheet, itertools.chain.from_iterable(self.sheets(n, act) for n, act in both))
        self.fill_sheets(sheets)
        years.follow(both, sheets, officers=self.officers, rules=self.rules)
        return acts

    def dossiers(self, numbers: range) -> list[Dossier]:
        """One dossier per convention. Five conventions share one association."""
        associations = self.associations(numbers)
        services = [self.territory(n).service_id for n in numbers]
        dossiers = save(
            Dossier,
            (
                Dossier(
                    beneficiary=associations[n // 5],
                    lead_id=lead,
                    officer=self.officers[lead],
                    shared_on=None if state_of(n) == ConventionState.DRAFT else SIGNED,
                    published_on=SIGNED if state_of(n) == ConventionState.ACTIVE else None,
                    created_at=BEFORE,
                )
                for n, lead in zip(numbers, services, strict=True)
            ),
        )
        link, pairs = Dossier.territories.through, zip(numbers, dossiers, strict=True)
        save(link, (link(dossier_id=d.pk, territory_id=self.territory(n).pk) for n, d in pairs))
        return dossiers

    def associations(self, numbers: range) -> dict[int, Organisation]:
        ranks = sorted({n // 5 for n in numbers})
        keys = {f"banc-{rank}": rank for rank in ranks}
        existing = {o.key: o for o in Organisation.objects.filter(key__in=keys)}
        new = [
            Organisation(
                kind=OrganisationKind.ARML,
                key=key,
                name=f"Association régionale des missions locales exemple {rank}",
                short_name=f"ARML Exemple {rank}",
                article_name=f"l’Association régionale des missions locales exemple {rank}",
                sort_name=f"exemple {rank:05d}",
            )
            for key, rank in keys.items()
            if key not in existing
        ]
        existing |= {o.key: o for o in save(Organisation, new)}
        return {rank: existing[key] for key, rank in keys.items()}

    def programme(self, n: int, dossier: Dossier) -> Programme:
        state = state_of(n)
        side = {ConventionState.DRAFT: Side.STATE, ConventionState.NEGOTIATION: tuple(Side)[n % 2]}.get(state, "")
        return Programme(
            dossier=dossier, cycle=self.cycle, side=side, frozen=state == ConventionState.ACTIVE, revision=12
        )

    def convention(self, n: int, dossier: Dossier) -> Convention:
        number = f"CPO-{self.cycle.first_year}-{self.territory(n).code3}-{n:05d}"
        return Convention(
            number=number,
            dossier=dossier,
            cycle=self.cycle,
            state=state_of(n),
            state_since=BEFORE + dt.timedelta(days=n % 300),
            created_at=BEFORE,
        )

    def act(self, n: int, convention: Convention, programme: Programme) -> Act:
        signed = SIGNED + dt.timedelta(days=n % 90) if convention.state == ConventionState.ACTIVE else None
        return Act(
            convention=convention,
            reference=convention.number,
            latest=convention.state == ConventionState.ACTIVE,
            state=convention.state,
            programme=programme,
            model_version=self.model,
            turn_since=BEFORE + dt.timedelta(days=n % 500),
            effective_on=dt.date(self.years[0], 1, 1),
            ends_on=dt.date(self.years[-1], 12, 31),
            signed_on=signed,
            notified_on=signed,
        )

    def parties(self, n: int, act: Act) -> Iterator[Party]:
        dossier = act.convention.dossier
        name = {"signatory_name": "Dominique Exemple", "capacity": "en sa qualité"}
        yield Party(act=act, organisation_id=dossier.lead_id, role=PartyRole.LEAD, **name)
        yield Party(act=act, organisation_id=dossier.beneficiary_id, role=PartyRole.BENEFICIARY, rank=1, **name)

    def contributions(self, n: int, act: Act) -> Iterator[Contribution]:
        for year in self.years:
            yield Contribution(act=act, year=year, service_id=act.convention.dossier.lead_id, amount=money(n, 3))

    def instalments(self, n: int, act: Act) -> Iterator[Instalment]:
        for year, rank in itertools.product(self.years, (1, 2)):
            yield Instalment(act=act, year=year, rank=rank, label="Avance" if rank == 1 else "Solde", amount=money(n))

    def version(self, n: int, act: Act) -> Version:
        return Version(
            act=act,
            number=1,
            content={"convention": {"number": act.convention.number}},
            content_sha256=f"{n:064x}",
            revision=12,
            side=Side.STATE,
            author_name="Camille Exemple",
            created_at=BEFORE,
        )

    def sheets(self, n: int, act: Act) -> Iterator[Sheet]:
        for rank in range(self.sheets_each):
            axis = self.axes[rank % len(self.axes)]
            yield Sheet(
                programme=act.programme,
                code=f"{axis.number}-{rank + 1:02d}",
                rank=rank,
                axis=axis,
                title=f"Animer le réseau des missions locales, action {rank + 1}",
                first_year=self.years[0],
                last_year=self.years[-1],
                context="La part des jeunes sans emploi ni formation recule. " * 5,
                description="L’association réunit les missions locales de la région et outille leurs équipes. " * 5,
                objectives="Former les équipes\nPartager les pratiques",
                steps="Préparer\nConduire\nÉvaluer",
                pilot_name="Camille Exemple",
            )

    def fill_sheets(self, sheets: list[Sheet]) -> None:
        """Create the indicators, yearly targets, charges and resources of the fiches."""
        rows = save(
            SheetIndicator,
            (
                SheetIndicator(sheet=sheet, rank=rank, label=f"Stagiaires formés, groupe {rank + 1}", unit="nb")
                for sheet in sheets
                for rank in range(self.indicators_each)
            ),
        )
        save(Target, (Target(indicator=row, year=y, number=100) for row in rows for y in self.years))
        lines = [
            {"programme_id": sheet.programme_id, "sheet": sheet, "year": year}
            for sheet in sheets
            for year in self.years
        ]
        state, region = self.accounts["74-ETAT"], self.accounts["74-REGION"]
        save(
            Expense,
            (Expense(account=self.accounts[c], amount=money(1, 3), **line) for line in lines for c in self.charges),
        )
        save(Resource, (Resource(account=state, funder="État", amount=money(1), **line) for line in lines))
        save(Resource, (Resource(account=region, funder="Région", amount=money(1, 2), **line) for line in lines))


def state_of(n: int) -> ConventionState:
    return STATES[n % len(STATES)]


def money(n: int, times: int = 1) -> Decimal:
    return Decimal(10000 + n % 97 * 100) * times
