"""Fixtures: a programme and its people, or a convention in negotiation. The association has the turn."""

import pytest

from actions.models import Programme, Sheet
from arml.models import User
from conventions.models import Act
from tests.factories.actions import ProgrammeFactory, SheetFactory, expense, fill_sheet, resource
from tests.factories.arml import make_user
from tests.factories.conventions import make_act


@pytest.fixture
def programme(db: None) -> Programme:
    return ProgrammeFactory()


@pytest.fixture
def director(programme: Programme) -> User:
    return make_user("director", programme.dossier.beneficiary)


@pytest.fixture
def accountant(programme: Programme) -> User:
    return make_user("accountant", programme.dossier.beneficiary)


@pytest.fixture
def officer(programme: Programme) -> User:
    return make_user("officer", programme.dossier.lead)


@pytest.fixture
def act(db: None) -> Act:
    return make_act(state="negotiation", side="beneficiary")


@pytest.fixture
def sheet(act: Act) -> Sheet:
    return SheetFactory(programme=act.programme, code="1-A", title="Appui")


@pytest.fixture
def filled(programme: Programme) -> Programme:
    """Two balanced fiches and structure costs."""
    for number in (1, 2):
        axis = programme.cycle.axes.get(number=number)
        fill_sheet(SheetFactory(programme=programme, axis=axis, code=f"{number}-A", title=f"Action {number}"))
    expense(programme, "61", 2025, "120.50")
    resource(programme, "756", 2025, "120.50")
    return programme
