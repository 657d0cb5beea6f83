"""The national administration reads what is empty, and which of it every signature needs."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from actions.models import CycleText, IndicatorDefinition
from arml.enums import OrganisationKind
from arml.models import Organisation, Territory
from conventions.models import ModelVersion
from reporting.todo.national import national_tasks
from reporting.todo.setup import steps
from tests.factories.arml import make_user

pytestmark = pytest.mark.django_db


def words() -> list[str]:
    return [step.words.replace("\u00a0", " ") for step in steps()]


def test_the_codes_that_nobody_gave_are_empty_in_a_new_deployment_and_block() -> None:
    (step,) = [step for step in steps() if step.blocking]
    assert step.words.replace("\u00a0", " ") == "2 valeurs du cycle à renseigner"
    assert "ction et sous-action" in step.detail
    assert not CycleText.objects.filter(value__regex=r"fictif|vérifier").exists()


def test_one_code_left_is_said_in_the_singular_and_none_is_not_said() -> None:
    CycleText.objects.filter(name="action_budgetaire").update(value="02.99")
    assert "1 valeur du cycle à renseigner" in words()
    CycleText.objects.filter(value="").update(value="x")
    assert not [step for step in steps() if step.blocking]
    assert not [task for task in national_tasks(make_user("national_admin")) if "toute signature" in task.title]


def test_a_cycle_without_a_published_model_blocks() -> None:
    ModelVersion.objects.update(published_on=None)
    assert "Aucun modèle national publié" in words()


def test_services_and_associations_without_a_head_are_named_until_they_have_one() -> None:
    others = Organisation.objects.filter(kind=OrganisationKind.STATE_SERVICE).exclude(key="dreets-bretagne")
    Territory.objects.update(service=None)
    others.delete()
    service = Organisation.objects.get(key="dreets-bretagne")
    assert "1 service sans responsable" in words() and "1 service sans SIRET ou sans adresse" in words()
    make_user("officer", service)
    assert "1 service sans responsable" in words()
    make_user("manager", service)
    Organisation.objects.filter(pk=service.pk).update(siret="00000000000018", address="au 1, rue de l’Exemple")
    assert not [line for line in words() if line.startswith("1 service")]


def test_the_choice_of_national_indicators_is_asked_until_one_is_made() -> None:
    assert "Aucun indicateur national choisi" in words()
    IndicatorDefinition.objects.filter(pk=IndicatorDefinition.objects.first().pk).update(national=True)
    assert "Aucun indicateur national choisi" not in words()


def test_the_list_stands_on_the_page_of_reference_data_and_at_home(django_assert_num_queries: Any) -> None:
    admin = make_user("national_admin")
    client = Client()
    client.force_login(admin)
    page = client.get(reverse("reference-home")).content.decode()
    assert "Ce qui reste à renseigner" in page and "Bloque la signature" in page
    assert reverse("reference-home") in [task.url for task in national_tasks(admin)]
    assert not [task for task in national_tasks(make_user("national_reader")) if "toute signature" in task.title]
    with django_assert_num_queries(9):
        steps()
