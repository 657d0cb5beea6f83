"""The final evaluation: figures against tables written by hand, who writes what, its steps, its paper, what never changes."""

from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.urls import reverse

from arml.models import User
from conventions.models import Act, Convention
from cpo.lib.editing.lock import StaleRevision
from cpo.lib.files.hashing import content_hash
from cpo.lib.models import JournalEntry, OutboxMessage
from cpo.lib.workflow import Refused
from reporting import documents
from reporting.content import grids as engine
from reporting.models import Evaluation
from reporting.services import evaluation as services
from reporting.services import grids
from reporting.workflow.evaluation import apply
from tests.factories.conventions import member
from tests.factories.reporting import make_active

pytestmark = pytest.mark.django_db
POINTS = {"results": "Conformes.", "effects": "Réels.", "usefulness": "Établie.", "cost": "Maîtrisé."}
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
    return services.share(row, answer_by=row.opened_on.replace(day=28), by=person(row, "officer"))


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
        services.save_assessment(row, fields=POINTS, by=person(row, "accountant"), expected_revision=None)
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
        "Appréciation de l’association, attendue jusqu’au 28\u00a0septembre 2027",
        "Recommandation\u00a0: reconduire, modifier ou mettre fin",
        "Motifs de la recommandation",
        "Grille d’évaluation\u00a0: à remplir et à verrouiller",
    ]
