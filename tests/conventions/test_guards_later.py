"""The limits of an act after the first: its terms, its dates, four years, the amounts of one year, the threshold."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from actions.models import Account, Expense
from arml.models import Attachment
from conventions.guards.complete import attachments_given, nothing_missing
from conventions.guards.later import _share, _threshold, base_version, later_act, longest_end, moved_cost
from conventions.guards.parties import signatories_complete
from conventions.models import Act, Convention
from tests.conventions.guarded import Case, lines, messages
from tests.factories.scenarios import Scene, in_force, later, proposed, set_contribution, with_later_act

pytestmark = pytest.mark.django_db
YEAR = 2026


def act(**values: Any) -> Any:
    return lambda scene: Act.objects.filter(pk=scene.act.pk).update(**values)


def describe(scene: Scene) -> None:
    scene.act.programme.sheets.update(description="Autre chose.")


def contribution(amount: str, year: int = YEAR) -> Any:
    return lambda scene: scene.act.contributions.filter(year=year).update(amount=Decimal(amount))


def instalment(amount: str) -> Any:
    return lambda scene: scene.act.instalments.filter(year=YEAR, rank=1).update(amount=Decimal(amount))


def party(**values: Any) -> Any:
    return lambda scene: scene.act.parties.filter(role="lead").update(**values)


def move_charges(amount: str, year: int = YEAR) -> Any:
    """Move charges from account 64 (60 000 € a year) to account 60."""

    def change(scene: Scene) -> None:
        row = Expense.objects.get(programme=scene.act.programme, year=year, account__code="64")
        Expense.objects.filter(pk=row.pk).update(amount=row.amount - Decimal(amount))
        add_charges(amount, year, "60")(scene)

    return change


def add_charges(amount: str, year: int = YEAR, code: str = "64") -> Any:
    def change(scene: Scene) -> None:
        programme = scene.act.programme
        where = {"programme": programme, "sheet": programme.sheets.first(), "year": year}
        account = Account.objects.get(code=code)
        row = Expense.objects.filter(account=account, **where).first() or Expense(account=account, amount=0, **where)
        row.amount += Decimal(amount)
        row.save()

    return change


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


BEFORE = "La prise d’effet précède celle du texte modifié (1er\u00a0janvier 2025) | act-terms#id_effective_on"
TOO_LONG = (
    "Le terme dépasse quatre ans (article 2.2)\u00a0: au plus tard le 31\u00a0décembre 2028 | act-terms#id_ends_on"
)
ONLY = "{act} ne peut changer que les montants de 2026\u00a0: le reste relève d’un avenant. | convention-articles"
MAXIMUM = (
    "Le total (120\u00a0000,01\u00a0€) dépasse le maximum de l’article 4.1 (120\u00a0000\u00a0€)\u00a0: "
    "il faut un avenant. | convention-contribution#annee-2026"
)
STATE_MONEY = (
    "Une adaptation ne change ni la contribution de l’État, ni son échéancier (article 3.4)."
    " | programme-budget#annee-2026"
)
NOTABLE = (
    "6\u00a0000,01\u00a0€ changent de compte ou d’action, soit plus de 10\u00a0% du coût éligible de 2026\u00a0: "
    "il faut un avenant (article 3.4). | programme-budget#annee-2026"
)
SAME = "L’avenant n°\u00a01 ne change rien au texte en vigueur\u00a0: modifiez ce qui doit changer. | programme-detail"
AVENANT: list[Case] = [
    ("nothing changed", lambda scene: None, [SAME]),
    ("a text changed", describe, []),
    ("a cent changed", contribution("40000.01"), []),
    ("a party changed", party(capacity="préfet"), []),
    ("the term changed", act(ends_on=day("2028-06-30")), []),
    *(
        (f"no {name}", lambda scene, name=name: [describe(scene), act(**{name: " \n"})(scene)],
         [f"{label} de l’acte | act-terms#id_{name}"])
        for name, label in (("purpose", "Objet"), ("cause", "Cause"), ("consequences", "Conséquences"))
    ),
    ("from the day of the text", lambda scene: [describe(scene), act(effective_on=day("2025-01-01"))(scene)], []),
    ("from the day before", lambda scene: [describe(scene), act(effective_on=day("2024-12-31"))(scene)], [BEFORE]),
    ("four years", lambda scene: [describe(scene), act(ends_on=day("2028-12-31"))(scene)], []),
    ("four years and a day", lambda scene: [describe(scene), act(ends_on=day("2029-01-01"))(scene)], [TOO_LONG]),
]  # fmt: skip
ANNUAL: list[Case] = [
    ("nothing changed: it confirms", lambda scene: None, []),
    ("no object", act(purpose=""), ["Objet de l’acte | act-terms#id_purpose"]),
    ("no cause, nobody asks", act(cause="", consequences=""), []),
    ("the maximum", contribution("40000.00"), []),
    ("less", contribution("39999.99"), []),
    ("a cent over the maximum", contribution("40000.01"), [MAXIMUM]),
    ("another year", contribution("39999.99", 2027), [ONLY]),
    ("the charges of another year", add_charges("0.01", 2027), [ONLY]),
    ("the charges of its year", add_charges("0.01"), []),
    ("a text", describe, [ONLY]),
    ("who signs it today", party(signatory_name="Une autre", capacity="préfète"), []),
    ("who is party to it", party(signs=False), [ONLY]),
]
NOTICE: list[Case] = [
    ("the threshold", move_charges("6000"), []),
    ("a cent over the threshold", move_charges("6000.01"), [NOTABLE]),
    ("a cent more of charges than the threshold", add_charges("6000.01", code="60"), [NOTABLE]),
    ("in kind, as much as one wants", add_charges("50000", code="864"), []),
    ("the charges of another year", move_charges("0.01", 2027), [ONLY]),
    ("the contribution", contribution("39999.99"), [STATE_MONEY]),
    ("an instalment", instalment("19999.99"), [STATE_MONEY]),
    ("who would sign", party(capacity="préfète"), [ONLY]),
    ("no object", lambda scene: [move_charges("1")(scene), act(purpose="")(scene)],
     ["Objet de l’acte | act-terms#id_purpose"]),
]  # fmt: skip
CASES = [*AVENANT, *ANNUAL, *NOTICE]


@pytest.mark.parametrize(
    ("kind", "change", "expected"),
    [
        pytest.param(kind, change, expected, id=f"{kind}: {name}")
        for kind, cases in (("avenant", AVENANT), ("annual", ANNUAL), ("notice", NOTICE))
        for name, change, expected in cases
    ],
)
def test_a_later_act_changes_what_its_kind_may_change_and_no_more(kind: str, change: Any, expected: list[str]) -> None:
    scene = with_later_act(kind=kind)
    change(scene)
    assert messages(later_act, scene, "error") == lines(scene, expected, act=scene.act.subject)
    errors = {line.text for line in nothing_missing(scene.act) if line.severity == "error"}
    assert {line.split(" | ")[0] for line in messages(later_act, scene, "error")} <= errors


def test_the_maximum_of_an_annual_act_is_that_of_the_last_text_which_is_no_annual_act() -> None:
    """An annual act that gave less does not lower the maximum: the next one may give back what it took."""
    first = with_later_act(kind="annual", year=2026)
    set_contribution(first, 2026, Decimal(39000))
    in_force(first)
    second = later(Scene(first.convention), "annual", year=2027)
    contribution("41000.00", 2027)(second)
    assert messages(later_act, second, "error") == []
    contribution("41000.01", 2027)(second)
    assert messages(later_act, second, "error") == lines(second, [MAXIMUM.replace("annee-2026", "annee-2027")])


@pytest.mark.parametrize("signed", ["10 % ou 5 000 €", "dix pour cent", "", None, "NaN", "1000 %", "-1", "10²", "10 %"])
def test_a_threshold_that_is_no_percentage_disarms_no_guard_and_breaks_no_page(signed: str | None) -> None:
    """Signed before the form asked for a percentage: the threshold of the national model holds."""
    assert _share(_threshold(signed)) == Decimal("0.1")


@pytest.mark.parametrize(("signed", "percent"), [("12,5 %", "12.5"), ("0 %", "0"), ("100\u00a0%", "100"), ("7", "7")])
def test_a_threshold_is_read_as_it_is_written(signed: str, percent: str) -> None:
    assert _share(_threshold(signed)) == Decimal(percent) / 100


def test_the_guard_of_a_text_signed_with_an_unreadable_threshold_still_holds(monkeypatch: Any) -> None:
    scene = with_later_act(kind="notice")
    move_charges("6000.01")(scene)
    version = base_version(scene.act)
    version.content["values"]["seuil_adaptation"] = "10 % ou 5 000 €"
    monkeypatch.setattr("conventions.guards.later.base_version", lambda act: version)
    assert messages(later_act, scene, "error") == lines(scene, [NOTABLE])


def test_the_first_act_is_no_later_act() -> None:
    assert messages(later_act, proposed()) == []


@pytest.mark.parametrize(
    ("effective", "has_warning"), [("2026-10-15", False), ("2026-10-14", True), ("2026-10-16", False)]
)
def test_an_effect_before_the_signature_is_said_and_stops_nothing(effective: str, has_warning: bool) -> None:
    scene = with_later_act()
    describe(scene)
    act(effective_on=day(effective))(scene)
    warnings = messages(later_act, scene, "warning")
    assert bool(warnings) == has_warning and warnings == messages(later_act, scene)
    assert all("prendrait effet le 14\u00a0octobre 2026, avant d’être signé" in line for line in warnings)
    assert warnings == lines(scene, [f"{line.split(' | ')[0]} | act-terms#id_effective_on" for line in warnings])


def test_a_notice_is_not_signed_hence_neither_late_nor_asked_who_signs_it_or_with_which_documents() -> None:
    scene = with_later_act(kind="notice")
    act(effective_on=day("2026-10-14"))(scene)
    party(signatory_name="", capacity="", delegation=None)(scene)
    Attachment.objects.filter(dossier=scene.act.dossier, kind__key="statuts").delete()
    assert messages(signatories_complete, scene) == messages(attachments_given, scene) == []
    assert messages(later_act, scene, "warning") == []


def test_the_longest_end_counts_from_the_convention_itself() -> None:
    scene = with_later_act()
    act(effective_on=day("2026-10-15"))(scene)
    assert longest_end(scene.act) == day("2028-12-31")


STATUTES = "Pièce\u00a0: Statuts en vigueur, signés"
HEADS = "Pièce\u00a0: Liste des membres du conseil d’administration et du bureau (périmée)"


@pytest.mark.parametrize(("origin", "stops", "says"), [("app", [STATUTES], [HEADS]), ("paper", [], [STATUTES, HEADS])])
def test_what_was_given_for_the_convention_and_is_out_of_date_does_not_stop_a_later_act(
    origin: str, stops: list[str], says: list[str]
) -> None:
    """After a paper convention, a document that was never given does not stop the act either."""
    scene = with_later_act()
    attachments = Attachment.objects.filter(dossier=scene.act.dossier)
    attachments.filter(kind__key="statuts").delete()
    attachments.filter(kind__key="liste_dirigeants").update(valid_until=day("2026-10-14"))
    Convention.objects.filter(pk=scene.convention.pk).update(origin=origin)
    missing = list(attachments_given(scene.act))
    assert [line.text for line in missing if line.severity == "error"] == stops
    assert [line.text for line in missing if line.severity == "warning"] == says


# -- Moved amounts ----------------------------------------------------------------------------------------------------


def content(**amounts: str) -> dict[str, Any]:
    """Return a content; `a64="10"` gives the action a 10 € of charges on account 64 in 2026."""
    rows: dict[str, list[Any]] = {}
    for name, amount in amounts.items():
        rows.setdefault(name[0], []).append({"year": YEAR, "account": name[1:], "amount": amount})
    return {"sheets": [{"key": key, "expenses": expenses} for key, expenses in rows.items()]}


@pytest.mark.parametrize(
    ("before", "after", "moved_euros", "cost"),
    [
        ({"a64": "100"}, {"a64": "100"}, "0", "100"),
        ({"a64": "100"}, {"a64": "60", "a60": "40"}, "40", "100"),  # from one account to another, counted once
        ({"a64": "100"}, {"a64": "60", "b64": "40"}, "40", "100"),  # from one action to another
        ({"a64": "100"}, {"a64": "100", "a60": "30"}, "30", "100"),  # the total rises
        ({"a64": "100", "b64": "50"}, {"a64": "100"}, "50", "150"),  # the total falls
        ({"a64": "100"}, {"a64": "90", "a60": "30"}, "30", "100"),  # the larger of −10 € and +30 € counts
        ({"a64": "100", "a864": "9"}, {"a64": "100", "a864": "900"}, "0", "100"),
        ({}, {"a64": "10"}, "10", "0"),
    ],
)
def test_what_moves_is_counted_once_between_accounts_and_actions(
    before: dict[str, str], after: dict[str, str], moved_euros: str, cost: str
) -> None:
    amounts = moved_cost(content(**before), content(**after), YEAR)
    assert amounts == (Decimal(moved_euros), Decimal(cost))
    assert moved_cost(content(**before), content(**after), YEAR + 1) == (0, 0)
