"""The tools of the tests: template database, stand-in for the renderer, scenes that are shared."""

import datetime as dt
import json
from pathlib import Path

import pytest

from arml.models import User
from conventions.documents.production import page_count
from conventions.models import Act
from cpo.lib.printing import pdf
from tests import folded, paper, shared, template
from tests.factories.arml import ArmlFactory, NationalFactory, TerritoryFactory, UserFactory
from tests.factories.scenarios import proposed

SAID = {"title": "Titre", "author": "Auteur", "identifier": b"1", "dated": dt.datetime(2026, 1, 1, tzinfo=dt.UTC)}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project of three files, and the list of a template built from it."""
    monkeypatch.setattr(template, "ROOT", tmp_path)
    (tmp_path / "migrations").mkdir()
    (tmp_path / "migrations" / "0001.py").write_text("one")
    (tmp_path / "models.py").write_text("models")
    paths = ["migrations", "migrations/0001.py", "models.py", "local.py", "environment"]
    template.write(tmp_path, json.dumps(template.states(paths)))
    return tmp_path


def test_the_template_is_used_again_as_long_as_nothing_that_it_was_made_from_changed(folder: Path) -> None:
    assert template.up_to_date(folder)
    (folder / "views.py").write_text("not read by the making")
    (folder / "migrations" / "__pycache__").mkdir()
    assert template.up_to_date(folder)


@pytest.mark.parametrize("file_name", ["models.py", "migrations/0001.py", "migrations/0002.py", "local.py"])
def test_a_file_that_changes_or_comes_makes_the_template_anew(folder: Path, file_name: str) -> None:
    (folder / file_name).write_text("changed")
    assert not template.up_to_date(folder)


def test_a_file_that_goes_or_another_python_makes_it_anew(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.version", "another")
    assert not template.up_to_date(folder)
    monkeypatch.undo()
    (folder / "made_from.json").unlink()
    assert not template.up_to_date(folder), "an interrupted build is not valid"


def test_the_stand_in_prints_one_file_for_one_document() -> None:
    first = pdf.html_to_pdf("<p>un</p>", **SAID)
    assert pdf.html_to_pdf is paper.stand_in
    assert first == pdf.html_to_pdf("<p>un</p>", **SAID) != pdf.html_to_pdf("<p>deux</p>", **SAID)
    assert first != pdf.html_to_pdf("<p>un</p>", **SAID | {"identifier": b"2"})
    assert page_count(first) == 1


@pytest.mark.pdf
def test_a_test_about_a_document_gets_the_renderer() -> None:
    assert pdf.html_to_pdf is not paper.stand_in


@pytest.mark.django_db
def test_what_another_process_made_takes_no_number_that_is_given_later() -> None:
    scene = proposed()
    numbers = shared.Numbers.now()
    values = {name: value + 100 for name, value in numbers.factories.items()}
    sequences = {name: value + 100 for name, value in numbers.sequences.items()}
    shared.Numbers(values, sequences).move_on()
    after = shared.Numbers.now()
    assert after.sequences == sequences
    assert all(after.factories[name] >= value for name, value in values.items())
    assert UserFactory().pk > scene.officer.pk + 100
    assert len({ArmlFactory().key, NationalFactory().key, TerritoryFactory().code}) == 3
    shared.Numbers(numbers.factories, numbers.sequences).move_on()
    assert shared.Numbers.now().sequences["arml_user_id_seq"] > sequences["arml_user_id_seq"], (
        "a sequence never goes back"
    )


@pytest.mark.parametrize(
    ("page", "client_text"),
    [
        (b"<p>\n  Lecture\n  seule\n</p>", b"<p>Lecture seule</p>"),
        (b'<a\n  href="/"\n>\n  Aller\n</a>', b'<a href="/">Aller</a>'),
        (b"<b>a</b>\n<i>b</i>", b"<b>a</b> <i>b</i>"),
        (b"<textarea>\na\n\n b</textarea>\n\n<i>c</i>", b"<textarea>\na\n\n b</textarea> <i>c</i>"),
        ("a\u00a0\u00a0b".encode(), "a\u00a0\u00a0b".encode()),
    ],
)
def test_the_client_reads_a_page_with_its_lines_joined(page: bytes, client_text: bytes) -> None:
    assert folded.folded(page) == client_text


@pytest.mark.parametrize("app", ["arml", "actions", "conventions", "reporting", "cpo/lib", "cpo"])
def test_a_file_of_tests_begins_with_the_name_of_what_it_tests(app: str) -> None:
    """The name is that of a module, a command or a folder of the application."""
    code = [path for path in (template.ROOT / app).rglob("*") if "__pycache__" not in path.parts]
    names = {path.stem for path in code if path.suffix == ".py" or path.is_dir()} - {"__init__"}
    for path in (template.ROOT / "tests" / app.removeprefix("cpo/")).glob("test_*.py"):
        words = path.stem.removeprefix("test_").split("_")
        starts = {"_".join(words[:length]) for length in range(1, len(words) + 1)}
        assert starts & names, f"{path.name} begins with no name of {app}"


@pytest.mark.django_db
@pytest.mark.parametrize("turn", ["made", "copied"])
def test_two_scenes_that_a_test_begins_with_are_two_whoever_made_them(turn: str) -> None:
    """The one that comes second in the run gets copies."""
    first, second = proposed(), proposed()
    assert first.number != second.number
    for scene in (first, second):
        assert scene.act.versions.count() == 2, "the text handed over, and version 1"
        assert scene.do("accept", scene.officer).versions.get(number=1).acceptances.count() == 2
    assert Act.objects.count() == 2


@pytest.mark.django_db
def test_a_scene_that_follows_another_write_leaves_what_was_written() -> None:
    user = UserFactory()
    scenes = proposed(), proposed()
    assert User.objects.filter(pk=user.pk).exists() and len({scene.number for scene in scenes}) == 2
