"""How long a report is examined: the days that wait for the association do not count (article 6.3)."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from cpo.lib import clock
from reporting.enums import ReportState
from reporting.models import Report

Span = tuple[dt.date, dt.date | None]  # from a day to another; None: not over


@dataclass(frozen=True)
class ExaminationTime:
    """`since`: the sending that began it; days of the service, then of the association; `paused`: it is waited for."""

    since: dt.date
    days: int
    waited: int
    paused: bool


def examination_time(report: Report, until: dt.date | None = None) -> ExaminationTime | None:
    """The time of the examination that is going on, or of the last one; None before the first sending.

    It begins with the first sending after the last « recevable ». Reads `versions`, `send_backs`, `settlements`,
    `clarifications` and their answers: prefetch them where several reports are read.
    """
    zone = report.dossier.time_zone
    settled = [row.round for row in report.settlements.all() if not report.is_settled or row.round < report.round]
    sendings = [row for row in report.versions.all() if row.number > max(settled, default=0)]
    if not sendings:
        return None
    since = min(clock.local_day(row.sent_at, zone) for row in sendings)
    end = until or (report.admissible_on if report.is_settled and report.admissible_on else clock.today(zone))
    spans = [*_sent_back(report, zone), *_asked(report, zone)]
    waited = _days(spans, since, end)
    paused = not report.is_settled and (
        report.state == ReportState.TO_COMPLETE or any(stop is None for _, stop in spans)
    )
    return ExaminationTime(since, (end - since).days - waited, waited, paused)


def _sent_back(report: Report, zone: str) -> list[Span]:
    """From the day when a sending was sent back to that of the next one."""
    sent = {row.number: clock.local_day(row.sent_at, zone) for row in report.versions.all()}
    back = {row.round: clock.local_day(row.at, zone) for row in report.send_backs.all()}
    return [(day, sent.get(number + 1)) for number, day in back.items()]


def _asked(report: Report, zone: str) -> list[Span]:
    """From the day when details were asked to that of the first answer, or of the judgment without one."""
    spans: list[Span] = []
    for row in report.clarifications.all():
        ends = [answer.at for answer in row.answers.all()] + ([row.judged_at] if row.judged_at else [])
        spans.append((clock.local_day(row.asked_at, zone), clock.local_day(min(ends), zone) if ends else None))
    return spans


def _days(spans: Iterable[Span], since: dt.date, end: dt.date) -> int:
    """The days that at least one of the spans covers, between the two days; a day waited twice counts once."""
    total, covered = 0, since
    for start, stop in sorted(spans, key=lambda span: span[0]):
        first, last = max(start, covered), min(stop or end, end)
        if last > first:
            total += (last - first).days
            covered = last
    return total
