"""Accounts, document types and example actions: an edit or withdrawal changes no row that already uses them."""

import html
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.core.exceptions import PermissionDenied
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.html import strip_tags

from actions.forms.budgets import BudgetForm, initial_lines
from actions.models import Account, Cycle, ExampleSheet, IndicatorDefinition, Objective
from actions.services import catalogue as actions_services
from actions.services import take_example
from arml.models import AttachmentKind, User
from conventions.content.freeze import build_content
from conventions.guards.pieces import CONDITIONS, checklist
from conventions.models import Version
from conventions.services.pieces import may_add, why_not_add
from reporting.guards import yearly_kinds
from reporting.services import kinds as kind_services
from tests.factories.actions import SheetFactory, resource
from tests.factories.arml import make_user
from tests.factories.conventions import give, make_act, member
from tests.factories.reporting import make_report
from tests.factories.reporting import person as reporter
from tests.factories.scenarios import complete_draft, proposed
from tests.test_reference_pages import KEY, NBSP, initial, last_entry

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin() -> User:
    return make_user("national_admin")


@pytest.fixture
def page(client: Client, admin: User) -> Client:
    client.force_login(admin)
    return client


def post(page: Client, name: str, args: list[str], **changes: Any) -> Any:
    """Post the form of the page with these changes. None unticks a box."""
    url = reverse(name, args=args)
    data = initial(page.get(url)) | changes
    return page.post(url, {field: value for field, value in data.items() if value is not None})


def messages_of(response: Any) -> list[str]:
    return [str(message) for message in get_messages(response.wsgi_request)]


ALL = [
    ("reference-account", lambda: [[code] for code in Account.objects.values_list("code", flat=True)], Account),
    ("reference-kind", lambda: [[key] for key in AttachmentKind.objects.values_list("key", flat=True)], AttachmentKind),
    (
        "reference-example",
        lambda: [[KEY, code] for code in ExampleSheet.objects.values_list("code", flat=True)],
        ExampleSheet,
    ),
]


@pytest.mark.parametrize(("name", "every", "model"), ALL)
def test_saving_untouched_changes_nothing(page: Client, name: str, every: Any, model: Any) -> None:
    before = {row["id"]: row | {"revision": 0} for row in model.objects.values()}
    for args in every():
        response = post(page, name, args)
        assert response.status_code == 302, args
        assert messages_of(response)[-1] == "Rien n’a changé.", args
    assert {row["id"]: row | {"revision": 0} for row in model.objects.values()} == before


@pytest.mark.parametrize(
    ("name", "args", "model", "keep"),
    [
        ("reference-accounts", [], Account, ("65", "66", "67")),
        ("reference-kinds", [], AttachmentKind, ("statuts_modifies", "bilan_ensemble", "nouveau_rib")),
        ("reference-examples", [KEY], ExampleSheet, ("1-A", "2-A", "3-A")),
    ],
)
def test_lists_cost_the_same_at_one_and_at_three(
    page: Client, name: str, args: list[str], model: Any, keep: tuple[str, ...]
) -> None:
    field = "key" if model is AttachmentKind else "code"
    page.get(reverse(name, args=args))

    def cost(codes: tuple[str, ...]) -> int:
        if model is Account:
            model.objects.exclude(code__in=codes).exclude(parent=None).delete()
        model.objects.exclude(**{f"{field}__in": codes}).delete()
        with CaptureQueriesContext(connection) as queries:
            assert page.get(reverse(name, args=args)).status_code == 200
        return len(queries)

    assert cost(keep) == cost(keep[:1])


class TestLoading:
    def test_load_reference_never_overwrites_accounts_types_of_documents_nor_examples_that_were_edited(
        self, page: Client
    ) -> None:
        post(page, "reference-account", ["60"], label="Achats de l’année", note="Hors immobilisations")
        post(page, "reference-account", ["65"], withdrawn="on")
        post(page, "reference-kind", ["statuts"], label="Statuts signés", validity_months="6", blocks=None)
        post(page, "reference-kind", ["recepisse_rna"], withdrawn="on")
        post(page, "reference-example", [KEY, "1-A"], title="Un autre intitulé", steps="Une seule", indicators="1-A-2")
        post(page, "reference-example", [KEY, "1-B"], withdrawn="on")
        tables = (Account, AttachmentKind, ExampleSheet, ExampleSheet.indicators.through)
        before = [list(table._default_manager.order_by("pk").values()) for table in tables]
        assert Account.objects.get(code="60").label == "Achats de l’année"
        assert Account.objects.get(code="65").withdrawn
        assert AttachmentKind.objects.get(key="statuts").blocks == ""
        assert AttachmentKind.objects.get(key="recepisse_rna").withdrawn
        assert ExampleSheet.objects.get(code="1-A").content["steps"] == ["Une seule"]
        assert ExampleSheet.objects.get(code="1-B").withdrawn
        call_command("load_reference", verbosity=0)
        assert [list(table._default_manager.order_by("pk").values()) for table in tables] == before

    def test_load_reference_keeps_an_example_that_was_added(self, page: Client) -> None:
        example = add_example(page)
        call_command("load_reference", verbosity=0)
        assert ExampleSheet.objects.get(pk=example.pk).title == "Un exemple de plus"
        assert ExampleSheet.objects.count() == 22


class TestAccounts:
    def test_a_label_is_corrected_and_the_journal_says_it(self, page: Client) -> None:
        response = post(page, "reference-account", ["60"], label="Achats de l’année")
        assert response.status_code == 302
        assert messages_of(response) == [f"C’est enregistré{NBSP}: libellé."]
        assert last_entry().sentence == f"Compte 60{NBSP}: libellé"
        assert "Compte 60" in page.get(reverse("reference-home")).content.decode()

    def test_versions_keep_the_labels_that_they_printed(self, page: Client) -> None:
        act = proposed().act
        version = Version.objects.get(act=act, number=1)
        before = version.content
        post(page, "reference-account", ["60"], label="Achats de l’année")
        post(page, "reference-kind", ["attestation_cer"], label="Attestation")
        version.refresh_from_db()
        assert version.content == before
        labels = {row["code"]: row["label"] for row in build_content(act)["accounts"]}
        assert labels["60"] == "Achats", "the text keeps its label until it takes the new one into account"
        assert build_content(complete_draft().act)["accounts"] != before["accounts"], (
            "a text begun now prints the new one"
        )

    def test_a_label_written_as_a_funder_stays(self, page: Client, admin: User) -> None:
        account = Account.objects.get(code="70")
        url = reverse("reference-account", args=["70"])
        assert "label" in page.get(url).context["form"].fields
        resource(SheetFactory(), "70", 2025, 100, funder=account.label)
        response = page.get(url)
        assert "label" not in response.context["form"].fields
        assert "séparerait le prévu du reçu" in response.content.decode()
        with pytest.raises(PermissionDenied):
            actions_services.update_account(
                account=account, changes={"label": "Ventes"}, expected_revision=account.revision, by=admin
            )

    @pytest.mark.parametrize("code", ["86", "74-ETAT"])
    def test_a_total_and_the_line_of_the_state_are_never_withdrawn(self, page: Client, code: str) -> None:
        post(page, "reference-account", [code], withdrawn="on")
        assert not Account.objects.get(code=code).withdrawn

    def test_the_code_and_the_side_are_shown_only(self, page: Client) -> None:
        response = page.get(reverse("reference-account", args=["61-LOC"]))
        assert set(response.context["form"].fields) == {"revision", "label", "note", "withdrawn"}
        assert ("Détail de", "61 Services extérieurs") in response.context["fixed"]
        post(page, "reference-account", ["61-LOC"], code="99", side="resource")
        assert Account.objects.get(code="61-LOC").side == "expense"

    def test_a_withdrawn_account_is_offered_no_longer_and_keeps_its_lines(self, page: Client) -> None:
        post(page, "reference-account", ["65"], withdrawn="on")
        accounts = {one.code: one for one in Account.objects.select_related("parent")}
        blank = initial_lines([], accounts, "expense")
        assert "65" not in [row["account"] for row in blank]
        form = BudgetForm(years=[2025], accounts=accounts, expenses=blank, resources=[])
        assert "65" not in [one.code for _, group in form.addable("expense") for one in group]
        line = {"account": "65", "y2025": "100"}
        data = {"charges-TOTAL_FORMS": "1", "charges-INITIAL_FORMS": "1", "produits-TOTAL_FORMS": "0"}
        data |= {"produits-INITIAL_FORMS": "0"} | {f"charges-0-{name}": value for name, value in line.items()}
        form = BudgetForm(years=[2025], accounts=accounts, data=data)
        assert form.is_valid()
        assert form.expenses.lines()[0].amounts == {2025: Decimal(100)}

    def test_it_is_offered_again(self, page: Client) -> None:
        post(page, "reference-account", ["65"], withdrawn="on")
        assert last_entry().sentence == f"Compte 65{NBSP}: retiré"
        post(page, "reference-account", ["65"], withdrawn=None)
        assert Account.objects.get(code="65").offered
        assert last_entry().sentence == f"Compte 65{NBSP}: proposé de nouveau"


class TestTypesOfDocuments:
    def test_a_type_is_corrected_and_the_journal_says_it(self, page: Client) -> None:
        response = post(page, "reference-kind", ["statuts"], label="Statuts", validity_months="24", blocks=None)
        kind = AttachmentKind.objects.get(key="statuts")
        assert (kind.label, kind.validity_months, kind.blocks) == ("Statuts", 24, "")
        assert messages_of(response) == [f"C’est enregistré{NBSP}: libellé, validité en mois, bloque."]
        assert "Statuts" in last_entry().sentence
        post(page, "reference-kind", ["statuts"], blocks="on")
        assert AttachmentKind.objects.get(key="statuts").blocks == "ouverture_signature"

    def test_key_moment_condition_and_access_are_shown_only(self, page: Client) -> None:
        key = "remunerations_dirigeants"
        before = AttachmentKind.objects.values("key", "scope", "moment", "condition", "confidential").get(key=key)
        post(page, "reference-kind", [key], moment="demande", condition="", confidential="", scope="convention")
        after = AttachmentKind.objects.values("key", "scope", "moment", "condition", "confidential").get(key=key)
        assert after == before
        content = page.get(reverse("reference-kind", args=[key])).content.decode()
        assert "limité au service et à l’association" in content
        assert "blocks" not in page.get(reverse("reference-kind", args=[key])).context["form"].fields

    def test_what_would_have_no_effect_is_not_offered(self, page: Client) -> None:
        def fields(key: str) -> set[str]:
            return set(page.get(reverse("reference-kind", args=[key])).context["form"].fields)

        assert {"blocks", "validity_months"} <= fields("statuts")
        assert fields("rapport_cac") & {"blocks", "validity_months"} == {"blocks"}
        assert not fields("remunerations_dirigeants") & {"blocks", "validity_months"}, (
            "it has a condition that the code does not evaluate"
        )
        assert not fields("nouveau_rib") & {"blocks", "validity_months"}, "nothing waits at that moment"

    def test_every_condition_is_told_in_words(self) -> None:
        assert set(AttachmentKind.objects.values_list("condition", flat=True)) <= set(CONDITIONS)

    def test_the_side_that_gives_stays(self, page: Client) -> None:
        response = post(page, "reference-kind", ["statuts"], provided_by="officer")
        assert "provided_by" in response.context["form"].errors
        assert post(page, "reference-kind", ["statuts"], provided_by="president").status_code == 302

    @pytest.mark.parametrize(
        ("key", "why"),
        [
            ("attestation_cer", "annexe IV"),
            ("bilan_ensemble", "échéance"),
            ("compte_rendu_financier", "le compte rendu lui-même"),
        ],
    )
    def test_what_the_rest_hangs_on_is_never_withdrawn(self, page: Client, admin: User, key: str, why: str) -> None:
        assert why in page.get(reverse("reference-kind", args=[key])).content.decode()
        post(page, "reference-kind", [key], withdrawn="on")
        kind = AttachmentKind.objects.get(key=key)
        assert not kind.withdrawn
        with pytest.raises(PermissionDenied):
            kind_services.update_kind(kind=kind, changes={"withdrawn": True}, expected_revision=kind.revision, by=admin)

    def test_a_withdrawn_document_is_expected_no_longer_and_what_was_given_stays(self, page: Client) -> None:
        act = make_act(state="negotiation", side="beneficiary")
        director = member(act, "director")
        kind = AttachmentKind.objects.get(key="statuts")
        assert may_add(director, act, kind)
        give(act, kind)
        post(page, "reference-kind", ["statuts"], withdrawn="on")
        kind.refresh_from_db()
        line = next(line for line in checklist(act) if line.kind == kind)
        assert not line.expected
        assert line.current is not None
        assert not may_add(director, act, kind)
        assert why_not_add(director, act, kind) == "Cette pièce n’est plus demandée."

    def test_a_withdrawn_document_of_the_year_leaves_the_report(self, page: Client, client: Client) -> None:
        report = make_report()
        assert "rapport_activite" in [kind.key for kind in yearly_kinds(report)]
        post(page, "reference-kind", ["rapport_activite"], withdrawn="on")
        assert "rapport_activite" not in [kind.key for kind in yearly_kinds(report)]
        client.force_login(reporter(report, "director"))
        url = reverse("report-documents", args=[report.convention.number, report.year])
        assert 'id="piece-rapport_activite"' not in client.get(url).content.decode()
        assert client.post(url, {"kind": "rapport_activite"}).status_code == 404


def add_example(page: Client, **changes: Any) -> ExampleSheet:
    objective = Objective.objects.get(axis__cycle__key=KEY, number="1.1")
    data = {"title": "Un exemple de plus", "objective": objective.pk, "functions": ["F1"], "context": "Un constat"}
    data |= {"description": "Une action", "revision": 0, "staff": "direction : 0,1 ETP", "indicators": "1-A-1"}
    response = page.post(reverse("reference-example-add", args=[KEY]), data | changes)
    assert response.status_code == 302, response.context["form"].errors
    return ExampleSheet.objects.order_by("-pk")[0]


class TestExamples:
    def test_an_example_is_rewritten_and_the_journal_says_it(self, page: Client) -> None:
        response = post(
            page,
            "reference-example",
            [KEY, "1-A"],
            title="Appui au CEJ",
            steps="Recenser\r\n\r\n Restituer ",
            staff="direction : 0,1 à 0,25 ETP\r\nstagiaire: 1",
            T4="Bilan",
            functions=["F1", "F2"],
            indicators="1-A-2 Journées\r\n1-A-1",
        )
        assert response.status_code == 302, response.context["form"].errors
        example = ExampleSheet.objects.get(code="1-A")
        assert example.title == "Appui au CEJ"
        assert example.content["steps"] == ["Recenser", "Restituer"]
        assert example.content["staff"] == [
            {"function": "direction", "fte_min": 0.1, "fte_max": 0.25},
            {"function": "stagiaire", "fte_min": 1.0, "fte_max": 1.0},
        ]
        assert example.content["milestones"]["T4"] == "Bilan"
        assert example.content["budget_shares"], "the page does not show them and must not change them"
        assert [row.code for row in example.indicators.all()] == ["1-A-1", "1-A-2"]
        words = "intitulé, étapes, jalons par trimestre, moyens humains, fonctions, indicateurs"
        assert last_entry().sentence == f"Exemple 1-A{NBSP}: {words}"

    @pytest.mark.parametrize(
        ("field", "value", "says"),
        [
            ("staff", "une personne", "deux points"),
            ("staff", "direction : 2 à 1 ETP", "plus petit"),
            ("indicators", "9-Z-9", "9-Z-9"),
            ("title", "", "obligatoire"),
            ("objective", "999999", ""),
            ("functions", ["F9"], ""),
        ],
    )
    def test_a_wrong_value_is_told_beside_its_field(self, page: Client, field: str, value: Any, says: str) -> None:
        response = post(page, "reference-example", [KEY, "1-A"], **{field: value})
        assert says in " ".join(response.context["form"].errors[field])
        assert ExampleSheet.objects.get(code="1-A").revision == 0

    def test_a_fiche_keeps_what_it_took(self, page: Client) -> None:
        act = make_act(state="negotiation", side="beneficiary")
        sheet = take_example(
            programme=act.programme, by=member(act, "director"), example=ExampleSheet.objects.get(code="1-A")
        )
        before = (sheet.title, sheet.steps, [row.label for row in sheet.indicators.all()])
        post(page, "reference-example", [KEY, "1-A"], title="Autre", steps="Autre", indicators="", withdrawn="on")
        sheet.refresh_from_db()
        assert (sheet.title, sheet.steps, [row.label for row in sheet.indicators.all()]) == before

    def test_a_withdrawn_example_is_offered_no_longer(self, page: Client, client: Client) -> None:
        act = make_act(state="negotiation", side="beneficiary")
        example = ExampleSheet.objects.get(code="1-A")
        post(page, "reference-example", [KEY, "1-A"], withdrawn="on")
        client.force_login(member(act, "director"))
        url = reverse("sheet-from-example", args=[act.convention.number])
        assert example.title not in client.get(url).content.decode()
        response = client.post(url, {"examples": [example.pk]})
        assert response.status_code == 200
        assert not act.programme.sheets.filter(title=example.title).exists()

    def test_an_example_is_added_under_the_next_letter_of_its_axis(self, page: Client) -> None:
        last = ExampleSheet.objects.filter(axis__number=1).order_by("-code")[0].code
        post(page, "reference-example", [KEY, last], withdrawn="on")
        example = add_example(page)
        assert example.code == f"1-{chr(ord(last[-1]) + 1)}"
        assert example.axis.number == 1
        assert [row.code for row in example.functions.all()] == ["F1"]
        assert list(example.indicators.all()) == [IndicatorDefinition.objects.get(code="1-A-1")]
        assert last_entry().sentence == f"Exemple ajouté{NBSP}: {example.code} Un exemple de plus"

    def test_somebody_s_newer_functions_are_shown_in_words(self, page: Client) -> None:
        url = reverse("reference-example", args=[KEY, "1-A"])
        data = initial(page.get(url))
        page.post(url, data | {"functions": ["F2"]})
        response = page.post(url, data | {"functions": ["F3", "F4"]})
        assert response.status_code == 409
        page_text = html.unescape(" ".join(strip_tags(response.content.decode()).split()))
        assert "F2 Professionnalisation du réseau" in page_text
        assert "3 Observation et valorisation, F4 Animation du" in page_text

    def test_an_axis_without_a_free_letter_says_so(self, page: Client) -> None:
        cycle = Cycle.objects.get(key=KEY)
        objective = Objective.objects.get(axis__cycle=cycle, number="1.1")
        ExampleSheet.objects.create(cycle=cycle, axis=objective.axis, objective=objective, code="1-Z", title="Dernier")
        url = reverse("reference-example-add", args=[KEY])
        data = {"title": "Un", "objective": objective.pk, "functions": "F1", "context": "c", "description": "d"}
        response = page.post(url, data | {"revision": 0})
        assert "lettre libre" in response.context["form"].errors["objective"][0]
