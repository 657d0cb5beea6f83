"""Amounts granted and paid by other funders than the State in the demonstration; some are not known."""

import datetime as dt
import io
from decimal import Decimal

from actions.models import Account, Sheet
from conventions.enums import FundingKind
from conventions.models import Act
from conventions.services.funding import record_funding
from cpo.lib import clock
from cpo.lib.money import to_cents

from .agreement import sample_file
from .story import Story, at

REGION_ACCOUNT = "74-REGION"
MOST = Decimal("0.9")


def tell_funding(story: Story, act: Act, rank: int) -> None:
    """The first year: the Région funds two fiches; it may pay more than it granted."""
    act = Act.objects.select_related("convention__dossier", "programme__cycle").get(pk=act.pk)
    year = act.programme.cycle.first_year
    rows = act.programme.resources.filter(year=year, sheet__isnull=False).select_related("account", "sheet")
    for row in [row for row in rows if row.account.code == REGION_ACCOUNT][:2]:
        granted = to_cents(row.amount * MOST)
        paid = row.amount if rank % 3 == 0 else granted
        _tell(story, act, row.account, row.funder, row.sheet, granted, paid)


def _tell(
    story: Story,
    act: Act,
    account: Account,
    funder: str,
    sheet: Sheet | None,
    granted: Decimal,
    paid: Decimal,
) -> None:
    """A grant with its letter, then a payment a month later."""
    year = act.programme.cycle.first_year
    day = (story.signed_on or dt.date(year, 12, 1)) + dt.timedelta(days=6)
    letter = sample_file("Notification de subvention")
    for kind, amount, dated_on in (
        (FundingKind.GRANTED, granted, day),
        (FundingKind.PAID, paid, day + dt.timedelta(days=30)),
    ):
        with_letter = {"upload": io.BytesIO(letter), "name": "notification.pdf"} if kind == FundingKind.GRANTED else {}
        with clock.set_to(at(dated_on + dt.timedelta(days=2), 10)):
            record_funding(
                act=act,
                by=story.user("director"),
                kind=kind,
                account=account,
                funder=funder,
                sheet=sheet,
                year=year,
                amount=amount,
                dated_on=dated_on,
                reference="Décision fictive",
                excess_reason="Le financeur a versé la totalité de la demande.",  # kept if more is paid than granted
                **with_letter,  # type: ignore[arg-type]
            )
