"""A document is never opened to signature with a value that nobody has settled, nor with an account that is none."""

from typing import Any

import pytest

from arml.models import Organisation
from arml.models.organisations import is_bank_account
from conventions.guards.versions import version_is_settled
from conventions.models import Version
from conventions.text.markers import marked
from cpo.lib.workflow import Refused
from tests.factories import scenarios

SETTLED = "FR7630006000011234567890189"


@pytest.mark.parametrize(
    "text",
    [
        "02.02 (à vérifier)",
        "010200000000 (fictif)",
        "010200000000 (FICTIF)",
        "[à compléter : objet]",
        "à compléter",
        "0102-00 à\u00a0vérifier",
        "(\u00a0à préciser )",
    ],
)
def test_a_mark_is_found_whatever_its_spaces_and_case(text: str) -> None:
    assert marked(text)


@pytest.mark.parametrize(
    "text",
    [
        "02.02",
        "Dominique Fictif",
        "un bilan que le comité de pilotage reste à compléter chaque année avant la réunion de septembre",
        "(à vérification annuelle)",
        "",
    ],
)
def test_prose_and_names_are_no_mark(text: str) -> None:
    assert not marked(text)


@pytest.mark.parametrize(
    ("iban", "is_one"),
    [
        (SETTLED, True),
        ("FR76 3000 6000 0112 3456 7890 189", True),
        ("FR7630006000011234567890188", False),  # one digit off
        ("FR7600000000000000000000000", False),
        ("FR0000000000000000000000000", False),
        ("FR76", False),
    ],
)
def test_an_account_has_its_check_digits_and_is_not_made_of_zeros(iban: str, is_one: bool) -> None:
    assert is_bank_account(iban) is is_one


def lines(scene: Any) -> list[str]:
    return [line.text for line in version_is_settled(scene.act)]


def with_content(change: Any) -> Any:
    """A scene accepted by both, whose last version has another content; a trigger forbids it to the application."""
    from django.db import connection

    scene = scenarios.accepted_by_both()
    version = scene.version
    change(version.content)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
    Version.objects.filter(pk=version.pk).update(content=version.content)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = DEFAULT")
    return scene


def mark_value(content: Any) -> None:
    content["values"]["centre_couts"] = "DRT0000000 (fictif)"


def mark_article(content: Any) -> None:
    content["articles"][0]["body"] += "\n\n(à vérifier avec le service juridique)"


def mark_sheet(content: Any) -> None:
    content["sheets"][0]["partners"] = ["La Région (à préciser)"]


def spoil_iban(content: Any) -> None:
    content["values"]["iban"] = "FR7600000000000000000000000"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("change", "words"),
    [
        (mark_value, "Marque à lever"),
        (mark_article, "Marque à lever"),
        (mark_sheet, "fiche 1-A"),
        (spoil_iban, "IBAN"),
    ],
)
def test_what_is_not_settled_stops_the_signature_and_is_said_with_its_place(change: Any, words: str) -> None:
    scene = with_content(change)
    (line,) = version_is_settled(scene.act)
    assert words in line.text and line.url and line.severity == "error"
    scene.do("give_visa", scene.manager)
    with pytest.raises(Refused) as refused:
        scene.do("open_signature", scene.manager)
    assert line.text in [missing.text for missing in refused.value.missing]


@pytest.mark.django_db
def test_an_article_left_out_may_keep_its_mark() -> None:
    def change(content: Any) -> None:
        content["articles"][0]["included"] = False
        mark_article(content)

    assert lines(with_content(change)) == []


@pytest.mark.django_db
def test_a_settled_version_goes_to_signature() -> None:
    scene = scenarios.accepted_by_both()
    assert Organisation.objects.get(pk=scene.act.dossier.beneficiary_id).iban == SETTLED and lines(scene) == []
    scene.do("give_visa", scene.manager)
    scene.do("open_signature", scene.manager)
    assert scene.act.in_signature
