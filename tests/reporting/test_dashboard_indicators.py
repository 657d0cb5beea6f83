"""The national indicators on the dashboard: each figure is what its list adds up to, in the reader’s rights."""

from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from actions.enums import Aggregation as Rule
from actions.models import IndicatorDefinition, SheetIndicator
from arml.enums import OrganisationKind
from reporting.content.aggregation import Aggregate
from reporting.models import Report, Value
from tests.factories.arml import OrganisationFactory, make_user
from tests.factories.reporting import make_active, make_report, person

pytestmark = pytest.mark.django_db
D = Decimal


def measured(report, definition, number=None, **more):
    """Make the indicator of the first fiche national, and give it a value."""
    part = report.sheets.first()
    indicator = part.sheet.indicators.get()
    with connection.cursor() as cursor:  # the programme of a signed act never changes otherwise
        cursor.execute("SET LOCAL session_replication_role = replica")
        SheetIndicator.objects.filter(pk=indicator.pk).update(definition_from=definition)
        cursor.execute("SET LOCAL session_replication_role = origin")
    if number is not None or more:
        Value.objects.update_or_create(
            sheet_report=part, indicator=indicator, defaults={"number": number, "comment": "Dit.", **more}
        )


def settled(report):
    Report.objects.filter(pk=report.pk).update(
        state="admissible", submitted_at=report.opened_at, submitted_by=make_user("president")
    )


def national(cycle, rule=Rule.SUM, rank=0):
    """A national indicator of the catalogue that adds up by this rule."""
    code = sorted(set(cycle.indicators.filter(aggregation=rule).values_list("code", flat=True)))[rank]
    IndicatorDefinition.objects.filter(cycle=cycle, code=code).update(national=True)
    return cycle.indicators.filter(code=code).latest("version")


def five(definition=None):
    """Twelve, seven and a half, a hundred not admissible, nothing said, « sans objet »: 19.5, of two out of four."""
    reports = [make_report(make_active()) for _ in range(5)]
    definition = definition or national(reports[0].convention.cycle)
    measured(reports[0], definition, D(12))
    measured(reports[1], definition, D("7.5"))
    measured(reports[2], definition, D(100))
    measured(reports[3], definition)
    measured(reports[4], definition, not_applicable=True)
    for rank in (0, 1, 3, 4):
        settled(reports[rank])
    return reports, definition


def figures(client, definition):
    """The page, and its figures of this indicator."""
    page = client.get(reverse("dashboard"), {"annee": 2025})
    return page, [one for one in page.context["indicators"] if one.code == definition.code]


def plain(page):
    return page.content.decode().replace("\u202f", " ").replace("&nbsp;", " ").replace("\xa0", " ")


def csv_of(client, url):
    answer = client.get(f"{url}&format=csv")
    head, *rows = [line.split(";") for line in b"".join(answer.streaming_content).decode().splitlines()]
    return [dict(zip([name.removeprefix("\ufeff") for name in head], row, strict=True)) for row in rows]


def test_the_dashboard_adds_up_the_admissible_values_of_national_indicators_and_says_of_how_many(client):
    _, definition = five()
    client.force_login(make_user("national_reader"))
    page, [shown] = figures(client, definition)
    assert shown.aggregate == Aggregate(D("19.50"), 2, 4)
    assert "2 ARML sur 4" in plain(page)
    IndicatorDefinition.objects.filter(pk=definition.pk).update(national=False)
    assert figures(client, definition)[1] == []


def test_a_figure_opens_the_list_that_it_adds_up_and_the_list_says_why_a_value_is_missing(client):
    reports, definition = five()
    client.force_login(make_user("national_reader"))
    page, [shown] = figures(client, definition)
    assert f'href="{shown.url}"'.replace("&", "&amp;") in page.content.decode()
    listed = client.get(shown.url)
    assert listed.context["aggregate"] == shown.aggregate
    words = plain(listed)
    assert "2 ARML sur 4" in words and "19,5" in words and definition.label in words
    rows = {row["Convention"]: (row["Valeur"], row["Précision"]) for row in csv_of(client, shown.url)}
    assert rows == {
        reports[0].convention.number: ("12,00", ""),
        reports[1].convention.number: ("7,50", ""),
        reports[2].convention.number: ("", "compte rendu pas encore recevable"),  # a hundred is told to nobody
        reports[3].convention.number: ("", "non renseigné"),
        reports[4].convention.number: ("", "sans objet"),
    }
    assert "100" not in {row["Valeur"] for row in csv_of(client, shown.url)}


def test_a_rate_is_listed_with_its_terms_and_adds_up_to_the_quotient_of_their_sums(client):
    reports = [make_report(make_active()) for _ in range(2)]
    definition = national(reports[0].convention.cycle, Rule.RATIO)
    measured(reports[0], definition, D(75), numerator=D(30), denominator=D(40))
    measured(reports[1], definition, D(10), numerator=D(5), denominator=D(50))
    for report in reports:
        settled(report)
    client.force_login(make_user("national_reader"))
    _, [shown] = figures(client, definition)
    assert shown.aggregate.value == D("38.89")  # 35 of 90, and not the mean of the rates, 42.5
    listed = client.get(shown.url)
    assert listed.context["aggregate"] == shown.aggregate and "38,89 %" in plain(listed)
    assert {(row["Numérateur"], row["Dénominateur"]) for row in csv_of(client, shown.url)} == {
        ("30,00", "40,00"),
        ("5,00", "50,00"),
    }


def test_a_value_in_words_is_said_and_not_missing(client):
    report = make_report(make_active())
    definition = national(report.convention.cycle)
    measured(report, definition, text="en cours de labellisation")
    settled(report)
    client.force_login(make_user("national_reader"))
    _, [shown] = figures(client, definition)
    assert shown.aggregate == Aggregate(None, 1, 1)
    assert "en cours de labellisation" in plain(client.get(shown.url))


def test_versions_that_count_otherwise_are_two_figures_with_two_lists(client):
    reports = [make_report(make_active()) for _ in range(2)]
    first = national(reports[0].convention.cycle)
    second = IndicatorDefinition.objects.get(pk=first.pk)
    second.pk, second.version, second.aggregation = None, first.version + 1, Rule.MAX
    second.save()
    for report, definition, number in zip(reports, (first, second), (D(4), D(9)), strict=True):
        measured(report, definition, number)
        settled(report)
    client.force_login(make_user("national_reader"))
    _, shown = figures(client, first)
    assert sorted(one.aggregate.value for one in shown) == [D(4), D(9)]
    for one in shown:
        assert client.get(one.url).context["aggregate"] == one.aggregate
        assert len(csv_of(client, one.url)) == 1


def test_each_reader_lists_the_values_of_the_reports_that_they_may_open_and_no_other(client):
    reports, definition = five()
    own, other = reports[2], reports[0]
    client.force_login(person(own, "director"))
    _, [shown] = figures(client, definition)
    assert shown.aggregate == Aggregate(None, 0, 1)
    assert [row["Convention"] for row in csv_of(client, shown.url)] == [own.convention.number]
    for report, expected in ((own, []), (other, [other.convention.number])):  # observed: only what is admissible
        region = OrganisationFactory(kind=OrganisationKind.REGION, territories=[report.dossier.territories.first()])
        client.force_login(make_user("reader", region))
        rows = csv_of(client, f"{reverse('dashboard-list')}?mesure=indicateurs&annee=2025")
        assert [row["Convention"] for row in rows if row["Convention"] == report.convention.number] == expected
        assert own.convention.number not in {row["Convention"] for row in rows}


@pytest.mark.parametrize("asked", ["", "²", "9" * 19, "0", "other"])
def test_an_address_without_such_an_indicator_lists_all_of_them_without_a_total(client, asked):
    reports, definition = five()
    more = national(reports[0].convention.cycle, Rule.RATIO)
    report = make_report(make_active())
    measured(report, more, D(50), numerator=D(1), denominator=D(2))
    settled(report)
    unknown = reports[0].convention.cycle.indicators.filter(national=False).first()
    client.force_login(make_user("national_reader"))
    query = {"mesure": "indicateurs", "annee": 2025, "indicateur": str(unknown.pk) if asked == "other" else asked}
    page = client.get(reverse("dashboard-list"), query)
    assert page.context["aggregate"] is None and page.context["page_obj"].paginator.count == 6
    assert definition.label in plain(page) and more.label in plain(page)


def test_figures_and_list_of_indicators_cost_the_same_for_one_and_three(client):
    client.force_login(make_user("national_reader"))
    counts = []
    for rank in range(3):
        report = make_report(make_active())
        definition = national(report.convention.cycle, rank=rank)
        measured(report, definition, D(12))
        settled(report)
        for query in (reverse("dashboard"), f"{reverse('dashboard-list')}?mesure=indicateurs"):
            client.get(query, {"annee": 2025, "mesure": "indicateurs"})
            with CaptureQueriesContext(
                connection,
            ) as seen:
                page = client.get(query, {"annee": 2025, "mesure": "indicateurs"})
            counts.append(len(seen))
    assert len(page.context["lines"]) == 3
    assert counts[:2] == counts[4:]
