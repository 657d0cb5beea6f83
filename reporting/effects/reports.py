"""What follows each transition of a report, in its transaction."""

import datetime as dt
from typing import Any

from arml.enums import Role
from cpo.lib import clock
from cpo.lib.actor import Actor
from cpo.lib.files.hashing import content_hash
from cpo.lib.work import jobs
from cpo.lib.workflow import Refused
from reporting import documents, notifications
from reporting.content import freeze
from reporting.content.comparison import compare
from reporting.enums import PaymentKind, PaymentState, Reopening
from reporting.jobs import ACKNOWLEDGE, FINANCIAL_REPORT, request_conclusion
from reporting.models import Meeting, Payment, Report, ReportVersion, SendBack, Settlement
from reporting.models.reports import SETTLED
from reporting.money.retained import settled_sums
from reporting.permissions import DOCUMENTS, FINANCE

from . import meetings
from .papers import write_signature

NOT_THIS_SENDING = "Un autre envoi est à signer depuis l’ouverture de la page. Relisez-le avant de signer."
Data = dict[str, Any]


def enter_state(report: Report, actor: Actor, data: Data) -> None:
    report.state_since = clock.now()


def review(report: Report, actor: Actor, data: Data) -> None:
    """Record the dialogue de gestion; after a reopening of the report, it was recorded already."""
    report.state_since = clock.now()
    dialogue = Meeting.objects.select_for_update().get(pk=report.dialogue.pk)
    if not dialogue.is_held:
        meetings.record(dialogue, actor, data)
        dialogue.save()


def conclude(report: Report, actor: Actor, data: Data) -> None:
    """Tell everybody of both sides, with the conclusion. `data["act"]`: what opens next, in French; may be missing."""
    report.state_since = clock.now()
    request_conclusion(report, data.get("act", ""))
    notifications.year_concluded(report, actor, data.get("act", ""))


def submit(report: Report, actor: Actor, data: Data) -> None:
    """Freeze what is sent as a version of the report; the acknowledgement cites it."""
    now = clock.now()
    report.state_since = report.submitted_at = now
    report.submitted_by = actor.user
    report.submitted_as = (
        "président ou présidente"
        if actor.role == Role.PRESIDENT
        else "directeur ou directrice, par mandat de la présidence"
    )
    version = _freeze(report, actor, now)
    report.round = version.number
    jobs.enqueue(
        ACKNOWLEDGE,
        f"report:{report.pk}:{version.number}",
        report=report.pk,
        round=version.number,
        content=documents.acknowledgement_content(version),
    )
    jobs.enqueue(
        FINANCIAL_REPORT,
        f"report:{report.pk}:{version.number}",
        report=report.pk,
        round=version.number,
        content=documents.finance_content(version),
    )
    notifications.report_submitted(report, actor, version)
    notifications.financial_report_to_sign(report, actor)


def _freeze(report: Report, actor: Actor, at: dt.datetime) -> ReportVersion:
    before = report.versions.filter(number=report.round).first()
    content = freeze.build(report)
    return ReportVersion.objects.create(
        report=report,
        number=report.round + 1,
        content=content,
        content_sha256=content_hash(content),
        sent_at=at,
        author=actor.user,
        author_name=str(actor.user),
        capacity=report.submitted_as,
        changes=len(compare(before.content, content)) if before else None,
    )


def sign(report: Report, actor: Actor, data: Data) -> None:
    """`data["signature"]`: built and checked by `services.signing`, of the last sending."""
    version = report.last_sending()
    signature = write_signature(version.financial_document_id, data, NOT_THIS_SENDING)
    notifications.financial_report_signed(report, signature, actor)


def send_back(report: Report, actor: Actor, data: Data) -> None:
    """`data["requests"]`: list of (path, label, reason). Raises Refused when no request has a reason."""
    requests = data["requests"] = [row for row in data.get("requests", []) if row[2].strip()]
    if not requests:
        raise Refused("Dites au moins ce qui est demandé sur une rubrique.")
    now = clock.now()
    report.state_since = now
    SendBack.objects.bulk_create(
        SendBack(report=report, round=report.round, path=path, label=label, reason=reason, author=actor.user, at=now)
        for path, label, reason in requests
    )
    notifications.report_sent_back(report, actor, requests)


def declare_admissible(report: Report, actor: Actor, data: Data) -> None:
    report.state_since = clock.now()
    report.reopening = ""
    report.admissible_on = clock.today(report.dossier.time_zone)
    retained, others = settled_sums(report)
    Settlement.objects.create(
        report=report, round=report.round, retained=retained, others=others, by=actor.user, at=report.state_since
    )
    notifications.report_admissible(report)


def reopen(report: Report, actor: Actor, data: Data) -> None:
    """`data`: scope (Reopening), parts (list of (path, label)), comment (the reason). The admissible version stays.

    Raises Refused when figures would change under what was settled on them.
    """
    scope, reason = Reopening(data["scope"]), data["comment"]
    if scope == Reopening.FULL and (words := _built_on(report)):
        raise Refused(f"{words} : la réouverture ne peut porter que sur les textes et les pièces.")
    now = clock.now()
    report.state_since, report.reopening, report.admissible_on = now, scope, None
    closed = {DOCUMENTS} | ({FINANCE} if scope == Reopening.LIMITED else set())  # documents are always open
    SendBack.objects.bulk_create(
        SendBack(report=report, round=report.round, path=path, label=label, reason=reason, author=actor.user, at=now)
        for path, label in data["parts"]
        if path not in closed
    )
    notifications.report_reopened(report, actor, scope, reason)


def _built_on(report: Report) -> str:
    """Say in French what was settled on the figures of a report, "" if nothing: a later year, or a balance paid."""
    convention, year = report.convention_id, report.year
    later = Report.objects.filter(convention=convention, year__gt=year, state__in=SETTLED).order_by("year").first()
    if later:
        return f"Le compte rendu {later.year}, déjà recevable, s’appuie sur ces chiffres"
    balance = Payment.objects.filter(
        convention=convention, year=year + 1, kind=PaymentKind.BALANCE, state=PaymentState.PAID
    )
    return f"Le solde de {year + 1} est payé sur la foi de ces chiffres" if balance.exists() else ""
