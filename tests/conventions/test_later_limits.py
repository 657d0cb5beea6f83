"""Limits of the acts after the first: years, sums of adaptations, paper conventions."""

import datetime as dt
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from actions.services import delete_sheet
from arml.models import Attachment
from conventions.guards.complete import nothing_missing
from conventions.guards.versions import version_prints_complete
from conventions.later.carrying import carry
from conventions.models import Act
from conventions.services.quoting import quote_article
from conventions.services.texts import set_values
from cpo.lib.models import JournalEntry
from cpo.lib.workflow import Refused
from tests.access import places
from tests.factories.conventions import actor
from tests.factories.scenarios import (
    Scene,
    active_convention,
    avenant_in_force,
    in_force,
    later,
    to_signature,
    with_later_act,
)
from tests.lib.test_pdf import read

pytestmark = pytest.mark.django_db


def errors(scene: Scene) -> list[str]:
    return [line.text for line in nothing_missing(scene.act) if line.severity == "error"]


# -- Annual financial acts ------------------------------------------------------------------------------------------


@pytest.mark.pdf
def test_an_annual_act_may_confirm_the_amounts_that_were_forecast(tmp_path) -> None:
    """Confirmed amounts become firm (article 4.3 of the model)."""
    from conventions.documents import production

    scene = with_later_act(kind="annual", year=2026)
    assert errors(scene) == []
    in_force(scene)
    document_text = read(production.render(scene.version, "a_signer"), tmp_path)
    assert "les montants qu’il prévoit sont confirmés" in " ".join(document_text.replace("\u00a0", " ").split())
    assert "Ce qui change" not in document_text


def test_an_annual_act_is_of_a_year_after_the_first_and_a_notice_of_a_year_that_is_not_over() -> None:
    first = active_convention()
    with pytest.raises(Refused, match="la première"):
        later(first, "annual", year=2025)
    with pytest.raises(Refused, match="terminée"):
        later(first, "notice", year=2025)
    client = Client()
    client.force_login(first.director)
    page = client.get(reverse("act-open-adaptation", args=[first.number])).content.decode()
    assert '<option value="2026">' in page and '<option value="2025">' not in page


# -- Adaptation notices ---------------------------------------------------------------------------------------------


def test_the_adaptations_of_a_year_add_up_until_both_sides_sign_another_text() -> None:
    """Two notices under the threshold may exceed it together (article 3.4)."""
    one = with_later_act(kind="notice", year=2026)
    first = Scene(one.convention)
    one.adapt(Decimal(4000))
    one.do("declare", one.director)
    two = later(first, "notice", year=2026)
    two.adapt(Decimal(1000))
    assert errors(two) == []
    two.adapt(Decimal(2500))
    assert any("il faut un avenant" in text for text in errors(two))


def test_a_notice_is_not_held_up_by_what_only_a_signature_needs() -> None:
    scene = with_later_act(kind="notice", year=2026)
    scene.adapt(Decimal(1000))
    Attachment.objects.filter(dossier=scene.convention.dossier).update(provisional=True)
    assert errors(scene) == []


# -- Two acts open together -----------------------------------------------------------------------------------------


def test_an_act_opened_while_another_is_at_the_signature_follows_it() -> None:
    avenant = with_later_act()
    first = Scene(avenant.convention)
    avenant.edit()
    to_signature(avenant)
    annual = later(first, "annual", year=2026)
    assert annual.act.base == first.act
    for who in (avenant.president, avenant.signatory):
        avenant.sign(who)
    avenant.do("notify", avenant.officer)
    assert annual.act.base == avenant.act


def test_an_avenant_may_drop_a_fiche_that_is_reported_upon() -> None:
    from reporting.services.campaigns import open_report

    first = active_convention(sheets=2)
    open_report(first.convention, 2025)
    avenant = later(first)
    sheet = avenant.act.programme.sheets.get(code="2-B")
    delete_sheet(sheet=sheet, by=avenant.officer, expected_revision=None)
    report = first.convention.reports.get()
    assert (report.act, report.sheets.count()) == (first.act, 2)


# -- Paper conventions ----------------------------------------------------------------------------------------------


def paper() -> Scene:
    """Return a paper convention that lacks the documents of its dossier and a value that its articles print."""
    scene = places.paper()
    values = {"arml_projet_synthese": ""}
    set_values(act=scene.act, values=values, by=scene.officer, expected_revision=None)
    Attachment.objects.filter(dossier=scene.convention.dossier).update(provisional=True)
    scene.do("record_paper", scene.officer)
    return scene


def test_an_avenant_to_a_paper_convention_is_asked_for_what_it_prints_alone() -> None:
    scene = later(paper())
    scene.edit()
    scene.do("propose", scene.officer)
    assert errors(scene) == []
    assert list(version_prints_complete(scene.act)) == []
    scene.do("accept", scene.director)


def test_an_article_that_the_avenant_changes_prints_complete() -> None:
    scene = later(paper())
    quote_article(
        act=scene.act, key="preambule", quoting="modifie", title="Préambule", former="Le projet de 2025.",
        body="Le projet : {{ arml_projet_synthese }}.", by=scene.officer, expected_revision=None,
    )  # fmt: skip
    scene.do("propose", scene.officer)
    assert any("projet de l’association" in line.text for line in version_prints_complete(scene.act))


# -- Journal and pages ----------------------------------------------------------------------------------------------


def test_the_journal_says_of_which_act_a_line_is() -> None:
    scene = with_later_act()
    scene.edit()
    scene.do("propose", scene.officer)
    entries = list(JournalEntry.objects.filter(subject__startswith="act:", verb="propose").order_by("id"))
    assert not entries[0].sentence.startswith("Avenant")
    assert entries[-1].sentence.startswith("Avenant n°\u00a01\u00a0: ")
    assert JournalEntry.objects.filter(verb="sheet_updated").latest("id").sentence.startswith("Avenant n°\u00a01")
    opening_entry = JournalEntry.objects.get(verb="open_amendment")
    assert not opening_entry.sentence.startswith("Avenant")


def test_a_signed_text_that_is_not_in_force_any_more_says_where_the_text_in_force_is() -> None:
    scene = avenant_in_force()
    first = Scene(scene.convention)
    client = Client()
    client.force_login(first.director)
    page = client.get(reverse("convention-detail", args=[f"{first.number}-initiale"])).content.decode()
    assert "puis modifié par l’avenant n°\u00a01" in page and ">le texte en vigueur</a>" in page
    for number in (first.number, scene.number):
        page = client.get(reverse("convention-detail", args=[number])).content.decode()
        assert "Texte en vigueur depuis le" in page and ">le texte en vigueur</a>" not in page


@pytest.mark.pdf
def test_a_consolidated_text_names_the_acts_that_made_it(tmp_path) -> None:
    from conventions.documents import production

    annual = with_later_act(kind="annual", year=2026)
    first = Scene(annual.convention)
    in_force(annual)
    scene = later(first)
    scene.edit()
    Act.objects.filter(pk=scene.act.pk).update(effective_on=dt.date(2027, 1, 1))
    scene.do("propose", scene.officer)
    words = " ".join(read(production.render(scene.version, "consolidee"), tmp_path).replace("\u00a0", " ").split())
    assert "tel que modifié par : Acte financier 2026 (effet du 15 octobre 2026), Avenant n° 1 (effet du" in words


def test_an_act_of_amounts_takes_effect_before_the_end_of_the_convention(client: Client) -> None:
    scene = with_later_act(kind="annual", year=2026)
    client.force_login(scene.officer)
    page = reverse("act-terms", args=[scene.number])
    posted = {"revision": scene.act.programme.revision, "purpose": "Fixer 2026.", "effective_on": "01/01/2028"}
    text = client.post(page, posted).content.decode()
    assert text.count("La convention prend fin le 31/12/2027\u00a0: l’acte prend effet avant.") == 2
    client.post(page, posted | {"effective_on": "31/12/2027"})
    assert scene.act.effective_on == dt.date(2027, 12, 31)


def test_an_avenant_that_shortens_the_term_brings_an_open_annual_act_within_it() -> None:
    first = active_convention()
    annual = later(first, "annual", year=2026)
    avenant = later(first)
    Act.objects.filter(pk=annual.act.pk).update(effective_on=dt.date(2027, 3, 1))
    Act.objects.filter(pk=avenant.act.pk).update(ends_on=dt.date(2026, 12, 31))
    carry(avenant.act, first.act, actor(avenant.act, "officer"))
    assert (annual.act.effective_on, annual.act.ends_on) == (dt.date(2026, 12, 31), dt.date(2026, 12, 31))
