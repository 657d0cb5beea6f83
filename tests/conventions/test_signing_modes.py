"""The article of the signatures says what the ways to sign of the act make true."""

import pytest

from conventions.content.freeze import build_content
from conventions.forms.texts import OptionsForm
from conventions.models import Act
from conventions.services.drafting import set_options
from conventions.text import signing_modes
from tests.factories.conventions import make_act, member

pytestmark = pytest.mark.django_db
PASSAGE = "variante_mode_signature"


def admitting(act: Act, *modes: str) -> Act:
    programme = act.programme
    cycle = programme.retained.setdefault("cycle", {}).setdefault(str(programme.cycle_id), {})
    cycle.update({f"{mode}_signature": mode in modes for mode in ("browser", "pades", "scan")})
    programme.save()
    return Act.objects.get(pk=act.pk)


@pytest.mark.parametrize(
    ("modes", "begins"),
    [
        (("browser",), "Signé électroniquement par les parties."),
        (("pades", "browser"), "Signé électroniquement par les parties."),
        (("scan",), "Fait à {{ lieu_signature }}, le {{ date_signature }}"),
        (("browser", "scan"), "Signé par chaque partie, par voie électronique ou de sa main"),
        (("pades", "scan"), "Signé par chaque partie, par voie électronique ou de sa main"),
    ],
)
def test_signed_electronically_is_printed_only_where_no_paper_original_is_admitted(modes, begins) -> None:
    act = admitting(make_act(), *modes)
    assert act.options["mode_signature"] == "electronique", "what every act begins with"
    assert build_content(act)["variants"][PASSAGE].startswith(begins)


def test_the_state_may_have_paper_originals_signed_where_they_are_admitted_and_nowhere_else() -> None:
    act = make_act()
    set_options(act=act, options={"mode_signature": "manuscrite"}, by=member(act, "officer"), expected_revision=None)
    assert build_content(admitting(act, "browser", "scan"))["variants"][PASSAGE].startswith("Fait à")
    assert build_content(admitting(act, "browser"))["variants"][PASSAGE].startswith("Signé électroniquement")


def test_the_page_offers_what_the_act_admits_with_the_wording_that_the_text_has() -> None:
    act = admitting(make_act(), "browser", "scan")
    form = OptionsForm(act=act)
    assert {value for value, _ in form.fields["mode_signature"].choices} == {"mixte", "manuscrite"}
    assert form.initial["mode_signature"] == "mixte"
    assert "mode_signature" not in OptionsForm(act=admitting(act, "browser")).fields
    assert "mode_signature" not in OptionsForm(act=admitting(act, "scan")).fields


def test_an_older_model_without_the_wording_keeps_what_was_chosen() -> None:
    act = admitting(make_act(), "browser", "scan")
    assert signing_modes.value(signing_modes.of(act), "electronique", ["electronique"]) == "electronique"
    assert signing_modes.value(signing_modes.of(act), "electronique", ["electronique", "mixte"]) == "mixte"
