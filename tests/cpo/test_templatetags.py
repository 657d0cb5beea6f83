import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django import forms
from django.core.paginator import Paginator
from django.template import Context, Template
from django.test import RequestFactory

from cpo import ui
from cpo.lib.forms.base import DsfrForm

NB = "\u00a0"


def render(source: str, **context: Any) -> str:
    return Template(source).render(Context(context))


def test_amounts_have_no_break_spaces_and_cents_only_when_needed():
    assert render("{{ v|euros }}", v=Decimal("1234567.00")) == f"1{NB}234{NB}567{NB}€"
    assert render("{{ v|euros }}", v=Decimal("1500.5")) == f"1{NB}500,50{NB}€"
    assert render("{{ v|euros }}", v=-1500) == f"−1{NB}500{NB}€"
    assert render('{{ v|euros:"signe" }}', v=5000) == f"+5{NB}000{NB}€"


def test_a_missing_amount_is_never_zero():
    assert render("{{ v|euros }} {{ v|percent_fr }} {{ v|number_fr }} {{ v|date_fr }}", v=None) == "– – – –"
    assert render('{{ v|missing:"non renseigné" }} {{ z|missing }}', v="", z=0) == "non renseigné 0"
    assert render("{% gauge v %}", v=None).strip() == ""


def test_percentages_round_half_up_and_drop_a_useless_zero():
    assert render("{{ v|percent_fr }}", v=Decimal("64.25")) == f"64,3{NB}%"
    assert render("{{ v|percent_fr }}", v=Decimal("64.04")) == f"64{NB}%"
    assert render("{{ v|percent_fr }}", v=-12) == f"−12{NB}%"


def test_the_first_day_of_a_month_is_said_first():
    day = dt.date(2025, 1, 1)
    assert render("{{ d|date_fr }}", d=day) == f"1<sup>er</sup>{NB}janvier 2025"
    assert render("{{ d|date_text }}", d=day) == f"1er{NB}janvier 2025"
    assert render('{{ d|date_text:"jour" }}', d=dt.date(2025, 6, 30)) == f"30{NB}juin"
    assert render('{{ d|date_text:"semaine" }}', d=dt.date(2026, 6, 18)) == f"jeudi 18{NB}juin 2026"


def test_an_instant_is_shown_in_local_time():
    moment = dt.datetime(2025, 12, 31, 23, 30, tzinfo=dt.UTC)
    assert render("{{ m|datetime_fr }}", m=moment) == f"1<sup>er</sup>{NB}janvier 2026 à 0{NB}h{NB}30"


@pytest.mark.parametrize(
    ("days", "words"),
    [(0, "aujourd’hui"), (1, "hier"), (10, f"il y a 10{NB}jours"), (-1, "demain"), (-3, f"dans 3{NB}jours")],
)
def test_since_counts_days_on_the_clock_of_the_application(days: int, words: str):
    today = dt.date(2026, 10, 15)  # the start of the clock of the tests
    assert render("{{ d|since }}", d=today - dt.timedelta(days=days)) == words


@pytest.mark.parametrize(("count", "words"), [(0, "0 point"), (1, "1 point"), (1.5, "1,5 point"), (2, "2 points")])
def test_plural_starts_at_two(count: float, words: str):
    assert render("{{ n|number_fr }} point{{ n|plural_fr }}", n=count) == words


def test_file_sizes_are_in_decimal_units():
    assert render("{{ a|filesize_fr }} {{ b|filesize_fr }}", a=412_000, b=1_240_000) == f"412{NB}ko 1,2{NB}Mo"


def test_querystring_keeps_filters_and_goes_back_to_the_first_page():
    request = RequestFactory().get("/?etat=active&page=3&tri=nom")
    assert render("{% querystring page=4 %}", request=request) == "?etat=active&amp;tri=nom&amp;page=4"
    assert render("{% querystring etat=None %}", request=request) == "?tri=nom"


def test_a_sorted_column_offers_the_other_direction():
    request = RequestFactory().get("/?tri=nom")
    html = render('{% sort_header "nom" "Nom" %}', request=request)
    assert 'aria-sort="ascending"' in html
    assert 'href="?tri=-nom"' in html


def test_pagination_shows_both_ends_around_the_page_and_keeps_the_filters():
    page = Paginator(range(240), 20).get_page(6)
    request = RequestFactory().get("/?etat=active&page=6")
    html = render('{% include "components/pagination.html" with page=page %}', page=page, request=request)
    assert 'aria-current="page" title="Page 6"' in " ".join(html.split())
    assert 'href="?etat=active&amp;page=7"' in html
    assert (
        render("{% for n in page|page_numbers %}{{ n|default:'…' }} {% endfor %}", page=page) == "1 2 … 5 6 7 … 11 12 "
    )


def test_one_page_needs_no_pagination():
    page = Paginator(range(3), 20).get_page(1)
    assert render('{% include "components/pagination.html" with page=page %}', page=page).strip() == ""


def test_a_badge_says_its_state_in_words():
    assert (
        render('{% state_badge "negotiation" %}').strip()
        == '<p class="fr-badge fr-badge--info fr-badge--no-icon">En négociation</p>'
    )
    assert "La main est à la DREETS" in render('{% state_badge "theirs" "La main est à la DREETS" kind="turn" %}')
    assert ui.badge("unheard-of")["label"] == "unheard-of"


def test_every_badge_has_words():
    for kind, states in ui.BADGES.items():
        if kind != "tone":
            assert all(label for label, _ in states.values()), kind


def test_an_address_that_does_not_exist_is_empty():
    assert render("{% nav_url 'no-such-route' as url %}[{{ url }}]") == "[]"
    assert render("{% nav_url 'help' as url %}[{{ url }}]") == "[/aide/]"


def test_the_menu_marks_the_longest_address_that_matches(monkeypatch: pytest.MonkeyPatch):
    urls = {"home": "/", "convention-list": "/conventions/", "report-list": "/rapports/"}
    monkeypatch.setattr(ui, "url_or_empty", lambda name: urls.get(name, ""))
    assert [e.label for e in ui.main_menu("/conventions/x/", national=True) if e.current] == ["Conventions"]
    assert [e.label for e in ui.main_menu("/", national=True) if e.current] == ["À faire"]
    assert [
        e.label for e in ui.main_menu("/conventions/x/rapports/", national=True, section="report-list") if e.current
    ] == ["Comptes rendus"]


def test_the_title_starts_with_error_only_when_a_form_of_the_page_is_refused():
    class One(DsfrForm):
        name = forms.CharField(label="Nom")

    assert render("{% error_prefix %}", form=One()) == ""
    assert render("{% error_prefix %}", form=One({"name": "x"})) == ""
    assert render("{% error_prefix %}", form=One({})) == f"Erreur{NB}: "
    assert render("{% error_prefix %}", forms={"a": One({})}) == f"Erreur{NB}: "
    html = render("{% error_summary form %}", form=One({}))
    assert '<a href="#id_name">Nom</a>' in html


def test_text_given_to_a_component_is_escaped():
    html = render('{% alert tone="info" title=t %}<p>{{ t }}</p>{% endalert %}', t="<script>")
    assert "<script>" not in html
    assert html.count("&lt;script&gt;") == 2
    assert "<p>" in html


def test_the_first_of_a_month_is_in_superscript_in_a_sentence_made_elsewhere_and_the_rest_is_escaped():
    text = "<b>Du 1er\u00a0janvier au 11\u00a0mars, n° 21er & 1ère"
    expected = "&lt;b&gt;Du 1<sup>er</sup>\u00a0janvier au 11\u00a0mars, n° 21er &amp; 1ère"
    assert Template("{{ text|ordinals_fr }}").render(Context({"text": text})) == expected
