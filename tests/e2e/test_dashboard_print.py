"""The dashboard prints on two A4 pages, with what was chosen and the day of printing."""

import io
import os
from pathlib import Path

import pikepdf
import pytest

from tests.factories.arml import make_user
from tests.factories.conventions import make_act
from tests.factories.deadlines import in_force, make_deadline


@pytest.mark.django_db(transaction=True)
def test_the_dashboard_prints_on_two_pages_with_its_filters_and_its_date(browser_of, live_server):
    conventions = [in_force() for _ in range(12)]
    for convention in conventions:
        make_deadline(convention, due="2026-03-31")
    for _ in range(6):
        make_act()
    page = browser_of(make_user("national_admin"))
    page.goto(f"{live_server.url}/tableau-de-bord/?annee=2026")
    printed = page.pdf(format="A4", print_background=True)
    if where := os.environ.get("KEEP_PDF"):
        Path(where).write_bytes(printed)
    with pikepdf.open(io.BytesIO(printed)) as pdf:
        assert len(pdf.pages) == 2
    page.emulate_media(media="print")
    line = page.locator(".cpo-papier").first
    assert line.is_visible()
    assert "Année 2026" in line.inner_text() and "imprimé le 15 octobre 2026" in line.inner_text().replace("\xa0", " ")
    assert not page.locator(".cpo-filtres").is_visible()
