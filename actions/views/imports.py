"""Export and import a programme as a workbook: template, upload with errors by cell, preview, confirmation."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.functional import cached_property

from actions.forms.imports import ImportForm, MatchingForm, WithdrawalForm
from actions.models import ProgrammeImport
from actions.rows import programme_data
from actions.services import ProgrammeData, read_programme, replace_programme
from actions.spreadsheet import MEDIA_TYPE, Preview, Reading, flat_programme, preview, read_workbook, write_workbook
from actions.spreadsheet.differences import fingerprint
from actions.spreadsheet.layout import plain
from cpo.lib import clock
from cpo.lib.editing import conflicts
from cpo.lib.editing.lock import StaleRevision

from .common import ProgrammeView, Work

SHOWN_FAULTS = 200


class ProgrammeExport(ProgrammeView):
    """The programme that the person reads."""

    file_name = "programme-{number}.xlsx"

    def get(self, request: HttpRequest, number: str) -> HttpResponse:
        ended = self.shown.ended
        data = write_workbook(self.programme, self.content(), number=number, notes=[ended.words] if ended else ())
        response = HttpResponse(data, content_type=MEDIA_TYPE)
        response["Content-Disposition"] = f'attachment; filename="{self.file_name.format(number=number)}"'
        response["Cache-Control"] = "private, no-cache"
        return response

    def content(self) -> ProgrammeData:
        return programme_data(self.rows)


class ProgrammeTemplate(ProgrammeExport):
    """The same workbook without any fiche."""

    file_name = "modele-programme-{number}.xlsx"

    def content(self) -> ProgrammeData:
        return ProgrammeData()


class ImportView(Work, ProgrammeView):
    @property
    def waiting(self) -> ProgrammeImport | None:
        return self.programme.imports.waiting().filter(user=self.request.user).first()

    def read(self, data: bytes, answers: dict[str, str] | None = None) -> Reading:
        return read_workbook(data, self.programme, self.content, answers)

    @cached_property
    def content(self) -> ProgrammeData:
        return read_programme(self.programme)


class ProgrammeImportUpload(ImportView):
    """Choose a workbook. A workbook that can't be imported is not stored."""

    template_name = "actions/programme_import.html"

    def get(self, request: HttpRequest, number: str) -> HttpResponse:
        return self.show(ImportForm())

    def post(self, request: HttpRequest, number: str) -> HttpResponse:
        form = ImportForm(request.POST, request.FILES)
        if not form.is_valid():
            return self.show(form)
        try:
            reading = self.read(form.data_bytes)
        except ValidationError as error:
            form.add_error("workbook", error)
            return self.show(form)
        if reading.faults:
            form.add_error("workbook", _refusal(reading))
            return self.show(form, reading)
        values = {
            "name": plain(form.cleaned_data["workbook"].name)[:200],
            "data": form.data_bytes,
            "created_at": clock.now(),
            "answers": {},
        }
        ProgrammeImport.objects.update_or_create(programme=self.programme, user=request.user, defaults=values)
        return redirect("programme-import-preview", number=number)

    def show(self, form: ImportForm, reading: Reading | None = None) -> HttpResponse:
        return self.page(
            {
                "form": form,
                "back": {"label": "Programme", "url": self.url("programme-detail")},
                "max_bytes": settings.UPLOAD_MAX_BYTES,
                "waiting": self.waiting,
                "faults": reading.faults[:SHOWN_FAULTS] if reading else [],
                "fault_count": len(reading.faults) if reading else 0,
                "with_bar": False,
            }
        )


def _refusal(reading: Reading) -> str:
    count = len(reading.faults)
    count_words = "une erreur" if count == 1 else f"{count} erreurs"
    return f"Ce classeur contient {count_words} : rien n’est importé. Corrigez les cellules listées, puis envoyez-le."


class ProgrammeImportPreview(ImportView):
    """Show what the workbook would change, then import it in one write."""

    template_name = "actions/programme_import_preview.html"

    def get(self, request: HttpRequest, number: str) -> HttpResponse:
        return self.show() if self.pending_import else redirect("programme-import", number=number)

    def post(self, request: HttpRequest, number: str) -> HttpResponse:
        if self.pending_import is None:
            messages.info(request, "Cet import n’attend plus. Envoyez à nouveau le classeur.")
            return redirect("programme-import", number=number)
        if "abandon" in request.POST:
            self.pending_import.delete()
            messages.info(request, "L’import est abandonné : le programme n’a pas changé.")
            return redirect("programme-detail", number=number)
        if "answer" in request.POST:
            return self.answer()
        if self.reading.content in (None, self.content) or self.unanswered:
            return self.show(matching=self.matching(request.POST) if self.unanswered else None)
        if self.comparison and self.comparison.removed:
            withdrawal = WithdrawalForm(request.POST, count=len(self.comparison.removed))
            if not withdrawal.is_valid():
                return self.show(withdrawal=withdrawal)
        try:
            self.replace(conflicts.posted_revision(request.POST.get("revision")))
        except ValidationError as error:
            return self.show(refusals=error.messages)
        except StaleRevision:
            self.programme.refresh_from_db(fields=["revision"])
            return self.show(stale=True, status=409)
        self.pending_import.delete()
        messages.success(request, f"Le classeur est importé : {self.outcome}.")
        return redirect("programme-detail", number=number)

    @property
    def unanswered(self) -> bool:
        return any(not question.answer for question in self.reading.questions)

    def matching(self, data: Any = None) -> MatchingForm | None:
        """The questions about the rows without key, None when there is none."""
        questions = self.reading.questions
        return MatchingForm(data, questions=questions) if questions else None

    def answer(self) -> HttpResponse:
        """Keep what the person says of the rows without key; the preview is made again from it."""
        form = self.matching(self.request.POST)
        if form is not None and not form.is_valid():
            return self.show(matching=form)
        self.pending_import.answers = dict(form.cleaned_data) if form else {}
        self.pending_import.save(update_fields=["answers"])
        return redirect("programme-import-preview", number=self.number)

    def replace(self, revision: int) -> None:
        """Import even if the act changed since the preview, as long as its programme did not."""
        try:
            self.write(revision)
        except StaleRevision as stale:
            if self.request.POST.get("seen") != self.content_fingerprint():
                raise
            self.write(stale.current)

    def write(self, revision: int) -> None:
        content = self.reading.content
        assert content is not None  # noqa: S101  refused above
        self.outcome = replace_programme(
            programme=self.programme, by=self.request.user, expected_revision=revision, content=content
        )

    @cached_property
    def pending_import(self) -> ProgrammeImport | None:
        return self.waiting

    @cached_property
    def reading(self) -> Reading:
        return self.read(bytes(self.pending_import.data), self.pending_import.answers)

    @property
    def comparison(self) -> Preview | None:
        content = self.reading.content
        return preview(self.content, content, self.programme.years) if content else None

    def content_fingerprint(self) -> str:
        """Return a hash of the programme as stored now, to detect a save since the preview."""
        return fingerprint(flat_programme(read_programme(self.programme)))

    def show(
        self,
        *,
        withdrawal: WithdrawalForm | None = None,
        matching: MatchingForm | None = None,
        stale: bool = False,
        refusals: list[str] | None = None,
        status: int = 200,
    ) -> HttpResponse:
        reading = self.reading
        comparison = self.comparison
        if self.unanswered:
            comparison = None  # what would change depends on the answers
        if comparison and comparison.removed and withdrawal is None:
            withdrawal = WithdrawalForm(count=len(comparison.removed))
        context: dict[str, Any] = {
            "pending_import": self.pending_import,
            "revision": self.programme.revision,
            "fingerprint": self.content_fingerprint(),
            "faults": reading.faults[:SHOWN_FAULTS],
            "fault_count": len(reading.faults),
            "preview": comparison,
            "withdrawal": withdrawal,
            "matching": matching or self.matching(),
            "stale": stale,
            "refusals": refusals or [],
            "foreign": bool(reading.number) and reading.number != self.number,
            "older": reading.number == self.number and reading.revision not in (None, self.programme.revision),
            "importable": bool(comparison and not comparison.empty),
            "back": {"label": "Importer un programme", "url": self.url("programme-import")},
        }
        return self.page(context, status=status)
