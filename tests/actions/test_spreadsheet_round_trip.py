"""Export, import and export again: the programme stays the same to the cent and to the character."""

import datetime as dt
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from actions import services
from actions.enums import NUMERIC_UNITS, Direction, IndicatorType, SheetNature, Unit
from actions.models import Function, Programme
from actions.services import AmountLine, IndicatorData, ProgrammeData, SheetData, TargetData, read_programme
from actions.spreadsheet import preview
from cpo.lib.wording.characters import clean, reverses
from tests.factories.actions import (
    ProgrammeFactory,
    account,
)

from .books import contents, exported, faults_of, fresh, read_back

pytestmark = pytest.mark.django_db
FAST = (Phase.explicit, Phase.reuse, Phase.generate)  # without shrinking, which would take minutes

PRINTED = st.characters(codec="utf-8", exclude_characters="\x00", exclude_categories=["Cs"])
TRAPS = st.sampled_from(["\r\n", "\n", "_x0041_", "=1+1", "#N/A", "\u00a0", " ", "\x07", "\ufffe"])
# What a form stores: usual letters, and nothing that reverses the reading; a cell that holds it is refused.
ANY = st.lists(st.text(PRINTED, max_size=8) | TRAPS, max_size=5).map("".join).filter(lambda text: not reverses(text))
CLEAN = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Cn", "Z"]), min_size=1)
SHORT = CLEAN.map(lambda text: clean(text)[:60]).filter(
    lambda text: text.strip() == text and text and not reverses(text)
)
CENTS = st.integers(1, 99_999_999_999_999).map(lambda cents: Decimal(cents) / 100)
AMOUNTS = st.dictionaries(st.sampled_from([2025, 2026, 2027]), CENTS, min_size=1)
NUMBERS = st.integers(0, 99_999_999_999_999).map(lambda cents: Decimal(cents) / 100)


def targets_of(unit: str) -> st.SearchStrategy[TargetData]:
    none = st.just(TargetData(not_applicable=True))
    if unit == Unit.YES_NO:
        return none | st.sampled_from(["oui", "non"]).map(lambda text: TargetData(text=text))
    if unit in NUMERIC_UNITS:
        top = 500 if unit == Unit.SCORE else 99_999_999_999_999
        return none | st.integers(0, top).map(lambda cents: TargetData(number=Decimal(cents) / 100))
    return none | SHORT.filter(lambda text: text.lower() != "sans objet").map(lambda text: TargetData(text=text))


@st.composite
def indicators(draw: Any) -> IndicatorData:
    unit = draw(st.sampled_from(list(Unit)))
    return IndicatorData(
        label=draw(SHORT),
        unit=unit,
        direction=draw(st.sampled_from(list(Direction))),
        type=draw(st.sampled_from(list(IndicatorType))),
        definition=draw(ANY),
        source=draw(SHORT),
        baseline=draw(st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cf", "Cs"]), max_size=60)),
        targets=draw(st.dictionaries(st.sampled_from([2025, 2026, 2027]), targets_of(unit))),
    )


def lines(code: str, **more: Any) -> st.SearchStrategy[list[tuple[str, str, dict[int, Decimal]]]]:
    funders = st.lists(SHORT, max_size=3, unique_by=str.casefold) if more else st.just([""])
    return funders.flatmap(
        lambda names: st.tuples(*[AMOUNTS] * len(names)).map(
            lambda amounts: [(code, name, amount) for name, amount in zip(names, amounts, strict=True)]
        )
    )


@st.composite
def programmes(draw: Any) -> list[dict[str, Any]]:
    codes = draw(st.lists(SHORT.map(lambda text: text[:12]), max_size=3, unique=True))
    return [
        {
            "code": code,
            "axis": draw(st.integers(1, 3)),
            "objective": draw(st.booleans()),
            "nature": draw(st.sampled_from(list(SheetNature))),
            "functions": draw(st.sets(st.integers(0, 4))),
            "fte": draw(st.none() | st.integers(0, 999_999).map(lambda cents: Decimal(cents) / 100)),
            "starts_on": draw(st.none() | st.dates(dt.date(2025, 1, 1), dt.date(2026, 1, 1))),
            "ends_on": draw(st.none() | st.dates(dt.date(2026, 1, 1), dt.date(2027, 12, 31))),
            "texts": draw(st.fixed_dictionaries(dict.fromkeys(("context", "steps", "priorities", "pilot_name"), ANY))),
            "title": draw(SHORT),
            "indicators": draw(st.lists(indicators(), max_size=3)),
            "expenses": draw(lines("64")),
            "resources": draw(lines("74-REGION", funder=True)) + draw(lines("756", funder=True)),
        }
        for code in codes
    ]


def programme_data(programme: Programme, sheets: list[dict[str, Any]]) -> ProgrammeData:
    """The generated sheets as the content of this programme."""
    axes = {axis.number: axis for axis in programme.cycle.axes.all()}
    functions = list(Function.objects.all())

    def amount_lines(rows: Iterable[tuple[str, str, dict[int, Decimal]]]) -> tuple[AmountLine, ...]:
        return tuple(AmountLine(account(code), amounts, funder) for code, funder, amounts in rows)

    sheet_data = []
    for sheet in sheets:
        blank = dict.fromkeys(services.SHEET_FIELDS, "") | {"first_year": 2025, "last_year": 2027}
        same = {name: sheet[name] for name in ("code", "title", "nature", "fte", "starts_on", "ends_on")}
        axis = axes[sheet["axis"]]
        links = {"axis": axis, "objective": axis.objectives.get() if sheet["objective"] else None}
        sheet_functions = tuple(function for place, function in enumerate(functions) if place in sheet["functions"])
        rest = {"functions": sheet_functions, "indicators": tuple(sheet["indicators"])}
        amounts = {"expenses": amount_lines(sheet["expenses"]), "resources": amount_lines(sheet["resources"])}
        sheet_data.append(SheetData(fields=blank | sheet["texts"] | same | links, **rest, **amounts))
    return ProgrammeData(tuple(sheet_data))


@pytest.mark.slow
@given(sheets=programmes(), structure=lines("61"))
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck), phases=FAST)
def test_export_then_import_then_export_is_the_identity(
    programme: Programme, director: Any, sheets: list[dict[str, Any]], structure: Any
) -> None:
    content = programme_data(programme, sheets)
    own = tuple(AmountLine(account(code), amounts) for code, _, amounts in structure)
    content = ProgrammeData(content.sheets, own)
    services.replace_programme(programme=programme, by=director, expected_revision=None, content=content)
    programme = fresh(programme)
    stored, first = read_programme(programme), exported(programme)

    back = read_back(first, programme)
    assert faults_of(back) == {}
    assert back.content == stored, "the same programme to the cent and to the character"
    assert preview(stored, stored, programme.cycle.years).empty

    other = ProgrammeFactory(cycle=programme.cycle, dossier=programme.dossier)
    reading = read_back(first, other)
    assert faults_of(reading) == {} and reading.content is not None
    services.replace_programme(programme=other, by=director, expected_revision=None, content=reading.content)
    assert contents(exported(fresh(other))) == contents(first), "an import into an empty programme gives the same cells"
