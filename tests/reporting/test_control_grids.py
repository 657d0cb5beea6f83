"""The grid of a control: filled by an officer, locked by the manager, internal or shown; the dated threshold."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, transaction
from django.test import Client
from django.urls import reverse

from cpo.lib.editing.lock import StaleRevision
from cpo.lib.models import JournalEntry
from cpo.lib.workflow import Refused
from reporting.content import grids as engine
from reporting.enums import GridMoment
from reporting.guards.controls import grid_allows
from reporting.models import Control, FilledGrid, GridVersion, RecoveryThreshold
from reporting.money.threshold import not_recovered_below
from reporting.services import control_grids, controls, thresholds
from reporting.services import grids as national
from tests.factories.arml import make_user
from tests.factories.conventions import member
from tests.factories.reporting import make_active

pytestmark = pytest.mark.django_db
TODAY = dt.date(2026, 10, 15)


@pytest.fixture
def control() -> Control:
    act = make_active(funded=True)
    row = controls.announce(
        convention=act.convention,
        kind="pieces",
        announced_on=TODAY,
        starts_on=TODAY,
        ends_on=None,
        scope="Compte 64.",
        by=member(act, "officer"),
    )
    return row


def person(control: Control, role: str) -> Any:
    return member(control.convention.act, role)


def fill(control: Control, *, by: Any = None, lock: bool = False, **answers: str) -> FilledGrid:
    grid = control_grids.grid_of_control(control)
    assert grid is not None
    usual = {engine.YES_NO: "oui", engine.MARK: "3", engine.TEXT: "Rien."}
    given = {row.key: {"value": usual[row.kind], "note": ""} for row in engine.questions(grid.version.text)}
    given |= {key: {"value": value, "note": ""} for key, value in answers.items()}
    who = by or person(control, "manager" if lock else "officer")
    return control_grids.fill_control_grid(control, answers=given, by=who, expected_revision=grid.revision, lock=lock)


def close(control: Control) -> Control:
    who = person(control, "manager")
    controls.apply_to_control("communicate", control, by=who, data={"findings": "Deux factures."})
    fresh = Control.objects.get(pk=control.pk)
    return controls.apply_to_control("close", fresh, by=who, data={"conclusions": "Conforme."})


def test_an_officer_fills_the_grid_and_the_manager_locks_it(control: Control) -> None:
    for role in ("director", "president"):
        with pytest.raises(PermissionDenied):
            fill(control, by=person(control, role))
    assert fill(control).revision == 1
    assert fill(control).revision == 1  # nothing changed
    with pytest.raises(PermissionDenied):
        fill(control, lock=True, by=person(control, "officer"))
    with pytest.raises(ValidationError, match="avant de verrouiller"):
        fill(control, lock=True, q1="")
    with pytest.raises(StaleRevision):
        control_grids.fill_control_grid(control, answers={}, by=person(control, "officer"), expected_revision=0)
    assert fill(control, lock=True).locked_by == person(control, "manager")
    with pytest.raises(Refused, match="verrouillée"):
        fill(control)
    with pytest.raises(DatabaseError), transaction.atomic():
        FilledGrid.objects.update(answers={})
    audiences = set(JournalEntry.objects.filter(verb__startswith="control_grid").values_list("audience", flat=True))
    assert audiences == {"national"}


def test_the_grid_of_a_closed_control_is_not_filled_any_more(control: Control) -> None:
    fill(control)
    with pytest.raises(Refused, match="clos"):
        fill(close(control), q1="non")


def test_a_control_is_not_closed_nor_its_grid_locked_on_a_blocking_no(control: Control) -> None:
    text = "[oui-non !] L’association a-t-elle été entendue ?\n[oui-non] Les pièces sont-elles classées ?"
    admin = make_user("national_admin")
    draft = national.draft(GridMoment.CONTROL)
    national.save_draft(
        moment=GridMoment.CONTROL, text=text, shown=False, by=admin, expected_revision=draft.revision, publish=True
    )
    answers = {"q1": {"value": "non", "note": "À convoquer."}, "q2": {"value": "non", "note": ""}}
    officer, manager = person(control, "officer"), person(control, "manager")
    row = control_grids.fill_control_grid(control, answers=answers, by=officer, expected_revision=0)
    assert [line.severity for line in grid_allows(control)] == ["error", "warning"]
    with pytest.raises(ValidationError) as locked:
        control_grids.fill_control_grid(control, answers=answers, by=manager, expected_revision=1, lock=True)
    assert list(locked.value.message_dict) == ["q1"]
    with pytest.raises(Refused) as refusal:
        close(control)
    assert [line.text for line in refusal.value.missing if line.severity == "error"] == [
        "Contrôle\u00a0: «\u00a0L’association a-t-elle été entendue ?\u00a0», répondu non"
    ]
    fresh = Control.objects.get(pk=control.pk)
    answers["q1"] = {"value": "oui", "note": ""}
    control_grids.fill_control_grid(fresh, answers=answers, by=manager, expected_revision=row.revision, lock=True)
    conclusions = {"conclusions": "Conforme."}
    assert controls.apply_to_control("close", fresh, by=manager, data=conclusions).state == "closed"


def test_a_grid_is_about_a_report_or_a_control(control: Control) -> None:
    version = national.published(GridMoment.CONTROL)
    with pytest.raises(DatabaseError), transaction.atomic():
        FilledGrid.objects.create(
            version=version, moment="controle", filled_by=person(control, "officer"), filled_at=control.opened_at
        )


@pytest.mark.parametrize("shown", [True, False])
def test_the_association_reads_a_shown_grid_once_it_is_locked_and_the_findings_sent(
    control: Control, shown: bool
) -> None:
    admin = make_user("national_admin")
    national.save_draft(
        moment="controle", text="[oui-non] Conforme ?", shown=shown, by=admin, expected_revision=0, publish=True
    )
    client = Client()
    client.force_login(person(control, "director"))
    page = reverse("control-grid", args=[control.convention.number, control.pk])
    answers = [client.get(page).status_code]
    fill(control, lock=True)
    answers.append(client.get(page).status_code)
    controls.apply_to_control("communicate", control, by=person(control, "manager"), data={"findings": "Deux."})
    answers.append(client.get(page).status_code)
    assert answers == [403, 403, 200 if shown else 403]
    assert GridVersion.objects.filter(moment="controle", published_on__isnull=False).count() == 2


# -- The threshold ----------------------------------------------------------------------------------------------------


def test_a_threshold_applies_from_its_day_and_those_before_stay() -> None:
    cycle, admin = make_active().convention.cycle, make_user("national_admin")

    def fix(amount: str, day: dt.date, by: Any = admin) -> None:
        thresholds.set_threshold(cycle=cycle, amount=Decimal(amount), applies_from=day, source="Décret", by=by)

    with pytest.raises(PermissionDenied):
        fix("50", TODAY, make_user("national_reader"))
    with pytest.raises(ValidationError, match="à partir d’aujourd’hui"):
        fix("50", TODAY - dt.timedelta(days=1))
    with pytest.raises(ValidationError, match="positif"):
        fix("-1", TODAY)
    fix("50", TODAY + dt.timedelta(days=10))
    with pytest.raises(ValidationError, match="postérieure"):
        fix("60", TODAY + dt.timedelta(days=10))
    days = (TODAY, TODAY + dt.timedelta(days=9), TODAY + dt.timedelta(days=10))
    assert [not_recovered_below(cycle, day) for day in days] == [30, 30, 50]
    assert JournalEntry.objects.get(verb="threshold_set").sentence == (
        "Seuil de recouvrement\u00a0: 50\u00a0€ à partir du 25\u00a0octobre 2026"
    )
    for change in (lambda: RecoveryThreshold.objects.update(amount=1), RecoveryThreshold.objects.all().delete):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()
