"""Who reads each part of a yearly report, by its state."""

import pytest

from arml.models import User
from reporting.models import Report
from reporting.permissions import may_read
from tests.factories.arml import OrganisationFactory, make_user
from tests.factories.reporting import admissible, make_report, person, sent_back, submitted

pytestmark = pytest.mark.django_db
PARTS = ("general", "finance", "documents")
# By state, the parts that each reader opens, written by hand; « finance » was sent back.
READ = {
    "open": {"association": "general finance documents", "service": "", "national": "", "observer": ""},
    "submitted": {
        "association": "general finance documents",
        "service": "general finance documents",
        "national": "general finance documents",
        "observer": "",
    },
    "sent back": {
        "association": "general finance documents",
        "service": "general documents",
        "national": "general documents",
        "observer": "",
    },
    "admissible": {
        "association": "general finance documents",
        "service": "general finance documents",
        "national": "general finance documents",
        "observer": "general finance",
    },
}
STATES = {"open": make_report, "submitted": submitted, "sent back": sent_back, "admissible": admissible}


def readers(report: Report) -> dict[str, User]:
    return {
        "association": make_user("reader", report.dossier.beneficiary),
        "service": person(report, "officer"),
        "national": make_user("national_reader"),
        "observer": make_user("reader", OrganisationFactory(territories=[report.dossier.territories.first()])),
    }


@pytest.mark.parametrize("state", STATES)
def test_each_part_is_read_by_those_who_may_in_that_state_and_by_nobody_else(state: str) -> None:
    report = Report.objects.get(pk=STATES[state]().pk)
    for name, user in readers(report).items():
        assert [part for part in PARTS if may_read(user, report, part)] == READ[state][name].split(), name
    assert not any(may_read(make_user("officer"), report, part) for part in PARTS)
