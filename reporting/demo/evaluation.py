"""The last pages of a cycle in the demonstration: a shared evaluation, one in preparation, forecasts, diagnoses."""

import datetime as dt
import io

from conventions.models import Act
from cpo.lib import clock
from reporting.content import forecasts as content
from reporting.models import Evaluation, Forecast
from reporting.services import diagnosis, evaluation, forecasts
from reporting.services.reports import AmountInput
from reporting.workflow.forecasts import apply

from .agreement import sample_file
from .story import Story, at

SHARED, DRAFTED = ("arml-bretagne", "amilaura"), ("arml-nouvelle-aquitaine",)
YEAR = 2026
OF_STATE = {
    "results": "Les sessions prévues en 2025 sont tenues à neuf dixièmes ; les cibles de formation sont atteintes.",
    "effects": "Les missions locales disent utiliser les outils communs. L’effet pour les jeunes se mesure encore mal.",
    "usefulness": "L’animation du réseau évite que chaque structure forme seule ses équipes.",
    "cost": "Le coût de la session baisse. Les charges de structure sont à suivre.",
}
OF_ASSOCIATION = {
    "results": "Le programme est réalisé, malgré deux sessions annulées faute d’inscrits.",
    "effects": "Les conseillers formés restent plus longtemps en poste.",
    "usefulness": "Sans l’association, les plus petites missions locales n’auraient pas accès à ces formations.",
    "cost": "La contribution couvre les actions ; la structure tient par ses autres financeurs.",
}


def tell_evaluation(story: Story, act: Act) -> None:
    """Prepared ahead: what opens in the second year is concluded in the last quarter of the third."""
    key, officer = story.arml.key, story.user("officer")
    if key not in (*SHARED, *DRAFTED):
        return
    with clock.set_to(at(dt.date(2026, 10, 22), 9)):
        row = evaluation.open_evaluation(convention=act.convention, by=officer)
        evaluation.save_assessment(row, fields=OF_STATE, by=officer, expected_revision=None)
    if key in DRAFTED:
        return
    with clock.set_to(at(dt.date(2026, 10, 23), 9)):
        evaluation.share(row, answer_by=dt.date(2027, 1, 29), by=officer)
        evaluation.save_recommendation(
            row,
            fields={
                "recommendation": "reconduire",
                "reasons": "Les résultats de la première année sont conformes ; à confirmer sur 2026 et 2027.",
                "funders": "La Région souhaite poursuivre sur la formation des équipes.",
            },
            by=officer,
            expected_revision=None,
        )
    with clock.set_to(at(dt.date(2026, 10, 29), 15)):
        director = story.user("director")
        row = Evaluation.objects.get(pk=row.pk)
        evaluation.save_assessment(row, fields=OF_ASSOCIATION, by=director, expected_revision=None)


def tell_forecast(story: Story, act: Act) -> None:
    """Typed by the accountant and sent by the director; in one region it waits for its reasons."""
    if story.arml.key not in (*SHARED, *DRAFTED):
        return
    director = story.user("director")
    with clock.set_to(at(dt.date(YEAR, 10, 26), 10)):
        blank = forecasts.forecast_of(act.convention, YEAR)
        assert blank is not None  # noqa: S101  2026 is a year of the cycle
        lines = _expected(blank, explained=story.arml.key in SHARED)
        texts = {"comment": "Un poste est resté vacant au printemps.", "measures": "Deux sessions sont ajoutées."}
        row = forecasts.save(act.convention, YEAR, lines=lines, texts=texts, by=director, expected_revision=None)
    if story.arml.key in SHARED:
        with clock.set_to(at(dt.date(YEAR, 10, 27), 11)):
            apply("send", row, by=director)


def _expected(forecast: Forecast, *, explained: bool) -> list[AmountInput]:
    """The budget as planned, but for a fifth less of staff."""
    charges = content.charges(forecast)
    staff = next(line for line in charges if line.account.code == "64")
    less = {staff.account_id: (staff.forecast * 4 / 5).quantize(staff.forecast)}
    why = "Poste vacant de mars à juin." if explained else ""
    return [
        *(
            AmountInput(
                line.account_id,
                less.get(line.account_id, line.forecast),
                comment=why if line.account_id in less else "",
            )
            for line in charges
        ),
        *(AmountInput(line.account_id, line.forecast, line.funder) for line in content.resources(forecast)),
    ]


def tell_diagnosis(story: Story, act: Act) -> None:
    """That of 2025, brought forward to 2026 and completed by the other side."""
    if story.arml.key not in SHARED:
        return
    officer, director, data = (
        story.user("officer"),
        story.user("director"),
        sample_file("Diagnostic emploi et jeunesse"),
    )
    with clock.set_to(at(dt.date(2025, 11, 12), 10)):
        text = story.texts["diagnostic"]
        diagnosis.save(act.convention, 2025, text=text, by=officer, expected_revision=None)
        name, file = "Diagnostic emploi et jeunesse.pdf", io.BytesIO(data)
        diagnosis.add_file(act.convention, 2025, by=director, upload=file, name=name, size=len(data))
    with clock.set_to(at(dt.date(2026, 10, 5), 10)):
        diagnosis.bring_forward(act.convention, 2026, by=officer)
        more = f"{text}\n\nEn 2026, les demandes de logement adressées aux missions locales augmentent encore."
        diagnosis.save(act.convention, 2026, text=more, by=director, expected_revision=None)
