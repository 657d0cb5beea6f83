"""The examination of a report: what is retained of each expense, the opinions, and the balance that they leave."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from arml.enums import OrganisationKind
from conventions.models import Convention
from cpo.lib.models import JournalEntry
from cpo.lib.workflow import Refused
from reporting.forms.instruction import ExaminationForm
from reporting.models import Ground, Report, RetainedAmount, Settlement
from reporting.money.balance import advances, earlier_years, overpaid, schedule_of
from reporting.money.retained import examined, opinions, retained_amounts
from reporting.pages import standing
from reporting.services import instruction as services
from tests.factories import reporting as reports
from tests.factories.arml import OrganisationFactory, make_user
from tests.factories.kept import kept
from tests.factories.meetings import concluded, reviewed
from tests.factories.payments import Money
from tests.factories.reporting import make_active, person

pytestmark = pytest.mark.django_db
D = Decimal
SPENT = D("59900.50")  # what `fill` declares on account 64 of each fiche


@kept
def sent() -> Report:
    return reports.submitted(reports.fill(reports.make_report(make_active(sheets=2, funded=True))))


@pytest.fixture
def report() -> Report:
    return Report.objects.get(pk=sent().pk)


def ground(key: str = "hors_objet") -> Ground:
    return Ground.objects.get(key=key)


def fiche(report: Report, rank: int = 0) -> str:
    return str(report.sheets.order_by("pk")[rank].sheet.key)


def decide(report: Report, retained: Any, *, by: Any = None, rank: int = 0, opinion: str = "", **fields: Any) -> None:
    decision = services.Decision("64", D(retained), **fields)
    services.examine(
        Report.objects.get(pk=report.pk),
        sheet_key=fiche(report, rank),
        decisions=[decision],
        opinion=opinion,
        comment="Au vu des pièces." if opinion else "",
        by=by or person(report, "officer"),
        expected_revision=None,
    )


def left_out(report: Report, amount: Any, **fields: Any) -> None:
    decide(report, SPENT - D(amount), ground=ground(), comment="Sans lien avec l’action.", **fields)


def faults(report: Report, *args: Any, **fields: Any) -> dict[str, list[str]]:
    with pytest.raises(ValidationError) as error:
        decide(report, *args, **fields)
    return error.value.message_dict


# -- What is retained -------------------------------------------------------------------------------------------------


def test_all_that_is_declared_is_retained_once_admissible_and_nothing_before(report: Report) -> None:
    key = (report.pk, fiche(report), "64")
    assert retained_amounts([report])[key] is None
    settled = reports.admissible(report)
    assert retained_amounts([settled])[key] == SPENT
    assert Settlement.objects.get(report=report, round=1).retained == 2 * SPENT


def test_what_is_left_out_has_a_ground_and_a_comment(report: Report) -> None:
    assert list(faults(report, SPENT - 1)) == ["ground"]
    assert list(faults(report, SPENT - 1, ground=ground())) == ["comment"]
    assert list(faults(report, SPENT, ground=ground(), comment="Rien.")) == ["ground"]
    assert list(faults(report, SPENT - 1, ground=ground("excedent"), comment="Non.")) == ["ground"]
    left_out(report, D("0.01"))
    row = RetainedAmount.objects.get()
    assert (row.retained, row.rejected, row.pending) == (SPENT - D("0.01"), D("0.01"), 0)


def test_more_than_declared_is_retained_for_a_reason_only(report: Report) -> None:
    assert list(faults(report, SPENT + D("0.01"))) == ["comment"]
    assert list(faults(report, SPENT, pending=D("0.01"), comment="Trop.")) == ["pending"]
    decide(report, SPENT + 100, comment="Une facture oubliée, produite le 2 juin.")
    assert reports.admissible(report) and Settlement.objects.get().retained == 2 * SPENT + 100


def test_the_officer_writes_it_while_the_report_is_sent(report: Report) -> None:
    for role in ("signatory", "director", "president"):
        with pytest.raises(PermissionDenied):
            left_out(report, 1, by=person(report, role))
    left_out(report, 1, opinion="partiel")
    entry = JournalEntry.objects.get(verb="report_examined")
    assert entry.element.startswith("la fiche 1-")
    reports.admissible(report)
    with pytest.raises(PermissionDenied):
        left_out(report, 2)


def test_the_database_refuses_what_the_rule_refuses(report: Report) -> None:
    left_out(report, 100)
    for change in ("retained = retained + 1", "ground_id = NULL", "comment = ''", "rejected = -1", "round = 2"):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"UPDATE reporting_retainedamount SET {change}")
    reports.admissible(report)
    for sql in (
        "UPDATE reporting_retainedamount SET comment = 'autre'",
        "DELETE FROM reporting_retainedamount",
        "UPDATE reporting_settlement SET retained = 0",
    ):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql)


def test_a_decision_stands_at_the_next_sending_unless_the_amount_changed(report: Report) -> None:
    left_out(report, 100, opinion="partiel")
    left_out(report, 50, rank=1)
    back = reports.sent_back(report, f"sheet/{fiche(report)}")
    part = back.sheets.order_by("pk")[0]
    entry = reports.sheet_input(part) | {"expenses": [reports.reports.AmountInput(reports.account("64").pk, D(59000))]}
    reports.reports.save_sheet(part, **entry, by=person(report, "director"), expected_revision=None)
    again = reports.submitted(Report.objects.get(pk=report.pk))
    [(_, lines)] = examined([again])
    assert lines[fiche(report), "64"].decided is None and lines[fiche(report), "64"].retained == 59000
    assert lines[fiche(report, 1), "64"].rejected == 50
    assert opinions(again)[fiche(report)].opinion == "partiel"


def test_what_waits_for_evidence_is_proposed_again_the_year_after(report: Report, at: Callable[[str], None]) -> None:
    decide(report, SPENT - 500, pending=D(500))
    settled = reports.admissible(report)
    at("2027-03-01")
    after = reports.submitted(reports.fill(reports.make_report(settled.act, year=2026)))
    [(_, lines)] = examined([after])
    assert (lines[fiche(report), "64"].carried, lines[fiche(report), "64"].pending) == (D(500), D(500))
    decide(after, SPENT + 200, ground=ground("sans_justificatif"), comment="Une pièce sur deux.")
    assert Settlement.objects.get(report=report).retained == 2 * SPENT - 500
    reports.admissible(after)
    assert Settlement.objects.get(report=after).retained == 2 * SPENT + 200


def test_amounts_are_read_in_as_many_queries_for_three_reports(report: Report) -> None:
    with CaptureQueriesContext(connection) as one:
        retained_amounts([report])
    more = [report, *(reports.make_report(make_active(sheets=1)) for _ in range(2))]
    with CaptureQueriesContext(connection) as three:
        assert len(retained_amounts(more)) == 2
    assert len(three) == len(one) == 3


# -- The balance ------------------------------------------------------------------------------------------------------


def settled_at(report: Report, retained: Any) -> Money:
    """The report of 2025 retains this in all; the State paid its 40 000 € of that year."""
    money = Money.of(report.act)
    for rank, amount in ((0, D(retained)), (1, D(0))):
        decide(report, amount, rank=rank, ground=ground(), comment="Hors objet.")
    reports.admissible(report)
    money.commit(2025, 40000)
    money.pay(2025, 1)
    money.pay(2025, 2)
    money.commit(2026, 40000)
    return money


@pytest.mark.parametrize(
    ("retained", "excess"), [("40000", "0"), ("39999.99", "0.01"), ("25000", "15000"), ("0", "40000")]
)
def test_the_balance_leaves_out_what_was_paid_beyond_the_retained_expenses(
    report: Report, retained: str, excess: str
) -> None:
    money = settled_at(report, retained)
    assert overpaid(money.convention, 2026) == D(excess)
    if D(excess) < 20000:
        assert money.planned(2026, 2).amount == 20000 - D(excess)
        assert money.planned(2026, 1).amount == 20000  # an advance is paid whole
        with pytest.raises(ValidationError, match="à verser de cette ligne"):
            money.propose(2026, 2, 20000 - D(excess) + D("0.01"))
        money.pay(2026, 2)
        assert overpaid(money.convention, 2026) == D(excess)
    else:
        assert [line.next for line in schedule_of(money.convention) if (line.year, line.rank) == (2026, 2)] == [None]


@pytest.mark.parametrize(
    ("retained", "settled"), [("40000", "20000"), ("20000", "20000"), ("19999.99", "19999.99"), ("0", "0")]
)
def test_an_advance_is_settled_by_the_retained_expenses_once_the_report_is_admissible(
    report: Report, client: Client, retained: str, settled: str
) -> None:
    money = Money.of(report.act)
    money.commit(2025, 40000)
    money.pay(2025, 1, 15000)
    money.pay(2025, 1, 5000)  # the advance in two parts
    money.propose(2025, 2)  # a balance, which is no advance
    assert [(row.year, row.paid, row.settled) for row in advances(money.convention)] == [(2025, 20000, 0)]
    for rank, amount in ((0, D(retained)), (1, D(0))):
        decide(report, amount, rank=rank, ground=ground(), comment="Hors objet.")
    reports.admissible(report)
    [row] = advances(money.convention)
    assert (row.paid, row.settled, row.remaining) == (20000, D(settled), 20000 - D(settled))
    client.force_login(person(report, "director"))
    page = client.get(reverse("convention-payments", args=[report.convention.number])).content.decode()
    assert "Reste à apurer" in page and page.index('id="avances"') > 0


def test_no_advance_is_told_before_one_is_paid_and_one_settled_elsewhere_is_settled(report: Report) -> None:
    money = Money.of(report.act)
    money.commit(2025, 40000)
    money.reach("ordered", 2025, 1)
    assert advances(money.convention) == []
    money.commit(2026, 40000)
    money.pay(2026, 1)
    Convention.objects.filter(pk=report.convention_id).update(years_concluded=[2026])
    assert [(row.year, row.remaining) for row in advances(money.convention)] == [(2026, 0)]


def test_the_share_of_the_other_funders_lessens_what_the_state_owes(report: Report) -> None:
    region = reports.reports.AmountInput(reports.account("74-REGION").pk, D(29900), "Région")
    back = reports.sent_back(report, "finance")
    save = {"comment": "Un financement.", "expenses": [], "resources": [region], "expected_revision": None}
    reports.reports.save_finance(back, by=person(report, "director"), **save)
    again = reports.submitted(Report.objects.get(pk=report.pk))
    money = settled_at(again, 59900)
    assert Settlement.objects.get().others == 29900
    assert overpaid(money.convention, 2026) == 10000


def test_an_excess_kept_by_one_balance_is_not_kept_twice(report: Report) -> None:
    money = settled_at(report, 35000)
    assert overpaid(money.convention, 2026) == 5000
    money.pay(2026, 1)
    money.pay(2026, 2)
    assert overpaid(money.convention, 2027) == 0


def test_the_conclusion_of_the_year_forgives_no_excess(report: Report) -> None:
    money = settled_at(report, 35000)
    concluded(reviewed(Report.objects.get(pk=report.pk)))
    assert money.convention.years_concluded == [2025]
    assert overpaid(money.convention, 2026) == 5000
    assert money.planned(2026, 2).amount == 15000


def test_a_year_that_was_concluded_elsewhere_has_no_excess(report: Report) -> None:
    money = Money.of(report.act)
    money.commit(2026, 40000)
    money.pay(2026, 1)
    Convention.objects.filter(pk=report.convention_id).update(years_concluded=[2025])
    assert [row.year for row in earlier_years(money.convention, 2027)] == [2026]


def test_a_balance_proposed_before_the_report_was_admissible_is_not_certified_beyond(report: Report) -> None:
    from reporting.services.payments import release_balance

    money = Money.of(report.act)
    money.commit(2025, 40000)
    money.pay(2025, 1)
    money.pay(2025, 2)
    money.commit(2026, 40000)
    release_balance(convention=money.convention, year=2026, by=money.manager, reason="Une urgence.")
    payment = money.propose(2026, 2)
    for rank, amount in ((0, D(39999)), (1, D(0))):
        decide(report, amount, rank=rank, ground=ground(), comment="Hors objet.")
    reports.admissible(report)
    with pytest.raises(Refused) as error:
        money.do("certify", payment)
    assert "de trop" in error.value.missing[0].text


# -- The pages --------------------------------------------------------------------------------------------------------


def page(report: Report, name: str = "report-examination", **more: Any) -> str:
    return reverse(name, kwargs={"number": report.convention.number, "year": report.year, **more})


def as_(report: Report, role: str) -> Client:
    client = Client()
    client.force_login(person(report, role))
    return client


def test_the_association_reads_the_examination_once_the_report_is_admissible(report: Report) -> None:
    left_out(report, 100, opinion="partiel")
    director = as_(report, "director")
    assert director.get(page(report)).status_code == 403
    detail = director.get(page(report, "report-detail")).content.decode()
    assert "Instruction" not in detail and "instruit" not in detail
    assert as_(report, "officer").get(page(report)).status_code == 200
    reports.admissible(report)
    text = director.get(page(report)).content.decode()
    assert "Sans lien avec l’action." in text and "Partiel" in text and "Dépense sans lien" in text


def test_the_form_tells_each_fault_beside_its_field_and_keeps_what_is_typed(report: Report) -> None:
    officer, url = as_(report, "officer"), page(report, "report-examine", part=fiche(report))
    form: ExaminationForm = officer.get(url).context["form"]
    account = reports.account("64").pk
    data = {"revision": report.revision, f"retained-{account}": "59000", "opinion": "", "opinion_comment": "Moyen."}
    answer = officer.post(url, data)
    assert set(answer.context["form"].errors) == {f"ground-{account}", "opinion"}
    assert 'value="59000"' in answer.content.decode()
    data |= {f"ground-{account}": str(ground().pk), f"comment-{account}": "Hors objet.", "opinion": "partiel"}
    assert form.fields and officer.post(url, data).status_code == 302
    assert RetainedAmount.objects.get().rejected == D("900.50")
    assert officer.get(page(report, "report-examine", part="inconnue")).status_code == 404


def test_the_payments_show_how_the_balance_is_made_up(report: Report) -> None:
    money = settled_at(report, 35000)
    url = reverse("convention-payments", args=[money.convention.number])
    text = as_(report, "director").get(url).content.decode().replace("\xa0", " ")
    assert "Versé en trop les années précédentes" in text and "5 000" in text and "Dû pour 2025" in text


def test_ou_en_est_on_tells_what_is_retained_to_who_reads_the_examination_and_has_no_such_column_for_observers(
    report: Report,
) -> None:
    left_out(report, "900.50")

    def shown(role: str) -> tuple[bool, Any]:
        user = person(Report.objects.get(pk=report.pk), role)
        table = standing.of_report(Report.objects.get(pk=report.pk), user).tables["account"]  # type: ignore[union-attr]
        return table.shows_retained, table.whole.retained

    assert shown("director") == shown("officer") == (True, None), "nothing is retained before the report is admissible"
    reports.admissible(Report.objects.get(pk=report.pk))
    assert shown("director") == (True, D("59000.00") + SPENT)
    region = OrganisationFactory(kind=OrganisationKind.REGION, territories=report.dossier.territories.all())
    observer = make_user("reader", region)
    table = standing.of_report(Report.objects.get(pk=report.pk), observer).tables["account"]  # type: ignore[union-attr]
    assert (table.shows_retained, table.whole.retained) == (False, None)
