import hashlib
import re
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import page
import pytest

from cpo.lib.printing import pdf

pytestmark = pytest.mark.pdf

DATED = datetime(2026, 10, 15, 9, 0, tzinfo=UTC)
HTML = (
    '<!DOCTYPE html><html lang="fr"><head><meta charset="utf-8"><title>Titre</title></head><body>'
    '<div class="repere" data-reference="REF · version 1" data-mention="">'
    '<p class="bloc-marque">Préfet<br>de Corse</p></div>'
    "<main><h1>Accusé de réception</h1><p>{}</p></main></body></html>"
)


def produce(text: str = "Reçu.", **kwargs: object) -> bytes:
    arguments = {"title": "Accusé", "author": "DREETS", "identifier": b"x" * 16, "dated": DATED} | kwargs
    return pdf.html_to_pdf(HTML.format(text), **arguments)


def read(content: bytes, tmp_path: Path) -> str:
    path = tmp_path / "d.pdf"
    path.write_bytes(content)
    return subprocess.run(["pdftotext", "-layout", path, "-"], check=True, capture_output=True, text=True).stdout


def assert_conformant(content: bytes, tmp_path: Path) -> None:
    """Check PDF/UA-1 and PDF/A-3a as far as page-validation does, and the file structure with qpdf."""
    for profile in ("ua1", "3a"):
        report = page.validate_pdf_bytes(content, profile=profile)
        assert report.is_compliant, [failure.message for failure in report.failures]
    path = tmp_path / "checked.pdf"
    path.write_bytes(content)
    check = subprocess.run(["qpdf", "--check", path], check=False, capture_output=True, text=True)
    assert check.returncode == 0, check.stdout + check.stderr


@pytest.mark.parametrize("state", [True, False])
def test_a_document_is_pdf_a_3a_and_pdf_ua_1_on_every_deployment(settings, tmp_path, state):
    settings.STATE_DEPLOYMENT = state
    annex = pdf.Annex("contenu.json", b'{"a": 1}', "Contenu")
    content = produce("Œuvre, 12 000 €, Ελένη, Олена, 1 ≥ 0", attachments=[annex])
    assert_conformant(content, tmp_path)
    assert b"<pdfuaid:part>1</pdfuaid:part>" in content
    assert b"/DisplayDocTitle true" in content


def test_the_fonts_are_marianne_for_the_state_and_a_free_font_otherwise(settings, tmp_path):
    def fonts() -> str:
        path = tmp_path / "f.pdf"
        path.write_bytes(produce())
        return subprocess.run(["pdffonts", path], check=True, capture_output=True, text=True).stdout

    settings.STATE_DEPLOYMENT = True
    assert "Marianne" in fonts()
    settings.STATE_DEPLOYMENT = False
    assert "Noto" in fonts()
    assert "Marianne" not in fonts()


def test_the_block_mark_of_the_state_is_drawn_on_its_deployments_only(settings):
    settings.STATE_DEPLOYMENT = True
    with_mark = produce()
    settings.STATE_DEPLOYMENT = False
    assert "-libre-" in pdf.renderer()
    assert with_mark != produce()


def test_same_input_gives_the_same_bytes_in_the_same_process_whatever_was_printed_between():
    first = produce("Un texte.")
    produce("Un autre texte, plus long, avec d’autres lettres : ÀÉÈÙ 0123456789.")
    assert produce("Un texte.") == first


def test_same_input_gives_the_same_bytes_in_another_process():
    program = (
        "import django, hashlib; django.setup()\n"
        "from tests.lib.test_pdf import produce\n"
        "print(hashlib.sha256(produce('Un texte.')).hexdigest())"
    )
    out = subprocess.run(
        [sys.executable, "-c", program], check=True, capture_output=True, text=True, env=_environment()
    )
    assert out.stdout.strip() == hashlib.sha256(produce("Un texte.")).hexdigest()


def _environment() -> dict[str, str]:
    import os

    return {**os.environ, "DJANGO_SETTINGS_MODULE": "cpo.settings.test", "PYTHONHASHSEED": "4242"}


def test_date_and_identifier_come_from_the_caller_alone(tmp_path):
    content = produce(identifier=b"\x01\x02" * 8)
    assert b"D:20261015090000Z" in content
    assert (b"\x01\x02" * 8).hex().encode() in content
    assert produce(dated=DATED.replace(year=2025)) != content


def test_a_date_without_time_zone_is_refused():
    with pytest.raises(ValueError, match="aware"):
        produce(dated=datetime(2026, 10, 15))


def test_characters_that_no_font_draws_are_replaced_so_that_the_file_stays_valid(tmp_path):
    content = produce("1\u202f000 porte\u2010clefs ☑ coché 🙂 \u200bfin 漢")
    text = read(content, tmp_path)
    assert "porte-clefs [x] coché ? fin ?" in text
    assert_conformant(content, tmp_path)


def test_no_address_of_a_document_is_ever_read(tmp_path, caplog):
    secret = tmp_path / "secret.svg"
    secret.write_text("<svg xmlns='http://www.w3.org/2000/svg'><text>SECRET</text></svg>")
    for source in (secret.as_uri(), "http://exemple.invalid/a.svg", f"file://{pdf.FREE_FONTS}/../pdf.py"):
        content = produce(f'<img src="{source}" alt="image">')
        assert "SECRET" not in read(content, tmp_path)
    assert caplog.text.count("may not read") == 3


def test_attached_files_come_out_as_they_went_in(tmp_path):
    path = tmp_path / "a.pdf"
    path.write_bytes(produce(attachments=[pdf.Annex("contenu.json", '{"é": 1}'.encode(), "Contenu de la version")]))
    subprocess.run(["pdfdetach", "-saveall", "-o", tmp_path, path], check=True, capture_output=True)
    assert (tmp_path / "contenu.json").read_text() == '{"é": 1}'
    assert b"/AFRelationship /Source" in path.read_bytes()


def test_each_stream_ends_so_that_its_length_reads_in_one_way_only():
    """If data ends with CR and one LF follows, some readers count one byte less: this happened in one stream of 256."""
    content = produce(attachments=[pdf.Annex("contenu.json", b"{}", "Contenu")])
    streams = re.findall(rb"/Length (\d+)>>\nstream\n(.*?)\r\nendstream", content, re.DOTALL)
    assert len(streams) == content.count(b"endstream") > 3
    assert all(len(data) == int(length) for length, data in streams)


def test_reference_and_page_number_stand_on_each_page(tmp_path):
    text = read(produce("<br>".join(f"ligne {n}" for n in range(120))), tmp_path)
    pages = text.split("\f")[:-1]
    assert len(pages) == 3
    assert all("REF · version 1" in each and f"Page {n}/3" in each for n, each in enumerate(pages, start=1))
