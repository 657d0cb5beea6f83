"""What a convention signed on paper had to do before it was taken over, and what is known of it."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from conventions.models import Convention
from cpo.lib import clock
from reporting.enums import DoneAnswer
from reporting.models import DeadlineRule, DoneBefore

from .facts import ADVANCE, FIRST_PAYMENT, facts_of
from .rules import expected_deadlines

AHEAD = 60  # days: the first reminders of a deadline leave two months before it
REPORT_SENT, REPORT_EXAMINED = "rapport_soumis", "rapport_recevable"
ANNUAL_ACT = "acte_financier_signe"
PAYMENTS = {FIRST_PAYMENT, ADVANCE}


@dataclass(frozen=True)
class Question:
    """A deadline to ask about. `past`: it must be answered; else it may also be left for later."""

    rule: DeadlineRule
    year: int | None
    due_on: dt.date
    past: bool

    @property
    def key(self) -> str:
        return f"{self.rule.key}-{self.year}" if self.year else self.rule.key

    @property
    def label(self) -> str:
        return (
            f"{self.rule.label}, {self.year}"
            if self.year and str(self.year) not in self.rule.label
            else self.rule.label
        )

    @property
    def with_amount(self) -> bool:
        return self.is_payment or self.is_act

    @property
    def is_payment(self) -> bool:
        return self.rule.met_by in PAYMENTS

    @property
    def is_act(self) -> bool:
        """Whether it is done by an act signed on paper, whose scan is asked for."""
        return self.rule.met_by == ANNUAL_ACT


def questions(convention: Convention) -> list[Question]:
    """The deadlines that would be late, or soon due, on the day of the record; none before the original is recorded.

    They are those of `sync`: what is asked and what would be born are the same.
    """
    if convention.act.notified_on is None or convention.act.signed_on is None:
        return []
    today = clock.today(convention.dossier.time_zone)
    found = [
        Question(rule, year, due, due < today)
        for rule, year, due in expected_deadlines(convention, facts_of(convention))
        if due <= today + dt.timedelta(days=AHEAD) and rule.met_by not in MET_BY_THE_RECORD
    ]
    return sorted(found, key=lambda question: (question.due_on, question.rule.rank))


MET_BY_THE_RECORD = ("notification", "dossier_complet")


def unanswered(convention: Convention) -> Iterator[Question]:
    known = set(convention.done_before.values_list("rule_id", "year"))
    yield from (one for one in questions(convention) if one.past and (one.rule.pk, one.year) not in known)


def answers(convention: Convention) -> dict[tuple[int | None, int | None], DoneBefore]:
    """The answers by rule and year; a convention that was not signed on paper has none."""
    if not convention.on_paper:
        return {}
    return {(row.rule_id, row.year): row for row in convention.done_before.exclude(rule=None)}


def years_received(convention: Convention) -> set[int]:
    """The years whose report was received on paper: none opens in the application."""
    if not convention.on_paper:
        return set()
    rows = convention.done_before.filter(answer=DoneAnswer.DONE, rule__met_by=REPORT_SENT, year__isnull=False)
    return {year for year in rows.values_list("year", flat=True) if year}
