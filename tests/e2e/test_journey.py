"""The whole main job: from an empty cycle to the closing of the convention, in chapters; and a paper convention.

One story with one clock, and the people of `cast.py`. `story.CHAPTERS` names the chapters in their order.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext

from cpo.celery import app
from tests.e2e import chapters, paper
from tests.e2e.cast import Cast
from tests.e2e.story import CHAPTERS, Stage


@pytest.fixture
def stage(
    new_context: Callable[..., BrowserContext],
    live_server: Any,
    settings: Any,
    at: Callable[[str], None],
    tmp_path: Path,
) -> Iterator[Stage]:
    """The people of Bretagne and of the DGEFP. No worker runs: jobs wait until the story runs the beat."""
    settings.SITE_URL = live_server.url
    eager, app.conf.task_always_eager = (
        app.conf.task_always_eager,
        False,
    )  # monkeypatch cannot set the settings of Celery
    folder = tmp_path / "read"
    folder.mkdir()
    stage = Stage(lambda: Cast(new_context, "Bretagne"), at, folder)
    yield stage
    app.conf.task_always_eager = eager
    assert not stage.errors, f"Script errors: {stage.errors}"


@pytest.mark.slow
@pytest.mark.pdf
@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda chapter: chapter.__name__)
def test_three_years_of_a_convention(chapter: chapters.Chapter, stage: Stage) -> None:
    chapters.play(CHAPTERS, chapter, stage)


@pytest.mark.slow
def test_a_convention_signed_on_paper_before_is_taken_over(stage: Stage) -> None:
    stage.day("2025-09-15")
    stage.begin()
    paper.take_over(stage.cast)
