"""The parts of a report: a form for whom it is open to, a page to read for the others who may."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from ... import figures
from ... import permissions as may
from ... import presentation as shown
from ...enums import ReportState
from ...forms.parts import FinanceForm, GeneralForm
from ...forms.sheets import COPIED, SheetForm, measures, previous_part
from ...models import Report, SheetReport
from ...services import reports as services
from .. import common, saving

Context = dict[str, Any]
NOT_SENT = "Ce compte rendu n’est pas encore envoyé\u00a0: vous en voyez l’avancement, pas le contenu."
NOT_SENT_AGAIN = "Cette rubrique a été rouverte\u00a0: vous la lirez quand l’association aura envoyé ses compléments."


def check_readable(request: HttpRequest, report: Report, path: str) -> None:
    if not may.may_read(request.user, report, path):  # type: ignore[arg-type]
        raise PermissionDenied(NOT_SENT_AGAIN if report.state == ReportState.TO_COMPLETE else NOT_SENT)


class PartPage:
    """One request on one part: the same steps for fiches, yearly text and finances."""

    def __init__(self, request: HttpRequest, report: Report, path: str, *, template: str) -> None:
        self.request, self.report, self.path, self.template = request, report, path, template
        self.actors = shown.actors_of(request.user, report)  # type: ignore[arg-type]
        self.parts = shown.parts(report, request.user)  # type: ignore[arg-type]
        self.part = next(part for part in self.parts if part.path == path)

    def context(self, **more: Any) -> Context:
        asked = [row for row in shown.current_requests(self.report) if row.path == self.path]
        history = [row for row in self.report.send_backs.all() if row.path == self.path and row not in asked]
        return {
            **common.work(self.request, self.report, self.actors),
            **shown.menu(self.report, self.parts, self.path),
            "part": self.part,
            "requests": asked,
            "former_requests": history,
            "why_not": may.why_not(self.request.user, self.report, self.path),  # type: ignore[arg-type]
            "is_author": any(actor.side == "beneficiary" for actor in self.actors),
            **more,
        }

    def read(self, **more: Any) -> HttpResponse:
        check_readable(self.request, self.report, self.path)
        return render(self.request, f"reporting/{self.template}_read.html", self.context(**more))

    def form(self, form: Any, *, status: int = 200, **more: Any) -> HttpResponse:
        context = self.context(form=form, with_bar=True, next_part=self.next_part(), **more)
        return render(self.request, f"reporting/{self.template}_form.html", context, status=status)

    def next_part(self) -> shown.Part | None:
        """The next part to fill in, after this one and then from the start."""
        index = self.parts.index(self.part)
        following = [*self.parts[index + 1 :], *self.parts[:index]]
        return next((p for p in following if p.writable and (p.reopened or not p.complete)), None)

    def post(
        self,
        make: Callable[[Any, Report], Any],
        write: Callable[[dict[str, Any], int], Any],
        *,
        copied: dict[str, str] | None = None,
        **more: Any,
    ) -> HttpResponse:
        data = self.request.POST
        if data.get("take") or data.get("copy") in (copied or {}):
            return self._replace(make, copied or {}, **more)
        outcome = saving.save(self.report, data, make=make, write=write)
        if not outcome.saved:
            author = saving.last_author(self.report) if outcome.conflicts else None
            return self.form(
                outcome.form,
                status=outcome.status,
                conflicts=outcome.conflicts,
                author=author,
                refused=outcome.refused,
                **more,
            )
        words = "Rubrique enregistrée."
        if outcome.merged:
            words = "Rubrique enregistrée, avec ce qu’une autre personne venait d’y changer."
        messages.success(self.request, words)
        following = self.next_part() if "next" in data else None
        return HttpResponseRedirect(following.url if following else self.part.url)

    def _replace(self, make: Callable[[Any, Report], Any], copied: dict[str, str], **more: Any) -> HttpResponse:
        """« Prendre cette valeur », « Reprendre le texte »: fill one field, keep all that is typed, save nothing."""
        data = self.request.POST
        texts, name = {}, data.get("take") or data.get("copy") or ""
        if data.get("take"):
            stored = make(None, self.report)
            if name in stored.names:
                texts[name] = stored.text(name, stored.stored.get(name))
        else:
            typed = data.get(name, "").strip()
            texts[name] = f"{typed}\n\n{copied[name]}" if typed else copied[name]
        form, conflicts = saving.replaced(self.report, data, make, texts)
        author = saving.last_author(self.report) if conflicts else None
        return self.form(form, conflicts=conflicts, author=author, filled=name, **more)


def _sheet(report: Report, key: Any) -> SheetReport:
    part = report.sheets.select_related("sheet__axis", "sheet__objective").filter(sheet__key=key).first()
    if part is None:
        raise Http404(common.NOT_FOUND)
    part.report = report
    return part


@require_http_methods(["GET", "HEAD", "POST"])
def report_sheet(request: HttpRequest, number: str, year: int, key: Any) -> HttpResponse:
    report = common.find(request, number, year)
    part = _sheet(report, key)
    page = PartPage(request, report, may.sheet_path(key), template="report_sheet")
    if not page.part.writable:
        if request.method == "POST":
            raise PermissionDenied(may.why_not(request.user, report, page.path))  # type: ignore[arg-type]
        before = previous_part(part)
        if before and not may.may_read(request.user, before.report, page.path):  # type: ignore[arg-type]
            before = None
        total = figures.Sum(figures.sheet_lines(part))
        return page.read(content=part, measures=measures(part, before), total=total, previous=before)

    def make(data: Any, current: Report) -> SheetForm:
        fresh = _sheet(current, key)
        return SheetForm(data, part=fresh, revision=current.revision)

    before = previous_part(part)
    copied = {name: getattr(before, name) for name in COPIED if getattr(before, name)} if before else {}
    more: Context = {"content": part, "previous": before, "copied": copied}
    if request.method == "POST":

        def write(given: dict[str, Any], revision: int) -> Any:
            return services.save_sheet(part, **given, by=request.user, expected_revision=revision)  # type: ignore[arg-type]

        return page.post(make, write, copied=copied, **more)
    return page.form(make(None, report), **more)


@require_http_methods(["GET", "HEAD", "POST"])
def report_general(request: HttpRequest, number: str, year: int) -> HttpResponse:
    report = common.find(request, number, year)
    page = PartPage(request, report, may.GENERAL, template="report_general")
    if not page.part.writable:
        if request.method == "POST":
            raise PermissionDenied(may.why_not(request.user, report, page.path))  # type: ignore[arg-type]
        return page.read()
    before = report.convention.reports.filter(year=year - 1).first()
    texts = ("highlights", "governance")
    copied = {name: getattr(before, name) for name in texts if getattr(before, name)} if before else {}

    def make(data: Any, current: Report) -> GeneralForm:
        return GeneralForm(data, report=current, revision=current.revision)

    if request.method == "POST":

        def write(given: dict[str, Any], revision: int) -> Any:
            return services.save_general(report, **given, by=request.user, expected_revision=revision)  # type: ignore[arg-type]

        return page.post(make, write, copied=copied, copied_year=year - 1)
    return page.form(make(None, report), copied=copied, copied_year=year - 1)


@require_http_methods(["GET", "HEAD", "POST"])
def report_finance(request: HttpRequest, number: str, year: int) -> HttpResponse:
    report = common.find(request, number, year)
    page = PartPage(request, report, may.FINANCE, template="report_finance")
    if not page.part.writable:
        if request.method == "POST":
            raise PermissionDenied(may.why_not(request.user, report, page.path))  # type: ignore[arg-type]
        check_readable(request, report, may.FINANCE)
        return page.read(finance=figures.finance(report))

    def make(data: Any, current: Report) -> FinanceForm:
        return FinanceForm(data, report=current, revision=current.revision)

    finance = figures.finance(report)
    if request.method == "POST":

        def write(given: dict[str, Any], revision: int) -> Any:
            return services.save_finance(report, **given, by=request.user, expected_revision=revision)  # type: ignore[arg-type]

        return page.post(make, write, finance=finance)
    return page.form(make(None, report), finance=finance)
