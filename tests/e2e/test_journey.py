"""The whole main job, step by step: from an empty cycle to a concluded review, and a paper convention."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext

from cpo.celery import app
from tests.e2e import drafting, negotiation, paper, year
from tests.e2e.cast import Cast


@pytest.fixture
def cast(
    new_context: Callable[..., BrowserContext],
    live_server: Any,
    settings: Any,
    at: Callable[[str], None],
) -> Any:
    """The people of Bretagne and of the DGEFP. No worker runs: jobs wait until the test runs the beat."""
    settings.SITE_URL = live_server.url
    eager, app.conf.task_always_eager = (
        app.conf.task_always_eager,
        False,
    )  # monkeypatch cannot set the settings of Celery
    at("2025-09-15 10:00")
    cast = Cast(new_context, "Bretagne")
    yield cast
    app.conf.task_always_eager = eager
    assert not cast.errors, f"Script errors: {cast.errors}"


@pytest.mark.slow
@pytest.mark.pdf
def test_a_convention_goes_from_an_empty_cycle_to_a_concluded_review(
    cast: Cast, at: Callable[[str], None], tmp_path: Path
) -> None:
    draft(cast)
    negotiate(cast, tmp_path)
    at("2025-11-03 10:00")
    cast.another_day()
    sign(cast, tmp_path)
    at("2026-02-02 10:00")
    cast.another_day()
    report(cast, at, tmp_path)
    year.read_dashboard(cast)


def draft(cast: Cast) -> None:
    drafting.give_codes(cast.national_admin)
    drafting.create(cast)
    drafting.name_signatories(cast.officer)
    drafting.give_money(cast.officer)
    drafting.inform(cast.officer)
    drafting.depart_from_model(cast.officer)
    negotiation.share(cast)
    drafting.write_programme(cast.director)
    drafting.identify(cast)
    drafting.inform_as_association(cast.director)
    drafting.give_pieces(cast.director)


def negotiate(cast: Cast, folder: Path) -> None:
    negotiation.propose_first(cast, folder)
    negotiation.counter(cast)
    negotiation.edit_after_agreement(cast)


def sign(cast: Cast, folder: Path) -> None:
    negotiation.endorse(cast)
    negotiation.read_document(cast, folder)
    negotiation.sign(cast, "president")
    negotiation.sign(cast, "signatory")
    negotiation.notify(cast)


def report(cast: Cast, at: Callable[[str], None], folder: Path) -> None:
    year.open_campaign(cast)
    year.remind("director", "2026-05-31", cast)
    at("2026-06-15 10:00")
    cast.another_day()
    year.fill_report(cast)
    year.submit(cast, folder)
    year.send_back(cast)
    year.complete(cast)
    at("2026-09-14 10:00")
    cast.another_day()
    year.conclude(cast)


@pytest.mark.slow
def test_a_convention_signed_on_paper_before_is_taken_over(cast: Cast) -> None:
    paper.take_over(cast)
