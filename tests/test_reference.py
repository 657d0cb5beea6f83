"""Reference data: the loaded rows, a second load that changes nothing, files that agree with each other."""

import re
import zoneinfo
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from actions.enums import AccountKind, Aggregation, Unit
from actions.models import Account, Axis, Cycle, CycleText, ExampleSheet, IndicatorDefinition, Objective
from arml.enums import OrganisationKind, ServiceType
from arml.models import AttachmentKind, MissionLocaleCount, Organisation, Territory
from conventions.models import ModelArticle, ModelVariable, ModelVariant, ModelVersion
from cpo.lib.mail import texts as texts_mail
from cpo.lib.mail.emails import FOOTER, VARIABLE
from cpo.lib.models import EmailTemplate
from reporting.enums import RuleNature
from reporting.models import DeadlineRule

pytestmark = pytest.mark.django_db

LOADED = (
    (Territory, 21),
    (Organisation, 54),
    (MissionLocaleCount, 19),
    (AttachmentKind, 34),
    (Axis, 3),
    (Objective, 13),
    (ExampleSheet, 21),
    (ModelVersion, 1),
)


def each(rows: Iterable[Any]) -> list[Any]:
    """The rows as a list. There must be one at least, or the loop of the test would prove nothing."""
    items = list(rows)
    assert items
    return items


@pytest.fixture
def cycle() -> Cycle:
    return Cycle.objects.get(key="cpo-arml-2025-2027")


class TestLoading:
    def test_loading_again_creates_nothing(self) -> None:
        before = [(model, model.objects.count()) for model, _ in LOADED]
        call_command("load_reference", verbosity=0)
        assert [(model, model.objects.count()) for model, _ in LOADED] == before

    def test_loading_again_writes_nothing(self) -> None:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            call_command("load_reference", verbosity=0)
        statements = [q["sql"] for q in queries if q["sql"].startswith(("INSERT", "UPDATE", "DELETE"))]
        assert statements == []
        assert len(queries) < 40

    def test_what_was_edited_in_the_application_is_kept(self) -> None:
        Territory.objects.filter(code="53").update(court="tribunal administratif de Villemodèle")
        ModelArticle.objects.filter(key="objet").update(body="**1.1.** Texte officiel.")
        EmailTemplate.objects.filter(key="invitation").update(subject="Bienvenue")
        call_command("load_reference", verbosity=0)
        assert Territory.objects.get(code="53").court == "tribunal administratif de Villemodèle"
        assert ModelArticle.objects.get(key="objet").body == "**1.1.** Texte officiel."
        assert EmailTemplate.objects.get(key="invitation").subject == "Bienvenue"

    def test_what_is_missing_comes_back(self) -> None:
        EmailTemplate.objects.filter(key="invitation").delete()
        DeadlineRule.objects.filter(key="terme").delete()
        call_command("load_reference", verbosity=0)
        assert EmailTemplate.objects.filter(key="invitation").exists()
        assert DeadlineRule.objects.filter(key="terme").exists()

    @pytest.mark.parametrize(("model", "count"), LOADED)
    def test_everything_is_there(self, model: type, count: int) -> None:
        assert model.objects.count() == count


class TestTerritories:
    def test_eighteen_regions_and_three_collectivities(self) -> None:
        assert Territory.objects.filter(is_region=True).count() == 18
        others = Territory.objects.filter(is_region=False).values_list("code", flat=True)
        assert set(others) == {"975", "977", "978"}

    def test_litigation_of_corse_goes_to_bastia(self) -> None:
        assert Territory.objects.get(code3="COR").court == "tribunal administratif de Bastia"

    def test_every_territory_has_a_service_and_a_time_zone(self) -> None:
        for territory in each(Territory.objects.select_related("service")):
            assert territory.service.kind == OrganisationKind.STATE_SERVICE
            assert zoneinfo.ZoneInfo(territory.time_zone)
            assert (territory.time_zone == "Europe/Paris") == (len(territory.code) == 2 and territory.code > "06")

    def test_the_service_of_guadeloupe_serves_the_two_northern_islands(self) -> None:
        service = Organisation.objects.get(key="deets-guadeloupe")
        assert set(service.served_territories.values_list("code3", flat=True)) == {"GUA", "SMA", "SBA"}

    def test_phrases_carry_their_article_or_preposition(self) -> None:
        for territory in each(Territory.objects.all()):
            assert territory.in_sentence.startswith(("en ", "dans ", "à "))
            assert territory.in_sentence.endswith(territory.name.removeprefix("Le "))
            assert territory.prefect_title.startswith("le préfet")
            assert territory.court.startswith("tribunal administratif d")


class TestOrganisations:
    def test_every_region_has_the_collectivity_that_may_be_its_cofunder(self) -> None:
        regions = Organisation.objects.filter(kind=OrganisationKind.REGION)
        codes = sorted(code for one in regions for code in one.territories.values_list("code", flat=True))
        assert codes == sorted(Territory.objects.filter(is_region=True).values_list("code", flat=True))

    def test_nineteen_services_by_type(self) -> None:
        kinds = Organisation.objects.filter(kind=OrganisationKind.STATE_SERVICE).values_list("service_type", flat=True)
        counts = {kind: list(kinds).count(kind) for kind in ServiceType.values}
        assert counts == {"DREETS": 12, "DRIEETS": 1, "DEETS": 4, "DGCOPOP": 1, "DCSTEP": 1}

    def test_fifteen_associations_cover_every_region_once(self) -> None:
        associations = Organisation.objects.filter(kind=OrganisationKind.ARML).prefetch_related("territories")
        assert len(associations) == 15
        codes = [territory.code for one in associations for territory in one.territories.all()]
        assert sorted(codes) == sorted(
            [*Territory.objects.filter(is_region=True).values_list("code", flat=True), "978"]
        )

    def test_two_associations_span_several_territories(self) -> None:
        spans = {
            one.key: {territory.code for territory in one.territories.all()}
            for one in Organisation.objects.filter(kind=OrganisationKind.ARML).prefetch_related("territories")
        }
        assert {key for key, codes in spans.items() if len(codes) > 1} == {"arml-antilles-guyane", "arml-ocean-indien"}
        assert spans["arml-antilles-guyane"] == {"01", "02", "03", "978"}
        assert spans["arml-ocean-indien"] == {"04", "06"}

    def test_no_identifier_address_or_bank_account_is_invented(self) -> None:
        for one in each(Organisation.objects.all()):
            assert (one.siret, one.rna, one.address, one.iban, one.bic, one.email) == ("",) * 6

    def test_counts_of_missions_locales_are_dated_and_sourced(self) -> None:
        first = MissionLocaleCount.objects.filter(counted_on="2015-12-31")
        assert (first.count(), sum(first.values_list("count", flat=True))) == (18, 444)
        assert MissionLocaleCount.objects.get(territory__code="11", counted_on="2019-12-31").count == 72
        assert not MissionLocaleCount.objects.filter(source="").exists()


class TestCycle:
    def test_the_cycle_is_that_of_the_instruction(self, cycle: Cycle) -> None:
        assert cycle.years == [2025, 2026, 2027]
        assert cycle.instruction_reference == "DGEFP/MAJE/SDPAE/2025/68"
        assert cycle.instruction_nor == "TSSD2520236J"
        assert cycle.instruction_dated.isoformat() == "2025-05-23"

    def test_it_gives_a_value_to_every_variable_of_the_model_that_the_cycle_holds(self, cycle: Cycle) -> None:
        expected = set(ModelVariable.objects.filter(source="cycle").values_list("name", flat=True))
        texts = dict(CycleText.objects.filter(cycle=cycle).values_list("name", "value"))
        assert set(texts) == expected
        assert {name for name, value in texts.items() if not value} == {"action_budgetaire", "activite_chorus"}

    def test_examples_hang_on_an_objective_of_their_axis(self) -> None:
        for example in each(ExampleSheet.objects.select_related("axis", "objective__axis")):
            assert example.objective.axis == example.axis
            assert example.code.startswith(str(example.axis.number))

    def test_examples_are_complete(self) -> None:
        for example in each(ExampleSheet.objects.prefetch_related("functions", "indicators")):
            content = example.content
            assert example.functions.all(), example.code
            assert example.indicators.all(), example.code
            assert sum(content["budget_shares"].values()) == 100, example.code
            assert set(content["milestones"]) == {"T1", "T2", "T3", "T4"}, example.code
            for name in ("context", "objectives", "description", "steps", "audience", "partners", "deliverables"):
                assert content[name], (example.code, name)
            for staff in each(content["staff"]):
                assert 0 < staff["fte_min"] <= staff["fte_max"], example.code

    def test_budget_shares_name_accounts_that_may_be_typed_on(self) -> None:
        enterable = set(Account.objects.filter(enterable=True).values_list("code", flat=True))
        for example in each(ExampleSheet.objects.all()):
            assert set(example.content["budget_shares"]) <= enterable, example.code


class TestIndicators:
    def test_none_is_national_until_the_administration_says_so(self) -> None:
        assert not IndicatorDefinition.objects.filter(national=True).exists()
        assert IndicatorDefinition.objects.filter(proposed_national=True).exists()

    def test_choices_are_known(self) -> None:
        for one in each(IndicatorDefinition.objects.all()):
            one.clean_fields(exclude=["definition", "method"])

    def test_a_ratio_and_only_a_ratio_has_two_terms(self) -> None:
        for one in each(IndicatorDefinition.objects.all()):
            assert (one.aggregation == Aggregation.RATIO) == bool(one.numerator and one.denominator), one.code
            if one.unit == Unit.PERCENT:
                assert one.aggregation == Aggregation.RATIO, one.code


class TestAccounts:
    def test_detail_hangs_on_a_title_of_the_same_side(self) -> None:
        for account in each(Account.objects.select_related("parent").exclude(parent=None)):
            assert (account.side, account.kind) == (account.parent.side, account.parent.kind), account.code
            assert account.rank > account.parent.rank

    def test_titles_of_contributions_in_kind_only_add_up(self) -> None:
        total_codes = Account.objects.filter(enterable=False).values_list("code", flat=True)
        assert set(total_codes) == {"86", "87"}
        assert set(Account.objects.filter(parent__code="86").values_list("kind", flat=True)) == {AccountKind.IN_KIND}

    def test_accounts_that_the_accounting_rules_of_2025_restrict_are_marked(self) -> None:
        marks = dict(Account.objects.exclude(restricted="").values_list("code", "restricted"))
        assert marks == {"67": "restreint", "77": "restreint", "79": "supprime"}

    def test_the_state_has_its_own_line(self) -> None:
        assert Account.objects.get(code="74-ETAT").funder == "etat"


class TestAttachments:
    def test_kinds_are_valid(self) -> None:
        for kind in each(AttachmentKind.objects.all()):
            kind.clean_fields()

    def test_a_delegation_carries_its_end_date(self) -> None:
        assert AttachmentKind.objects.get(key="delegation_signature_etat").needs_end_date

    def test_remunerations_stay_with_the_service(self) -> None:
        assert list(AttachmentKind.objects.filter(confidential=True).values_list("key", flat=True)) == [
            "remunerations_dirigeants"
        ]


class TestModel:
    def test_fifteen_articles_in_order_with_their_annexes(self) -> None:
        numbers = list(ModelArticle.objects.values_list("number", flat=True))
        assert [number for number in numbers if number.isdigit()] == [str(n) for n in range(1, 16)]
        assert [number for number in numbers if number.startswith("annexe")] == [
            "annexe-I",
            "annexe-II",
            "annexe-III",
            "annexe-IV",
        ]
        assert {"titre", "parties", "visas", "preambule", "4 bis", "4 ter", "7 bis", "7 ter", "signatures"} <= set(
            numbers
        )

    def test_optional_articles_say_whether_they_are_kept(self) -> None:
        defaults = dict(ModelArticle.objects.filter(status="optional").values_list("number", "default_included"))
        assert defaults == {"4 bis": False, "4 ter": False, "4 quater": False, "7 bis": True, "7 ter": True}

    def test_references_between_articles_lead_somewhere(self) -> None:
        bodies = [
            *ModelArticle.objects.values_list("body", flat=True),
            *ModelVariant.objects.values_list("body", flat=True),
        ]
        text = "\n".join(bodies)
        numbers = set(ModelArticle.objects.values_list("number", flat=True))
        numbers |= set(re.findall(r"\*\*(\d+(?: bis| ter)?\.\d)\.", text))
        laws = {"9-1", "10", "10-1", "20"}
        one = r"\d+(?:-\d| bis| ter)?(?:\.\d)?"
        for quoted_numbers in each(re.findall(rf"\barticles? ({one}(?:(?:, | et | ou ){one})*)", text)):
            assert set(re.findall(one, quoted_numbers)) <= numbers | laws, quoted_numbers

    def test_options_are_offered_with_the_same_values_wherever_they_apply(self) -> None:
        options: dict[str, dict[str, set[str]]] = {}
        for variant in ModelVariant.objects.all():
            options.setdefault(variant.option, {}).setdefault(variant.group, set()).add(variant.value)
        assert len(options) == 10
        for option, groups in options.items():
            assert len({frozenset(values) for values in groups.values()}) == 1, option

    def test_defaults_of_an_option_agree(self) -> None:
        defaults: dict[str, set[str]] = {}
        for variant in each(ModelVariant.objects.filter(default=True)):
            defaults.setdefault(variant.option, set()).add(variant.value)
        assert all(len(values) == 1 for values in defaults.values())


class TestDeadlines:
    def test_a_deadline_says_who_when_and_what_ends_it(self) -> None:
        for rule in each(DeadlineRule.objects.filter(nature=RuleNature.DEADLINE)):
            rule.full_clean(exclude=["cycle"])
            assert rule.responsible, rule.key
            assert rule.ladder == sorted(rule.ladder), rule.key
            assert rule.ladder, rule.key
            assert rule.met_by, rule.key

    def test_a_milestone_reminds_nobody(self) -> None:
        for rule in each(DeadlineRule.objects.filter(nature=RuleNature.MILESTONE)):
            assert (rule.ladder, rule.escalation) == ([], []), rule.key

    def test_annual_documents_are_due_on_30_june_of_the_next_year(self) -> None:
        rule = DeadlineRule.objects.get(key="justificatifs_annuels")
        assert (rule.base_day, rule.base_month, rule.base_year) == (30, 6, "N+1")
        assert rule.years == [2025, 2026, 2027]
        assert rule.escalation == [[7, ["president"]], [15, ["manager"]], [30, ["national_admin"]]]

    def test_articles_that_rules_quote_exist(self) -> None:
        text = "\n".join(
            [*ModelArticle.objects.values_list("body", flat=True), *ModelVariant.objects.values_list("body", flat=True)]
        )
        numbers = set(ModelArticle.objects.values_list("number", flat=True))
        for rule in each(DeadlineRule.objects.all()):
            for number in re.findall(r"\d+(?:\.\d)?", rule.article):
                assert f"**{number}." in text or number in numbers, (rule.key, number)


class TestEmails:
    def test_every_text_names_known_variables_only(self) -> None:
        variables = set(texts_mail.meanings())
        for template in each(EmailTemplate.objects.all()):
            names = set(VARIABLE.findall(template.subject + template.body))
            assert names <= variables, template.key

    def test_every_variable_of_the_list_serves(self) -> None:
        names = {name for text in texts_mail.shipped_texts().values() for name in text.variables}
        assert set(texts_mail.meanings()) == names

    def test_every_message_has_a_subject_and_a_link(self) -> None:
        for template in each(EmailTemplate.objects.exclude(key=FOOTER)):
            assert template.subject, template.key
            assert not template.subject.startswith("Objet"), template.key
            assert "{{ lien }}" in template.body, template.key

    def test_the_association_has_its_article_after_a_preposition(self) -> None:
        """« de l’ARML Bretagne », which `arml_nom` gives; `arml_nom_court` is « ARML Bretagne »."""
        for template in each(EmailTemplate.objects.all()):
            bare = re.search(r"\b(de|à|par|pour)\s\{\{ arml_nom_court", template.subject + template.body)
            assert bare is None, template.key

    def test_a_code_is_never_in_a_subject(self) -> None:
        assert "code }}" not in EmailTemplate.objects.get(key="code_signature").subject


def test_amounts_of_the_law_are_not_rounded_in_conditions() -> None:
    conditions = AttachmentKind.objects.exclude(condition="").values_list("condition", flat=True)
    amounts = {Decimal(digits) for one in conditions for digits in re.findall(r"\d+", one)}
    assert amounts == {Decimal(153000), Decimal(150000), Decimal(50000)}
