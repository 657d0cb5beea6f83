"""Each figure of the dashboard equals the total of the list behind it."""

import datetime as dt

import pytest
from django.urls import reverse

from arml.enums import OrganisationKind
from arml.models import Dossier, Organisation, Territory, User
from conventions.models import Convention
from cpo.lib import clock
from reporting.dashboard import board as figures
from reporting.dashboard.late import late_lines
from reporting.dashboard.money import money, status
from reporting.models import Deadline, Report
from reporting.services.campaigns import open_report
from tests.factories import scenarios
from tests.factories.arml import ArmlFactory, OrganisationFactory, make_user
from tests.factories.conventions import make_convention
from tests.factories.deadlines import in_force, make_deadline, person
from tests.factories.reporting import admissible, fill, make_report, submitted

pytestmark = pytest.mark.django_db


@pytest.fixture
def scope(db):
    reader = make_user("national_reader")
    cycle = figures.current_cycle(reader)
    return figures.Selection(reader, cycle, 2026)


def test_an_empty_cycle_shows_dashes_and_not_zeros(client, scope):
    client.force_login(scope.user)
    page = client.get(reverse("dashboard"))
    assert page.status_code == 200
    assert "Aucune convention à montrer" in page.content.decode()
    assert money(scope)[0]["total"] is None


def test_an_unknown_year_or_territory_in_the_address_falls_back(client, scope):
    client.force_login(scope.user)
    assert client.get(reverse("dashboard"), {"annee": "1999", "territoire": "zz"}).status_code == 200
    assert client.get(reverse("dashboard-list"), {"mesure": "axes", "axe": "99999999999"}).status_code == 200


def test_an_empty_territory_leads_back_to_the_whole_country(client, scope):
    client.force_login(scope.user)
    page = client.get(reverse("dashboard"), {"territoire": "53"}).content.decode()
    assert "Aucune convention à montrer" in page and "Voir la France entière" in page
    assert "Voir la France entière" not in client.get(reverse("dashboard")).content.decode()


def observed() -> tuple[Report, User]:
    """A published convention with a report that is not admissible and a late deadline, and a person who observes it
    for the Région while she is an officer elsewhere."""
    report = make_report()
    make_deadline(report.convention, due="2026-06-30")
    region = OrganisationFactory(kind=OrganisationKind.REGION, territories=[report.dossier.territories.first()])
    return report, make_user("officer", user=make_user("reader", region))


def lines(client, **query: str) -> list[str]:
    answer = client.get(reverse("dashboard-list"), {"annee": "2025", "format": "csv", **query})
    return b"".join(answer.streaming_content).decode().splitlines()[1:]


def test_a_person_with_two_roles_counts_only_what_each_lets_her_open(client):
    report, person = observed()
    client.force_login(person)
    scope = figures.Selection(person, report.convention.cycle, 2025)
    assert [row["count"] for row in figures.by_state(scope) if row["count"]] == [1]
    assert scope.late().count() == 0 and not late_lines(scope) and not figures.report_counts(scope)
    assert not lines(client, mesure="retards") and not lines(client, mesure="rapports")
    assert "écart" not in client.get(reverse("deadline-list")).content.decode()
    everybody = figures.Selection(make_user("national_reader"), report.convention.cycle, 2025)
    assert everybody.late().count() == 1 and figures.report_counts(everybody)[0]["due"] == 1
    admissible(submitted(fill(report)))
    scope = figures.Selection(person, report.convention.cycle, 2025)
    assert figures.report_counts(scope)[0]["admissible"] == len(lines(client, mesure="rapports")) == 1


def test_an_observer_is_told_why_the_list_of_late_deadlines_is_closed_and_sees_no_figure_of_it(client):
    _, person = observed()
    person.memberships.filter(role="officer").delete()
    client.force_login(person)
    assert client.get(reverse("dashboard-list"), {"mesure": "retards"}).status_code == 403
    page = client.get(reverse("dashboard")).content.decode()
    assert ("en retard" not in page and "Attendus" not in page and "Recevables" in page) or "Aucun compte rendu" in page


def board(client, user) -> tuple[dict[str, str], list[str]]:
    client.force_login(user)
    context = client.get(reverse("dashboard")).context
    choices = [label for _, label in context["filter_form"].fields["territoire"].choices]
    return {region["name"]: region["label"] for region in context["regions"]}, choices


def test_of_a_region_that_a_person_does_not_see_the_map_says_nothing_else(client):
    bretagne, corse = Territory.objects.get(code3="BRE"), Territory.objects.get(code3="COR")
    service = Organisation.objects.get(key="dreets-bretagne")
    association = ArmlFactory(territories=[bretagne])
    dossier = make_convention().dossier  # a draft, not shared
    dossier.territories.set([bretagne])
    Dossier.objects.filter(pk=dossier.pk).update(lead=service, beneficiary=association)
    outside = "hors de votre périmètre"
    for user, own, elsewhere in (
        (make_user("officer", service), "Brouillon", outside),
        (make_user("director", association), "aucune convention visible", outside),
        (make_user("reader", OrganisationFactory(territories=[bretagne])), "aucune convention visible", outside),
        (make_user("reader", OrganisationFactory(national_scope=True)), "aucune convention visible",
         "aucune convention visible"),
        (make_user("national_reader"), "Brouillon", "sans convention"),
    ):  # fmt: skip
        labels, choices = board(client, user)
        assert (labels[bretagne.name], labels[corse.name]) == (own, elsewhere)
        assert (corse.name in choices) == (elsewhere != outside)
        if elsewhere == outside:
            assert choices == ["Tout votre périmètre", bretagne.name]


def test_a_key_figure_says_of_what_it_is_a_part_and_of_which_year(client, scope):
    convention = in_force()
    open_report(convention, 2025)
    client.force_login(scope.user)
    page = client.get(reverse("dashboard"), {"annee": "2025"}).content.decode()
    assert "sur 1 dans le cycle" in page and "convention en exécution" in page
    assert "sur 1 attendu<" in page and "compte rendu 2025 recevable" in page
    assert "conventionnés pour 2025" in page
    for _ in range(2):
        another = in_force()
        sent = {"submitted_at": clock.now(), "submitted_by": person(another, "president"), "round": 1}
        Report.objects.filter(pk=open_report(another, 2025).pk).update(state="submitted", **sent)
    page = client.get(reverse("dashboard"), {"annee": "2025"}).content.decode()
    assert "sur 3 dans le cycle" in page and "conventions en exécution" in page
    assert "sur 3 attendus<" in page and "compte rendu 2025 recevable" in page


def test_a_report_is_late_in_the_figure_as_in_the_list_from_the_midnight_of_its_service(client, scope, at):
    """Sent back, it is expected on the day of its answer: it was late in the figure, and not in the list."""
    convention = in_force(zone="Indian/Reunion")
    report = open_report(convention, 2025)
    Report.objects.filter(pk=report.pk).update(due_on=dt.date(2026, 12, 31))

    def late():
        client.force_login(scope.user)  # a session does not last two months
        figure = next(row for row in figures.report_counts(scope) if row["year"] == 2025)["late"]
        rows = client.get(reverse("dashboard-list"), {"mesure": "rapports", "annee": "2025", "etat": "late"})
        listed = client.get(reverse("report-list"), {"retard": "1"}).context["lines"]
        return figure, rows.context["page_obj"].paginator.count, len(listed)

    at("2026-12-31 19:59+00:00")
    assert late() == (0, 0, 0)
    at("2026-12-31 20:01+00:00")
    assert late() == (1, 1, 1)
    rule = convention.cycle.deadline_rules.filter(base_event="renvoi_rapport").first()
    Deadline.objects.update_or_create(
        convention=convention,
        rule=rule,
        year=2025,
        defaults={"due_on": dt.date(2027, 1, 15), "created_on": dt.date(2027, 1, 1)},
    )
    sent = {"submitted_at": clock.now(), "submitted_by": person(convention, "president"), "round": 1}
    Report.objects.filter(pk=report.pk).update(state="to_complete", **sent)
    assert late() == (0, 0, 0)


# -- Firm years, terminated conventions ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("firm", "signed", "words"),
    [(0, 0, "prévision"), (0, 3, "prévision"), (1, 3, "ferme pour 1 sur 3"), (3, 3, "ferme")],
)
def test_a_year_is_firm_when_it_is_for_each_signed_convention(firm, signed, words):
    assert status(firm, signed) == words


def test_the_annual_acts_in_force_say_which_years_are_firm(at):
    first, second = scenarios.active_convention(), scenarios.active_convention()
    selection = figures.Selection(make_user("national_reader"), first.convention.cycle, 2026)

    def statuses():
        return {row["year"]: row["status"] for row in money(selection)}

    assert statuses() == {2025: "ferme", 2026: "prévision", 2027: "prévision"}
    scenarios.in_force(scenarios.later(first, "annual", year=2026))
    assert statuses() == {2025: "ferme", 2026: "ferme pour 1 sur 2", 2027: "prévision"}
    scenarios.in_force(scenarios.later(second, "annual", year=2026))
    assert statuses() == {2025: "ferme", 2026: "ferme", 2027: "prévision"}


def test_a_terminated_convention_leaves_the_totals_of_the_years_after_it(client):
    scene, other = scenarios.active_convention(), scenarios.active_convention()
    reader = make_user("national_reader")
    selection = figures.Selection(reader, scene.convention.cycle, 2027)
    before = {row["year"]: row["total"] for row in money(selection)}
    Convention.objects.filter(pk=scene.convention.pk).update(state="terminated", ended_on=dt.date(2026, 11, 30))
    selection = figures.Selection(reader, scene.convention.cycle, 2027)
    rows = money(selection)
    assert [row["total"] for row in rows[:2]] == [before[2025], before[2026]]
    assert rows[2]["total"] == before[2027] / 2
    assert sum(cell["amount"] for cell in rows[2]["axes"] if cell["amount"]) == rows[2]["total"]
    client.force_login(reader)
    listed = client.get(reverse("dashboard-list"), {"mesure": "montants", "annee": "2027"}).content.decode()
    assert other.number in listed and scene.number not in listed
    territory = scene.act.dossier.territories.first()
    assert figures.by_territory(selection)[territory.pk] == "terminated"
    assert "Résiliée" in client.get(reverse("dashboard")).content.decode()


@pytest.mark.parametrize(("ended", "years"), [("2026-12-31", {2025, 2026}), ("2027-01-01", {2025, 2026, 2027})])
def test_the_year_of_the_termination_still_counts_and_the_next_no_more_in_figures_lists_and_exports(
    client, ended, years
):
    scene = scenarios.active_convention()
    rows = Convention.objects.filter(pk=scene.convention.pk)
    rows.update(state="terminated", ended_on=dt.date.fromisoformat(ended))
    selection = figures.Selection(make_user("national_reader"), scene.convention.cycle, 2025)
    assert {row["year"] for row in money(selection) if row["total"]} == years
    client.force_login(selection.user)
    assert {year for year in (2025, 2026, 2027) if lines(client, mesure="montants", annee=str(year))} == years
    assert {year for year in (2025, 2026, 2027) if lines(client, mesure="axes", annee=str(year), axe="1")} == years
    page = client.get(reverse("dashboard")).content.decode()
    assert "R</text>" in page and "Résiliée&nbsp;: <strong>1</strong>" in page
