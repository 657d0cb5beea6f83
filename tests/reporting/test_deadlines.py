"""Deadlines from rules: dates, time zones, deadlines met or no longer due, people who may declare them met."""

import datetime as dt
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from arml.models import Attachment, AttachmentKind
from conventions.models import Act, Contribution, Convention
from cpo.lib import clock
from cpo.lib.files import stored
from cpo.lib.models import JournalEntry
from reporting.deadlines.facts import facts_of
from reporting.deadlines.rules import applies, base_date
from reporting.models import Deadline, DeadlineRule, Report, SendBack
from reporting.services.campaigns import open_report
from reporting.services.deadlines import declare_met, may_declare, sync, upcoming
from tests.factories.arml import make_user
from tests.factories.conventions import PDF, make_act
from tests.factories.deadlines import in_force, make_deadline, make_rule, person

pytestmark = pytest.mark.django_db


def rule(**fields):
    return DeadlineRule(**{"key": "exemple", "label": "Exemple", "ladder": [], **fields})


def day(text):
    return dt.date.fromisoformat(text)


def of(convention, key, year=None) -> Deadline:
    return convention.deadlines.get(rule__key=key, year=year)


@pytest.mark.parametrize(
    ("fields", "year", "expected"),
    [
        ({"base_month": 6, "base_day": 30, "base_year": "N+1"}, 2025, "2026-06-30"),
        ({"base_month": 7, "base_day": 1, "base_year": "N"}, 2026, "2026-07-01"),
        ({"base_month": 3, "base_day": 31, "base_year": "N"}, 2026, "2026-03-31"),
        ({"base_month": 9, "base_day": 30, "base_year": "2027"}, None, "2027-09-30"),
        ({"base_month": 12, "base_day": 31, "base_year": "N", "shift_months": 2}, 2025, "2026-02-28"),
        ({"base_month": 2, "base_day": 29, "base_year": "N"}, 2027, "2027-02-28"),
        ({"base_month": 1, "base_day": 1, "base_year": "N", "shift_days": -1}, 2026, "2025-12-31"),
        ({"base_month": 1, "base_day": 31, "base_year": "N", "shift_months": 1, "shift_days": 15}, 2026, "2026-03-15"),
    ],
)
def test_a_date_is_its_base_shifted_by_months_then_days(fields, year, expected):
    assert base_date(rule(**fields), year, facts={}) == day(expected)


@pytest.mark.parametrize(
    ("signed", "expected"),
    [("2025-10-08", "2026-01-08"), ("2025-11-30", "2026-02-28"), ("2023-11-30", "2024-02-29")],
)
def test_a_fact_shifted_by_months_ends_on_the_last_day_of_a_shorter_month(signed, expected):
    base = base_date(
        rule(base_event="derniere_signature", shift_months=3), None, facts={"derniere_signature": day(signed)}
    )
    assert base == day(expected)


def test_a_fact_that_is_not_known_gives_no_date():
    assert base_date(rule(base_event="approbation_comptes"), 2025, facts={}) is None


def test_the_fact_of_the_year_prevails_over_the_fact_without_year():
    facts = {"renvoi_rapport": day("2026-01-01"), "renvoi_rapport:2025": day("2026-09-01")}
    assert base_date(rule(base_event="renvoi_rapport"), 2025, facts=facts) == day("2026-09-01")


def test_the_legal_date_is_kept_when_it_is_no_working_day():
    convention = in_force()
    make_rule(convention, day("2027-05-01"))  # a public holiday, and a Saturday
    sync(convention)
    assert convention.deadlines.filter(due_on=day("2027-05-01")).count() == 1


@pytest.mark.parametrize(
    ("zone", "moment", "expected"),
    [
        ("America/Guadeloupe", "2026-07-01 03:30+00:00", "2026-06-30"),
        ("America/Guadeloupe", "2026-07-01 04:30+00:00", "2026-07-01"),
        ("Indian/Reunion", "2026-06-30 19:30+00:00", "2026-06-30"),
        ("Indian/Reunion", "2026-06-30 20:30+00:00", "2026-07-01"),
        ("Europe/Paris", "2026-06-30 22:30+00:00", "2026-07-01"),
    ],
)
def test_a_day_is_the_local_day_of_the_service(zone, moment, expected, at):
    convention = in_force(zone=zone)
    at(moment)
    assert clock.today(convention.dossier.time_zone) == day(expected)
    make_rule(convention, day("2026-12-01"))
    sync(convention)
    assert convention.deadlines.earliest("pk").created_on == day(expected)
    assert Deadline.objects.with_local_day().filter(convention=convention)[0].local_day == day(expected)


def test_what_happened_near_midnight_counts_on_the_local_day(at):
    convention = in_force(zone="America/Guadeloupe")
    report = open_report(convention, 2025)
    submitted_at = dt.datetime(2026, 7, 1, 2, 0, tzinfo=dt.UTC)  # 30 June, 22 h, in Guadeloupe
    Report.objects.filter(pk=report.pk).update(
        state="submitted", submitted_at=submitted_at, submitted_by=person(convention, "president"), round=1
    )
    assert facts_of(convention)["rapport_soumis:2025"] == day("2026-06-30")


def test_dated_obligations_begin_when_the_convention_is_in_force():
    act = make_act(state="negotiation")
    sync(act.convention)
    assert [d.rule.key for d in act.convention.deadlines.of_rules().select_related("rule")] == ["dossier_demande"]
    convention = in_force()
    sync(convention)
    assert convention.deadlines.filter(rule__key="justificatifs_annuels").count() == 3


def test_what_was_due_before_the_notification_is_not_owed_except_the_reports_of_the_years():
    convention = in_force(notified=day("2026-08-03"))
    sync(convention)
    keys = set(convention.deadlines.values_list("rule__key", "year"))
    assert ("avance_annuelle", 2026) not in keys
    assert ("comite_pilotage", 2025) not in keys
    assert {("justificatifs_annuels", 2025), ("comite_pilotage", 2026), ("avance_annuelle", 2027)} <= keys


@pytest.mark.parametrize(("due", "is_owed"), [("2026-08-02", False), ("2026-08-03", True)])
def test_what_is_due_the_day_of_the_notification_is_owed_and_what_was_due_the_day_before_is_not(due, is_owed):
    convention = in_force(notified=day("2026-08-03"))
    dated = make_rule(convention, day(due))
    sync(convention)
    assert convention.deadlines.filter(rule=dated).exists() is is_owed


@pytest.mark.parametrize(("more", "is_over"), [("0.01", False), ("0.02", True)])
def test_a_threshold_of_the_contribution_is_of_all_the_lines_of_one_year_and_is_passed_by_a_cent(more, is_over):
    """22 999,99 € and another line of the same year, for a threshold of 23 000 €."""
    act = make_act()
    of_lead = {"act": act, "service": act.dossier.lead}
    Contribution.objects.create(year=2025, amount=Decimal(22000), **of_lead)
    Contribution.objects.create(year=2026, amount=Decimal("22999.99"), **of_lead)
    Contribution.objects.create(year=2026, amount=Decimal(more), line="complementaire", **of_lead)
    threshold = rule(condition="contribution_etat_annuelle > 23000")
    assert [applies(threshold, act.convention, year) for year in (2025, 2026, 2027)] == [False, is_over, False]
    assert applies(threshold, act.convention, None) is is_over, "in any year"


def test_syncing_twice_writes_once():
    convention = in_force()
    sync(convention)
    before = list(convention.deadlines.order_by("pk").values())
    sync(convention)
    assert list(convention.deadlines.order_by("pk").values()) == before


def test_an_edited_rule_moves_the_open_deadlines():
    convention = in_force()
    sync(convention)
    DeadlineRule.objects.filter(key="justificatifs_annuels").update(base_month=9, base_day=15)
    sync(convention)
    assert of(convention, "justificatifs_annuels", 2026).due_on == day("2027-09-15")


def test_a_rule_turned_off_cancels_its_deadlines_and_turned_on_again_revives_them(at):
    convention = in_force()
    sync(convention)
    DeadlineRule.objects.filter(key="comite_pilotage").update(active=False)
    sync(convention)
    assert of(convention, "comite_pilotage", 2026).cancelled_on == clock.today(clock.PARIS)
    at("2026-10-20")
    DeadlineRule.objects.filter(key="comite_pilotage").update(active=True)
    sync(convention)
    again = of(convention, "comite_pilotage", 2026)
    assert (again.cancelled_on, again.created_on) == (None, day("2026-10-20"))


def test_an_abandoned_convention_owes_nothing_any_more():
    act = make_act(state="negotiation")
    sync(act.convention)
    Act.objects.filter(pk=act.pk).update(state="abandoned")
    Convention.objects.filter(pk=act.convention_id).update(state="abandoned")
    sync(act.convention)
    assert not act.convention.deadlines.pending().exists()


def sent_back(report, moment, officer):
    Report.objects.filter(pk=report.pk).update(state="to_complete")
    SendBack.objects.create(
        report=report,
        round=report.round,
        path="finance",
        label="Finances",
        reason="À revoir",
        author=officer,
        at=moment,
    )


def submit(report, moment, by):
    Report.objects.filter(pk=report.pk).update(
        state="submitted", submitted_at=moment, submitted_by=by, round=report.round + 1
    )
    report.refresh_from_db()


def test_each_round_of_requests_has_its_own_deadline_met_by_the_next_submission(at):
    convention = in_force()
    officer, president = person(convention, "officer"), person(convention, "president")
    report = open_report(convention, 2025)
    at("2026-06-20")
    submit(report, timezone.now(), president)
    sync(convention)
    assert of(convention, "justificatifs_annuels", 2025).met_on == day("2026-06-20")
    at("2026-07-01")
    sent_back(report, timezone.now(), officer)
    sync(convention)
    first = of(convention, "complements_rapport", 2025)
    assert (first.due_on, first.met_on) == (day("2026-07-16"), None)
    at("2026-07-10")
    submit(report, timezone.now(), president)
    sync(convention)
    assert of(convention, "complements_rapport", 2025).met_on == day("2026-07-10")
    at("2026-08-03")
    sent_back(report, timezone.now(), officer)
    sync(convention)
    second = of(convention, "complements_rapport", 2025)
    assert (second.due_on, second.met_on, second.created_on) == (day("2026-08-18"), None, day("2026-08-03"))
    assert of(convention, "justificatifs_annuels", 2025).met_on == day("2026-06-20")


def test_a_document_of_the_dossier_meets_its_deadline_and_may_start_another():
    convention = in_force()
    director = person(convention, "director")
    for key, dated in (("compte_rendu_comite_pilotage", None), ("proces_verbal_ag", day("2026-05-20"))):
        Attachment.objects.create(
            dossier=convention.dossier,
            kind=AttachmentKind.objects.get(key=key),
            file=stored.store(PDF + key.encode() + b"%%EOF", "application/pdf"),
            name="piece.pdf",
            year=2026 if key.startswith("compte") else 2025,
            dated=dated,
            added_by=director,
            added_at=clock.now(),
        )
    facts = facts_of(convention)
    assert facts["compte_rendu_comite_depose:2026"] == clock.today(clock.PARIS)
    assert facts["approbation_comptes:2025"] == day("2026-05-20")
    sync(convention)
    assert of(convention, "comite_pilotage", 2026).met_on == clock.today(clock.PARIS)


def test_the_end_of_a_delegation_is_a_deadline_until_the_convention_is_signed():
    act = make_act(state="negotiation")
    party = act.parties.get(role="lead")
    party.delegation.valid_until = day("2026-12-31")
    party.delegation.save()
    type(party).objects.filter(pk=party.pk).update(by_delegation=True, signs=True)
    sync(act.convention)
    assert of(act.convention, "fin_delegation").due_on == day("2026-12-31")


def test_the_responsible_role_and_the_lead_service_declare_a_deadline_met_with_a_line_of_journal():
    deadline = make_deadline(responsible="accountant")
    convention = deadline.convention
    make_user("accountant", convention.dossier.beneficiary)
    with pytest.raises(PermissionDenied):
        declare_met(deadline, on=day("2026-06-01"), by=person(convention, "director"))
    for role in ("accountant", "officer", "manager"):
        assert may_declare(person(convention, role), deadline)
    declare_met(deadline, on=day("2026-06-01"), by=person(convention, "officer"), comment="Courrier du 1er")
    deadline.refresh_from_db()
    assert deadline.met_on == day("2026-06-01")
    entry = JournalEntry.objects.filter(verb="deadline_met").get()
    assert (entry.role, entry.comment) == ("officer", "Courrier du 1er")


def test_declaring_twice_keeps_the_first_day():
    deadline = make_deadline()
    officer = person(deadline.convention, "officer")
    declare_met(deadline, on=day("2026-06-01"), by=officer)
    assert declare_met(deadline, on=day("2026-06-09"), by=officer).met_on == day("2026-06-01")


def test_what_the_application_sees_by_itself_is_not_declared():
    convention = in_force()
    sync(convention)
    with pytest.raises(PermissionDenied, match="constatée par l’application"):
        declare_met(
            of(convention, "justificatifs_annuels", 2026), on=clock.today(clock.PARIS), by=person(convention, "officer")
        )


def test_the_next_deadline_is_the_first_that_is_not_past():
    convention = in_force()
    make_deadline(convention, due="2026-06-30")
    later = make_deadline(convention, due="2026-11-30")
    assert upcoming(convention) == later


@pytest.mark.parametrize(
    ("notified", "expected"),
    [
        ("2026-04-30", "2026-06-30"),
        ("2026-05-01", "2026-07-01"),
        ("2026-06-30", "2026-08-30"),
        ("2026-12-31", "2027-02-28"),
    ],
)
def test_nothing_is_born_late_a_date_is_not_before_two_months_after_the_notification(notified, expected):
    convention = in_force(notified=day(notified))
    report = open_report(convention, 2025)
    sync(convention)
    assert of(convention, "justificatifs_annuels", 2025).due_on == report.due_on == day(expected)


@pytest.mark.parametrize(("notified", "expected"), [("2026-08-31", "2026-10-31"), ("2026-09-01", "2026-11-01")])
def test_what_was_not_yet_due_at_the_notification_waits_for_its_months_too(notified, expected):
    convention = in_force(notified=day(notified))
    sync(convention)
    assert of(convention, "comite_pilotage", 2026).due_on == day(expected)


@pytest.mark.parametrize(("months", "expected"), [(0, "2026-10-31"), (1, "2026-11-01"), (3, "2027-01-01")])
def test_the_months_after_the_notification_are_data_of_the_rule(months, expected):
    convention = in_force(notified=day("2026-10-01"))
    DeadlineRule.objects.filter(key="comite_pilotage").update(months_after_notification=months)
    sync(convention)
    assert of(convention, "comite_pilotage", 2026).due_on == day(expected)


@pytest.mark.parametrize(
    ("key", "fact"),
    [
        ("versement_annee_1", "notification_comptee"),
        ("complements_rapport", "renvoi_rapport"),
        ("reponse_mise_en_demeure", "envoi_mise_en_demeure"),
        ("notification_convention", "derniere_signature"),
    ],
)
def test_a_delay_that_runs_from_another_fact_is_not_lengthened(key, fact):
    rule = DeadlineRule.objects.get(key=key)
    facts = {"notification_comptee": day("2026-10-01"), fact: day("2026-10-01")}
    assert base_date(rule, 2026, facts=facts) == base_date(rule, 2026, facts={fact: day("2026-10-01")})


def test_the_1_july_of_the_adaptations_and_a_milestone_do_not_move():
    for key in ("adaptation_budget", "ouverture_campagne"):
        rule = DeadlineRule.objects.get(key=key)
        known = {"notification_comptee": day("2026-06-30")}
        assert base_date(rule, 2026, facts=known) == base_date(rule, 2026, facts={})
