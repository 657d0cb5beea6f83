"""Planned payments: an advance keeps to its ceiling after the first year, a payment falls within the term."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse

from conventions.guards.payments import day_fault, payments_within_rules
from conventions.models import Act
from conventions.services.money import InstalmentRow, set_instalments
from tests.conventions.guarded import Case, lines, messages, stops_acceptance
from tests.factories.scenarios import Scene, proposed, with_later_act

pytestmark = pytest.mark.django_db


def payment(year: int, rank: int, **values: Any) -> Any:
    return lambda scene: scene.act.instalments.filter(year=year, rank=rank).update(**values)


def contribution(year: int, amount: str) -> Any:
    return lambda scene: scene.act.contributions.filter(year=year).update(amount=Decimal(amount))


def all_of(*changes: Any) -> Any:
    return lambda scene: [change(scene) for change in changes]


def ceiling(text: str) -> Any:
    def change(scene: Scene) -> None:
        Act.objects.filter(pk=scene.act.pk).update(values=scene.act.values | {"taux_avance_max": text})

    return change


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


CENT = Decimal("20000.01")
PAGE = "convention-contribution#id_versement-"


def over(
    year: int, advance: str = "20\u00a0000,01", place: int = 2, rate: str = "50", granted: str = "40\u00a0000"
) -> str:
    return (
        f"{year}\u00a0: l’avance ({advance}\u00a0€) dépasse {rate}\u00a0% de la contribution de l’année, "
        f"{granted}\u00a0€ (article 5.2) | {PAGE}{place}-amount"
    )


def late(label: str, words: str, place: int) -> str:
    return f"{label}\u00a0: la date prévue {words} | {PAGE}{place}-due_on"


# Each year has 40 000 € of contribution: an advance of 20 000 € due on 31 March, a balance of 20 000 € without day.
CASES: list[Case] = [
    ("half of the year", lambda scene: None, []),
    ("a cent over half", payment(2026, 1, amount=CENT), [over(2026)]),
    ("the first year has its own rule", payment(2025, 1, amount=CENT), []),
    ("both later years", all_of(payment(2026, 1, amount=CENT), payment(2027, 1, amount=CENT)),
     [over(2026), over(2027, place=4)]),
    ("half of a lower contribution", contribution(2026, "39999.99"),
     [over(2026, "20\u00a0000", granted="39\u00a0999,99")]),
    ("a balance due in March is an advance", payment(2026, 2, due_on=day("2026-03-31")),
     [over(2026, "40\u00a0000")]),
    ("a balance due in April", payment(2026, 2, due_on=day("2026-04-01")), []),
    ("an advance by its name, whatever its day", payment(2026, 1, amount=CENT, due_on=day("2026-06-01")), [over(2026)]),
    ("the first of two without day", payment(2026, 1, amount=CENT, due_on=None, label="Premier versement"),
     [over(2026)]),
    ("a first payment after 31 March that is no advance",
     payment(2026, 1, amount=CENT, due_on=day("2026-04-01"), label="Premier versement"), []),
    ("one payment, without day", all_of(payment(2026, 2, amount=Decimal(40000), label="Versement unique"),
     lambda scene: scene.act.instalments.filter(year=2026, rank=1).delete()), []),
    ("the ceiling of the act", all_of(ceiling("40"), payment(2027, 1, amount=Decimal(16000))),
     [over(2026, "20\u00a0000", rate="40")]),
    ("an unreadable ceiling", all_of(ceiling("la moitié"), payment(2026, 1, amount=CENT)), [over(2026)]),
    ("on the last day of the convention", payment(2027, 2, due_on=day("2027-12-31")), []),
    ("after the last day", payment(2027, 2, due_on=day("2028-01-01")),
     [late("Solde 2027", "dépasse le terme de la convention, le 31\u00a0décembre 2027.", 5)]),
    ("on the first day of its year", payment(2026, 2, due_on=day("2026-12-31")), []),
    ("before its year", payment(2027, 2, due_on=day("2026-12-31")),
     [over(2027, "40\u00a0000", place=4), late("Solde 2027", "précède le 1er\u00a0janvier 2027.", 5)]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("change", "expected"), [pytest.param(change, expected, id=name) for name, change, expected in CASES]
)
def test_an_advance_keeps_to_its_ceiling_and_a_payment_to_the_term(change: Any, expected: list[str]) -> None:
    scene = proposed()
    change(scene)
    expected_lines = lines(scene, expected)
    assert messages(payments_within_rules, scene, "error") == expected_lines
    assert stops_acceptance(scene, expected_lines)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        pytest.param(lambda scene: None, [], id="what was signed"),
        pytest.param(payment(2026, 1, amount=CENT), [over(2026, place=0)], id="a cent over half"),
        pytest.param(contribution(2026, "30000"), [], id="an advance already paid, of a year whose amount falls"),
        pytest.param(
            all_of(contribution(2026, "30000"), payment(2026, 1, amount=Decimal("19999.99"))),
            [over(2026, "19\u00a0999,99", place=0, granted="30\u00a0000")],
            id="another advance of such a year",
        ),
        pytest.param(payment(2027, 1, amount=CENT), [], id="another year is not its own"),
    ],
)
def test_the_advance_of_an_annual_act_keeps_to_it_too_at_the_row_that_its_form_shows(
    change: Any, expected: list[str]
) -> None:
    scene = with_later_act(kind="annual", year=2026)
    change(scene)
    assert messages(payments_within_rules, scene) == lines(scene, expected)


def test_an_avenant_that_lowers_a_year_lowers_its_advance() -> None:
    scene = with_later_act()
    contribution(2027, "39999.98")(scene)
    assert messages(payments_within_rules, scene) == lines(
        scene, [over(2027, "20\u00a0000", place=4, granted="39\u00a0999,98")]
    )


def test_a_payment_of_the_first_year_is_not_before_the_convention() -> None:
    scene = proposed()
    Act.objects.filter(pk=scene.act.pk).update(effective_on=day("2025-03-01"))
    assert day_fault(scene.act, 2025, day("2025-02-28")) == "la date prévue précède le 1er\u00a0mars 2025."
    assert day_fault(scene.act, 2025, day("2025-03-01")) == day_fault(scene.act, 2025, None) == ""


def test_a_day_out_of_the_term_is_said_beside_its_field_and_nothing_is_saved(client: Client) -> None:
    scene = with_later_act(kind="annual", year=2026)
    client.force_login(scene.officer)
    page = reverse("convention-contribution", args=[scene.number])
    posted = {
        "form": "versements", "revision": scene.act.programme.revision,
        "versement-TOTAL_FORMS": 1, "versement-INITIAL_FORMS": 0, "versement-0-year": 2026,
        "versement-0-label": "Solde", "versement-0-amount": "40000", "versement-0-due_on": "01/01/2028",
    }  # fmt: skip
    text = client.post(page, posted).content.decode()
    assert text.count("La date prévue dépasse le terme de la convention, le 31\u00a0décembre 2027.") == 2
    assert 'value="01/01/2028"' in text
    assert scene.act.instalments.filter(year=2026).count() == 2
    client.post(page, posted | {"versement-0-due_on": "31/12/2027"})
    assert scene.act.instalments.get(year=2026).due_on == day("2027-12-31")


def test_the_service_refuses_it_too_and_leaves_alone_what_was_signed_so() -> None:
    scene = with_later_act(kind="annual", year=2026)
    rows = [
        InstalmentRow(row.year, row.amount, row.label, row.condition, row.due_on) for row in scene.act.instalments.all()
    ]
    wrong = InstalmentRow(2026, Decimal(1), "Solde", "", day("2028-01-01"))
    with pytest.raises(ValidationError, match="dépasse le terme"):
        set_instalments(act=scene.act, rows=[*rows, wrong], by=scene.officer, expected_revision=None)
    scene.act.instalments.filter(year=2027, rank=2).update(due_on=day("2028-01-01"))
    rows[-1] = InstalmentRow(2027, Decimal(20000), "Solde", "", day("2028-01-01"))
    set_instalments(act=scene.act, rows=rows, by=scene.officer, expected_revision=None)
    assert scene.act.instalments.filter(due_on=day("2028-01-01")).exists()
