"""The last year in the journey: its report, and what the end of the convention still waits for."""

import re

from playwright.sync_api import expect

from tests.e2e.cast import Cast, plain
from tests.e2e.drafting import HOME, NUMBER

REPORT = f"/rapports/{NUMBER}/2027/"


def read_opened(cast: Cast) -> None:
    """The report rests on the avenant, without the fiche that it dropped; two years are declared before it."""
    page = cast.director
    page.goto(REPORT)
    main = page.get_by_role("main")
    expect(main).to_contain_text("fondé sur l’avenant n° 1, en vigueur au 31 décembre 2027")
    expect(main).to_contain_text("0 fiche sur 2")
    page.goto(f"{REPORT}ou-en-est-on/")
    row = page.get_by_role("table", name=re.compile("^Où en est-on")).get_by_role("row").last
    assert [plain(text) for text in row.locator("td").all_inner_texts()][1:4] == ["195 000 €", "–", "195 000 €"]


def read_end(cast: Cast) -> None:
    """The convention is not closed while a year is not concluded."""
    page = cast.manager
    page.goto(f"{HOME}fin/")
    expect(page.get_by_role("main")).to_contain_text("2027")
