"""What blocks a payment: nothing is committed, or the report of the year before is not admissible (article 6.4)."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from decimal import Decimal

from django.urls import reverse

from conventions.models import Convention
from cpo.lib.money import ZERO, total
from cpo.lib.wording import french
from cpo.lib.workflow import Missing
from reporting.deadlines.before import PAYMENTS
from reporting.deadlines.rules import REPORT_FACTS
from reporting.enums import PaymentKind, ReportState
from reporting.models import Deadline, Payment
from reporting.models.reports import SETTLED
from reporting.money.balance import overpaid, schedule_of
from reporting.money.reading import with_money
from reporting.money.sums import of_year, sums_of


def committed(payment: Payment) -> Iterator[Missing]:
    """A payment is made on a commitment of its year that is not used up."""
    room = of_year(sums_of(payment.convention), payment.year).room
    if room <= 0:
        page = reverse("commitment-add", args=[payment.convention.number])
        yield Missing(
            f"Engagement juridique {payment.year}\u00a0: rien n’est engagé qui reste à payer", f"{page}#id_line"
        )


def balance_open(payment: Payment) -> Iterator[Missing]:
    """After the first year, what is not an advance waits for the report of the year before."""
    if payment.kind != PaymentKind.ADVANCE:
        yield from unsettled(payment.convention, payment.year)


def balance_leaves(payment: Payment) -> Iterator[Missing]:
    """What is proposed of a balance stays within what the earlier years leave: their reports may have come since."""
    convention = payment.convention
    if payment.kind != PaymentKind.BALANCE:
        return
    rows = [row for row in schedule_of(convention) if (row.year, row.kind) == (payment.year, payment.kind)]
    excess = overpaid(convention, payment.year) - total(row.remaining for row in rows if row.planned)
    if excess > 0:
        page = reverse("convention-payments", args=[convention.number])
        yield Missing(
            f"Solde {payment.year}\u00a0: {french.euros(excess)} de trop, au vu des charges retenues des années "
            "précédentes\u00a0; le versement est à annuler et à proposer de nouveau",
            f"{page}#t-solde",
        )


def unsettled(convention: Convention, year: int) -> Iterator[Missing]:
    """Why the balance of a year is blocked: its report of the year before. A report is admissible once it is complete.

    Reads `reports` and `balance_releases` of the convention: prefetch them where several years are shown.
    """
    before = year - 1
    if before < convention.cycle.first_year or before in convention.years_concluded:
        return
    if any(release.year == year for release in convention.balance_releases.all()):
        return
    report = next((one for one in convention.reports.all() if one.year == before), None)
    if report is None:
        page = reverse("convention-reports", args=[convention.number])
        yield Missing(f"Compte rendu {before}\u00a0: il n’est pas encore recevable", page)
    elif report.state not in SETTLED:
        page = reverse("report-detail", kwargs={"number": convention.number, "year": before})
        state = ReportState(report.state).label.lower()
        yield Missing(f"Compte rendu {before}\u00a0: il n’est pas encore recevable ({state})", page)


def balance_blocked(convention: Convention, year: int) -> bool:
    """Whether some of the balance of a year remains to be paid, and the report of the year before holds it back."""
    planned = [row for row in convention.text.instalments.all() if row.year == year]
    if not planned or not any(True for _ in unsettled(convention, year)):
        return False
    lines = [line for line in schedule_of(convention) if line.year == year]
    return any(line.kind != PaymentKind.ADVANCE and line.next for line in lines)


def taken_over_fits(convention: Convention) -> Iterator[Missing]:
    """What was paid before a paper convention is recorded is at most the contribution and the instalments typed."""
    text = convention.text
    paid: dict[int, Decimal] = defaultdict(Decimal)
    for row in convention.done_before.done().filter(rule__met_by__in=PAYMENTS, amount__isnull=False):
        paid[row.year or convention.cycle.first_year] += row.amount or ZERO
    for year, amount in sorted(paid.items()):
        for rows in (text.contributions.all(), text.instalments.all()):
            if amount > total(row.amount for row in rows if row.year == year):
                page = reverse("convention-taking-over", args=[convention.number])
                yield Missing(f"Versé en {year} avant la reprise\u00a0: plus que ce que la convention prévoit", page)
                break


# -- « Le solde est bloqué » ------------------------------------------------------------------------------------------


def effects(deadlines: Iterable[Deadline]) -> dict[int, str]:
    """What the lateness of each deadline brings, by its key: the text of its rule.

    Where it says that the balance of the year after is blocked, only if it is. The texts are reference data.
    """
    deadlines = list(deadlines)
    about = {one.convention_id for one in deadlines if _tells_balance(one)}
    conventions = with_money(Convention.objects.filter(pk__in=about)).in_bulk() if about else {}
    return {
        one.pk: one.rule.effect
        if not _tells_balance(one) or balance_blocked(conventions[one.convention_id], (one.year or 0) + 1)
        else ""
        for one in deadlines
    }


def _tells_balance(deadline: Deadline) -> bool:
    rule = deadline.rule
    return deadline.year is not None and rule.met_by in REPORT_FACTS and "solde" in rule.effect.lower()
