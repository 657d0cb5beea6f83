"""`manage.py render_convention` gives the stored document, or renders it again and compares both."""

from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from conventions.documents import production
from conventions.models import Document
from cpo.lib.files import stored as stored_files
from cpo.lib.printing import pdf
from tests.factories import scenarios

pytestmark = [pytest.mark.django_db, pytest.mark.pdf]


def run(number: str, output: Path, **options: object) -> str:
    stdout = StringIO()
    call_command("render_convention", number, output=output, stdout=stdout, **options)
    return stdout.getvalue()


def test_it_produces_the_draft_of_the_latest_version_then_gives_the_stored_one(tmp_path: Path) -> None:
    scene = scenarios.proposed()
    first = run(scene.number, tmp_path / "a.pdf")
    assert "version 1, projet" in first
    assert (tmp_path / "a.pdf").read_bytes().startswith(b"%PDF")
    run(scene.number, tmp_path / "b.pdf")
    assert (tmp_path / "a.pdf").read_bytes() == (tmp_path / "b.pdf").read_bytes()
    assert Document.objects.count() == 1


def test_rendered_anew_it_is_identical(tmp_path: Path) -> None:
    scene = scenarios.proposed()
    text = run(scene.number, tmp_path / "a.pdf", fresh=True, version=1)
    assert "identique" in text


def test_a_difference_fails_with_exit_status_1(tmp_path: Path) -> None:
    scene = scenarios.in_signature()  # the stored document of this scene is a stand-in
    with pytest.raises(CommandError, match="Différent") as failure:
        run(scene.number, tmp_path / "a.pdf", fresh=True)
    assert failure.value.returncode == 1


def test_the_document_of_a_later_act_is_written_by_its_reference(tmp_path: Path) -> None:
    scene = scenarios.with_later_act()
    scene.edit()
    scene.do("propose", scene.officer)
    assert scene.number.endswith("-A1")
    assert "version 1, projet" in run(scene.number, tmp_path / "a.pdf")
    assert "identique" in run(scene.number, tmp_path / "a.pdf", fresh=True, version=1)


def test_another_address_of_the_site_is_said_to_be_the_reason(tmp_path: Path, settings: Any) -> None:
    scene = scenarios.proposed()
    run(scene.number, tmp_path / "a.pdf")
    settings.SITE_URL = "https://ailleurs.example"
    with pytest.raises(CommandError, match="SITE_URL") as failure:
        run(scene.number, tmp_path / "a.pdf", fresh=True)
    assert "moteur a changé" not in str(failure.value)


def test_another_renderer_is_said_to_be_the_reason(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scene = scenarios.proposed()
    run(scene.number, tmp_path / "a.pdf")
    monkeypatch.setattr(pdf, "RENDERER_SERIAL", pdf.RENDERER_SERIAL + 1)
    with pytest.raises(CommandError, match="moteur a changé") as failure:
        run(scene.number, tmp_path / "a.pdf", fresh=True)
    assert "SITE_URL" not in str(failure.value)


def test_the_document_to_sign_comes_before_the_draft(tmp_path: Path) -> None:
    scene = scenarios.in_signature()
    production.produce(scene.version.pk, "projet")
    text = run(scene.number, tmp_path / "a.pdf")
    assert "à signer" in text
    stored = Document.objects.get(purpose="a_signer")
    assert (tmp_path / "a.pdf").read_bytes() == stored_files.read(stored.file)


@pytest.mark.parametrize(("number", "options"), [("CPO-2025-XXX-999", {}), (None, {"version": 7}), (None, {})])
def test_what_does_not_exist_is_said(tmp_path: Path, number: str | None, options: dict[str, int]) -> None:
    scene = scenarios.complete_draft()
    with pytest.raises(CommandError):
        run(number or scene.number, tmp_path / "a.pdf", **options)
    assert not (tmp_path / "a.pdf").exists()
