"""Facts record what funders granted and paid, and never change; the plan compares them with the amounts asked."""

import datetime as dt
import io
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from actions.models import Account, Resource
from actions.rows import StoredRows
from conventions.models import Acceptance, Act, FundingFact
from conventions.money.plan import Plan, facts_of, line_value, plan
from conventions.services.funding import record_funding, void_funding
from cpo.lib.models import JournalEntry
from cpo.lib.workflow import Refused
from tests.dom.tree import packed
from tests.factories import scenarios
from tests.factories.arml import make_user
from tests.factories.conventions import PDF, complete_act, member

pytestmark = pytest.mark.django_db
D = Decimal


def text(response) -> str:
    return packed(response.content.decode()).replace("\u00a0", " ").replace("&nbsp;", " ")


def plan_of(act: Act) -> Plan:
    return plan(StoredRows(act.programme), act.programme.cycle.years, facts_of(act).valid())


@pytest.fixture
def act() -> Act:
    """The association has the turn; it asks the Région for 20 000 € a year, and the State for 40 000 €."""
    draft = complete_act()
    draft.programme.side = "beneficiary"
    draft.programme.save()
    Act.objects.filter(pk=draft.pk).update(state="negotiation")
    type(draft.convention).objects.filter(pk=draft.convention_id).update(state="negotiation")
    type(draft.dossier).objects.filter(pk=draft.dossier.pk).update(shared_on=dt.date(2026, 1, 1))
    return Act.objects.select_related("programme__cycle", "convention__dossier").get(pk=draft.pk)


def record(act: Act, by=None, **fields) -> FundingFact:
    defaults = {
        "kind": "granted",
        "account": Account.objects.get(code="74-REGION"),
        "funder": "Région",
        "year": 2025,
        "amount": D(18000),
        "dated_on": dt.date(2025, 6, 2),
    }
    return record_funding(act=act, by=by or member(act, "director"), **defaults | fields)


def cells(act: Act, name: str, measure: str) -> list:
    funder = next(f for f in plan_of(act).funders if f.name == name)
    return [cell.amount for cell in dict(funder.rows)[measure]]


# -- Rights and dates ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", ["officer", "manager", "director", "accountant"])
def test_both_sides_record_for_any_funder_whatever_the_turn(act, role):
    user = make_user("accountant", act.dossier.beneficiary) if role == "accountant" else member(act, role)
    fact = record(act, user)
    assert fact.recorded_by == user
    entry = JournalEntry.objects.get(verb="funding_recorded")
    assert entry.audience == "both" and "accordé, Région, 2025" in entry.sentence
    assert "18 000 €" in entry.sentence.replace("\u00a0", " ")


@pytest.mark.parametrize("role", ["president", "signatory", "stranger"])
def test_nobody_else_records(act, role):
    user = make_user("officer") if role == "stranger" else member(act, role)
    with pytest.raises(PermissionDenied, match="direction ou le comptable"):
        record(act, user)
    with pytest.raises(PermissionDenied):
        void_funding(fact=record(act), by=user, reason="Erreur")


@pytest.mark.parametrize("state", ["draft", "abandoned"])
def test_a_draft_and_an_abandoned_convention_take_no_fact(act, state):
    fact = record(act)
    type(act.convention).objects.filter(pk=act.convention_id).update(state=state)
    with pytest.raises(Refused):
        record(act, member(act, "officer"), amount=D(1))
    with pytest.raises(Refused):
        void_funding(fact=fact, by=member(act, "officer"), reason="Erreur")


def test_a_fact_cancels_no_acceptance_and_changes_no_revision():
    scene = scenarios.accepted_by_both()
    before = scene.act.programme.revision
    fact = record(scene.act, scene.officer)
    void_funding(fact=fact, by=scene.officer, reason="Mauvaise année")
    assert scene.act.programme.revision == before
    assert Acceptance.objects.filter(version=scene.version, cancelled_at=None).count() == 2


def test_a_signed_convention_takes_facts():
    scene = scenarios.active_convention()
    sheet = scene.act.programme.sheets.first()
    assert record(scene.act, scene.director, sheet=sheet).sheet_key == sheet.key


# -- Refusals --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "where"),
    [
        ({"amount": D(-1)}, "amount"),
        ({"amount": D("1.005")}, "amount"),
        ({"amount": D(0), "kind": "paid"}, "amount"),
        ({"dated_on": dt.date(2026, 10, 16)}, "dated_on"),
        ({"dated_on": dt.date(2023, 12, 31)}, "dated_on"),
        ({"year": 2031}, "year"),
        ({"kind": "promised"}, "kind"),
        ({"funder": "  "}, "line"),
    ],
)
def test_what_is_no_fact_is_refused_beside_its_field(act, fields, where):
    with pytest.raises(ValidationError) as refusal:
        record(act, **fields)
    assert list(refusal.value.message_dict) == [where]


def test_contributions_in_kind_are_not_paid(act):
    account = Account.objects.filter(side="resource", kind="in_kind").first()
    with pytest.raises(ValidationError, match="nature"):
        record(act, account=account)


def test_a_fiche_of_another_convention_or_another_year_is_refused(act):
    other = complete_act().programme.sheets.first()
    with pytest.raises(ValidationError) as refusal:
        record(act, sheet=other)
    assert "sheet" in refusal.value.message_dict
    sheet = act.programme.sheets.first()
    type(sheet).objects.filter(pk=sheet.pk).update(last_year=2026)
    with pytest.raises(ValidationError, match="ne couvre pas 2027"):
        record(act, sheet=act.programme.sheets.first(), year=2027)


def test_a_file_that_is_no_document_is_refused_and_nothing_is_recorded(act):
    with pytest.raises(ValidationError) as refusal:
        record(act, upload=io.BytesIO(b"MZ"), name="lettre.pdf")
    assert "upload" in refusal.value.message_dict
    assert not FundingFact.objects.exists()


def test_the_same_fact_is_recorded_once_until_it_is_voided(act):
    first = record(act)
    with pytest.raises(ValidationError, match="déjà enregistré"):
        record(act, member(act, "officer"))
    record(act, reference="Seconde décision")
    void_funding(fact=first, by=member(act, "officer"), reason="Doublon")
    record(act)


def test_a_correction_is_a_voiding_with_its_reason(act):
    fact = record(act)
    with pytest.raises(ValidationError, match="pourquoi"):
        void_funding(fact=fact, by=member(act, "officer"), reason="  ")
    void_funding(fact=fact, by=member(act, "officer"), reason="Montant de l’an dernier")
    fact.refresh_from_db()
    assert fact.voided and fact.void_reason == "Montant de l’an dernier" and fact.voided_by == member(act, "officer")
    with pytest.raises(Refused, match="déjà annulé"):
        void_funding(fact=fact, by=member(act, "officer"), reason="Encore")
    entry = JournalEntry.objects.get(verb="funding_voided")
    assert entry.audience == "both" and entry.comment == "Montant de l’an dernier"


@pytest.mark.parametrize(
    "change",
    [{"amount": D(1)}, {"year": 2026}, {"dated_on": dt.date(2020, 1, 1)}, {"funder": "Autre"}, {"void_reason": "x"}],
)
def test_the_database_refuses_to_change_a_fact(act, change):
    fact = record(act)
    with pytest.raises(DatabaseError), transaction.atomic():
        FundingFact.objects.filter(pk=fact.pk).update(**change)


def test_the_database_refuses_to_delete_a_fact_or_to_change_a_voiding(act):
    fact = record(act)
    with pytest.raises(DatabaseError), transaction.atomic():
        fact.delete()
    void_funding(fact=fact, by=member(act, "officer"), reason="Erreur")
    row = FundingFact.objects.filter(pk=fact.pk)
    for change in ({"voided_at": None, "voided_by": None, "void_reason": ""}, {"void_reason": "Autre chose"}):
        with pytest.raises(DatabaseError), transaction.atomic():
            row.update(**change)


# -- The plan --------------------------------------------------------------------------------------------------------


def test_what_is_asked_comes_from_the_produits_and_the_rest_from_the_facts(act):
    sheet = act.programme.sheets.first()
    record(act, sheet=sheet)
    record(act, amount=D(500))
    record(act, kind="paid", amount=D(9000), dated_on=dt.date(2025, 9, 1))
    void_funding(fact=record(act, year=2026), by=member(act, "officer"), reason="Erreur")
    assert cells(act, "Région", "Demandé") == [D(20000), D(20000), D(20000), D(60000)]
    assert cells(act, "Région", "Accordé") == [D(18500), None, None, D(18500)]
    assert cells(act, "Région", "Versé") == [D(9000), None, None, D(9000)]


def test_a_grant_of_zero_is_a_refusal_and_not_a_blank(act):
    record(act, amount=D(0))
    assert cells(act, "Région", "Accordé") == [D(0), None, None, D(0)]


def test_a_sum_says_how_many_of_its_amounts_are_known(act):
    record(act)
    totals = dict(plan_of(act).totals)["Accordé"]
    assert [(cell.known_count, cell.expected_count, cell.partial) for cell in totals] == [
        (1, 2, True), (0, 2, False), (0, 2, False), (1, 6, True),
    ]  # fmt: skip


def test_coverage_of_the_eligible_cost_counts_the_fiches_and_that_of_the_whole_budget_everything(act):
    sheet = act.programme.sheets.first()
    money = {"programme": act.programme, "sheet": None, "year": 2025}
    act.programme.expenses.create(account=Account.objects.get(code="64"), amount=D(40000), **money)
    record(act, sheet=sheet, amount=D(15000))
    Resource.objects.create(account=Account.objects.get(code="74-REGION"), funder="Région", amount=D(40000), **money)
    record(act, amount=D(5000))
    eligible, whole = plan_of(act).coverage
    assert (eligible.cost[0].amount, whole.cost[0].amount) == (D(60000), D(100000))
    asked_cell, granted_cell, paid_cell = (cells[0] for _, cells in eligible.rows)
    assert (asked_cell.share, granted_cell.share, paid_cell.share) == (D(100), D(25), None)
    assert paid_cell.amount is None
    assert dict(whole.rows)["Accordé"][0].amount == D(20000)
    assert dict(whole.rows)["Accordé"][0].share == D(20)


def test_a_grant_that_is_not_shared_counts_for_the_fiches_where_the_funder_is_asked_for_nothing_else(act):
    record(act, amount=D(15000))
    record(act, amount=D(9000), year=2026)
    money = {"programme": act.programme, "account": Account.objects.get(code="74-REGION"), "funder": "Région"}
    Resource.objects.create(sheet=None, year=2026, amount=D(100), **money)
    eligible = plan_of(act).coverage[0]
    assert [cell.amount for cell in dict(eligible.rows)["Accordé"]] == [D(15000), None, None, D(15000)]


def test_who_gives_unasked_and_a_fiche_that_left_the_programme_stay_in_the_plan(act):
    sheet = act.programme.sheets.first()
    record(act, sheet=sheet)
    record(act, account=Account.objects.get(code="74-DEPT"), funder="Département", amount=D(700))
    Resource.objects.filter(sheet=sheet).delete()
    sheet.delete()
    funders = {funder.name: funder for funder in plan_of(act).funders}
    assert list(funders["Région"].lines) == [f"{sheet} (n’est plus au programme)"]
    assert [cell.amount for cell in dict(funders["Département"].rows)["Demandé"]] == [None] * 4
    assert not plan_of(act).coverage  # the cost of the deleted fiche is gone too


def test_a_payment_beyond_its_grant_is_told_and_with_a_reason_not_refused(act):
    record(act, kind="paid", amount=D(100))
    assert "aucun accord" in plan_of(act).warnings[0]
    record(act, amount=D(60), excess_reason="Le reste vient.")
    (warning,) = plan_of(act).warnings
    assert "100 € versés, au-delà des 60 € accordés" in warning.replace("\u00a0", " ")


# -- Pages -----------------------------------------------------------------------------------------------------------


def url(act: Act, name: str, *args) -> str:
    return reverse(name, args=[act.convention.number, *args])


def form_data(act: Act, **fields) -> dict:
    return {
        "kind": "granted",
        "line": "74-REGION|Région",
        "sheet": str(act.programme.sheets.first().key),
        "year": "2025",
        "amount": "18 000,50",
        "dated_on": "02/06/2025",
        "reference": "CP 25-114",
    } | fields


def test_a_grant_is_recorded_with_its_letter_and_read_by_both_sides(client, act):
    client.force_login(member(act, "director"))
    letter = SimpleUploadedFile("lettre.pdf", PDF, "application/pdf")
    answer = client.post(url(act, "funding-record"), form_data(act, upload=letter), follow=True)
    assert "Le financement est enregistré" in text(answer)
    fact = FundingFact.objects.get()
    assert (fact.amount, fact.sheet_label, fact.file_name) == (D("18000.50"), "1-A Action 1-A", "lettre.pdf")
    client.force_login(member(act, "officer"))
    page_text = text(client.get(url(act, "convention-funding")))
    assert "18 000,50 €" in page_text and "non renseigné" in page_text and "CP 25-114" in page_text
    assert client.get(url(act, "funding-file", fact.pk)).status_code == 200


def test_what_was_typed_comes_back_with_each_message_beside_its_field(client, act):
    client.force_login(member(act, "director"))
    answer = client.post(
        url(act, "funding-record"),
        form_data(act, line="74-REGION|Inconnu", amount="-3", dated_on="01/01/2099", kind=""),
    )
    page_text = text(answer)
    assert answer.status_code == 200 and 'value="CP 25-114"' in page_text and 'value="-3"' in page_text
    for name in ("kind", "line", "amount"):
        assert f"id_{name}_error" in page_text
    answer = client.post(url(act, "funding-record"), form_data(act, dated_on="01/01/2099"))
    assert "Cette date est dans le futur" in text(answer)
    assert not FundingFact.objects.exists()


def test_more_than_twice_what_is_asked_is_recorded_once_confirmed(client, act):
    client.force_login(member(act, "director"))
    page = url(act, "funding-record")
    assert 'name="confirm"' not in text(client.get(page))
    much = form_data(act, amount="999 999 999")
    page_text = text(client.post(page, much))
    assert "20 000 € sont demandés à ce financeur pour 2025" in page_text and 'name="confirm"' in page_text
    assert not FundingFact.objects.exists()
    client.post(page, much | {"confirm": "on"})
    assert FundingFact.objects.get().amount == D(999999999)
    assert client.post(page, form_data(act, amount="40 000")).status_code == 302, "twice is not more than twice"


@pytest.mark.parametrize(
    ("granted", "paid", "asks"),
    [("18000", "18000", False), ("18000", "18000.01", True), ("0", "0.01", True), (None, "99999", False)],
)
def test_a_payment_above_the_grant_needs_its_reason(act, granted, paid, asks):
    if granted is not None:
        record(act, amount=D(granted))
    if asks:
        with pytest.raises(ValidationError, match="dites pourquoi") as refusal:
            record(act, kind="paid", amount=D(paid), excess_reason=" ")
        assert set(refusal.value.message_dict) == {"excess_reason"}
    fact = record(act, kind="paid", amount=D(paid), excess_reason="Reliquat de 2024.")
    assert fact.excess_reason == ("Reliquat de 2024." if asks else "")
    assert JournalEntry.objects.filter(verb="funding_recorded").latest("id").comment == fact.excess_reason


def test_payments_are_added_up_and_another_year_or_funder_is_not(act):
    record(act)
    record(act, kind="paid", amount=D(17000), dated_on=dt.date(2025, 7, 1))
    for other in ({"year": 2026}, {"funder": "Autre Région"}):
        record(act, kind="paid", amount=D(1001), **other)
    with pytest.raises(ValidationError, match="dites pourquoi le versement dépasse"):
        record(act, kind="paid", amount=D("1000.01"))
    record(act, amount=D("0.01"), reference="Complément")
    assert record(act, kind="paid", amount=D("1000.01")).excess_reason == ""


def test_a_grant_that_arrives_after_a_larger_payment_needs_the_reason_too(act):
    paid = record(act, kind="paid", amount=D(18000))
    with pytest.raises(ValidationError, match="dites pourquoi"):
        record(act, amount=D("17999.99"))
    void_funding(fact=paid, by=member(act, "director"), reason="Erreur.")
    assert record(act, amount=D("17999.99")).excess_reason == ""


def test_the_reason_is_asked_beside_its_field_then_read_by_both_sides(client, act):
    record(act, amount=D(10000))
    client.force_login(member(act, "director"))
    page = url(act, "funding-record")
    assert 'name="excess_reason"' not in text(client.get(page))
    more = form_data(act, kind="paid", amount="10 000,01")
    page_text = text(client.post(page, more))
    assert 'href="#id_excess_reason"' in page_text and 'name="excess_reason"' in page_text
    assert "aurait versé 10 000,01 € pour 2025, et accordé 10 000 €" in page_text
    client.post(page, more | {"excess_reason": "Avance de 2026."})
    assert FundingFact.objects.get(kind="paid").excess_reason == "Avance de 2026."
    client.force_login(member(act, "officer"))
    assert "Au-delà de l’accord : Avance de 2026." in text(client.get(url(act, "convention-funding")))


def test_the_same_fact_twice_is_told_to_the_second_person(client, act):
    client.force_login(member(act, "director"))
    client.post(url(act, "funding-record"), form_data(act))
    client.force_login(member(act, "officer"))
    assert "a déjà enregistré ce financement" in text(client.post(url(act, "funding-record"), form_data(act)))
    assert FundingFact.objects.count() == 1


def test_a_voided_fact_stays_in_the_list_with_its_reason(client, act):
    fact = record(act)
    client.force_login(member(act, "officer"))
    answer = client.post(url(act, "funding-void", fact.pk), {"reason": ""})
    assert "Dites pourquoi" in text(answer)
    page_text = text(client.post(url(act, "funding-void", fact.pk), {"reason": "Autre dossier"}, follow=True))
    assert "Autre dossier" in page_text and "<s>18 000 €</s>" in page_text
    again = client.post(url(act, "funding-void", fact.pk), {"reason": "Encore"})
    assert again.status_code == 409 and "déjà annulé" in text(again)


def test_a_wrong_fact_is_corrected_in_one_go_without_typing_it_again(client, act):
    fact = record(act, reference="D-2025-12")
    client.force_login(member(act, "officer"))
    data = {"reason": "Montant de l’an dernier", "correct": "1"}
    answer = client.post(url(act, "funding-void", fact.pk), data, follow=True)
    form = answer.context["form"]
    assert answer.redirect_chain[-1][0].endswith(f"?corrige={fact.pk}") and "sauf sa pièce" in text(answer)
    values = {name: form[name].value() for name in ("kind", "year", "amount", "dated_on", "reference")}
    assert values["reference"] == "D-2025-12" and (values["kind"], values["year"]) == ("granted", 2025)
    assert form["line"].value() == line_value(fact.account, fact.funder)
    valid_fact = record(act, amount=D(19000))
    page = client.get(url(act, "funding-record") + f"?corrige={valid_fact.pk}")
    assert "sauf sa pièce" not in text(page), "the form does not copy a valid fact"
    assert client.get(url(act, "funding-record") + "?corrige=abc").status_code == 200


def test_a_fact_is_found_in_its_own_convention_alone(client, act):
    fact, other = record(act), complete_act()
    client.force_login(member(other, "officer"))
    for name in ("funding-void", "funding-file"):
        assert client.get(url(other, name, fact.pk)).status_code == 404


def test_who_may_not_record_reads_and_is_told_why(client, act):
    record(act)
    client.force_login(member(act, "president"))
    page_text = text(client.get(url(act, "convention-funding")))
    assert "Lecture seule" in page_text and "18 000 €" in page_text and "funding-record" not in page_text
    assert "financements/enregistrer" not in page_text
    assert client.get(url(act, "funding-record")).status_code == 403


def test_a_draft_says_when_facts_will_be_recorded(client):
    act = complete_act()
    client.force_login(member(act, "officer"))
    assert "une fois la négociation ouverte" in text(client.get(url(act, "convention-funding")))
    assert client.get(url(act, "funding-record")).status_code == 409


def test_the_facts_leave_as_csv(client, act):
    record(act, reference="=1+1")
    client.force_login(member(act, "officer"))
    lines = b"".join(client.get(url(act, "convention-funding-csv")).streaming_content).decode().splitlines()
    assert lines[1].startswith("2025-06-02;accordé;74-REGION;Région;") and ";18000,00;'=1+1;" in lines[1]


def test_the_plan_costs_as_many_queries_with_one_fact_as_with_three(client, act):
    client.force_login(member(act, "officer"))
    counts = []
    for amounts in ((1,), (2, 3)):
        for amount in amounts:
            record(act, amount=D(amount), sheet=act.programme.sheets.first())
        client.get(url(act, "convention-funding"))
        with CaptureQueriesContext(connection) as captured:
            client.get(url(act, "convention-funding"))
        counts.append(len(captured))
    assert counts[0] == counts[1] <= 21
