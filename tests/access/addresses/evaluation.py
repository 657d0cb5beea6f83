"""The final evaluation, the landing forecast, the shared diagnosis. A draft stands in « active », else it is told."""

import datetime as dt
from typing import Any

from cpo.lib import clock
from cpo.lib.files import stored
from reporting.content import forecasts as content
from reporting.content import grids as engine
from reporting.models import Diagnosis, DiagnosisFile, Evaluation, FilledGrid, Forecast, ForecastLine
from reporting.services import grids
from tests.access.places import SCAN

from .base import Block, Kwargs, Place, constant, file, form_values, number, of_convention, on_convention

YEAR = 2026
POINTS = {"results": "Conformes.", "effects": "Réels.", "usefulness": "Établie.", "cost": "Maîtrisé."}
DRAFT, SHARED = "active", "terminated"


def evaluated(place: Place) -> Evaluation:
    """The evaluation of the place: a draft that may be shared, or, after a termination, all that a conclusion wants."""

    def create() -> Evaluation:
        shared = place.name == SHARED
        words = {"recommendation": "reconduire", "reasons": "Les résultats sont là."} if shared else {}
        row = Evaluation.objects.create(
            convention=place.act.convention,
            state="shared" if shared else "draft",
            state_since=clock.now(),
            opened_by=place.people["off"],
            opened_on=dt.date(2026, 10, 1),
            answer_by=dt.date(2026, 11, 1) if shared else None,
            **words,
        )
        for side in ("state", "beneficiary") if shared else ("state",):
            row.assessments.create(side=side, revision=1, **POINTS)
        if shared:
            _lock_grid(row, place)
        return row

    return place.once("evaluation", create)


def _lock_grid(row: Evaluation, place: Place) -> None:
    grid = grids.of_evaluation(row)
    assert grid is not None
    usual = {engine.YES_NO: "oui", engine.MARK: "3", engine.TEXT: "Rien."}
    answers = {one.key: {"value": usual[one.kind], "note": ""} for one in engine.questions(grid.version.text)}
    person, now = place.people["man"], clock.now()
    signed = {"filled_by": person, "filled_at": now, "locked_by": person, "locked_at": now}
    FilledGrid.objects.create(evaluation=row, version=grid.version, moment=grid.moment, answers=answers, **signed)


def of_evaluation(**more: Any) -> Any:
    def kwargs(place: Place) -> Kwargs:
        if place.name in (DRAFT, SHARED):
            evaluated(place)
        return of_convention(**more)(place)

    return kwargs


def on_evaluation(post: Any = None, *, states: tuple[str, ...] = (DRAFT, SHARED), **more: Any) -> Block:
    return Block(states, of_evaluation(**more), post)


def forecast(place: Place) -> Forecast:
    """The forecast of 2026: typed in « active », sent in « reviewed »."""

    def create() -> Forecast:
        row = Forecast.objects.create(
            convention=place.act.convention,
            year=YEAR,
            act=place.act,
            state_since=clock.now(),
            comment="Un poste vacant.",
        )
        for line in [*content.charges(row), *content.resources(row)]:
            ForecastLine.objects.create(
                forecast=row, account_id=line.account_id, funder=line.funder, amount=line.forecast
            )
        if place.name == "reviewed":
            sent = {"state": "sent", "sent_on": dt.date(2026, 10, 1), "sent_by": place.people["dir"]}
            Forecast.objects.filter(pk=row.pk).update(**sent)
        return row

    return place.once("forecast", create)


def of_forecast(**more: Any) -> Any:
    def kwargs(place: Place) -> Kwargs:
        if place.name in ("active", "reviewed"):
            forecast(place)
        return number(place) | {"year": YEAR, **{name: of(place) for name, of in more.items()}}

    return kwargs


def on_forecast(post: Any = None, *, states: tuple[str, ...] = ("active", "reviewed"), **more: Any) -> Block:
    return Block(states, of_forecast(**more), post)


def diagnosis(place: Place) -> Diagnosis:
    """That of 2025, with a document: 2026 may bring it forward."""

    def create() -> Diagnosis:
        row = Diagnosis.objects.create(
            convention=place.act.convention,
            year=2025,
            text="Un jeune sur cinq.",
            revision=1,
            updated_by=place.people["off"],
            updated_at=clock.now(),
        )
        DiagnosisFile.objects.create(
            diagnosis=row,
            file=stored.store(SCAN, "application/pdf"),
            name="emploi.pdf",
            added_by=place.people["off"],
            added_at=clock.now(),
        )
        return row

    return place.once("diagnosis", create)


def of_diagnosis(year: int = 2025, **more: Any) -> Any:
    def kwargs(place: Place) -> Kwargs:
        if place.name in ("active", "reviewed", "terminated"):
            diagnosis(place)
        return number(place) | {"year": year, **{name: of(place) for name, of in more.items()}}

    return kwargs


BLOCKS: dict[str, Block] = {
    "convention-evaluation": on_evaluation(states=(DRAFT, SHARED, "draft", "abandoned")),
    "evaluation-open": on_convention(form_values(), states=("active", "abandoned")),
    "evaluation-assessment": on_evaluation(form_values(cost="Maîtrisé, de peu.")),
    "evaluation-recommendation": on_evaluation(form_values(reasons="Les résultats sont là, et le réseau y tient.")),
    "evaluation-grid": on_evaluation(form_values(q1="3")),
    "evaluation-transition share": on_evaluation(form_values(), name=constant("share")),
    "evaluation-transition conclude": on_evaluation(form_values(), states=(SHARED, DRAFT), name=constant("conclude")),
    "convention-forecast": on_forecast(states=("active", "reviewed", "draft")),
    "forecast-edit": on_forecast(form_values()),
    "forecast-transition send": on_forecast(form_values(), name=constant("send")),
    "forecast-transition send_back": on_forecast(
        form_values(comment="La région verse moins."), states=("reviewed", "active"), name=constant("send_back")
    ),
    "convention-diagnosis": Block(("active", "terminated", "draft"), of_diagnosis()),
    "diagnosis-edit": Block(("active", "terminated"), of_diagnosis(), form_values(text="Un jeune sur six.")),
    "diagnosis-bring-forward": Block(("active", "terminated"), of_diagnosis(2026), form_values()),
    "diagnosis-file-add": Block(("active", "terminated"), of_diagnosis(), lambda place: {"upload": file()}),
    "diagnosis-file": Block(("active", "reviewed"), of_diagnosis(file=lambda place: diagnosis(place).files.get().pk)),
}
