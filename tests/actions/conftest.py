"""The people around one programme, whose turn is the association's."""

import pytest

from actions.models import Programme
from arml.models import User
from tests.factories.actions import ProgrammeFactory
from tests.factories.arml import make_user


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
