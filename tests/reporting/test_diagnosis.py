"""The shared diagnosis: both sides write it, year by year; the next year begins with the last one, files included."""

import io
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.urls import reverse

from arml.models import User
from conventions.models import Act, Convention
from cpo.lib.editing.lock import StaleRevision
from cpo.lib.models import JournalEntry
from cpo.lib.workflow import Refused
from reporting.models import Diagnosis
from reporting.pages.preparation import Preparation
from reporting.services import diagnosis as services
from tests.factories import meetings
from tests.factories.arml import make_user
from tests.factories.conventions import PDF, member
from tests.factories.reporting import admissible, make_active

pytestmark = pytest.mark.django_db
TEXT = "Un jeune sur cinq est sans emploi ni formation."


@pytest.fixture
def act() -> Act:
    return make_active()


def write(
    act: Act, role: str = "officer", year: int = 2025, text: str = TEXT, revision: int | None = None
) -> Diagnosis:
    return services.save(act.convention, year, text=text, by=member(act, role), expected_revision=revision)


def join(act: Act, role: str = "director", year: int = 2025) -> Any:
    data = PDF + b"diagnostic%%EOF"
    by = member(act, role)
    return services.add_file(act.convention, year, by=by, upload=io.BytesIO(data), name="emploi.pdf", size=len(data))


def page(user: User, act: Act, year: int = 2025) -> Any:
    client = Client()
    client.force_login(user)
    return client.get(reverse("convention-diagnosis", kwargs={"number": act.convention.number, "year": year}))


def test_both_sides_write_the_same_text_and_find_out_about_each_other(act: Act) -> None:
    write(act, revision=0)
    assert write(act, "director", text="Un sur six.", revision=1).text == "Un sur six."
    with pytest.raises(StaleRevision):
        write(act, revision=1)
    before = JournalEntry.objects.count()
    assert write(act, text="Un sur six.").revision == 2
    assert JournalEntry.objects.count() == before
    with pytest.raises(PermissionDenied):
        write(act, "signatory")


def test_a_year_begins_with_the_text_and_the_files_of_the_last_one(act: Act) -> None:
    with pytest.raises(Refused):
        services.bring_forward(act.convention, 2026, by=member(act, "director"))
    write(act)
    file = join(act)
    row = services.bring_forward(act.convention, 2026, by=member(act, "director"))
    assert (row.text, [one.file_id for one in row.files.all()]) == (TEXT, [file.file_id])
    with pytest.raises(Refused, match="déjà"):
        services.bring_forward(act.convention, 2026, by=member(act, "director"))
    assert write(act, year=2026, text="Un sur six.").text != Diagnosis.objects.get(year=2025).text


def test_an_observer_reads_none_and_no_year_outside_the_convention_has_one(act: Act) -> None:
    write(act)
    observer = make_user("reader")
    observer.roles[0].organisation.national_scope = True
    observer.roles[0].organisation.save()
    assert page(observer, act).status_code == 404
    assert TEXT in page(member(act, "director"), act).content.decode()
    assert page(member(act, "director"), act, 2028).status_code == 404


def test_it_changes_no_more_once_the_convention_ended(act: Act) -> None:
    write(act)
    Convention.objects.filter(pk=act.convention_id).update(state="terminated", ended_on="2026-09-01")
    for change in (lambda: write(act, text="Autre."), lambda: join(act)):
        with pytest.raises(Refused):
            change()


def test_the_preparation_of_the_dialogue_holds_the_last_one() -> None:
    report = admissible()
    meeting = meetings.dialogue(report)
    officer = member(report.act, "officer")
    assert Preparation(meeting, officer).diagnosis is None
    write(report.act)
    write(report.act, year=2027, text="De demain.")
    found = Preparation(meeting, officer).diagnosis
    assert found is not None and found.text == TEXT, "the meeting is held in 2026"
