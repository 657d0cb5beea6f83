"""Two people edit one page. Both changes are merged, and the second person chooses for each field that both changed."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from actions.models import Sheet
from arml.models import Attachment
from conventions.models import Act
from conventions.services.articles import set_article
from conventions.services.texts import set_values
from reporting.guards import address
from reporting.models import Meeting, Report
from reporting.services import reports
from tests.access.html import form_data
from tests.conflicts import question_texts, questions, snapshot_of
from tests.dom.tree import packed
from tests.factories.actions import SheetFactory, SheetIndicatorFactory, TargetFactory, expense
from tests.factories.arml import make_user
from tests.factories.conventions import PDF, make_act, member
from tests.factories.meetings import dialogue
from tests.factories.reporting import admissible, make_report, person

pytestmark = pytest.mark.django_db
Open = Callable[[Client, str, str], dict[str, Any]]


def signed_in(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def opened(client: Client, url: str, field: str, **changes: Any) -> dict[str, Any]:
    """The data that the browser sends after these changes."""
    return form_data(client.get(url).content.decode(), field, **changes)


def again(page: Any, field: str, **changes: Any) -> dict[str, Any]:
    return form_data(page.content.decode(), field, **changes)


def text(page: Any) -> str:
    return packed(page.content.decode()).replace("\u00a0", " ")


# -- An article: a simple form ---------------------------------------------------------------------------------------


@pytest.fixture
def act() -> Act:
    return make_act()


@pytest.fixture
def pair(act: Act) -> tuple[Client, Client]:
    return signed_in(member(act, "officer")), signed_in(make_user("officer", act.dossier.lead))


@pytest.fixture
def article(act: Act) -> str:
    return reverse("convention-article", args=[act.convention.number, "preambule"])


def body(act: Act) -> str:
    return str(act.articles.get(model_article__key="preambule").body)


def collide(pair: Any, url: str, field: str, theirs: dict[str, Any], mine: dict[str, Any]) -> Any:
    """Both people open the page, then both save it. Return the answer to the second one."""
    first, second = (opened(client, url, field) for client in pair)
    assert pair[0].post(url, first | theirs).status_code == 302
    return pair[1].post(url, second | mine)


def test_a_value_typed_in_a_field_that_a_colleague_took_away_is_shown_and_not_dropped(act, pair):
    options = act.options | {"charges_indirectes": "forfait"}
    Act.objects.filter(pk=act.pk).update(options=options)
    url = reverse("convention-values", args=[act.convention.number])
    first, second = opened(pair[0], url, "option-charges_indirectes"), opened(pair[1], url, "taux_charges_indirectes")
    assert pair[0].post(url, first | {"option-charges_indirectes": "reelles"}).status_code == 302
    page = pair[1].post(url, second | {"taux_charges_indirectes": "12,5"})
    assert page.status_code == 409 and "Saisi dans un champ que cette page n’a plus" in text(page)
    assert "12,5" in text(page) and not Act.objects.get(pk=act.pk).values.get("taux_charges_indirectes")
    assert pair[1].post(url, again(page, "arml_objet_statutaire")).status_code == 302, "the page asks only once"


def test_the_second_saver_sees_before_theirs_and_mine_and_nothing_is_overwritten(act, pair, article):
    before = body(act)
    theirs, mine = {"body": "Le texte de l’autre.", "reason": "Un"}, {"body": "Mon texte.", "reason": "Deux"}
    page = collide(pair, article, "body", theirs, mine)
    assert page.status_code == 409
    assert question_texts(page) == [
        ("Texte de l’article", before.strip(), "Le texte de l’autre.", "Mon texte."),
        ("Motif de l’écart", "", "Un", "Deux"),
    ]
    assert f"Version enregistrée par {member(act, 'officer')}" in text(page)
    assert body(act) == "Le texte de l’autre."
    assert page.context["form"]["body"].value() == "Mon texte.", "my value stays in the form"
    assert not any(question.choice for question in questions(page)), "no default when both changed"


def test_words_added_and_removed_are_marked_otherwise_than_by_colour(act, pair, article):
    page = collide(
        pair, article, "body", {"body": f"{body(act)} Fin.", "reason": "x"}, {"body": "Court.", "reason": "x"}
    )
    assert '<ins><span class="fr-sr-only">ajouté : </span>' in text(page)
    assert '<del><span class="fr-sr-only">supprimé : </span>' in text(page)


@pytest.mark.parametrize(("choice", "text_after"), [("enregistree", "À eux."), ("saisie", "À moi.")])
def test_one_chooses_field_by_field(act, pair, article, choice, text_after):
    page = collide(pair, article, "body", {"body": "À eux.", "reason": "x"}, {"body": "À moi.", "reason": "x"})
    assert pair[1].post(article, again(page, "body", **{"choix-0": choice})).status_code == 302
    assert body(act) == text_after


def test_mine_may_still_be_corrected_below_while_one_chooses(act, pair, article):
    page = collide(pair, article, "body", {"body": "À eux.", "reason": "x"}, {"body": "À moi.", "reason": "x"})
    pair[1].post(article, again(page, "body", body="Les deux réunis.", **{"choix-0": "saisie"}))
    assert body(act) == "Les deux réunis."


def test_a_choice_that_is_missing_is_asked_again_and_nothing_is_lost(act, pair, article):
    page = collide(pair, article, "body", {"body": "À eux.", "reason": "Un"}, {"body": "À moi.", "reason": "Deux"})
    page = pair[1].post(article, again(page, "body", body="À moi, mieux.", **{"choix-1": "saisie"}))
    assert page.status_code == 409 and "Choisissez la version enregistrée ou votre saisie" in text(page)
    assert [(one.mine, one.choice) for one in questions(page)] == [("À moi, mieux.", ""), ("Deux", "saisie")]
    assert body(act) == "À eux."
    assert pair[1].post(article, again(page, "body", **{"choix-0": "saisie"})).status_code == 302
    assert body(act) == "À moi, mieux."


def test_one_s_own_saving_in_another_tab_is_not_told_as_another_person_s(act, pair, article):
    tabs = (pair[0], pair[0])
    page = collide(tabs, article, "body", {"body": "Ici.", "reason": "x"}, {"body": "Là.", "reason": "x"})
    assert page.status_code == 409
    assert "Vous avez enregistré cette page dans un autre onglet" in text(page)
    assert "Version enregistrée dans l’autre onglet" in text(page)
    conflict = text(page).partition('id="conflit"')[2].partition("</form>")[0]
    assert "utre personne" not in conflict and str(member(act, "officer")) not in conflict


def test_a_third_person_s_save_in_between_gives_a_new_question(act, pair, article):
    page = collide(pair, article, "body", {"body": "À eux.", "reason": "x"}, {"body": "À moi.", "reason": "x"})
    third = make_user("officer", act.dossier.lead)
    set_article(act=act, key="preambule", body="Du tiers.", reason="x", by=third, expected_revision=None)
    page = pair[1].post(article, again(page, "body", **{"choix-0": "saisie"}))
    assert page.status_code == 409
    assert question_texts(page) == [("Texte de l’article", "À eux.", "Du tiers.", "À moi.")]
    assert str(third) in snapshot_of(page).author
    assert pair[1].post(article, again(page, "body", **{"choix-0": "saisie"})).status_code == 302
    assert body(act) == "À moi."


def test_what_one_chose_to_keep_of_theirs_follows_them(act, pair, article):
    page = collide(pair, article, "body", {"body": "À eux.", "reason": "x"}, {"body": "À moi.", "reason": "x"})
    third = make_user("officer", act.dossier.lead)
    set_article(act=act, key="preambule", body="Du tiers.", reason="x", by=third, expected_revision=None)
    assert pair[1].post(article, again(page, "body", **{"choix-0": "enregistree"})).status_code == 302
    assert body(act) == "Du tiers."


def test_a_change_elsewhere_asks_nothing_and_says_nothing(act, pair, article):
    mine = opened(pair[1], article, "body", body="À moi.", reason="x")
    set_values(act=act, values={"lieu_signature": "Rennes"}, by=member(act, "officer"), expected_revision=None)
    page = pair[1].post(article, mine, follow=True)
    assert body(act) == "À moi." and "venait d’enregistrer" not in text(page)


def test_without_what_the_page_showed_every_difference_is_asked(act, pair, article):
    first, second = (opened(client, article, "body") for client in pair)
    pair[0].post(article, first | {"body": "À eux.", "reason": "x"})
    del second["avant"]
    page = pair[1].post(article, second | {"reason": "y"})
    assert page.status_code == 409
    assert [question.before for question in questions(page)] == [None, None]


def test_the_revision_of_one_page_with_the_content_of_another_proves_nothing(act, pair, article):
    """A person resumes on a newer page the draft of an older one."""
    old = opened(pair[1], article, "body")
    set_article(act=act, key="preambule", body="À eux.", reason="x", by=member(act, "officer"), expected_revision=None)
    fresh = opened(pair[1], article, "body")
    page = pair[1].post(article, fresh | {"revision": old["revision"], "body": "À moi."})
    assert page.status_code == 409 and body(act) == "À eux."


def test_a_preview_keeps_the_questions(act, pair, article):
    page = collide(pair, article, "body", {"body": "À eux.", "reason": "x"}, {"body": "À moi.", "reason": "x"})
    preview = pair[1].post(article, again(page, "body", apercu="1"))
    assert preview.status_code == 200 and [one.mine for one in questions(preview)] == ["À moi."]


def test_going_back_to_the_model_overwrites_nobody(act, pair, article):
    officer = member(act, "officer")
    set_article(act=act, key="preambule", body="Premier.", reason="x", by=officer, expected_revision=None)
    page = collide(pair, article, "body", {"body": "À eux.", "reason": "x"}, {"modele": "1"})
    assert page.status_code == 409 and body(act) == "À eux."
    assert questions(page)[0].before == "Premier."


# -- Information, parties, perimeter -----------------------------------------------------------------------------------


def test_fields_that_one_of_the_two_changed_are_merged_and_said(act, pair):
    url = reverse("convention-values", args=[act.convention.number])
    page = collide(pair, url, "lieu_signature", {"lieu_signature": "Rennes"}, {"date_deliberation": "17/07/2025"})
    assert page.status_code == 302
    values = Act.objects.get(pk=act.pk).values
    assert (values["lieu_signature"], values["date_deliberation"]) == ("Rennes", "2025-07-17")
    page_text = text(pair[1].get(url))
    assert f"Avec ce que {member(act, 'officer')} venait d’enregistrer" in page_text


def test_merged_fields_are_told_beside_the_question(act, pair):
    url = reverse("convention-values", args=[act.convention.number])
    theirs = {"lieu_signature": "Rennes", "date_deliberation": "17/07/2025"}
    page = collide(pair, url, "lieu_signature", theirs, {"lieu_signature": "Quimper", "objet_convention": ""})
    assert [(one.before, one.theirs, one.mine) for one in questions(page)] == [("", "Rennes", "Quimper")]
    assert len(snapshot_of(page).taken) == 1
    assert page.context["form"]["date_deliberation"].value() == "17/07/2025"


def test_the_options_are_asked_in_words(act, pair):
    url = reverse("convention-values", args=[act.convention.number])
    form = pair[0].get(url).context["options"]
    name, first, second = next(
        (name, *[str(value) for value, _ in field.choices if value != form[name].value()][:2])
        for name, field in form.fields.items()
        if len(getattr(field, "choices", ())) > 2
    )
    field = f"option-{name}"
    page = collide(pair, url, field, {field: first}, {field: second})
    labels = dict(form.fields[name].choices)
    assert [(one.theirs, one.mine) for one in questions(page)] == [(labels[first], labels[second])]


def test_two_people_on_a_signatory(act, pair):
    url = reverse("convention-parties", args=[act.convention.number])
    prefix = f"partie-{act.parties.get(role='beneficiary').pk}"
    name, capacity = f"{prefix}-signatory_name", f"{prefix}-capacity"
    page = collide(pair, url, name, {name: "Alex Collègue", capacity: "présidente"}, {name: "Dominique Autre"})
    assert [(one.label, one.theirs, one.mine) for one in questions(page)] == [
        ("Nom du signataire", "Alex Collègue", "Dominique Autre")
    ]
    assert pair[1].post(url, again(page, name, **{"choix-0": "saisie"})).status_code == 302
    party = act.parties.get(role="beneficiary")
    assert (party.signatory_name, party.capacity) == ("Dominique Autre", "présidente")


# -- Contributions and payments: a grid, rows --------------------------------------------------------------------------


def test_two_people_on_the_grid_of_contributions(act, pair):
    url = reverse("convention-contribution", args=[act.convention.number])
    first, second = (f"m-{act.dossier.lead_id}-socle-{year}" for year in (2025, 2026))
    page = collide(pair, url, first, {first: "1000", second: "5"}, {first: "2 000"})
    assert [(one.theirs, one.mine) for one in questions(page)] == [("1 000".replace(" ", "\u00a0"), "2\u00a0000")]
    assert act.contributions.get(year=2025).amount == 1000
    assert pair[1].post(url, again(page, first, **{"choix-0": "saisie"})).status_code == 302
    assert [row.amount for row in act.contributions.order_by("year")] == [2000, 5]


def payment(rank: int, label: str, amount: str) -> dict[str, str]:
    prefix = f"versement-{rank}"
    return {f"{prefix}-year": "2025", f"{prefix}-label": label, f"{prefix}-amount": amount}


def test_payments_that_each_one_added_are_all_kept(act, pair):
    url = reverse("convention-contribution", args=[act.convention.number])
    page = collide(pair, url, "versement-0-label", payment(0, "Avance", "10"), payment(0, "Solde", "20"))
    assert page.status_code == 302
    assert sorted(row.label for row in act.instalments.all()) == ["Avance", "Solde"]


def test_a_payment_that_one_changed_and_the_other_removed_is_asked(act, pair):
    url = reverse("convention-contribution", args=[act.convention.number])
    pair[0].post(url, opened(pair[0], url, "versement-0-label") | payment(0, "Avance", "10"))
    page = collide(pair, url, "versement-0-label", payment(0, "Avance", "30"), {"versement-0-DELETE": "on"})
    [question] = questions(page)
    assert question.label == "2025, Avance" and question.mine == "(retiré)" and "30" in question.theirs
    for choice, count in (("enregistree", 1), ("saisie", 0)):
        answer = pair[1].post(url, again(page, "versement-0-label", **{"choix-0": choice}))
        assert answer.status_code == 302
        assert act.instalments.count() == count


# -- A fiche: texts, indicators, budget --------------------------------------------------------------------------------


@pytest.fixture
def sheet() -> Sheet:
    return SheetFactory(programme=make_act(state="negotiation", side="beneficiary").programme)


@pytest.fixture
def association(sheet: Sheet) -> tuple[Client, Client]:
    act = sheet.programme.act
    return signed_in(member(act, "president")), signed_in(member(act, "director"))


def of_sheet(sheet: Sheet, name: str) -> str:
    return reverse(name, kwargs={"number": sheet.programme.act.convention.number, "key": sheet.key})


def test_two_people_on_the_texts_of_a_fiche(sheet, association):
    url = of_sheet(sheet, "sheet-edit")
    page = collide(association, url, "title", {"title": "À elle", "context": "Le constat"}, {"title": "À lui"})
    assert question_texts(page) == [("Intitulé", sheet.title, "À elle", "À lui")]
    assert snapshot_of(page).taken == ["Contexte et diagnostic"] and "Déjà repris dans le formulaire" in text(page)
    assert association[1].post(url, again(page, "title", **{"choix-0": "saisie"})).status_code == 302
    sheet.refresh_from_db()
    assert (sheet.title, sheet.context) == ("À lui", "Le constat")


def test_boxes_that_one_ticked_stay_ticked(sheet, association):
    url = of_sheet(sheet, "sheet-edit")
    boxes = [str(value) for value, _ in association[0].get(url).context["form"].fields["functions"].choices][:2]
    page = collide(association, url, "title", {"functions": boxes}, {"title": "À lui"})
    assert page.status_code == 302
    assert sheet.functions.count() == 2


def test_a_wrong_value_after_the_choice_loses_nothing(sheet, association):
    url = of_sheet(sheet, "sheet-edit")
    page = collide(association, url, "title", {"title": "À elle"}, {"title": "À lui", "context": "À garder"})
    page = association[1].post(url, again(page, "title", fte="beaucoup", **{"choix-0": "enregistree"}))
    assert page.status_code == 200 and "n’est pas un nombre" in text(page)
    assert page.context["form"]["title"].value() == "À elle"
    assert association[1].post(url, again(page, "title", fte="1")).status_code == 302
    sheet.refresh_from_db()
    assert (sheet.title, sheet.context, sheet.fte) == ("À elle", "À garder", 1)


def test_a_refused_form_that_is_sent_again_still_notices_who_saved_meanwhile(sheet, association):
    url = of_sheet(sheet, "sheet-edit")
    mine = opened(association[1], url, "title", title="À lui", fte="beaucoup")
    association[0].post(url, opened(association[0], url, "title", title="À elle"))
    page = association[1].post(url, mine)
    page = association[1].post(url, again(page, "title", fte="1"))
    assert page.status_code == 409
    assert [(one.theirs, one.mine) for one in questions(page)] == [("À elle", "À lui")]


def targets(sheet: Sheet, label: str) -> list[str]:
    row = sheet.indicators.get(label=label)
    return [str(target.number) for target in row.targets.order_by("year")]


def with_indicators(sheet: Sheet) -> None:
    for label in ("Jeunes suivis", "Ateliers"):
        indicator = SheetIndicatorFactory(sheet=sheet, label=label)
        for year in sheet.years:
            TargetFactory(indicator=indicator, year=year, number=10)


def test_two_people_on_different_targets_are_merged(sheet, association):
    with_indicators(sheet)
    page = collide(
        association,
        of_sheet(sheet, "sheet-indicators"),
        "ind-0-target_2025",
        {"ind-0-target_2025": "11"},
        {"ind-0-target_2026": "12", "ind-1-target_2025": "13"},
    )
    assert page.status_code == 302
    assert [value.partition(".")[0] for value in targets(sheet, "Jeunes suivis")] == ["11", "12", "10"]
    assert [value.partition(".")[0] for value in targets(sheet, "Ateliers")] == ["13", "10", "10"]


def test_two_people_on_one_target_are_asked_by_row_and_year(sheet, association):
    with_indicators(sheet)
    url = of_sheet(sheet, "sheet-indicators")
    theirs, mine = {"ind-0-target_2025": "11"}, {"ind-0-target_2025": "12"}
    page = collide(association, url, "ind-0-target_2025", theirs, mine)
    assert question_texts(page) == [
        ("« Jeunes suivis », Cible 2025".replace(" J", "\u00a0J").replace("s »", "s\u00a0»"), "10", "11", "12")
    ]
    assert association[1].post(url, again(page, "ind-0-target_2025", **{"choix-0": "enregistree"})).status_code == 302
    assert targets(sheet, "Jeunes suivis")[0].startswith("11")


@pytest.mark.parametrize(("choice", "count"), [("enregistree", 2), ("saisie", 1)])
def test_an_indicator_that_i_removed_and_they_changed_is_asked(sheet, association, choice, count):
    with_indicators(sheet)
    url = of_sheet(sheet, "sheet-indicators")
    page = collide(association, url, "ind-0-target_2025", {"ind-0-target_2025": "11"}, {"ind-0-DELETE": "on"})
    [question] = questions(page)
    assert question.mine == "(retiré)" and "11" in question.theirs
    assert association[1].post(url, again(page, "ind-0-target_2025", **{"choix-0": choice})).status_code == 302
    assert sheet.indicators.count() == count


@pytest.mark.parametrize(("choice", "count"), [("enregistree", 1), ("saisie", 2)])
def test_an_indicator_that_they_removed_and_i_changed_is_asked(sheet, association, choice, count):
    with_indicators(sheet)
    url = of_sheet(sheet, "sheet-indicators")
    page = collide(association, url, "ind-0-target_2025", {"ind-0-DELETE": "on"}, {"ind-0-target_2025": "12"})
    [question] = questions(page)
    assert question.theirs == "(retiré)" and "12" in question.mine
    assert association[1].post(url, again(page, "ind-0-target_2025", **{"choix-0": choice})).status_code == 302
    assert sheet.indicators.count() == count


def added(label: str) -> dict[str, str]:
    row = {"label": label, "unit": "nb", "direction": "hausse", "type": "realisation", "target_2025": "1"}
    return {"ind-TOTAL_FORMS": "3"} | {f"ind-2-{name}": value for name, value in row.items()}


def test_indicators_that_each_one_added_are_all_kept(sheet, association):
    with_indicators(sheet)
    url = of_sheet(sheet, "sheet-indicators")
    page = collide(association, url, "ind-0-target_2025", added("À elle"), added("À lui"))
    assert page.status_code == 302
    assert {row.label for row in sheet.indicators.all()} == {"Jeunes suivis", "Ateliers", "À elle", "À lui"}


def cell(page: Any, code: str, year: int) -> str:
    form = next(form for form in page.context["budget"].expenses.forms if form.line_account.code == code)
    return form[f"y{year}"].html_name


def test_two_people_on_the_budget_of_a_fiche(sheet, association):
    expense(sheet, "64", 2025, "10")
    url = of_sheet(sheet, "sheet-budget")
    page = association[0].get(url)
    first, second, other = cell(page, "64", 2025), cell(page, "64", 2026), cell(page, "60", 2025)
    page = collide(association, url, first, {first: "20", second: "7"}, {first: "30", other: "5"})
    [question] = questions(page)
    assert question.label.startswith("64") and question.label.endswith(", 2025")
    assert (question.before, question.theirs, question.mine) == ("10", "20", "30")
    assert association[1].post(url, again(page, first, **{"choix-0": "saisie"})).status_code == 302
    amounts = {(row.account.code, row.year): int(row.amount) for row in sheet.expenses.select_related("account")}
    assert amounts == {("64", 2025): 30, ("64", 2026): 7, ("60", 2025): 5}


def test_a_line_that_is_added_on_the_page_of_the_question_keeps_the_question(sheet, association):
    url = of_sheet(sheet, "sheet-budget")
    name = cell(association[0].get(url), "64", 2025)
    page = collide(association, url, name, {name: "20"}, {name: "30"})
    page = association[1].post(url, again(page, name, add="expense", new_expense="62-DEPL"))
    assert [one.mine for one in questions(page)] == ["30"]
    assert association[1].post(url, again(page, name, **{"choix-0": "saisie"})).status_code == 302
    assert sheet.expenses.get().amount == 30


def test_two_people_on_the_costs_of_structure(sheet, association):
    url = reverse("programme-structure", args=[sheet.programme.act.convention.number])
    name = cell(association[0].get(url), "61", 2025)
    page = collide(association, url, name, {name: "20"}, {name: "30"})
    assert [(one.theirs, one.mine) for one in questions(page)] == [("20", "30")]
    assert str(member(sheet.programme.act, "president")) in snapshot_of(page).author


# -- A report ----------------------------------------------------------------------------------------------------------


def test_two_people_on_a_part_of_a_report():
    report = make_report()
    director = signed_in(person(report, "director"))
    part = report.sheets.get()
    place = {"number": report.convention.number, "year": report.year}
    url = reverse("report-sheet", kwargs=place | {"key": part.sheet.key})
    mine = opened(director, url, "narrative", narrative="Du directeur", measures="Aussi tapé")
    president = person(report, "president")
    fields = {"narrative": "De la présidente", "audience": "Les jeunes"}
    reports.save_sheet(part, fields=fields, values=[], expenses=[], by=president, expected_revision=None)
    page = director.post(url, mine)
    assert question_texts(page) == [("Ce qui a été fait", "", "De la présidente", "Du directeur")]
    assert str(president) in snapshot_of(page).author and snapshot_of(page).taken == ["Publics touchés"]
    assert director.post(url, again(page, "narrative", **{"choix-0": "enregistree"})).status_code == 302
    part.refresh_from_db()
    assert (part.narrative, part.measures, part.audience) == ("De la présidente", "Aussi tapé", "Les jeunes")


@pytest.mark.parametrize(("route", "field"), [("report-general", "highlights"), ("report-finance", "comment")])
def test_two_people_on_the_synthesis_and_on_the_finances(route, field):
    report = make_report()
    pair = signed_in(person(report, "president")), signed_in(person(report, "director"))
    url = reverse(route, kwargs={"number": report.convention.number, "year": report.year})
    page = collide(pair, url, field, {field: "À elle"}, {field: "À lui"})
    assert [(one.theirs, one.mine) for one in questions(page)] == [("À elle", "À lui")]
    assert str(person(report, "president")) in snapshot_of(page).author
    assert pair[1].post(url, again(page, field, **{"choix-0": "saisie"})).status_code == 302
    report = Report.objects.get(pk=report.pk)
    assert "À lui" in (report.highlights, report.financial_comment)


def test_two_people_on_the_minutes():
    report = admissible()
    meeting = dialogue(report)
    pair = signed_in(person(report, "manager")), signed_in(person(report, "officer"))
    url = address(meeting, "meeting-minutes")
    page = collide(pair, url, "summary", {"summary": "De la responsable"}, {"summary": "De l’agent"})
    assert [(one.theirs, one.mine) for one in questions(page)] == [("De la responsable", "De l’agent")]
    assert Meeting.objects.get().summary == "De la responsable"
    assert pair[1].post(url, again(page, "summary", **{"choix-0": "saisie"})).status_code == 302
    assert Meeting.objects.get().summary == "De l’agent"


# -- Documents -------------------------------------------------------------------------------------------------------


def test_nobody_replaces_a_document_that_they_did_not_see(act, pair):
    url = reverse("attachment-add", args=[act.convention.number, "delegation_signature_etat"])
    first, second = (
        opened(client, url, "current", dated="01/02/2026", valid_until="01/02/2030", comment="Vu") for client in pair
    )
    file = lambda: SimpleUploadedFile("acte.pdf", PDF, "application/pdf")  # noqa: E731
    assert pair[0].post(url, first | {"upload": file()}).status_code == 302
    page = pair[1].post(url, second | {"upload": file()})
    assert f"{member(act, 'officer')} a déposé cette pièce" in text(page)
    assert page.context["form"]["comment"].value() == "Vu"
    assert Attachment.objects.filter(kind__key="delegation_signature_etat").count() == 1
    assert pair[1].post(url, again(page, "current", upload=file())).status_code == 302
    assert Attachment.objects.filter(kind__key="delegation_signature_etat").count() == 2
