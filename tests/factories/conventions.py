"""Conventions created through the services on the reference model, with fictitious organisations.

act = make_act()                                    # a draft; the State has the turn
act = make_act(state="negotiation", side="beneficiary")
complete(act)                                       # parties, values and amounts, which the drafting side enters
"""

import datetime as dt
import io
from decimal import Decimal
from typing import Any

import pikepdf
from django.core.cache import cache

from actions.models import Account, Cycle, Programme
from actions.models.programmes import Expense, Resource, Sheet, SheetIndicator, Target
from arml.enums import AttachmentMoment
from arml.models import AttachmentKind, Dossier, Organisation, Territory, User
from conventions.models import Act, Convention
from conventions.services import pieces
from conventions.services.drafting import create_convention
from conventions.services.money import ContributionRow, InstalmentRow, set_contributions, set_instalments
from conventions.services.pieces import add_attachment
from conventions.services.texts import set_values
from cpo.lib import clock
from cpo.lib.actor import Actor
from tests.factories.arml import ArmlFactory, DelegationFactory, ServiceFactory, TerritoryFactory, make_user
from tests.factories.kept import kept


def blank_pdf(pages: int = 1) -> bytes:
    """A PDF of blank pages. A test may append bytes: the file still opens and has another hash."""
    buffer = io.BytesIO()
    with pikepdf.new() as pdf:
        for _ in range(pages):
            pdf.add_blank_page()
        pdf.save(buffer, deterministic_id=True)
    return buffer.getvalue()


PDF = blank_pdf()


def cycle() -> Cycle:
    """The cycle of the reference data."""
    return Cycle.objects.get(number_prefix="CPO", first_year=2025)


def lead_with_territory(**fields: Any) -> tuple[Organisation, Territory]:
    territory = TerritoryFactory()
    return ServiceFactory(serves=[territory], **fields), territory


def make_convention(*, cosigners: int = 0, delegated: bool = True, **fields: Any) -> Convention:
    """A draft convention with its officer, manager, signatory, director and president (see `people`).

    `also_covers`: territories of the dossier whose services do not sign.
    """
    lead, territory = lead_with_territory(
        address="au 1, place de l’Exemple", siret="00000000000018", accounting_officer="le directeur des finances"
    )
    beneficiary = ArmlFactory(
        territories=[territory],
        address="au 2, rue du Modèle",
        siret="00000000000026",
        rna="W000000000",
        iban="FR7630006000011234567890189",
        bic="XXXXFRPP",
        statutory_purpose="animer les missions locales",
    )
    officer = make_user("officer", lead)
    make_user("manager", lead)
    signatory = make_user("signatory", lead, membership__title="directrice régionale")
    make_user("director", beneficiary)
    make_user("president", beneficiary, membership__title="présidente")
    if delegated:
        DelegationFactory(organisation=lead, holder_name=str(signatory), raa="RAA n° R00-2025-001")
    others = [lead_with_territory() for _ in range(cosigners)]
    also_covers = list(fields.pop("also_covers", ()))
    beneficiary.territories.add(*(other for _, other in others), *also_covers)
    return create_convention(
        beneficiary=beneficiary,
        lead=lead,
        cycle=fields.pop("cycle", None) or cycle(),
        territories=[territory, *(other for _, other in others), *also_covers],
        cosigners=[service for service, _ in others],
        officer=officer,
        by=officer,
        **fields,
    )


@kept
def make_act(*, state: str = "draft", side: str = "state", **fields: Any) -> Act:
    """Act 0 of a new convention, whose state is set by hand. Use the workflow if the steps before matter."""
    act = make_convention(**fields).act
    if state != "draft":
        Act.objects.filter(pk=act.pk).update(state=state, turn_since=clock.now())
        Convention.objects.filter(pk=act.convention_id).update(state=state)
        Dossier.objects.filter(pk=act.convention.dossier_id).update(shared_on=clock.today(clock.PARIS))
    Programme.objects.filter(pk=act.programme_id).update(side=side)
    return Act.objects.get(pk=act.pk)


def member(act: Act, role: str) -> User:
    """The person who holds a role in the dossier, read again from the database."""
    organisations = [act.dossier.lead_id, act.dossier.beneficiary_id]
    return User.objects.filter(memberships__role=role, memberships__organisation__in=organisations).earliest("pk")


def actor(act: Act, role: str) -> Actor:
    """The capacity of that person in the dossier, as if it were shared."""
    user = member(act, role)
    membership = user.roles[0]
    state = membership.organisation_id == act.dossier.lead_id
    return Actor(
        user,
        membership.organisation,
        role,
        "state" if state else "beneficiary",
        "lead" if state else "beneficiary",
    )


def add_sheet(
    act: Act, *, code: str = "1-A", state: Decimal = Decimal(40000), other: Decimal = Decimal(20000), **indicator: Any
) -> Sheet:
    """A complete fiche: an indicator, a target and a balanced budget for each year."""
    programme, axis = act.programme, act.programme.cycle.axes.get(number=int(code[0]))
    years = programme.cycle.years
    sheet = Sheet.objects.create(
        programme=programme,
        code=code,
        axis=axis,
        title=f"Action {code}",
        description="Ce que l’association fait.",
        first_year=years[0],
        last_year=years[-1],
    )
    fields = {"label": "Stagiaires formés", "unit": "nb"} | indicator
    row = SheetIndicator.objects.create(sheet=sheet, **fields)
    accounts = {account.code: account for account in Account.objects.all()}
    for year in years:
        Target.objects.create(indicator=row, year=year, number=100)
        money: dict[str, Any] = {"programme": programme, "sheet": sheet, "year": year}
        Expense.objects.create(account=accounts["64"], amount=state + other, **money)
        Resource.objects.create(account=accounts["74-ETAT"], funder="État", amount=state, **money)
        Resource.objects.create(account=accounts["74-REGION"], funder="Région", amount=other, **money)
    cache.clear()  # no service was called, so the revision did not change
    return sheet


def fund(act: Act, amount: Decimal = Decimal(40000)) -> None:
    """Enter the contribution of the State for each year, in one payment, as the officer, who must have the turn."""
    officer, lead = actor(act, "officer"), act.dossier.lead
    years = act.programme.cycle.years
    set_contributions(
        act=act,
        rows=[ContributionRow(year=year, amount=amount, service=lead) for year in years],
        by=officer,
        expected_revision=None,
    )
    half = amount / 2
    set_instalments(
        act=act,
        rows=[
            row
            for year in years
            for row in (
                InstalmentRow(year, half, "Avance", "à la notification", dt.date(year, 3, 31)),
                InstalmentRow(year, amount - half, "Solde", "documents complets"),
            )
        ],
        by=officer,
        expected_revision=None,
    )


def give_attachments(act: Act) -> None:
    """Add every document due before the signature, as the side that gives it, whoever has the turn."""
    from conventions.guards.pieces import checklist

    programme = act.programme
    turn = Programme.objects.get(pk=programme.pk).side
    for line in checklist(act, (AttachmentMoment.REQUEST, AttachmentMoment.SIGNATURE)):
        if line.missing:
            give(act, line.kind)
    Programme.objects.filter(pk=programme.pk).update(side=turn)


# The dates that the text prints, and that of the delegation as `DelegationFactory` records it.
DATES = {
    "deliberation_autorisation": dt.date(2025, 7, 17),
    "demande_subvention": dt.date(2025, 6, 12),
    "delegation_signature_etat": dt.date(2025, 1, 2),
}


def give(act: Act, kind: AttachmentKind, **fields: Any) -> None:
    side = pieces.side_of(kind)
    Programme.objects.filter(pk=act.programme_id).update(side=side)
    act.programme.side = side
    add_attachment(
        act=act,
        kind=kind,
        upload=io.BytesIO(PDF + kind.key.encode() + b"%%EOF"),
        name=f"{kind.key}.pdf",
        dated=DATES.get(kind.key, dt.date(2025, 6, 2)),
        valid_until=dt.date(2028, 12, 31) if kind.needs_end_date or kind.validity_months else None,
        by=actor(act, "officer" if side == "state" else "president"),
        **fields,
    )


def complete(act: Act) -> Act:
    """Complete the act for the signature. The same side has the turn afterwards."""
    turn = act.programme.side
    Programme.objects.filter(pk=act.programme_id).update(side="state")
    act = Act.objects.get(pk=act.pk)
    add_sheet(act)
    fund(act)
    set_values(
        act=act,
        values={
            "date_deliberation": "2025-07-17",
            "date_demande_subvention": "2025-06-12",
            "diagnostic_regional": "La part des jeunes sans emploi ni formation recule.",
            "arml_projet_synthese": "Le projet retient trois ambitions.",
        },
        by=actor(act, "officer"),
        expected_revision=None,
    )
    give_attachments(act)
    Programme.objects.filter(pk=act.programme_id).update(side=turn)
    return Act.objects.get(pk=act.pk)


@kept
def complete_act(**fields: Any) -> Act:
    """A new act, as `complete` leaves it."""
    return complete(make_act(**fields))
