"""A programme out and in as a workbook: export, template, upload with each error at its cell, preview, confirmation."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.functional import cached_property

from actions.forms.imports import ImportForm, WithdrawalForm
from actions.models import ProgrammeImport
from actions.services import ProgrammeData, read_programme, replace_programme
from actions.spreadsheet import MEDIA_TYPE, Preview, Reading, flat_programme, preview, read_workbook, write_workbook
from actions.spreadsheet.differences import fingerprint
from actions.spreadsheet.layout import plain
from cpo.lib import clock
from cpo.lib.editing.lock import StaleRevision

from .common import ProgrammeView, Work

SHOWN_FAULTS = 200


class ProgrammeExport(ProgrammeView):
    """The programme as it is now, for whoever sees it."""

    file_name = "programme-{number}.xlsx"

    def get(self, request: HttpRequest, number: str) -> HttpResponse:
        data = write_workbook(self.programme, self.content(), number=number)
        response = HttpResponse(data, content_type=MEDIA_TYPE)
        response["Content-Disposition"] = f'attachment; filename="{self.file_name.format(number=number)}"'
        response["Cache-Control"] = "private, no-cache"
        return response

    def content(self) -> ProgrammeData:
        return read_programme(self.programme)


class ProgrammeTemplate(ProgrammeExport):
    """The same workbook without any fiche."""

    file_name = "modele-programme-{number}.xlsx"

    def content(self) -> ProgrammeData:
        return ProgrammeData()


class ImportView(Work, ProgrammeView):
    @property
    def waiting(self) -> ProgrammeImport | None:
        return self.programme.imports.waiting().filter(user=self.request.user).first()

    def read(self, data: bytes) -> Reading:
        return read_workbook(data, self.programme, self.content)

    @cached_property
    def content(self) -> ProgrammeData:
        return read_programme(self.programme)


class ProgrammeImportUpload(ImportView):
    """Choose a workbook. Nothing is kept of one that can't be imported."""

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
        sent = {
            "name": plain(form.cleaned_data["workbook"].name)[:200],
            "data": form.data_bytes,
            "created_at": clock.now(),
        }
        ProgrammeImport.objects.update_or_create(programme=self.programme, user=request.user, defaults=sent)
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
    found = "une erreur" if count == 1 else f"{count} erreurs"
    return f"Ce classeur contient {found} : rien n’est importé. Corrigez les cellules listées, puis envoyez-le."


class ProgrammeImportPreview(ImportView):
    """What the workbook would change, then the import, all at once."""

    template_name = "actions/programme_import_preview.html"

    def get(self, request: HttpRequest, number: str) -> HttpResponse:
        return self.show() if self.kept else redirect("programme-import", number=number)

    def post(self, request: HttpRequest, number: str) -> HttpResponse:
        if self.kept is None:
            messages.info(request, "Cet import n’attend plus. Envoyez à nouveau le classeur.")
            return redirect("programme-import", number=number)
        if "abandon" in request.POST:
            self.kept.delete()
            messages.info(request, "L’import est abandonné : le programme n’a pas changé.")
            return redirect("programme-detail", number=number)
        if self.reading.content in (None, self.content):
            return self.show()
        if self.compared and self.compared.removed:
            withdrawal = WithdrawalForm(request.POST, count=len(self.compared.removed))
            if not withdrawal.is_valid():
                return self.show(withdrawal=withdrawal)
        posted = request.POST.get("revision", "")
        try:
            self.replace(int(posted) if posted.isdecimal() else -1)
        except ValidationError as error:
            return self.show(refused=error.messages)
        except StaleRevision:
            self.programme.refresh_from_db(fields=["revision"])
            return self.show(stale=True, status=409)
        self.kept.delete()
        messages.success(request, f"Le classeur est importé : {self.outcome}.")
        return redirect("programme-detail", number=number)

    def replace(self, revision: int) -> None:
        """A change of the act outside its programme since the preview does not stop the import."""
        try:
            self.write(revision)
        except StaleRevision as stale:
            if self.request.POST.get("seen") != self.seen():
                raise
            self.write(stale.current)

    def write(self, revision: int) -> None:
        content = self.reading.content
        assert content is not None  # noqa: S101  refused above
        self.outcome = replace_programme(
            programme=self.programme, by=self.request.user, expected_revision=revision, content=content
        )

    @cached_property
    def kept(self) -> ProgrammeImport | None:
        return self.waiting

    @cached_property
    def reading(self) -> Reading:
        return self.read(bytes(self.kept.data))

    @property
    def compared(self) -> Preview | None:
        content = self.reading.content
        return preview(self.content, content, self.programme.cycle.years) if content else None

    def seen(self) -> str:
        """Read anew: this tells whether somebody saved since the preview was shown."""
        return fingerprint(flat_programme(read_programme(self.programme)))

    def show(
        self,
        *,
        withdrawal: WithdrawalForm | None = None,
        stale: bool = False,
        refused: list[str] | None = None,
        status: int = 200,
    ) -> HttpResponse:
        reading = self.reading
        shown = self.compared
        if shown and shown.removed and withdrawal is None:
            withdrawal = WithdrawalForm(count=len(shown.removed))
        context: dict[str, Any] = {
            "kept": self.kept,
            "revision": self.programme.revision,
            "seen": self.seen(),
            "faults": reading.faults[:SHOWN_FAULTS],
            "fault_count": len(reading.faults),
            "preview": shown,
            "withdrawal": withdrawal,
            "stale": stale,
            "refused": refused or [],
            "foreign": bool(reading.number) and reading.number != self.number,
            "older": reading.number == self.number and reading.revision not in (None, self.programme.revision),
            "importable": bool(shown and not shown.empty),
            "back": {"label": "Importer un programme", "url": self.url("programme-import")},
        }
        return self.page(context, status=status)
