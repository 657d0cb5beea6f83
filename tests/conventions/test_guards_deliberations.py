"""An avenant that raises the amount of the State, or of a Région that signs, needs a deliberation that covers it."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from arml.models import Attachment, AttachmentKind
from conventions import workflow
from conventions.guards.deliberations import deliberation_covers_the_rise
from conventions.models import Act
from tests.conventions.guarded import lines, messages
from tests.factories.conventions import give
from tests.factories.scenarios import Scene, in_force, later, proposed, set_contribution, with_later_act

pytestmark = pytest.mark.django_db
# The convention is signed on 15 October 2026 for 120 000 €.
STATE = (
    "Pièce\u00a0: délibération qui couvre la hausse de la contribution de l’État "
    "(120\u00a0000\u00a0€, portée à 120\u00a0000,01\u00a0€), postérieure au 15\u00a0octobre 2026"
    " | convention-documents#piece-deliberation_autorisation"
)
REGION = (
    "Pièce\u00a0: délibération qui couvre la hausse de la contribution de la Région "
    "(60\u00a0000\u00a0€, portée à 60\u00a0000,01\u00a0€), postérieure au 15\u00a0octobre 2026"
    " | convention-documents#piece-deliberation_region"
)


def contribution(scene: Scene, amount: str, year: int = 2026) -> None:
    scene.act.contributions.filter(year=year).update(amount=Decimal(amount))


def decide(scene: Scene, day: str, kind: str = "deliberation_autorisation", **fields: Any) -> None:
    """Give a deliberation dated on that day, in place of the former one."""
    former = Attachment.objects.current().filter(dossier=scene.act.dossier, kind__key=kind)
    if not former.exists():
        give(scene.act, AttachmentKind.objects.get(key=kind))
    former.update(dated=dt.date.fromisoformat(day), **fields)


def said(scene: Scene) -> list[str]:
    return messages(deliberation_covers_the_rise, scene, "error")


@pytest.mark.parametrize(
    ("amount", "decided_on", "expected"),
    [
        ("40000.00", "2025-06-02", []),
        ("39999.99", "2025-06-02", []),
        ("40000.01", "2025-06-02", [STATE]),
        ("40000.01", "2026-10-15", [STATE]),
        ("40000.01", "2026-10-16", []),
    ],
)
def test_a_cent_more_needs_a_deliberation_later_than_the_signed_text(
    amount: str, decided_on: str, expected: list[str]
) -> None:
    scene = with_later_act()
    contribution(scene, amount)
    decide(scene, decided_on)
    assert said(scene) == lines(scene, expected)


def test_it_stops_the_acceptance_until_the_deliberation_is_given() -> None:
    scene = with_later_act()
    set_contribution(scene, 2026, Decimal("40000.01"))
    decide(scene, "2026-10-15")
    scene.do("propose", scene.officer)
    option = workflow.ACT.attempt("accept", scene.act, scene.director)
    assert [f"{line.text} | {line.url}" for line in option.blocking] == lines(scene, [STATE])
    decide(scene, "2026-10-16")
    assert workflow.ACT.attempt("accept", scene.act, scene.director).ready


def test_a_deliberation_said_not_applicable_or_replaced_covers_nothing() -> None:
    scene = with_later_act()
    contribution(scene, "40000.01")
    decide(scene, "2026-10-16", file=None, not_applicable_reason="Déjà délibéré.")
    assert said(scene) == lines(scene, [STATE])


def test_money_that_moves_from_a_year_to_another_raises_nothing() -> None:
    scene = with_later_act()
    contribution(scene, "45000")
    contribution(scene, "35000", 2027)
    assert said(scene) == []


def test_the_rise_is_told_from_the_last_text_that_set_the_whole_amount() -> None:
    """An annual act that confirms less does not lower the maximum of article 4.1."""
    annual = with_later_act(kind="annual", year=2026)
    set_contribution(annual, 2026, Decimal(30000))
    in_force(annual)
    avenant = later(Scene(annual.convention))
    contribution(avenant, "40000.00")
    assert said(avenant) == []
    contribution(avenant, "40000.01")
    assert said(avenant) == lines(avenant, [STATE])


@pytest.mark.parametrize("region", ["cosignataire", "absente"])
def test_a_region_that_signs_decides_on_its_own_rise(region: str) -> None:
    scene = with_later_act()
    Act.objects.filter(pk=scene.act.pk).update(options=scene.act.options | {"region": region})
    row = scene.act.programme.resources.get(account__code="74-REGION", year=2026)
    row.amount += Decimal("0.01")
    row.save()
    expected = lines(scene, [REGION]) if region == "cosignataire" else []
    assert said(scene) == expected
    decide(scene, "2026-10-16", "deliberation_region")
    assert said(scene) == []


@pytest.mark.parametrize("kind", ["annual", "notice"])
def test_an_act_of_amounts_has_its_own_limits(kind: str) -> None:
    scene = with_later_act(kind=kind)
    contribution(scene, "40000.01")
    assert said(scene) == []


def test_the_convention_itself_has_the_deliberation_of_its_pieces() -> None:
    scene = proposed()
    contribution(scene, "99999")
    assert said(scene) == []
