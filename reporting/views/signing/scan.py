"""Recording the scan of a paper that was printed and signed by hand."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views import View

from conventions.enums import SignatureMode
from conventions.services.signing.scan import Original, OriginalMismatch
from conventions.views.drafting import add_errors
from cpo.lib.files import stored
from cpo.lib.workflow import Refused
from reporting.forms.signing import ScanForm
from reporting.services import signing as services
from reporting.services.signing import capacity_of

from . import common
from .common import PaperMixin


class PaperScanView(PaperMixin, View):
    mode = SignatureMode.SCAN

    def answer(self, request: HttpRequest) -> HttpResponse:
        return View.dispatch(self, request)  # type: ignore[return-value]

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        initial = {"signatory_name": str(request.user), "capacity": capacity_of(self.option.actor.role)}
        return self.page(request, ScanForm(initial=initial))

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        form = ScanForm(request.POST, request.FILES)
        if not form.is_valid():
            return self.page(request, form)
        try:
            services.record_scan(self.paper, self.original(form), by=request.user)  # type: ignore[arg-type]
        except ValidationError as error:
            add_errors(form, error if hasattr(error, "error_dict") else ValidationError({"upload": error}))
        except OriginalMismatch as error:
            for one in error.differences:
                form.add_error("upload" if one.field == "file" else one.field, f"{one.fact} {one.advice}")
            return self.page(request, form, differs=True)
        except Refused as error:
            return self.page(request, form, refusal=error, status=409)
        else:
            messages.success(request, self.paper.done())
            return redirect(self.paper.back()[0])
        return self.page(request, form)

    def original(self, form: ScanForm) -> Original:
        data = dict(form.cleaned_data)
        upload = data.pop("upload")
        content, media_type = stored.check_upload(upload.file, name=upload.name, size=upload.size, pdf_only=True)
        return Original(
            scan=stored.store_upload(content, media_type, field="upload"),
            pages=stored.pdf_pages(content),
            reference=self.paper.reference,
            **data,
        )

    def page(
        self,
        request: HttpRequest,
        form: ScanForm,
        *,
        refusal: Refused | None = None,
        differs: bool = False,
        status: int = 200,
    ) -> HttpResponse:
        context = self.subject(request) | {
            "form": form,
            "refusal": refusal,
            "differs": differs or bool(form.data.get("override_reason")),
            "document": self.document,
        }
        return render(request, "reporting/signing/scan.html", context, status=status)


class MinutesScanView(PaperScanView):
    find = staticmethod(common.minutes)


class FinancialScanView(PaperScanView):
    find = staticmethod(common.financial_report)


minutes = MinutesScanView.as_view()
financial_report = FinancialScanView.as_view()
