"""The final evaluation: figures against tables written by hand, who writes what, its steps, what never changes."""

import datetime as dt
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.urls import reverse

from arml.models import Attachment, AttachmentKind, Organisation, User
from conventions.guards import ending
from conventions.models import Act, Convention
from conventions.pages.todo import Hats
from cpo.lib import clock
from cpo.lib.editing.lock import StaleRevision
from cpo.lib.files import stored
from cpo.lib.files.hashing import content_hash
from cpo.lib.models import JournalEntry, OutboxMessage
from cpo.lib.workflow import Refused
from reporting import documents
from reporting.content import grids as engine
from reporting.content.plots import plot
from reporting.content.trends import Point, Trend
from reporting.deadlines.facts import facts_of
from reporting.effects.evaluation import seen
from reporting.guards.evaluation import page as page_of
from reporting.jobs import print_evaluation
from reporting.models import Correction, Evaluation, Ground
from reporting.services import deadlines, grids
from reporting.services import evaluation as services
from reporting.todo.evaluation import evaluation_tasks
from reporting.workflow.evaluation import apply
from tests.factories import reporting as reports
from tests.factories.arml import OrganisationFactory, make_user
from tests.factories.conventions import PDF, member
from tests.factories.payments import Money
from tests.factories.reporting import make_active

pytestmark = pytest.mark.django_db
POINTS = {"results": "Conformes.", "effects": "Réels.", "usefulness": "Établie.", "cost": "Maîtrisé."}
WEEKS = dt.timedelta(days=27)
AUTUMN, BEFORE = "2027-10-01 10:00", "2027-09-30 10:00"


def person(evaluation: Evaluation, role: str) -> User:
    return member(evaluation.convention.act, role)


def opened(act: Act | None = None) -> Evaluation:
    act = act or make_active(sheets=1, funded=True)
    return services.open_evaluation(convention=act.convention, by=member(act, "officer"))


def assess(evaluation: Evaluation, role: str, **fields: str) -> None:
    services.save_assessment(evaluation, fields=POINTS | fields, by=person(evaluation, role), expected_revision=None)


def shared(at: Any, day: str = AUTUMN) -> Evaluation:
    at(day)
    row = opened()
    assess(row, "officer")
    return services.share(row, answer_by=row.opened_on + WEEKS, by=person(row, "officer"))


def recommend(row: Evaluation, **fields: str) -> None:
    fields = {"recommendation": "reconduire", "reasons": "Les résultats sont là.", "funders": "La Région."} | fields
    services.save_recommendation(row, fields=fields, by=person(row, "officer"), expected_revision=None)


def lock_grid(row: Evaluation) -> None:
    grid = grids.of_evaluation(row)
    assert grid is not None
    usual = {engine.YES_NO: "oui", engine.MARK: "3", engine.TEXT: "Rien."}
    answers = {one.key: {"value": usual[one.kind], "note": ""} for one in engine.questions(grid.version.text)}
    services.fill_grid(row, answers=answers, by=person(row, "manager"), expected_revision=grid.revision, lock=True)


def ready(at: Any, day: str = AUTUMN) -> Evaluation:
    row = shared(at, day)
    assess(row, "director")
    recommend(row)
    lock_grid(row)
    return row


def concluded(at: Any) -> Evaluation:
    return apply("conclude", ready(at), by=person(Evaluation.objects.get(), "manager"))


def missing(row: Evaluation) -> list[str]:
    with pytest.raises(Refused) as refused:
        apply("conclude", row, by=person(row, "manager"))
    return [line.text for line in refused.value.missing]


def client(user: User) -> Client:
    browser = Client()
    browser.force_login(user)
    return browser


def page(row: Evaluation, role: str, name: str = "convention-evaluation", **kwargs: Any) -> Any:
    return client(person(row, role)).get(reverse(name, kwargs={"number": row.convention.number, **kwargs}))


def give_signed(act: Act) -> None:
    Attachment.objects.create(
        dossier=act.dossier,
        kind=AttachmentKind.objects.get(key="evaluation_conjointe"),
        file=stored.store(PDF + b"evaluation%%EOF", "application/pdf"),
        name="evaluation.pdf",
        added_by=member(act, "officer"),
        added_at=clock.now(),
    )


def observing(act: Act) -> User:
    """A reader of an organisation that only observes the dossier."""
    unml = Organisation.objects.filter(kind="unml").first() or OrganisationFactory(kind="unml")
    return make_user("reader", unml)


def correction(convention: Convention, **fields: Any) -> Correction:
    day = dt.date(2027, 9, 1)
    return Correction.objects.create(
        **{
            "convention": convention,
            "year": 2025,
            "amount": Decimal(100),
            "ground": Ground.objects.get(key="excedent"),
            "explanation": "Un excédent.",
            "state": "notified",
            "notified_on": day,
            "due_on": day,
            "recorded_by": member(convention.act, "officer"),
            "recorded_at": clock.now(),
        }
        | fields
    )


# -- Steps ------------------------------------------------------------------------------------------------------------


def test_it_is_prepared_by_the_lead_service_and_opened_once() -> None:
    row = opened()
    assert opened(row.convention.act).pk == row.pk
    with pytest.raises(PermissionDenied):
        services.open_evaluation(convention=row.convention, by=person(row, "director"))
    Convention.objects.filter(pk=row.convention_id).update(state="closed", ended_on="2028-01-01")
    with pytest.raises(Refused):
        services.open_evaluation(convention=row.convention, by=person(row, "officer"))


def test_a_draft_is_the_lead_services_alone_and_the_association_reads_what_is_shared(at: Any) -> None:
    at(AUTUMN)
    row = opened()
    assess(row, "officer", results="Un avis réservé.")
    assert "Un avis réservé." in page(row, "manager").content.decode()
    body = page(row, "director").content.decode()
    assert "Un avis réservé." not in body and "Aucune évaluation n’est partagée" in body
    assert page(row, "director", "evaluation-assessment").status_code == 404
    services.share(row, answer_by=row.opened_on.replace(day=2), by=person(row, "officer"))
    assert "Un avis réservé." in page(row, "director").content.decode()


def test_it_is_shared_with_what_the_state_says_and_a_day_to_come(at: Any) -> None:
    at(AUTUMN)
    row = opened()
    with pytest.raises(Refused) as refused:
        services.share(row, answer_by=row.opened_on.replace(day=2), by=person(row, "officer"))
    assert [line.text for line in refused.value.missing] == ["Appréciation de l’État"]
    assess(row, "officer")
    with pytest.raises(ValidationError):
        services.share(row, answer_by=row.opened_on, by=person(row, "officer"))
    services.share(row, answer_by=row.opened_on.replace(day=2), by=person(row, "officer"))
    told = set(OutboxMessage.objects.filter(template="evaluation_partagee").values_list("to", flat=True))
    assert {person(row, "director").email, person(row, "manager").email} <= told
    assert person(row, "officer").email not in told


def test_each_side_writes_its_own_words_and_finds_out_about_others(at: Any) -> None:
    row = shared(at)
    officer, director = person(row, "officer"), person(row, "director")
    services.save_assessment(row, fields={"results": "Nous."}, by=director, expected_revision=0)
    said = {one.side: one.results for one in row.assessments.all()}
    assert said == {"state": "Conformes.", "beneficiary": "Nous."}
    services.save_assessment(row, fields={"results": "Encore."}, by=officer, expected_revision=1)
    with pytest.raises(StaleRevision):
        services.save_assessment(row, fields={"results": "Non."}, by=officer, expected_revision=1)
    with pytest.raises(PermissionDenied):
        services.save_assessment(row, fields=POINTS, by=person(row, "signatory"), expected_revision=None)
    with pytest.raises(PermissionDenied):
        services.save_recommendation(row, fields={"reasons": "x"}, by=director, expected_revision=None)


def test_a_save_without_a_change_writes_nothing(at: Any) -> None:
    row = ready(at)
    before = JournalEntry.objects.count(), OutboxMessage.objects.count()
    assess(row, "officer")
    assess(row, "director")
    recommend(row)
    assert (JournalEntry.objects.count(), OutboxMessage.objects.count()) == before


def test_the_service_is_told_once_that_the_association_answered(at: Any) -> None:
    row = shared(at)
    told = OutboxMessage.objects.filter(template="evaluation_appreciation")
    services.save_assessment(row, fields={"results": "Un point."}, by=person(row, "director"), expected_revision=None)
    assert not told.exists(), "three points are still to be said"
    assess(row, "director")
    assess(row, "director", cost="Maîtrisé, vraiment.")
    assert set(told.values_list("to", flat=True)) == {person(row, "officer").email, person(row, "manager").email}
    assert told.count() == 2


def test_what_is_missing_to_conclude_is_told_with_its_address(at: Any) -> None:
    row = shared(at, BEFORE)
    assert missing(row) == [
        "L’évaluation se conclut au cours du dernier trimestre de la convention (article 9.5)\u00a0: "
        "à partir du 1er\u00a0octobre 2027",
        "Appréciation de l’association, attendue jusqu’au 27\u00a0octobre 2027",
        "Recommandation\u00a0: reconduire, modifier ou mettre fin",
        "Motifs de la recommandation",
        "Grille d’évaluation\u00a0: à remplir et à verrouiller",
    ]


def test_the_last_quarter_begins_three_months_before_the_term(at: Any) -> None:
    row = ready(at, BEFORE)
    assert len(missing(row)) == 1
    at(AUTUMN)
    assert apply("conclude", row, by=person(row, "manager")).is_concluded


def test_an_association_that_says_nothing_does_not_hold_the_evaluation_for_ever(at: Any) -> None:
    row = shared(at)
    recommend(row)
    lock_grid(row)
    at("2027-10-28 10:00")
    assert len(missing(row)) == 1, "the last day is still the association's"
    at("2027-10-29 10:00")
    assert apply("conclude", row, by=person(row, "manager")).content["assessments"].keys() == {"state"}


def test_the_manager_concludes_and_only_what_they_read(at: Any) -> None:
    row = ready(at)
    with pytest.raises(PermissionDenied):
        apply("conclude", row, by=person(row, "officer"))
    read = seen(row)
    assess(row, "director", cost="Un mot de plus.")
    with pytest.raises(Refused, match="a changé"):
        apply("conclude", row, by=person(row, "manager"), data={"seen": read})
    apply("conclude", row, by=person(row, "manager"), data={"seen": seen(Evaluation.objects.get())})


def test_once_concluded_nothing_changes_even_by_hand(at: Any) -> None:
    row = concluded(at)
    assert row.content_sha256 == content_hash(row.content) and row.concluded_on == dt.date(2027, 10, 1)
    told = set(OutboxMessage.objects.filter(template="evaluation_conclue").values_list("to", flat=True))
    assert {person(row, "director").email, person(row, "officer").email} <= told
    with pytest.raises(Refused):
        recommend(row, reasons="Autre chose.")
    with pytest.raises(Refused):
        assess(row, "director", cost="Autre chose.")
    for statement in (
        "UPDATE reporting_evaluation SET reasons = 'x'",
        "UPDATE reporting_evaluation SET content = '{}'",
        "UPDATE reporting_evaluation SET state = 'shared', concluded_on = NULL, content = NULL, content_sha256 = ''",
        "DELETE FROM reporting_evaluation",
        "UPDATE reporting_assessment SET cost = 'x'",
        "DELETE FROM reporting_assessment",
        "UPDATE reporting_filledgrid SET answers = '{}'",
    ):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)


def test_the_document_goes_to_the_register(at: Any) -> None:
    row = concluded(at)
    print_evaluation(SimpleNamespace(arguments={"evaluation": row.pk}))  # type: ignore[arg-type]
    row = Evaluation.objects.get()
    assert row.document is not None and row.document.purpose == "evaluation"
    assert row.document.content_sha256 == row.content_sha256
    assert "PDF" in page(row, "director").content.decode()


def test_observers_read_nothing_of_it(at: Any) -> None:
    row = concluded(at)
    observer = observing(row.convention.act)
    address = reverse("convention-evaluation", args=[row.convention.number])
    assert client(observer).get(address).status_code == 404
    assert not Evaluation.objects.visible_to(observer).exists()


def tasks(row: Evaluation, role: str) -> list[str]:
    return [task.title for task in evaluation_tasks(Hats.of(person(row, role)))]


def test_each_step_waits_for_somebody_in_the_to_do_list(at: Any) -> None:
    at(BEFORE)
    row = opened()
    draft, answer, end = (
        "Préparer et partager l’évaluation conjointe",
        "Écrire l’appréciation de l’association dans l’évaluation conjointe",
        "Conclure l’évaluation conjointe",
    )
    assert (tasks(row, "officer"), tasks(row, "director")) == ([draft], [])
    assess(row, "officer")
    row = services.share(row, answer_by=row.opened_on + WEEKS, by=person(row, "officer"))
    assert (tasks(row, "officer"), tasks(row, "director"), tasks(row, "manager")) == ([], [answer], [])
    assess(row, "director")
    assert (tasks(row, "director"), tasks(row, "manager")) == ([], []), "the last quarter has not begun"
    at(AUTUMN)
    assert tasks(row, "manager") == [end]


# -- Closing ----------------------------------------------------------------------------------------------------------


def lines(act: Act) -> list[str]:
    return [f"{line.text} | {line.url}" for line in ending.evaluation_given(act)]


def test_a_convention_closes_after_its_evaluation(at: Any) -> None:
    row = ready(at)
    act = Act.objects.get(pk=row.convention.act.pk)
    assert lines(act) == [f"Évaluation conjointe\u00a0: elle n’est pas conclue | {page_of(row.convention)}"]
    give_signed(act)
    assert len(lines(act)) == 1, "a file is no evaluation"
    apply("conclude", row, by=person(row, "manager"))
    assert lines(act) == []


def test_what_was_taken_over_from_paper_may_have_been_evaluated_on_paper() -> None:
    act = make_active()
    Convention.objects.filter(pk=act.convention_id).update(origin="paper")
    act = Act.objects.get(pk=act.pk)
    assert len(lines(act)) == 1
    give_signed(act)
    assert lines(act) == []


def test_the_day_of_the_conclusion_meets_the_deadline(at: Any) -> None:
    row = concluded(at)
    assert facts_of(row.convention)["evaluation_signee"] == dt.date(2027, 10, 1)


def test_a_late_evaluation_does_not_say_that_it_is_not_held(at: Any) -> None:
    """Its own deadline passed on 31 December, that of the overall report on 30 September: the latter alone is told."""
    at("2028-02-01")
    row = opened()
    deadlines.sync(row.convention)
    rules = set(row.convention.deadlines.filter(met_on=None).values_list("rule__key", flat=True))
    assert {"evaluation_conjointe", "bilan_ensemble"} <= rules
    late = [line["label"] for line in documents.evaluation_content(row)["conformity"]["deadlines"]["late"]]
    assert "Bilan d’ensemble de la convention" in late
    assert not [label for label in late if label.startswith("Évaluation conjointe")]


# -- Figures, against tables written by hand --------------------------------------------------------------------------


def test_the_figures_are_those_of_the_sendings_and_of_the_payments(at: Any) -> None:
    """2025 is admissible, 2026 is sent, 2027 has no report: its cells are blank, and no zero."""
    at("2027-10-01")
    money = Money.of(make_active(sheets=1, funded=True, indicator={"baseline": "80"}))
    money.commit(2025, 40000)
    money.pay(2025, 1)
    reports.admissible(reports.submitted(reports.fill(reports.make_report(money.act))))
    reports.submitted(reports.fill(reports.make_report(money.act, year=2026)))
    content = documents.evaluation_content(opened(money.act))
    cost = content["cost"]["years"]
    assert [
        [row[name] for name in ("year", "conventioned", "committed", "paid", "spent", "retained")] for row in cost
    ] == [
        [2025, "40000.00", "40000.00", "20000.00", "59900.50", "59900.50"],
        [2026, "40000.00", "0.00", "0.00", "59900.50", None],
        [2027, "40000.00", "0.00", "0.00", None, None],
    ]
    total = documents.shown(content)["cost_total"]
    assert [total[name] for name in ("spent", "retained")] == [Decimal("119801.00"), Decimal("59900.50")]
    [sheet] = content["cost"]["sheets"]
    assert [sheet[name] for name in ("budget", "before", "now", "retained", "partial")] == [
        "180000.00", "59900.50", "59900.50", "59900.50", True,
    ]  # fmt: skip
    [trend] = content["trends"]
    assert (trend["label"], trend["baseline"]) == ("1-A – Stagiaires formés", "80")
    assert [[point[name] for name in ("year", "target", "number", "percent")] for point in trend["points"]] == [
        [2025, "100", "90.00", "90"],
        [2026, "100", "90.00", "90"],
        [2027, "100", None, None],
    ]


def test_what_is_suspected_of_fraud_stands_in_no_evaluation(at: Any) -> None:
    row = shared(at)
    correction(row.convention, number=1, suspected_fraud=True)
    correction(row.convention, number=2)
    correction(row.convention, number=3, state="proposed", notified_on=None, due_on=None)
    told = documents.evaluation_content(row)["conformity"]["corrections"]
    assert [one["label"] for one in told] == ["Correction n° 2"]


def trend(*points: tuple[str | None, str | None], baseline: str = "") -> Trend:
    """(target, attained) of 2025 and the years that follow."""
    number = lambda text: None if text is None else Decimal(text)  # noqa: E731
    rows = [
        Point(2025 + rank, goal or "", number(goal), number(attained)) for rank, (goal, attained) in enumerate(points)
    ]
    return Trend("Sessions", "%", baseline, rows)


def test_a_plot_leaves_out_what_is_missing() -> None:
    drawn = plot(trend(("100", "50"), ("100", None), ("100", "100"), baseline="25"))
    assert drawn is not None
    assert [(mark.x, mark.y, mark.label) for mark in drawn.attained] == [
        (76, 80, "50\u00a0%"), (284, 24, "100\u00a0%"),
    ]  # fmt: skip
    assert drawn.attained_lines == [], "no line goes through a year without a value"
    assert drawn.target_lines == ["76,24 180,24 284,24"]
    assert drawn.baseline is not None and drawn.baseline.y == 108
    assert drawn.words == (
        "La valeur de départ est 25\u00a0; en 2025, la valeur réalisée est 50\u00a0% pour une cible de 100\u00a0; "
        "en 2026, la valeur réalisée n’est pas renseignée pour une cible de 100"
        "\u00a0; en 2027, la valeur réalisée est 100\u00a0% pour une cible de 100."
    )


def test_a_single_figure_has_its_table_and_no_plot() -> None:
    assert plot(trend((None, "50"), (None, None))) is None
    assert plot(trend(("100", None), ("100", None))) is None, "targets alone are no trend"
    assert plot(trend(("0", "0"))) is not None, "a zero is a value"
