"""The checks that a text must pass before one accepts and signs it; each is tried just before its limit and just after.

Other files test money and the programme, the acts after the first, and the signature.
"""

import datetime as dt
from decimal import Decimal
from types import ModuleType
from typing import Any

import pytest

from arml.models import Attachment, AttachmentKind, Delegation, Territory
from conventions.guards.adaptations import late_adaptation
from conventions.guards.complete import (
    CHECKS,
    articles_reasoned,
    as_warnings,
    attachments_given,
    dates_agree,
    deliberation_dated,
    nothing_missing,
    unresolved_threads,
)
from conventions.guards.deliberations import deliberation_covers_the_rise
from conventions.guards.later import later_act
from conventions.guards.money import euros, keeps_committed
from conventions.guards.parties import delegation_problem, parties_named, signatories_complete
from conventions.guards.payments import payments_within_rules
from conventions.guards.term import within_term
from conventions.models import ModelArticle
from conventions.services import threads
from cpo.lib.workflow import Missing
from tests.conventions import (
    test_guards_adaptations,
    test_guards_deliberations,
    test_guards_later,
    test_guards_money,
    test_guards_payments,
    test_term,
)
from tests.conventions.guarded import Case, lines, messages, stops_acceptance
from tests.factories.scenarios import Scene, proposed
from tests.reporting import test_payments

pytestmark = pytest.mark.django_db


def party(role: str = "lead", **values: Any) -> Any:
    return lambda scene: scene.act.parties.filter(role=role).update(**values)


def delegation(**values: Any) -> Any:
    return lambda scene: Delegation.objects.filter(organisation=scene.act.dossier.lead).update(**values)


def values(**changes: Any) -> Any:
    return lambda scene: type(scene.act).objects.filter(pk=scene.act.pk).update(values=scene.act.values | changes)


def article(status: str, default: bool = True, **changes: Any) -> Any:
    """Change the text of the first article of that status that the model includes (or leaves out)."""

    def change(scene: Scene) -> None:
        text = scene.act.articles.filter(
            model_article__status=status, model_article__default_included=default
        ).order_by("pk")[0]
        scene.act.articles.filter(pk=text.pk).update(**changes)

    return change


def attachment(key: str, **changes: Any) -> Any:
    return lambda scene: Attachment.objects.filter(dossier=scene.act.dossier, kind__key=key).update(**changes)


def without(key: str) -> Any:
    return lambda scene: Attachment.objects.filter(dossier=scene.act.dossier, kind__key=key).delete()


def withdraw(key: str) -> Any:
    return lambda scene: AttachmentKind.objects.filter(key=key).update(withdrawn=True)


def both(*changes: Any) -> Any:
    return lambda scene: [change(scene) for change in changes]


def talk(scene: Scene, *, internal: bool = False, resolved: bool = False) -> None:
    thread = threads.start(scene.act, by=scene.officer, path="general", text="Un mot.", internal=internal)
    if resolved:
        threads.resolve(thread, by=scene.officer)


TODAY = dt.date(2026, 10, 15)
YESTERDAY, TOMORROW = dt.date(2026, 10, 14), dt.date(2026, 10, 16)
NAMED = "{lead}\u00a0: nom et qualité du signataire | convention-parties#{lead_party}"
NO_DEED = "{lead}\u00a0: acte de délégation de signature | convention-parties#{lead_party}"
NOT_IN_FORCE = "{lead}\u00a0: la délégation de signature n’est pas en vigueur | convention-parties#{lead_party}"
OVER_CEILING = "{lead}\u00a0: le plafond de la délégation est dépassé | convention-parties#{lead_party}"
DECISION = "deliberation_autorisation"
DELIBERATION = "Date de la délibération de l’association | convention-values#id_date_deliberation"
REASON = "{title}\u00a0: motif de l’écart au modèle national | convention-article/{key}#id_reason"
HEADS = "Pièce\u00a0: Liste des membres du conseil d’administration et du bureau"
HEADS_PAGE = "convention-documents#piece-liste_dirigeants"
STATUTES = "Pièce\u00a0: Statuts en vigueur, signés | convention-documents#piece-statuts"
DEED = (
    "Pièce\u00a0: Acte de délégation de signature publié (référence, date, plafond, échéance)"
    " | convention-documents#piece-delegation_signature_etat"
)
REFUSED_FILE = {"file": None, "name": "", "not_applicable_reason": "Sans changement."}

# The State gives 40 000 € a year, 120 000 € for the three years.
CASES: dict[Any, list[Case]] = {
    parties_named: [
        ("no lead", lambda scene: scene.party("lead").delete(),
         ["Le service chef de file n’est pas désigné comme partie. | convention-parties"]),
        ("no association", lambda scene: scene.party("beneficiary").delete(),
         ["L’association n’est pas désignée comme partie. | convention-parties"]),
        ("a lead that does not sign is named all the same", party(signs=False), []),
    ],
    signatories_complete: [
        ("no name", party(signatory_name=""), [NAMED]),
        ("no capacity", party(capacity=""), [NAMED]),
        ("neither, said once", party(signatory_name="", capacity=""), [NAMED]),
        ("who does not sign needs no name", party(signs=False, signatory_name="", delegation=None), []),
        ("of the association too", party("beneficiary", capacity=""),
         ["{beneficiary}\u00a0: nom et qualité du signataire | convention-parties#{beneficiary_party}"]),
        ("a delegation without its deed", party(delegation=None), [NO_DEED]),
        ("no delegation, no deed", party(by_delegation=False, delegation=None), []),
        ("the ceiling is the whole contribution", delegation(ceiling=Decimal("120000.00")), []),
        ("a cent over the ceiling", delegation(ceiling=Decimal("119999.99")), [OVER_CEILING]),
        ("a delegation of today", delegation(dated=TODAY), []),
        ("a delegation of tomorrow", delegation(dated=TOMORROW), [NOT_IN_FORCE]),
        ("the last day of a delegation", delegation(valid_until=TODAY), []),
        ("the day after", delegation(valid_until=YESTERDAY), [NOT_IN_FORCE]),
        ("over and over the ceiling, said once", delegation(valid_until=YESTERDAY, ceiling=1), [NOT_IN_FORCE]),
        ("an old delegation of who signs without it",
         both(party(by_delegation=False), delegation(valid_until=YESTERDAY)), []),
    ],
    deliberation_dated: [
        ("neither a date nor the pièce", both(values(date_deliberation=""), without(DECISION)), [DELIBERATION]),
        ("a pièce without its date", both(values(date_deliberation=""), attachment(DECISION, dated=None)),
         [DELIBERATION]),
        ("the date of the pièce", values(date_deliberation=""), []),
        ("a date typed before the pièce is given", both(values(date_deliberation="2026-10-15"), without(DECISION)), []),
    ],
    dates_agree: [
        ("the same date", values(date_deliberation="2025-07-17"), []),
        ("a day apart", values(date_deliberation="2025-07-18"),
         ["Délibération de l’association\u00a0: 18\u00a0juillet 2025 saisi, 17\u00a0juillet 2025 sur la pièce"
          " | convention-values#id_date_deliberation"]),
        ("the grant request", values(date_demande_subvention="2025-06-11"),
         ["Demande de subvention\u00a0: 11\u00a0juin 2025 saisi, 12\u00a0juin 2025 sur la pièce"
          " | convention-values#id_date_demande_subvention"]),
        ("a pièce that says it is without object",
         both(values(date_demande_subvention="2025-06-11"), attachment("demande_subvention", **REFUSED_FILE)), []),
    ],
    articles_reasoned: [
        ("a locked text changed", article("locked", body="Autre."), [REASON]),
        ("a blank reason is none", article("locked", body="Autre.", reason=" \n"), [REASON]),
        ("a reason", article("locked", body="Autre.", reason="Un motif."), []),
        ("an optional article left out", article("optional", True, included=False), [REASON]),
        ("an optional article added", article("optional", False, included=True), [REASON]),
        ("the words of an article that stays out", article("optional", False, body="Autre."), []),
        ("a free text changed", article("free", body="Autre."), []),
    ],
    attachments_given: [
        ("the delegation", attachment("delegation_signature_etat", dated=dt.date(2025, 1, 3)),
         ["Délégation de signature\u00a0: 2\u00a0janvier 2025 enregistré, 3\u00a0janvier 2025 sur la pièce"
          " | convention-documents#piece-delegation_signature_etat"]),
        ("a delegation of who signs without it",
         both(party(by_delegation=False), attachment("delegation_signature_etat", dated=dt.date(2025, 1, 3))), []),
        ("not given", without("statuts"), [STATUTES]),
        ("said to be without object", attachment("statuts", **REFUSED_FILE), []),
        ("not asked for any more", both(without("statuts"), withdraw("statuts")), []),
        ("what blocks nothing", without("recepisse_rna"), []),
        ("valid until today", attachment("liste_dirigeants", valid_until=TODAY), []),
        ("valid until yesterday", attachment("liste_dirigeants", valid_until=YESTERDAY),
         [f"{HEADS} (périmée) | {HEADS_PAGE}"]),
        ("twelve months ago", attachment("liste_dirigeants", valid_until=None, dated=dt.date(2025, 10, 15)), []),
        ("twelve months and a day ago",
         attachment("liste_dirigeants", valid_until=None, dated=dt.date(2025, 10, 14)),
         [f"{HEADS} (périmée) | {HEADS_PAGE}"]),
        ("neither date", attachment("liste_dirigeants", valid_until=None, dated=None), []),
        ("the deed of the delegation", without("delegation_signature_etat"), [DEED]),
        ("no delegation, no deed", both(party(by_delegation=False), without("delegation_signature_etat")), []),
    ],
    unresolved_threads: [
        ("one", talk, ["Un échange reste ouvert | convention-versions#echanges"]),
        ("two", both(talk, talk), ["2 échanges restent ouverts | convention-versions#echanges"]),
        ("closed", lambda scene: talk(scene, resolved=True), []),
        ("among themselves", lambda scene: talk(scene, internal=True), []),
    ],
}  # fmt: skip
WARN = {unresolved_threads}


def names(scene: Scene) -> dict[str, Any]:
    """Return the title and key of the article that departs from the model, if there is one."""
    texts = [text for text in scene.act.articles.select_related("model_article") if text.departs]
    model_article: ModelArticle | None = texts[0].model_article if texts else None
    return {"title": model_article.title, "key": model_article.key} if model_article else {}


@pytest.mark.parametrize(
    ("check", "change", "expected"),
    [
        pytest.param(check, change, expected, id=f"{check.__name__}: {name}")
        for check, cases in CASES.items()
        for name, change, expected in cases
    ],
)
def test_a_check_says_what_is_missing_with_its_address_and_stops_the_acceptance(
    check: Any, change: Any, expected: list[str]
) -> None:
    scene = proposed()
    assert messages(check, scene) == []
    change(scene)
    expected_lines = lines(scene, expected, **names(scene))
    assert messages(check, scene, "warning" if check in WARN else "error") == messages(check, scene) == expected_lines
    assert stops_acceptance(scene, expected_lines) == (check not in WARN or not expected_lines)


# These checks have a file of their own, which tries them on both sides of their edge.
ELSEWHERE: dict[Any, ModuleType] = {
    late_adaptation: test_guards_adaptations,
    deliberation_covers_the_rise: test_guards_deliberations,
    payments_within_rules: test_guards_payments,
    within_term: test_term,
    keeps_committed: test_payments,
}


def test_each_check_of_the_list_has_its_cases() -> None:
    covered = {*CASES, *test_guards_money.CASES, later_act, *ELSEWHERE}
    assert set(CHECKS) == covered
    for check, module in ELSEWHERE.items():
        assert getattr(module, check.__name__) is check
    assert test_guards_later.CASES
    for cases in (*CASES.values(), *test_guards_money.CASES.values(), test_guards_later.CASES):
        assert any(expected for _, _, expected in cases) and any(not expected for _, _, expected in cases)


def test_the_day_of_a_delegation_is_that_of_the_service(at: Any) -> None:
    """At half past eleven in the evening in Paris, it is already the next day in La Réunion."""
    at("2026-10-15 23:30")
    scene = proposed()
    delegation(valid_until=TODAY)(scene)
    assert messages(signatories_complete, scene) == []
    Territory.objects.filter(dossiers=scene.act.dossier).update(time_zone="Indian/Reunion")
    assert messages(signatories_complete, scene) == lines(scene, [NOT_IN_FORCE])


DAYS = {"before": dt.date(2025, 1, 1), "first": dt.date(2025, 1, 2), "last": TODAY, "after": TOMORROW}


@pytest.mark.parametrize(
    ("day", "ceiling", "problem"),
    [
        ("before", None, "La délégation de signature n’est pas en vigueur à cette date."),
        ("first", None, ""),
        ("last", None, ""),
        ("after", None, "La délégation de signature n’est pas en vigueur à cette date."),
        ("first", "120000", ""),
        ("first", "119999.99", "Le montant dépasse le plafond de la délégation de signature."),
        ("after", "0", "La délégation de signature n’est pas en vigueur à cette date."),
    ],
)
def test_a_delegation_covers_the_day_of_the_signature_and_the_amount(day: str, ceiling: Any, problem: str) -> None:
    scene = proposed()
    delegation(valid_until=TODAY, ceiling=ceiling and Decimal(ceiling))(scene)
    assert delegation_problem(scene.act, scene.party("lead"), DAYS[day]) == problem


def test_a_delegation_without_its_deed_covers_nothing_and_who_signs_without_needs_none() -> None:
    scene = proposed()
    party(delegation=None)(scene)
    assert delegation_problem(scene.act, scene.party("lead"), TODAY) == (
        "Aucun acte de délégation n’est rattaché à ce signataire."
    )
    party(by_delegation=False)(scene)
    assert delegation_problem(scene.act, scene.party("lead"), TODAY) == ""
    assert delegation_problem(scene.act, scene.party("beneficiary"), TODAY) == ""


def test_proposing_says_the_same_lines_and_stops_on_none() -> None:
    scene = proposed()
    assert {line.severity for line in as_warnings(scene.act)} == {"warning"}
    without("statuts")(scene)
    talk(scene)
    severities = {line.text: line.severity for line in as_warnings(scene.act)}
    assert severities["Pièce\u00a0: Statuts en vigueur, signés"] == "later"
    assert severities["Un échange reste ouvert"] == "warning"
    assert [line.text for line in nothing_missing(scene.act) if line.severity == "error"] == [
        "Pièce\u00a0: Statuts en vigueur, signés"
    ]


def test_what_is_missing_is_looked_at_again_when_the_content_has_changed() -> None:
    scene = proposed()
    act = scene.act
    assert not [line for line in nothing_missing(act) if line.severity == "error"]
    values(date_deliberation="2025-07-18")(scene)
    assert not [line for line in nothing_missing(act) if line.severity == "error"], (
        "the lines are computed once for a revision"
    )
    act.values, act.programme.revision = {"date_deliberation": "2025-07-18"}, act.programme.revision + 1
    assert Missing in {type(line) for line in nothing_missing(act) if line.severity == "error"}


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        ("0", "0\u00a0€"),
        ("0.01", "0,01\u00a0€"),
        ("1234.5", "1\u00a0234,50\u00a0€"),
        ("1000000", "1\u00a0000\u00a0000\u00a0€"),
    ],
)
def test_amounts_of_a_message_are_written_in_french(amount: str, words: str) -> None:
    assert euros(Decimal(amount)) == words
