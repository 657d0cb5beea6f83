"""Yearly reports of active conventions on the reference cycle, with fictitious organisations.

act = make_active(sheets=2)                  # a signed convention with a frozen version, in force since 1 January 2025
report = make_report()                       # its report of 2025, open; `person(report, "director")` and the others
fill(report)                                 # complete, ready to send
submitted(report); sent_back(report, "finance"); admissible(report)     # through the workflow
"""

import datetime as dt
from decimal import Decimal
from typing import Any

from actions.models import Account, Programme, SheetIndicator
from actions.services.copies import copy_into
from arml.models import Attachment, User
from conventions.documents import register
from conventions.enums import ActKind, DocumentPurpose
from conventions.models import Act, Convention
from conventions.services.signing.scan import Original
from cpo.lib import clock
from cpo.lib.files import stored
from reporting import guards, workflow
from reporting import permissions as may
from reporting.models import Report, ReportVersion, SheetReport
from reporting.services import reports, request_answers, signing
from reporting.services.campaigns import open_report
from tests.factories.conventions import PDF, add_sheet, fund, make_act, member
from tests.factories.kept import kept

YEAR = 2025


@kept
def make_active(
    *, sheets: int = 1, published: bool = True, indicator: Any = None, funded: bool = False, **fields: Any
) -> Act:
    """An act signed and notified in October 2025, in force since 1 January. It is set by hand, without the steps.

    `funded`: the State contributes 40 000 € a year, half as an advance, half as the balance.
    """
    act = make_act(state="negotiation", **fields)
    for index in range(sheets):
        add_sheet(act, code=f"{index % 3 + 1}-{chr(65 + index // 3)}", **(indicator or {}))
    if funded:
        fund(act)
    day = dt.date(2025, 10, 8)
    Act.objects.filter(pk=act.pk).update(state="active", signed_on=day, notified_on=day, latest=True)
    Convention.objects.filter(pk=act.convention_id).update(state="active")
    if published:
        type(act.dossier).objects.filter(pk=act.dossier.pk).update(published_on=day)
    Programme.objects.filter(pk=act.programme_id).update(side="", frozen=True)
    return Act.objects.select_related("convention__cycle", "convention__dossier", "programme").get(pk=act.pk)


def amended(act: Act, *, on: dt.date, drop: str = "", add: str = "", measured: bool = True) -> Act:
    """A signed avenant in force from a day, set by hand: the same programme without a fiche, or with one more.

    measured=False: its fiches have no indicator left.
    """
    programme = Programme.objects.create(
        dossier=act.dossier, cycle=act.programme.cycle, side="", term_year=act.programme.term_year
    )
    copy_into(act.programme, programme)
    programme.sheets.filter(code=drop).delete()
    if not measured:
        SheetIndicator.objects.filter(sheet__programme=programme).delete()
    Act.objects.filter(pk=act.pk).update(latest=False)
    fields = {name: getattr(act, name) for name in ("convention", "model_version", "ends_on", "options", "values")}
    after = Act.objects.create(
        reference=f"{act.convention.number}-A{act.number + 1}",
        number=act.number + 1,
        rank=act.number + 1,
        base=act,
        kind=ActKind.AMENDMENT,
        state="active",
        purpose="Une fiche.",
        programme=programme,
        effective_on=on,
        signed_on=on,
        notified_on=on,
        latest=True,
        turn_since=clock.now(),
        **fields,
    )
    if add:
        add_sheet(after, code=add)
    Programme.objects.filter(pk=programme.pk).update(frozen=True)
    return Act.objects.get(pk=after.pk)


@kept
def make_report(act: Act | None = None, *, year: int = YEAR, **fields: Any) -> Report:
    report = open_report((act or make_active(**fields)).convention, year)
    assert report is not None
    return report


def person(report: Report, role: str) -> User:
    return member(report.act, role)


def account(code: str) -> Account:
    return Account.objects.get(code=code)


def sheet_input(part: SheetReport, **fields: Any) -> dict[str, Any]:
    """The data of the director for a fiche: done, one value per indicator, 100 euros less than the forecast."""
    return {
        "fields": {"progress": "realisee", "narrative": "Ce qui a été fait.", **fields},
        "values": [reports.ValueInput(indicator.pk, number=Decimal(90)) for indicator in part.sheet.indicators.all()],
        "expenses": [reports.AmountInput(account("64").pk, Decimal("59900.50"))],
    }


def fill(report: Report, *, documents: bool = True) -> Report:
    """Fill in every part as the director, and add the documents of the year."""
    director = person(report, "director")
    for part in report.sheets.all():
        reports.save_sheet(part, **sheet_input(part), by=director, expected_revision=None)
    reports.save_general(report, fields={"highlights": "Une année pleine."}, by=director, expected_revision=None)
    reports.save_finance(
        report,
        comment="La région n’a pas versé sa part cette année.",
        expenses=[],
        resources=[reports.AmountInput(account("74-ETAT").pk, Decimal(40000), "État")],
        by=director,
        expected_revision=None,
    )
    if documents:
        give_documents(report)
    return Report.objects.get(pk=report.pk)


def give_documents(report: Report) -> None:
    """Store the documents due with the report, without the services."""
    for kind in guards.yearly_kinds(report):
        Attachment.objects.create(
            dossier=report.dossier,
            kind=kind,
            file=stored.store(PDF + kind.key.encode() + b"%%EOF", "application/pdf"),
            name=f"{kind.key}.pdf",
            year=report.year,
            added_by=person(report, "director"),
            added_at=clock.now(),
        )


def answer(report: Report, text: str = "Sans changement, parce que le texte est exact.") -> None:
    """Answer every request of the round as the director."""
    answers = {row.pk: text for row in report.send_backs.all() if row.round == report.round}
    request_answers.answer_requests(report, answers=answers, by=person(report, "director"), expected_revision=None)


@kept
def submitted(report: Report | None = None, *, by: User | None = None) -> Report:
    report = report or fill(make_report())
    if report.state == "to_complete":
        answer(report)
    return workflow.apply("submit", report, by=by or person(report, "president"))


@kept
def sent_back(report: Report | None = None, *paths: str, reason: str = "Précisez ce point.") -> Report:
    """A report that the officer sent back for these parts, by default for the finances."""
    report = report or submitted()
    requests = [(path, f"Rubrique {path}", reason) for path in paths or (may.FINANCE,)]
    return workflow.apply("send_back", report, by=person(report, "officer"), data={"requests": requests})


def print_financial(report: Report) -> None:
    """A page that stands for the compte rendu financier of the last sending: the renderer would take seconds."""
    sending = report.last_sending()
    paper = register.enter(
        PDF + f"financial {report.pk} {sending.number}".encode() + b"%%EOF",
        act=report.act,
        purpose=DocumentPurpose.FINANCIAL_REPORT,
        label=f"Compte rendu financier {report.year}, envoi {sending.number}",
        content_sha256=sending.content_sha256,
    )
    ReportVersion.objects.filter(pk=sending.pk).update(financial_document=paper)


def sign_financial(report: Report, *, role: str = "president") -> Report:
    """Print the compte rendu financier of the last sending, and sign it by hand as that person."""
    if report.last_sending().financial_document is None:
        print_financial(report)
    return sign_by_hand(signing.financial_report_of(Report.objects.get(pk=report.pk)), person(report, role))


def sign_by_hand(paper: Any, by: User, *, data: bytes = b"", on: dt.date | None = None, **fields: Any) -> Any:
    """Record the scan of a paper of the year as that person: by default all that was printed, signed today."""
    scan = stored.store(data or stored.read(paper.document.file) + b"% signed by hand\n%%EOF", "application/pdf")
    day = on or clock.today(paper.row.dossier.time_zone)
    facts: dict[str, Any] = {
        "signatory_name": str(by),
        "capacity": "président",
        "signed_on": day,
        "reference": paper.reference,
        "short_hash": paper.document.content_sha256[:12],
        "pages": paper.document.pages,
    }
    return signing.record_scan(paper, Original(scan, **facts | fields), by=by)


@kept
def admissible(report: Report | None = None) -> Report:
    report = report or submitted()
    if report.last_sending().signature is None:
        sign_financial(report)
    return workflow.apply("declare_admissible", report, by=person(report, "manager"))
