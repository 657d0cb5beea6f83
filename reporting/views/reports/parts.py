"""The parts of a report: a form for people who may write the part, a page for those who may only read it."""

from collections.abc import Callable
from functools import cache, cached_property
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from arml.enums import Standing
from cpo.lib import journal
from cpo.lib.editing import conflicts
from cpo.lib.enums import Side
from cpo.lib.models import JournalEntry
from reporting import figures
from reporting import permissions as may
from reporting.content import network
from reporting.content.association import training_of
from reporting.enums import ReportState
from reporting.forms.base import with_texts
from reporting.forms.meetings import FileForm
from reporting.forms.parts import FinanceForm, GeneralForm
from reporting.forms.sheets import COPIED, SheetForm, measures, previous_part
from reporting.models import Report, SheetReport
from reporting.pages import reports as pages
from reporting.services import reports as services
from reporting.views import common

Context = dict[str, Any]
Make = Callable[[Any, Report], Any]  # builds the form from posted data and the stored report
NOT_SENT = "Ce compte rendu n’est pas encore envoyé : vous en voyez l’avancement, pas le contenu."
NOT_SENT_AGAIN = "Cette rubrique a été rouverte : vous la lirez quand l’association aura envoyé ses compléments."
PARTIES_ONLY = "Les pièces d’un compte rendu sont lues par les parties et par l’administration centrale."


def check_readable(request: HttpRequest, report: Report, path: str) -> None:
    if may.may_read(request.user, report, path):  # type: ignore[arg-type]
        return
    if report.state in may.PUBLISHED:
        raise PermissionDenied(PARTIES_ONLY)
    raise PermissionDenied(NOT_SENT_AGAIN if report.state == ReportState.TO_COMPLETE else NOT_SENT)


class PartPage:
    """One request on one part: the steps common to fiches, yearly text, finances and documents."""

    def __init__(self, request: HttpRequest, report: Report, path: str, *, template: str) -> None:
        self.request, self.report, self.path, self.template = request, report, path, template
        self.actors = pages.actors_of(request.user, report)  # type: ignore[arg-type]
        self.writable, self.amounts_only = pages.writes(report, self.actors, path)
        self.url = pages.address(report, path)
        self.more: Context = {}  # further context of the page

    @cached_property
    def parts(self) -> list[pages.Part]:
        """All the parts, for the menu and for the next one to fill in; a form that is saved asks for neither."""
        return pages.parts(self.report, self.request.user)  # type: ignore[arg-type]

    @property
    def part(self) -> pages.Part:
        return next(part for part in self.parts if part.path == self.path)

    def context(self, **more: Any) -> Context:
        requests = [row for row in pages.current_requests(self.report) if row.path == self.path]
        history = [row for row in self.report.send_backs.all() if row.path == self.path and row not in requests]
        return {
            **common.work_context(self.request, self.report, self.actors),
            **pages.menu(self.report, self.parts, self.actors, self.path),
            "part": self.part,
            "requests": requests,
            "former_requests": history,
            "why_not": may.why_not(self.request.user, self.report, self.path),  # type: ignore[arg-type]
            "is_author": any(actor.side == Side.BENEFICIARY for actor in self.actors),
            **self.more,
            **more,
        }

    def read(self, **more: Any) -> HttpResponse:
        check_readable(self.request, self.report, self.path)
        return render(self.request, f"reporting/{self.template}_read.html", self.context(**more))

    def form(self, form: Any, *, status: int = 200, **more: Any) -> HttpResponse:
        context = self.context(form=form, with_bar=True, next_part=self.next_part(), **more)
        return render(self.request, f"reporting/{self.template}_form.html", context, status=status)

    def next_part(self) -> pages.Part | None:
        """The next part to fill in: after this one, else from the first."""
        index = self.parts.index(self.part)
        ordered = [*self.parts[index + 1 :], *self.parts[:index]]
        return next((p for p in ordered if p.is_owed), None)

    def post(
        self, make: Make, write: Callable[[dict[str, Any], int], Any], *, element: str, previous_texts: dict[str, str]
    ) -> HttpResponse:
        """`element` is what the journal calls the part."""
        data = self.request.POST
        if data.get("copy") in previous_texts:
            return self._copy(make, previous_texts)
        try:
            outcome = conflicts.save(
                self.request,
                make=lambda posted: make(posted, _current(self.report)),
                write=lambda form, revision: write(form.arguments(form.cleaned_data), revision),
                author=lambda: self.last_writer(element),
            )
        except PermissionDenied as error:
            return self.form(make(self.request.POST, self.report), status=403, refused=str(error))
        if not outcome.saved:
            if outcome.error:
                outcome.form.add_error(None, outcome.error)
            return self.form(outcome.form, status=outcome.status)
        messages.success(self.request, "Rubrique enregistrée.")
        next_part = self.next_part() if "next" in data else None
        return HttpResponseRedirect(next_part.url if next_part else self.url)

    def last_writer(self, element: str) -> JournalEntry | None:
        return journal.last_writing(self.report, element, "report_written")

    def refuse(self, make: Make) -> HttpResponse:
        """Answer a form posted after the part was closed: an author gets it back with what was typed."""
        reason = may.why_not(self.request.user, self.report, self.path)  # type: ignore[arg-type]
        if may.author(self.request.user, self.report, self.path) is None:  # type: ignore[arg-type]
            raise PermissionDenied(reason)
        form = make(self.request.POST, self.report)
        return self.form(form, status=403, refused=reason)

    def _copy(self, make: Make, previous_texts: dict[str, str]) -> HttpResponse:
        """« Reprendre le texte »: add last year's text to one field; nothing is saved."""
        data = self.request.POST
        name = data["copy"]
        typed = data.get(name, "").strip()
        text = f"{typed}\n\n{previous_texts[name]}" if typed else previous_texts[name]
        form = make(with_texts(data, {name: text}), self.report)
        return self.form(form, filled=name)


def _current(report: Report) -> Report:
    return Report.objects.select_related("convention__cycle", "act__programme").get(pk=report.pk)


def sheet_of(report: Report, key: Any) -> SheetReport:
    part = report.sheets.select_related("sheet__axis", "sheet__objective").filter(sheet__key=key).first()
    if part is None:
        raise Http404(common.NOT_FOUND)
    part.report = report
    return part


def sheet_page(request: HttpRequest, report: Report, key: Any) -> tuple[PartPage, Make, SheetReport]:
    """The page of a fiche, how its form is made, and its part of the report."""
    part = sheet_of(report, key)
    page = PartPage(request, report, may.sheet_path(key), template="report_sheet")
    before = previous = previous_part(part)
    if before and not may.may_read(request.user, before.report, page.path):  # type: ignore[arg-type]
        before = None
    page.more = {"content": part, "previous": before, **_beside(page, part)}
    if page.writable:
        page.more |= {"previous_texts": _texts_to_copy(before, COPIED), "file_form": FileForm()}

    def make(data: Any, current: Report) -> SheetForm:
        sheet = sheet_of(current, key)
        amounts_only, revision = page.amounts_only, current.revision
        return SheetForm(data, part=sheet, revision=revision, amounts_only=amounts_only, previous=[previous])

    return page, make, part


@require_http_methods(["GET", "HEAD", "POST"])
def report_sheet(request: HttpRequest, number: str, year: int, key: Any) -> HttpResponse:
    report = common.find(request, number, year)
    page, make, part = sheet_page(request, report, key)

    def write(arguments: dict[str, Any], revision: int) -> Any:
        return services.save_sheet(part, **arguments, by=request.user, expected_revision=revision)  # type: ignore[arg-type]

    if not page.writable:
        if request.method == "POST":
            return page.refuse(make)
        before = page.more["previous"]
        return page.read(measures=measures(part, before), total=figures.Sum(figures.sheet_lines(part)))
    if request.method == "POST":
        texts = page.more["previous_texts"]
        return page.post(make, write, element=f"la fiche {part.sheet.code}", previous_texts=texts)
    return page.form(make(None, report))


def _beside(page: PartPage, part: SheetReport) -> Context:
    """What the page shows beside the form: a form that is saved asks for none of it."""
    return {"training": cache(lambda: _training(page, part)), "files": cache(lambda: _files(page, part))}


def _files(page: PartPage, part: SheetReport) -> Any:
    """The files of the fiche; None for an observer, who opens no document of a report."""
    if not any(may.reads_sendings(actor) for actor in page.actors):
        return None
    return list(part.files.current().select_related("file", "added_by"))


def _training(page: PartPage, part: SheetReport) -> Any:
    """What the sessions of the fiche add up to, beside its declared values; None without one, and to an observer."""
    if not any(actor.side or actor.standing == Standing.NATIONAL for actor in page.actors):
        return None
    found = training_of(page.report.dossier.beneficiary, page.report.year, part.sheet.key)
    return found if found.sessions else None


def _texts_to_copy(before: Any, names: tuple[str, ...]) -> dict[str, str]:
    """Last year's texts, without the empty ones."""
    return {name: getattr(before, name) for name in names if getattr(before, name)} if before else {}


@require_http_methods(["GET", "HEAD", "POST"])
def report_general(request: HttpRequest, number: str, year: int) -> HttpResponse:
    report = common.find(request, number, year)
    page = PartPage(request, report, may.GENERAL, template="report_general")

    def make(data: Any, current: Report) -> GeneralForm:
        return GeneralForm(data, report=current, revision=current.revision)

    years = report.convention.reports.filter(year__lte=year).prefetch_related("network_figures")
    user: Any = request.user
    readable = [one for one in years if one.year == year or may.may_read(user, one, may.GENERAL)]
    page.more["network_years"], page.more["network_rows"] = network.table(readable)

    def write(arguments: dict[str, Any], revision: int) -> Any:
        return services.save_general(report, **arguments, by=request.user, expected_revision=revision)  # type: ignore[arg-type]

    if not page.writable:
        return page.refuse(make) if request.method == "POST" else page.read()
    previous_texts = _texts_to_copy(
        report.convention.reports.filter(year=year - 1).first(), ("highlights", "governance")
    )
    page.more |= {"previous_texts": previous_texts, "previous_year": year - 1}
    if request.method == "POST":
        return page.post(make, write, element="la synthèse", previous_texts=previous_texts)
    return page.form(make(None, report))


@require_http_methods(["GET", "HEAD", "POST"])
def report_finance(request: HttpRequest, number: str, year: int) -> HttpResponse:
    report = common.find(request, number, year)
    page = PartPage(request, report, may.FINANCE, template="report_finance")
    page.more = {"finance": figures.finance(report)}

    def make(data: Any, current: Report) -> FinanceForm:
        return FinanceForm(data, report=current, revision=current.revision)

    def write(arguments: dict[str, Any], revision: int) -> Any:
        return services.save_finance(report, **arguments, by=request.user, expected_revision=revision)  # type: ignore[arg-type]

    if not page.writable:
        return page.refuse(make) if request.method == "POST" else page.read()
    if request.method == "POST":
        return page.post(make, write, element="le compte rendu financier", previous_texts={})
    return page.form(make(None, report))
