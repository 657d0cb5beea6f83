"""« Référentiels »: only the national administration may open and edit the data that all conventions share."""

from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from actions.models import Account, Axis, Cycle, ExampleSheet, IndicatorDefinition, Objective
from actions.services import catalogue as actions_services
from arml.models import AttachmentKind, MissionLocaleCount, Territory, User
from conventions.models import ModelArticle, ModelVariant, ModelVersion
from conventions.services import national_model as conventions_services
from conventions.text.model_content import text_of
from conventions.text.model_format import parse
from cpo.lib.models import EmailTemplate, JournalEntry
from cpo.lib.workflow import Refused
from reporting.models import DeadlineRule
from reporting.services import rules as rule_services
from tests.access.html import form_data
from tests.conflicts import questions
from tests.factories.arml import make_user

pytestmark = pytest.mark.django_db

KEY = "cpo-arml-2025-2027"
NBSP = "\u00a0"
PAGES = [
    ("reference-home", []),
    ("reference-values", [KEY]),
    ("reference-axes", [KEY]),
    ("reference-axis", [KEY, 1]),
    ("reference-indicators", [KEY]),
    ("reference-indicator", [KEY, "1-A-1"]),
    ("reference-model", [KEY]),
    ("reference-model-version", [KEY, "2025-1"]),
    ("reference-model-article", [KEY, "2025-1", "objet"]),
    ("reference-rules", [KEY]),
    ("reference-rule", [KEY, "justificatifs_annuels"]),
    ("reference-rule", [KEY, "terme"]),
    ("reference-emails", [KEY]),
    ("reference-email", [KEY, "invitation"]),
    ("reference-email", [KEY, "pied_commun"]),
    ("reference-territories", []),
    ("reference-territory", ["53"]),
    ("reference-examples", [KEY]),
    ("reference-example", [KEY, "1-A"]),
    ("reference-example-add", [KEY]),
    ("reference-accounts", []),
    ("reference-account", ["60"]),
    ("reference-account", ["86"]),
    ("reference-jobs", []),
    ("reference-kinds", []),
    ("reference-kind", ["statuts"]),
    ("reference-kind", ["compte_rendu_financier"]),
]
WRITES = [
    ("reference-indicator-national", [KEY, "1-A-1"]),
    ("reference-model-publish", [KEY, "2025-1"]),
    ("reference-model-discard", [KEY, "2025-1"]),
]


@pytest.fixture
def admin() -> User:
    return make_user("national_admin")


@pytest.fixture
def page(client: Client, admin: User) -> Client:
    client.force_login(admin)
    return client


@pytest.fixture
def cycle() -> Cycle:
    return Cycle.objects.get(key=KEY)


def last_entry() -> JournalEntry:
    return JournalEntry.objects.order_by("-id")[0]


def initial(response: Any, name: str = "form") -> dict[str, Any]:
    """The data that a browser sends if the person changes nothing."""
    return untouched(response.context[name])


def text_of_cycle(name: str) -> str:
    return str(Cycle.objects.get(key=KEY).texts.get(name=name).value)


def untouched(form: Any) -> dict[str, Any]:
    values = {bound.html_name: bound.value() for bound in form}
    return {key: ("" if value is None else value) for key, value in values.items() if value is not False}


def everything(response: Any) -> dict[str, Any]:
    """The unchanged data of all the forms of a page."""
    forms = response.context.get("forms") or [response.context["form"]]
    return {name: value for form in forms for name, value in untouched(form).items()}


class TestAccess:
    @pytest.mark.parametrize(("name", "args"), PAGES)
    def test_the_national_administration_opens_every_page(self, page: Client, name: str, args: list[Any]) -> None:
        assert page.get(reverse(name, args=args)).status_code == 200

    @pytest.mark.parametrize("role", ["national_reader", "manager", "president", "reader"])
    def test_others_are_told_who_keeps_the_reference_data(self, client: Client, role: str) -> None:
        client.force_login(make_user(role))
        for name, args in PAGES:
            for response in (client.get(reverse(name, args=args)), client.post(reverse(name, args=args), {})):
                assert response.status_code in (403, 405), name
        for name, args in WRITES:
            assert client.post(reverse(name, args=args), {}).status_code == 403, name
        assert "administration nationale" in client.get(reverse("reference-home")).content.decode()

    @pytest.mark.parametrize(
        ("name", "args"),
        [
            ("reference-values", ["autre"]),
            ("reference-axis", [KEY, 9]),
            ("reference-rule", [KEY, "autre"]),
            ("reference-email", [KEY, "autre"]),
            ("reference-territory", ["99"]),
            ("reference-example", [KEY, "9-Z"]),
            ("reference-account", ["99"]),
            ("reference-kind", ["autre"]),
            ("reference-model-article", [KEY, "2025-1", "autre"]),
        ],
    )
    def test_what_does_not_exist_is_not_found(self, page: Client, name: str, args: list[Any]) -> None:
        assert page.get(reverse(name, args=args)).status_code == 404

    def test_services_refuse_another_role(self, cycle: Cycle) -> None:
        with pytest.raises(PermissionDenied):
            actions_services.set_national(cycle=cycle, code="1-A-1", national=True, by=make_user("manager"))

    @pytest.mark.parametrize(("name", "args"), [page for page in PAGES if page[0] != "reference-territory"])
    def test_pages_cost_a_fixed_number_of_queries(self, page: Client, name: str, args: list[Any]) -> None:
        page.get(reverse("reference-home"))
        with CaptureQueriesContext(connection) as queries:
            page.get(reverse(name, args=args))
        assert len(queries) <= 14


class TestValues:
    def test_a_value_is_changed_and_told(self, page: Client, cycle: Cycle) -> None:
        url = reverse("reference-values", args=[KEY])
        data = initial(page.get(url)) | {"v_taux_excedent": "7 %"}
        assert page.post(url, data).status_code == 302
        assert cycle.texts.get(name="taux_excedent").value == "7 %"
        assert last_entry().root == f"cycle:{cycle.pk}"
        assert "7 %" in last_entry().sentence

    def test_an_empty_value_is_refused_and_the_others_are_kept(self, page: Client, cycle: Cycle) -> None:
        url = reverse("reference-values", args=[KEY])
        data = initial(page.get(url)) | {"v_taux_excedent": "", "v_duree_conservation": "douze ans"}
        response = page.post(url, data)
        assert response.status_code == 200
        assert "v_taux_excedent" in response.context["form"].errors
        assert "douze ans" in response.content.decode()
        assert cycle.texts.get(name="duree_conservation").value == "dix ans"

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            *(
                (name, value)
                for name in ("seuil_adaptation", "taux_excedent", "taux_avance_max", "part_resultats")
                for value in ("10 % ou 5 000 €", "dix pour cent", "101 %", "-1 %", "10²", "10 %%", "%")
            ),
            *(("date_limite_bilan", value) for value in ("fin septembre", "31 février 2027", "30/09", "²/9/2027")),
        ],
    )
    def test_a_value_that_a_rule_reads_is_refused_beside_its_field_unless_it_can_be_read(
        self, page: Client, cycle: Cycle, name: str, value: str
    ) -> None:
        url, before = reverse("reference-values", args=[KEY]), cycle.texts.get(name=name).value
        response = page.post(url, initial(page.get(url)) | {f"v_{name}": value, "v_duree_conservation": "douze ans"})
        assert response.status_code == 200
        (message,) = response.context["form"].errors[f"v_{name}"]
        assert "écrivez ici un" in message
        assert cycle.texts.get(name=name).value == before
        assert cycle.texts.get(name="duree_conservation").value == "dix ans"

    @pytest.mark.parametrize(
        ("typed", "stored"), [("0 %", "0 %"), ("12,5 %", "12,5 %"), ("100%", "100%"), ("15", "15\u00a0%")]
    )
    def test_a_percentage_is_kept_as_typed_with_its_sign(
        self, page: Client, cycle: Cycle, typed: str, stored: str
    ) -> None:
        url = reverse("reference-values", args=[KEY])
        assert page.post(url, initial(page.get(url)) | {"v_seuil_adaptation": typed}).status_code == 302
        assert cycle.texts.get(name="seuil_adaptation").value == stored

    def test_the_service_refuses_what_the_form_would(self, cycle: Cycle) -> None:
        with pytest.raises(ValidationError, match="pourcentage"):
            actions_services.update_values(
                cycle=cycle,
                values={"seuil_adaptation": "10 % ou 5 000 €"},
                signing={},
                expected_revision=cycle.revision,
                by=make_user("national_admin"),
            )

    def test_the_thresholds_of_the_reports_are_the_cycle_s_and_stay_percentages(
        self, page: Client, cycle: Cycle
    ) -> None:
        url = reverse("reference-values", args=[KEY])
        refused = page.post(url, initial(page.get(url)) | {"gap_threshold": "101", "target_threshold": "-1"})
        assert {"gap_threshold", "target_threshold"} <= refused.context["form"].errors.keys()
        assert page.post(url, initial(page.get(url)) | {"gap_threshold": "20"}).status_code == 302
        cycle.refresh_from_db()
        assert (cycle.gap_threshold, cycle.target_threshold) == (20, 85)
        assert f"20{NBSP}%" in last_entry().sentence
        with pytest.raises(IntegrityError), transaction.atomic():
            Cycle.objects.update(gap_threshold=101)

    def test_one_way_of_signing_remains(self, page: Client) -> None:
        url = reverse("reference-values", args=[KEY])
        data = initial(page.get(url))
        del data["browser_signature"], data["scan_signature"], data["pades_signature"]
        assert "pades_signature" in page.post(url, data).context["form"].errors

    def test_the_order_of_signatures_and_the_certificates_are_the_cycle_s_to_choose(
        self, page: Client, cycle: Cycle
    ) -> None:
        url = reverse("reference-values", args=[KEY])
        data = initial(page.get(url)) | {"signing_order": "state"}
        del data["pades_signature"]
        assert page.post(url, data).status_code == 302
        cycle.refresh_from_db()
        assert (cycle.signing_order, cycle.pades_signature) == ("state", False)
        assert f"Ordre des signatures{NBSP}: l’État d’abord" in last_entry().sentence


class TestAxes:
    def test_wording_of_an_axis_and_its_objectives_changes_in_one_go(self, page: Client, cycle: Cycle) -> None:
        url = reverse("reference-axis", args=[KEY, 2])
        first = page.get(url)
        data = everything(first)
        objective = Objective.objects.get(axis__cycle=cycle, number="2.1")
        data |= {"label": "Animer le réseau", f"o{objective.pk}-label": "Échanger"}
        assert page.post(url, data).status_code == 302
        objective.refresh_from_db()
        assert objective.label == "Échanger"
        assert Axis.objects.get(cycle=cycle, number=2).label == "Animer le réseau"
        assert f"axe 2{NBSP}: animer le réseau" in cycle.texts.get(name="liste_axes").value
        assert "objectif 2.1" in last_entry().sentence


class TestIndicators:
    def test_an_indicator_becomes_national_and_stops_being_so(self, page: Client) -> None:
        url = reverse("reference-indicator-national", args=[KEY, "1-A-1"])
        page.post(url, {"national": "oui"})
        assert IndicatorDefinition.objects.get(code="1-A-1").national
        page.post(url, {"national": "non"})
        assert not IndicatorDefinition.objects.filter(national=True).exists()

    def test_a_bad_answer_changes_nothing(self, page: Client) -> None:
        page.post(reverse("reference-indicator-national", args=[KEY, "1-A-1"]), {"national": "peut-être"})
        assert not IndicatorDefinition.objects.filter(national=True).exists()

    def test_another_wording_is_another_version(self, page: Client, cycle: Cycle, admin: User) -> None:
        actions_services.set_national(cycle=cycle, code="1-A-2", national=True, by=admin)
        url = reverse("reference-indicator", args=[KEY, "1-A-2"])
        assert page.post(url, initial(page.get(url)) | {"label": "Jours d’appui"}).status_code == 302
        old, new = IndicatorDefinition.objects.filter(code="1-A-2").order_by("version")
        assert (old.label, new.label, new.version, new.national) == (
            "Journées d’appui sur site",
            "Jours d’appui",
            2,
            True,
        )
        example = ExampleSheet.objects.get(code="1-A")
        assert new in example.indicators.all()
        assert old not in example.indicators.all()

    def test_a_ratio_needs_its_two_terms(self, page: Client) -> None:
        url = reverse("reference-indicator", args=[KEY, "1-A-1"])
        response = page.post(url, initial(page.get(url)) | {"denominator": ""})
        assert "denominator" in response.context["form"].errors

    @pytest.mark.parametrize(
        ("query", "count"), [("?national=oui", 0), ("?q=JOURNEES%20d", 1), ("?axe=2", None), ("?axe=zz", None)]
    )
    def test_filters(self, page: Client, query: str, count: int | None) -> None:
        total = page.get(reverse("reference-indicators", args=[KEY]) + query).context["page_obj"].paginator.count
        assert total == count if count is not None else total > 5


class TestModel:
    @pytest.fixture
    def draft(self, cycle: Cycle, admin: User) -> ModelVersion:
        return conventions_services.new_version(cycle=cycle, number="2026-1", note="", by=admin)

    def test_a_new_version_is_a_whole_copy(self, draft: ModelVersion, cycle: Cycle) -> None:
        source = ModelVersion.objects.get(cycle=cycle, number="2025-1")
        assert text_of(draft) == text_of(source)
        assert draft.published_on is None

    def test_the_text_form_is_read_back_the_same(self, cycle: Cycle) -> None:
        text = text_of(ModelVersion.objects.get(cycle=cycle, number="2025-1"))
        assert len(parse(text).articles) == ModelArticle.objects.count()
        assert [variant.body for variant in parse(text).variants] == list(
            ModelVariant.objects.values_list("body", flat=True)
        )

    def test_one_draft_at_a_time(self, draft: ModelVersion, cycle: Cycle, admin: User, page: Client) -> None:
        with pytest.raises(Refused):
            conventions_services.new_version(cycle=cycle, number="2026-2", note="", by=admin)
        response = page.post(reverse("reference-model", args=[KEY]), {"number": "2026-2", "note": ""})
        assert "number" in response.context["form"].errors

    def test_an_article_of_a_draft_is_edited_with_its_passages(self, draft: ModelVersion, page: Client) -> None:
        url = reverse("reference-model-article", args=[KEY, "2026-1", "duree"])
        first = page.get(url)
        data = initial(first) | {"body": "{{ variante_prise_effet }}\n\n**2.2.** Elle finit le {{ date_fin }}."}
        for _, part in first.context["parts"]:
            data |= {bound.html_name: "**2.1.** Elle prend effet." for bound in part}
        assert page.post(url, data).status_code == 302
        assert "Elle finit" in draft.articles.get(key="duree").body
        assert set(draft.variants.filter(group="variante_prise_effet").values_list("body", flat=True)) == {
            "**2.1.** Elle prend effet."
        }
        assert "Elle finit" not in ModelArticle.objects.get(version__number="2025-1", key="duree").body

    @pytest.mark.parametrize("body", ["{{ inconnue }}", "{{ variante_inconnue }}", "| a | b |", "Du {{ date_fin", ""])
    def test_a_wording_that_could_not_print_is_refused(self, draft: ModelVersion, page: Client, body: str) -> None:
        url = reverse("reference-model-article", args=[KEY, "2026-1", "renouvellement"])
        response = page.post(url, initial(page.get(url)) | {"body": body})
        assert "body" in response.context["form"].errors

    def test_a_published_version_never_changes(self, page: Client, admin: User, cycle: Cycle) -> None:
        article = ModelArticle.objects.select_related("version").get(version__number="2025-1", key="objet")
        with pytest.raises(Refused):
            conventions_services.update_article(
                article=article, changes={"title": "Autre"}, variants={}, expected_revision=0, by=admin
            )
        page.post(reverse("reference-model-article", args=[KEY, "2025-1", "objet"]), {"title": "Autre"})
        page.post(reverse("reference-model-discard", args=[KEY, "2025-1"]))
        assert page.get(reverse("reference-model-whole", args=[KEY, "2025-1"])).status_code == 302
        article.refresh_from_db()
        assert article.title == "Objet de la convention"

    def test_publishing_dates_the_version(self, draft: ModelVersion, page: Client) -> None:
        page.post(reverse("reference-model-publish", args=[KEY, "2026-1"]))
        draft.refresh_from_db()
        assert draft.published_on.isoformat() == "2026-10-15"
        assert "publiée" in last_entry().sentence

    def test_a_draft_is_given_up(self, draft: ModelVersion, page: Client) -> None:
        assert page.post(reverse("reference-model-discard", args=[KEY, "2026-1"])).status_code == 302
        assert not ModelVersion.objects.filter(number="2026-1").exists()

    def test_a_whole_wording_is_pasted(self, draft: ModelVersion, page: Client) -> None:
        url = reverse("reference-model-whole", args=[KEY, "2026-1"])
        text = page.get(url).context["form"]["text"].value()
        data = {"text": text.replace("Objet de la convention", "Objet"), "revision": 0}
        assert page.post(url, data).status_code == 302
        assert draft.articles.get(key="objet").title == "Objet"
        assert draft.articles.count() == ModelArticle.objects.filter(version__number="2025-1").count()
        assert page.post(url, {"text": text, "revision": 0}).status_code == 409, "somebody replaced the text in between"
        assert draft.articles.get(key="objet").title == "Objet"

    def test_a_mistake_in_a_pasted_wording_is_told_with_its_line(self, draft: ModelVersion, page: Client) -> None:
        url = reverse("reference-model-whole", args=[KEY, "2026-1"])
        response = page.post(url, {"text": "::: chapitre cle=a"})
        assert "Ligne 1" in response.context["form"].errors["text"][0]
        assert draft.articles.exists()


@pytest.mark.parametrize(
    ("name", "args", "field", "first", "second", "stored"),
    [
        ("reference-values", [KEY], "v_taux_avance_max", "40 %", "45 %", lambda: text_of_cycle("taux_avance_max")),
        ("reference-axis", [KEY, 1], "label", "Celui d’avant", "Le mien", lambda: Axis.objects.get(number=1).label),
        (
            "reference-indicator",
            [KEY, "1-A-1"],
            "label",
            "Celui d’avant",
            "Le mien",
            lambda: IndicatorDefinition.objects.filter(code="1-A-1").order_by("version").last().label,
        ),
        (
            "reference-email",
            [KEY, "invitation"],
            "subject",
            "Celui d’avant",
            "Le mien",
            lambda: EmailTemplate.objects.get(key="invitation").subject,
        ),
        (
            "reference-territory",
            ["53"],
            "court",
            "Celui d’avant",
            "Le mien",
            lambda: Territory.objects.get(code="53").court,
        ),
        (
            "reference-example",
            [KEY, "1-A"],
            "title",
            "Celui d’avant",
            "Le mien",
            lambda: ExampleSheet.objects.get(code="1-A").title,
        ),
        (
            "reference-account",
            ["60"],
            "label",
            "Celui d’avant",
            "Le mien",
            lambda: Account.objects.get(code="60").label,
        ),
        (
            "reference-kind",
            ["statuts"],
            "label",
            "Celui d’avant",
            "Le mien",
            lambda: AttachmentKind.objects.get(key="statuts").label,
        ),
        (
            "reference-model-article",
            [KEY, "2099-1", "objet"],
            "title",
            "Celui d’avant",
            "Le mien",
            lambda: ModelArticle.objects.get(version__number="2099-1", key="objet").title,
        ),
    ],
)
def test_saving_over_somebody_s_newer_revision_is_refused_and_shows_both(
    page: Client, name: str, args: list[Any], field: str, first: str, second: str, stored: Any
) -> None:
    conventions_services.new_version(
        cycle=Cycle.objects.get(key=KEY), number="2099-1", note="", by=make_user("national_admin")
    )
    url = reverse(name, args=args)
    data = form_data(page.get(url).content.decode(), field)
    assert page.post(url, data | {field: first}).status_code == 302
    response = page.post(url, data | {field: second})
    assert response.status_code == 409
    assert stored() == first
    [question] = questions(response)
    assert (question.theirs, question.mine) == (first, second)
    again = form_data(response.content.decode(), field)
    assert page.post(url, again).status_code == 409, "the person must choose"
    assert page.post(url, again | {"choix-0": "saisie"}).status_code == 302
    assert stored() == second


class TestRules:
    URL = "reference-rule"

    def post(self, page: Client, key: str, **changes: Any) -> Any:
        url = reverse(self.URL, args=[KEY, key])
        return page.post(url, initial(page.get(url)) | changes)

    def test_saving_untouched_changes_nothing(self, page: Client) -> None:
        keys = list(DeadlineRule.objects.values_list("key", flat=True))
        assert len(keys) > 10
        for key in keys:
            before = DeadlineRule.objects.filter(key=key).values().get()
            assert self.post(page, key).status_code == 302, key
            after = DeadlineRule.objects.filter(key=key).values().get()
            assert after | {"revision": 0} == before | {"revision": 0}, key

    def test_date_ladder_and_escalation_are_edited(self, page: Client) -> None:
        self.post(page, "justificatifs_annuels", base_day="15", ladder="J-30, 0,+7", from_officer="7", from_manager="")
        rule = DeadlineRule.objects.get(key="justificatifs_annuels")
        assert rule.base_day == 15
        assert rule.ladder == [-30, 0, 7]
        assert rule.escalation == [[7, ["president", "officer"]], [30, ["national_admin"]]]
        assert rule.revision == 1
        assert "échelle" in last_entry().sentence

    @pytest.mark.parametrize(
        ("field", "value"),
        [("base_day", "32"), ("base_day", ""), ("base_year", "demain"), ("ladder", "bientôt"), ("ladder", "4000")],
    )
    def test_a_bad_value_is_told_beside_its_field(self, page: Client, field: str, value: str) -> None:
        response = self.post(page, "justificatifs_annuels", **{field: value})
        assert field in response.context["form"].errors
        assert DeadlineRule.objects.get(key="justificatifs_annuels").revision == 0

    def test_31_june_does_not_exist(self, page: Client) -> None:
        assert "base_day" in self.post(page, "justificatifs_annuels", base_day="31").context["form"].errors

    def test_saving_over_a_newer_rule_is_refused_and_shows_it(self, page: Client) -> None:
        url = reverse(self.URL, args=[KEY, "justificatifs_annuels"])
        data = initial(page.get(url))
        page.post(url, data | {"label": "La règle de l’autre"})
        response = page.post(url, data | {"label": "Ma règle"})
        assert response.status_code == 409
        assert DeadlineRule.objects.get(key="justificatifs_annuels").label == "La règle de l’autre"
        content = response.content.decode()
        assert "La règle de l’autre" in content
        assert "Ma règle" in content

    def test_a_preview_writes_nothing(self, page: Client) -> None:
        response = self.post(page, "justificatifs_annuels", ladder="-45, 3", preview="1")
        assert [row["rung"] for row in response.context["previews"][0]["rows"]] == ["J-45", "J+3"]
        assert DeadlineRule.objects.get(key="justificatifs_annuels").ladder[0] == -60

    def test_the_preview_dates_every_sending(self, admin: User) -> None:
        rule = DeadlineRule.objects.get(key="justificatifs_annuels")
        first = rule_services.preview(rule, by=admin)[0]
        assert first.due_on.isoformat() == "2026-06-30"
        assert [sending.on.isoformat() for sending in first.sendings][:2] == ["2026-05-01", "2026-05-31"]
        told = ("president", "accountant", "officer")
        assert first.sendings[0].roles == ("director", *told)
        assert first.sendings[-1].roles == ("director", *told, "manager", "national_admin")


class TestEmails:
    def test_a_text_is_changed(self, page: Client) -> None:
        url = reverse("reference-email", args=[KEY, "invitation"])
        assert (
            page.post(url, initial(page.get(url)) | {"subject": "Bienvenue sur {{ plateforme_nom }}"}).status_code
            == 302
        )
        assert EmailTemplate.objects.get(key="invitation").subject == "Bienvenue sur {{ plateforme_nom }}"

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("subject", "{{ code }}"),
            ("body", "Sans lien"),
            ("body", "{{ lien }} {{ nom }}"),
            ("body", "{{ lien }} {{ x"),
        ],
    )
    def test_a_text_that_could_not_be_sent_is_refused(self, page: Client, field: str, value: str) -> None:
        url = reverse("reference-email", args=[KEY, "invitation"])
        assert field in page.post(url, initial(page.get(url)) | {field: value}).context["form"].errors


class TestTerritories:
    def test_a_territory_is_corrected(self, page: Client) -> None:
        url = reverse("reference-territory", args=["53"])
        page.post(url, initial(page.get(url)) | {"court": "tribunal administratif de Villemodèle"})
        assert Territory.objects.get(code="53").court == "tribunal administratif de Villemodèle"
        assert "tribunal administratif" in last_entry().sentence

    def test_an_unknown_time_zone_is_refused(self, page: Client) -> None:
        url = reverse("reference-territory", args=["53"])
        response = page.post(url, initial(page.get(url)) | {"time_zone": "Bretagne"})
        assert "time_zone" in response.context["form"].errors

    def test_a_count_is_added_beside_the_older_one(self, page: Client) -> None:
        url = reverse("reference-territory", args=["53"])
        page.post(url, {"form": "count", "counted_on": "01/09/2026", "count": "18", "source": "UNML"})
        counts = MissionLocaleCount.objects.filter(territory__code="53").order_by("-counted_on")
        assert list(counts.values_list("count", flat=True)) == [18, 17]

    def test_a_count_of_tomorrow_is_refused(self, page: Client) -> None:
        url = reverse("reference-territory", args=["53"])
        response = page.post(url, {"form": "count", "counted_on": "01/09/2030", "count": "18", "source": "UNML"})
        assert "counted_on" in response.context["count_form"].errors
        assert "UNML" in response.content.decode()
