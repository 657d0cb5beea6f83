"""What a printed document keeps on one line."""

import pytest

from cpo.lib.printing.lines import LONGEST, LONGEST_NAME, unbroken


@pytest.mark.parametrize(
    ("html", "marked"),
    [
        ("<p>préfet d’Ille-et-Vilaine,</p>", '<p>préfet <span class="uni">d’Ille-et-Vilaine</span>,</p>'),
        ("<p>a.b@c-d.example.</p>", '<p><a class="uni" href="mailto:a.b@c-d.example">a.b@c-d.example</a>.</p>'),
        (
            "<p>https://a-b.example/x.</p>",
            '<p><a class="uni" href="https://a-b.example/x">https://a-b.example/x</a>.</p>',
        ),
        ("<p>porte-clefs, BRE-01</p>", "<p>porte-clefs, BRE-01</p>"),
        ("<head><title>Ille-et-Vilaine</title></head>", "<head><title>Ille-et-Vilaine</title></head>"),
        ("<p>90\xa0%\n  <br>\n  9 / 10</p>", "<p>90\xa0%<br>\n  9 / 10</p>"),
        ('<a href="x">Ille-et-Vilaine</a>', '<a href="x">Ille-et-Vilaine</a>'),
        ('<p data-x="Ille-et-Vilaine">a</p>', '<p data-x="Ille-et-Vilaine">a</p>'),
    ],
)
def test_addresses_and_names_of_places_are_marked_and_nothing_else(html: str, marked: str) -> None:
    assert unbroken(html) == marked


def test_a_word_too_long_for_a_line_may_be_cut() -> None:
    assert "uni" in unbroken(f"<p>{'A' * (LONGEST_NAME - 2)}-b</p>")
    assert "uni" not in unbroken(f"<p>{'A' * (LONGEST_NAME - 1)}-b</p>")
    assert "uni" in unbroken(f"<p>{'a' * (LONGEST - 10)}@b.example</p>")
    assert "class" not in unbroken(f"<p>{'a' * LONGEST}@b.example</p>")
