"""Acts after the first: opened on a signed text, negotiated, signed, in force; and how they change one another."""

import datetime as dt
import json
import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from actions.services import set_sheet_budget, update_sheet
from actions.services.budgets import stored_lines
from conventions import workflow
from conventions.content.freeze import build_content, content_hash
from conventions.documents import production
from conventions.guards.complete import nothing_missing
from conventions.later.in_force import act_in_force, applied_acts, firm_years, text_in_force
from conventions.models import Act, SignedTotal
from conventions.money import totals
from conventions.services.later import set_terms
from conventions.services.money import ContributionRow, set_contributions
from conventions.services.parties import set_party
from cpo.lib.models import JournalEntry, OutboxMessage
from cpo.lib.workflow import Refused
from tests.factories import scenarios
from tests.factories.scenarios import (
    Scene,
    active_convention,
    avenant_in_force,
    in_force,
    in_signature,
    later,
    set_contribution,
    to_signature,
    with_later_act,
)
from tests.lib.test_pdf import assert_conformant

pytestmark = pytest.mark.django_db


def lines(scene: scenarios.Scene) -> list[str]:
    return [line.text for line in nothing_missing(scene.act) if line.severity == "error"]


def names(scene: scenarios.Scene, user: object) -> set[str]:
    return {option.transition.name for option in workflow.ACT.available(scene.act, user)}


def mails(template: str) -> set[str]:
    return set(OutboxMessage.objects.filter(template=template).values_list("to", flat=True))


# -- Opening --------------------------------------------------------------------------------------------------------


def test_an_avenant_starts_as_a_copy_of_the_signed_text_with_the_keys_of_its_fiches() -> None:
    first = active_convention(sheets=2)
    scene = later(first)
    act = scene.act
    assert (act.reference, act.name, act.state) == (f"{first.number}-A1", "Avenant n°\u00a01", "negotiation")
    assert (act.base, act.turn, act.asked_by) == (first.act, "state", "state")
    keys = set(first.act.programme.sheets.values_list("key", flat=True))
    assert set(act.programme.sheets.values_list("key", flat=True)) == keys
    base_content, new_content = build_content(first.act), build_content(act)
    for part in ("articles", "parties", "sheets", "structure", "contributions", "instalments", "options", "values"):
        assert new_content[part] == base_content[part], part
    assert new_content["act"]["base"]["content_sha256"] == first.version.content_sha256


def test_either_side_asks_for_an_avenant_and_the_other_is_told_of_its_object_cause_and_consequences() -> None:
    first = active_convention()
    scene = later(first, by=first.director)
    assert (scene.act.turn, scene.act.asked_by) == ("beneficiary", "beneficiary")
    assert mails("acte_ouvert") == {first.officer.email, first.manager.email}
    body = OutboxMessage.objects.filter(template="acte_ouvert").first().body
    for words in ("Changer une action.", "Un partenaire se retire.", "Le budget de l’action est revu."):
        assert words in body


def test_one_avenant_at_a_time_and_an_annual_act_beside_it() -> None:
    first = active_convention()
    later(first)
    with pytest.raises(Refused, match="déjà en cours"):
        later(first, by=first.director)
    annual = later(first, "annual")
    assert annual.act.reference == f"{first.number}-F1"
    with pytest.raises(Refused, match="déjà en cours"):
        later(first, "annual", year=2027)
    with pytest.raises(IntegrityError), transaction.atomic():
        Act.objects.filter(pk=annual.act.pk).update(kind="avenant", year=None)


def test_nobody_opens_an_act_on_a_convention_that_is_not_signed() -> None:
    scene = scenarios.in_negotiation()
    with pytest.raises(Refused):
        later(scene)
    assert not names(scene, scene.officer) & {"open_amendment", "open_annual", "open_adaptation"}


def test_who_opens_which_act() -> None:
    first = active_convention()
    assert {"open_amendment", "open_annual"} <= names(first, first.officer)
    assert "open_adaptation" not in names(first, first.officer)
    assert {"open_amendment", "open_adaptation"} <= names(first, first.president)
    assert "open_annual" not in names(first, first.director)
    with pytest.raises(PermissionDenied):
        later(first, "annual", by=first.director)
    with pytest.raises(PermissionDenied):
        later(first, "notice", by=first.officer)


def test_the_other_side_refuses_an_avenant_with_a_reason_and_the_text_in_force_stays() -> None:
    scene = with_later_act()
    first = Scene(scene.convention)
    scene.do("refuse", scene.director, "Le conseil d’administration s’y oppose.")
    assert (scene.act.state, scene.act.turn) == ("abandoned", "")
    assert first.act.state == "active" and first.act.latest
    assert first.director.email in mails("acte_termine") and first.officer.email in mails("acte_termine")
    assert later(first).act.reference == f"{first.number}-A2"


# -- Limits of an act -----------------------------------------------------------------------------------------------


def test_an_act_that_changes_nothing_is_not_accepted() -> None:
    scene = with_later_act()
    assert any("ne change rien" in text for text in lines(scene))
    scene.edit()
    assert lines(scene) == []


def test_an_act_never_takes_effect_before_the_text_that_it_changes() -> None:
    scene = with_later_act()
    scene.edit()
    Act.objects.filter(pk=scene.act.pk).update(effective_on=dt.date(2024, 12, 31))
    assert any("précède" in text for text in lines(scene))


def test_no_avenant_carries_the_convention_beyond_four_years() -> None:
    scene = with_later_act(topic="extension")
    Act.objects.filter(pk=scene.act.pk).update(ends_on=dt.date(2028, 12, 31))
    assert lines(scene) == []
    Act.objects.filter(pk=scene.act.pk).update(ends_on=dt.date(2029, 1, 1))
    assert any("quatre ans" in text for text in lines(scene))
    with pytest.raises(DatabaseError, match="beyond four years"), transaction.atomic():
        Act.objects.filter(pk=scene.act.pk).update(state="signature")
    Act.objects.filter(pk=scene.act.pk).update(ends_on=dt.date(2028, 12, 31), state="signature")


def test_no_convention_lasts_beyond_four_years_nor_ends_before_it_begins() -> None:
    act = Act.objects.filter(pk=in_signature().act.pk)
    for term, words in ((dt.date(2029, 1, 1), "beyond four years"), (dt.date(2024, 1, 1), "act_ends_after_it_begins")):
        with pytest.raises(DatabaseError, match=words), transaction.atomic():
            act.update(ends_on=term)


def test_an_annual_act_changes_the_amounts_of_its_year_and_nothing_else() -> None:
    scene = with_later_act(kind="annual", year=2026)
    sheet = scene.act.programme.sheets.first()
    with pytest.raises(PermissionDenied, match="que les montants de 2026"):
        update_sheet(sheet=sheet, by=scene.officer, expected_revision=None, title="Autre chose")
    expenses, resources = stored_lines(sheet.expenses.all()), stored_lines(sheet.resources.all())
    for line in (expenses[0], resources[0]):
        line.amounts[2027] += 10
    with pytest.raises(ValidationError, match="laissez les autres années"):
        set_sheet_budget(sheet=sheet, by=scene.officer, expected_revision=None, expenses=expenses, resources=resources)
    set_contribution(scene, 2026, Decimal(39000))
    assert lines(scene) == []
    set_contribution(scene, 2026, Decimal(40000))
    rows = [ContributionRow(y, Decimal(41000 if y == 2027 else 39000), scene.act.dossier.lead)
            for y in (2025, 2026, 2027)]  # fmt: skip
    set_contributions(act=scene.act, rows=rows, by=scene.officer, expected_revision=None)
    assert any("ne peut changer que les montants de 2026" in text for text in lines(scene))


def test_the_grids_of_an_annual_act_let_only_the_amounts_of_its_year_be_typed(client: Client) -> None:
    scene = with_later_act(kind="annual", year=2026)
    client.force_login(scene.officer)
    sheet = scene.act.programme.sheets.first()
    for route, more in (("convention-contribution", {}), ("sheet-budget", {"key": sheet.key})):
        page = client.get(reverse(route, kwargs={"number": scene.act.reference, **more})).content.decode()
        inputs = re.findall(r"<input[^>]* name=\"(?:m-|(?:charges|produits)-\d+-y)[^>]*>", page)
        closed_years = {re.search(r"(20\d\d)\"", tag)[1] for tag in inputs if " readonly" in tag}
        open_years = {re.search(r"(20\d\d)\"", tag)[1] for tag in inputs if " readonly" not in tag}
        assert (closed_years, open_years) == ({"2025", "2027"}, {"2026"}), route
        assert "Cet acte ne change que les montants de 2026" in page.replace("\u00a0", " ")


def test_the_payments_of_an_annual_act_are_those_of_its_year_and_the_others_stay(client: Client) -> None:
    scene = with_later_act(kind="annual", year=2026)
    client.force_login(scene.officer)
    address = reverse("convention-contribution", kwargs={"number": scene.act.reference})
    plan = {(row.year, row.label): row.amount for row in scene.act.instalments.all()}
    formset = client.get(address).context["formset"]
    assert {form.initial["year"] for form in formset.initial_forms} == {2026} < {year for year, _ in plan}
    assert [year for year, _ in formset.empty_form.fields["year"].choices] == ["", 2026]

    def post(year: int) -> Any:
        form_data = {"form": "versements", "revision": scene.act.programme.revision}
        form_data |= {"versement-TOTAL_FORMS": "1", "versement-INITIAL_FORMS": "0", "versement-0-year": str(year)}
        form_data |= {"versement-0-label": "Versement unique", "versement-0-amount": "37000"}
        return client.post(address, form_data)

    assert "year" in post(2027).context["formset"].forms[0].errors
    assert post(2026).status_code == 302
    other_years = {key: amount for key, amount in plan.items() if key[0] != 2026}
    instalments = {(row.year, row.label): row.amount for row in scene.act.instalments.all()}
    assert instalments == other_years | {(2026, "Versement unique"): Decimal(37000)}


def test_an_annual_act_does_not_raise_the_whole_above_the_maximum_of_the_convention() -> None:
    scene = with_later_act(kind="annual", year=2026)
    set_contribution(scene, 2026, Decimal(41000))
    assert any("maximum de l’article 4.1" in text for text in lines(scene))


# -- In force -------------------------------------------------------------------------------------------------------


def test_a_signed_avenant_becomes_the_text_in_force_on_its_effective_date() -> None:
    scene = with_later_act()
    first = Scene(scene.convention)
    scene.edit()
    day = dt.date(2026, 9, 1)
    Act.objects.filter(pk=scene.act.pk).update(effective_on=day)
    in_force(scene)
    convention = first.convention
    assert act_in_force(convention, day - dt.timedelta(days=1)) == first.act
    assert act_in_force(convention, day) == scene.act
    assert text_in_force(convention, day) == scene.version
    assert act_in_force(convention, dt.date(2024, 12, 31)) is None
    assert (first.act.latest, scene.act.latest) == (False, True)
    assert mails("acte_en_vigueur") >= {first.president.email, first.officer.email}
    assert first.act.convention.state == "active"


def test_an_avenant_opened_first_and_signed_last_is_the_text_in_force_of_a_day_that_both_acts_have() -> None:
    first = active_convention()
    avenant, annual = later(first), later(first, "annual", year=2026)
    avenant.edit()
    set_contribution(annual, 2026, Decimal(30000))
    in_force(annual)
    assert firm_years(avenant.act) == {2025, 2026}
    in_force(avenant)
    day = avenant.act.effective_on
    assert avenant.act.number < annual.act.number and annual.act.effective_on == day
    assert act_in_force(first.convention, day) == avenant.act
    assert applied_acts(avenant.act) == [first.act, annual.act, avenant.act]
    assert firm_years(avenant.act) == {2025, 2026}


def _of_parties(scene: scenarios.Scene) -> None:
    party = scene.party("beneficiary")
    set_party(
        party=party, signatory=party.signatory, signatory_name=party.signatory_name, capacity="coprésidente",
        by=scene.officer, expected_revision=None,
    )  # fmt: skip


def _of_extension(scene: scenarios.Scene) -> None:
    act = scene.act
    set_terms(
        act=act, by=scene.officer, expected_revision=None, effective_on=act.effective_on, ends_on=dt.date(2028, 6, 30)
    )


def test_an_extension_moves_what_the_text_dates_from_the_term() -> None:
    scene = with_later_act(topic="extension")
    values = build_content(scene.act)["values"]
    assert values["date_limite_derniers_justificatifs"] == "30\u00a0juin 2028"
    assert values["date_limite_bilan"] == "30 septembre 2027"
    _of_extension(scene)
    values = build_content(scene.act)["values"]
    assert values["date_fin"] == "30\u00a0juin 2028"
    assert values["date_limite_derniers_justificatifs"] == "30\u00a0juin 2029"
    assert values["date_limite_bilan"] == "30\u00a0mars 2028"


def test_an_act_that_would_take_effect_before_it_is_signed_is_told_to_its_authors(clock: Any) -> None:
    scene = with_later_act()
    warnings = [line.text for line in nothing_missing(scene.act) if line.severity == "warning"]
    assert not [text for text in warnings if "avant d’être signé" in text]
    clock.shift(dt.timedelta(days=20))
    warnings = [line.text for line in nothing_missing(scene.act) if line.severity == "warning"]
    assert [text for text in warnings if text.startswith("L’avenant n°\u00a01 prendrait effet le")]


def test_the_text_read_for_a_day_after_the_term_is_the_last_one_and_says_so(client: Client) -> None:
    first = active_convention()
    client.force_login(first.officer)
    page = client.get(reverse("convention-consolidated", args=[first.number]) + "?au=01/01/2030").content.decode()
    page = page.replace("\u00a0", " ").replace("&nbsp;", " ")
    assert "est arrivée à son terme le 31 décembre 2027" in page and "Dernier texte de la convention" in page
    assert "en vigueur le 1" not in page and "&lt;sup" not in page
    assert "Version consolidée au 1er janvier 2030" in page


def test_who_may_not_open_a_second_avenant_reads_why_in_the_list_of_acts(client: Client) -> None:
    first = active_convention()
    client.force_login(first.officer)
    address = reverse("convention-acts", args=[first.number])
    assert "Un seul avenant à la fois" not in client.get(address).content.decode()
    scene = later(first)
    page = client.get(address).content.decode()
    assert "Un seul avenant à la fois" in page and reverse("convention-detail", args=[scene.number]) in page


def _of_wording(scene: scenarios.Scene) -> None:
    scenarios.rewrite(scene, scene.officer, lambda paragraphs: [*paragraphs, scenarios.PARAGRAPH])


@pytest.mark.pdf
@pytest.mark.parametrize(
    ("topic", "change", "words"),
    [
        ("programme", scenarios.Scene.edit, "Et davantage."),
        ("parties", _of_parties, "coprésidente"),
        ("extension", _of_extension, "2028-06-30"),
        ("other", _of_wording, scenarios.PARAGRAPH),
    ],
)
def test_an_avenant_of_each_kind_goes_to_the_text_in_force(topic: str, change: Any, words: str, tmp_path: Path) -> None:
    scene = with_later_act(topic=topic)
    first = Scene(scene.convention)
    change(scene)
    in_force(scene)
    assert scene.act.topic == topic
    in_text = json.dumps(text_in_force(first.convention, scene.act.effective_on).content, ensure_ascii=False)
    before = json.dumps(first.version.content, ensure_ascii=False)
    assert words in in_text and words not in before
    assert_conformant(production.render(scene.version, "a_signer"), tmp_path)


def test_who_signs_an_act_is_told_which_one() -> None:
    scene = avenant_in_force()
    for template in ("document_a_signer", "signature_autre_partie", "code_signature"):
        message = OutboxMessage.objects.filter(template=template).latest("pk")
        assert scene.act.name_in_sentence in message.subject + message.body
        assert "signer la convention" not in message.subject + message.body


def test_a_signed_act_never_changes_again() -> None:
    scene = avenant_in_force()
    with pytest.raises(DatabaseError), transaction.atomic():
        Act.objects.filter(pk=scene.act.pk).update(purpose="Autre chose")
    with pytest.raises(DatabaseError), transaction.atomic():
        scene.act.programme.sheets.update(title="Autre chose")
    with pytest.raises(PermissionDenied):
        scene.edit(scene.officer)


def test_the_totals_follow_the_last_text_signed() -> None:
    scene = with_later_act(kind="annual", year=2026)
    first = Scene(scene.convention)
    set_contribution(scene, 2026, Decimal(30000))
    in_force(scene)
    acts = Act.objects.filter(latest=True)
    expected = totals.sums(totals.contributions(acts), totals.state_resources(acts))
    for of in (first.convention, None):
        assert totals.stored_sums(SignedTotal.objects.filter(convention=of)) == expected
    assert expected[2026, None] == Decimal(30000)
    assert firm_years(first.act) == {2025}
    assert firm_years(scene.act) == {2025, 2026}


def test_acts_are_signed_one_after_the_other() -> None:
    first = active_convention()
    avenant, annual = later(first), later(first, "annual", year=2026)
    avenant.edit()
    set_contribution(annual, 2026, Decimal(39000))
    to_signature(avenant)
    annual.do("propose", annual.officer)
    annual.do("accept", annual.director)
    annual.do("give_visa", annual.manager, "Seule personne disponible.")
    with pytest.raises(Refused) as refusal:
        annual.do("open_signature", annual.manager)
    assert any("est à la signature" in line.text for line in refusal.value.missing)


def test_no_adaptation_is_declared_while_another_act_is_at_the_signature() -> None:
    """Once signed, the other act would put its own older budget back in force."""
    first = active_convention()
    avenant, notice = later(first), later(first, "notice", year=2026)
    avenant.edit()
    to_signature(avenant)
    notice.adapt(Decimal(1000))
    with pytest.raises(Refused) as refusal:
        notice.do("declare", notice.director)
    assert any("est à la signature" in line.text for line in refusal.value.missing)
    avenant.sign(avenant.president)
    avenant.sign(avenant.signatory)
    avenant.do("notify", avenant.officer)
    notice.do("declare", notice.director)
    assert (notice.act.base, notice.act.latest) == (avenant.act, True)


# -- Acts open together ---------------------------------------------------------------------------------------------


def test_an_avenant_takes_the_amounts_that_an_annual_act_signed_meanwhile_has_fixed() -> None:
    first = active_convention(sheets=2)
    avenant, annual = later(first, by=first.director), later(first, "annual", year=2026)
    avenant.edit()
    avenant.do("propose", avenant.director)
    description = avenant.act.programme.sheets.first().description
    set_contribution(annual, 2026, Decimal(30000))
    in_force(annual)
    act = avenant.act
    assert act.base == annual.act
    assert act.contributions.get(year=2026).amount == Decimal(30000)
    assert act.programme.sheets.first().description == description
    assert not avenant.version.acceptances.filter(cancelled_at=None).exists()
    assert mails("acceptations_annulees") >= {first.director.email, first.officer.email}
    assert lines(avenant) == []
    sheet = lambda of: build_content(of.act)["sheets"][0]  # noqa: E731
    assert sheet(avenant)["resources"] == sheet(annual)["resources"]


def test_an_annual_act_is_made_anew_from_the_avenant_signed_meanwhile_with_its_own_amounts() -> None:
    first = active_convention()
    avenant, annual = later(first), later(first, "annual", year=2026)
    set_contribution(annual, 2026, Decimal(39000))
    avenant.edit()
    in_force(avenant)
    act = annual.act
    assert act.base == avenant.act
    assert act.contributions.get(year=2026).amount == Decimal(39000)
    assert act.programme.sheets.get().description == avenant.act.programme.sheets.get().description
    assert lines(annual) == []
    assert JournalEntry.objects.filter(verb="carried", root=f"dossier:{first.convention.dossier_id}").count() == 1


def test_an_amount_changed_on_both_sides_keeps_the_value_of_the_open_act_and_it_is_said() -> None:
    first = active_convention()
    avenant, annual = later(first), later(first, "annual", year=2026)
    set_contribution(avenant, 2026, Decimal(35000))
    set_contribution(annual, 2026, Decimal(30000))
    in_force(annual)
    assert avenant.act.contributions.get(year=2026).amount == Decimal(35000)
    entry = JournalEntry.objects.get(verb="carried")
    assert "changés des deux côtés" in entry.sentence


# -- Adaptation notice ----------------------------------------------------------------------------------------------


def test_a_notice_is_declared_without_signature_and_becomes_the_text_in_force() -> None:
    scene = with_later_act(kind="notice", year=2026)
    first = Scene(scene.convention)
    assert names(scene, scene.officer) & {"propose", "accept", "open_signature", "sign"} == set()
    assert not OutboxMessage.objects.filter(template="acte_ouvert").exists()
    scene.adapt(Decimal(1000))
    scene.do("declare", scene.director, "Un achat groupé.")
    act = scene.act
    assert (act.state, act.signed_on, act.latest) == ("active", None, True)
    assert mails("adaptation_declaree") == {first.officer.email, first.manager.email}
    assert act_in_force(first.convention, act.effective_on) == act


def test_a_notable_adaptation_needs_an_avenant() -> None:
    scene = with_later_act(kind="notice", year=2026)
    scene.adapt(Decimal(6000))
    assert lines(scene) == []
    scene.adapt(Decimal(600))
    assert any("il faut un avenant" in text for text in lines(scene))
    with pytest.raises(Refused):
        scene.do("declare", scene.director)


def test_a_notice_leaves_the_contribution_of_the_state_alone() -> None:
    scene = with_later_act(kind="notice", year=2026)
    set_contribution(scene, 2026, Decimal(39000))
    assert any("ne change ni la contribution" in text for text in lines(scene))


def test_the_content_of_act_zero_is_the_same_whatever_comes_after() -> None:
    first = active_convention()
    before = content_hash(build_content(first.act))
    scene = later(first)
    scene.edit()
    in_force(scene)
    assert content_hash(build_content(first.act)) == before == first.version.content_sha256
