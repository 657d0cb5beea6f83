"""Recording the scan of an original signed on paper."""

from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.functional import cached_property

from conventions.forms.signing import OriginalForm
from conventions.guards.signing import parties_of_one_original, recordable_parties
from conventions.models import Party
from conventions.pages.signatures import signature_lines
from conventions.services.signing import reading
from conventions.services.signing.scan import Original, OriginalMismatch, record_originals
from conventions.text.values import and_list
from conventions.views.common import url, work_page
from cpo.lib import clock
from cpo.lib.files import stored as stored_files
from cpo.lib.wording.numbers import whole_number
from cpo.lib.workflow import Refused

from .common import SignedFileView

OF_ORIGINAL = ("signatory_name", "capacity", "signed_on", "reference", "short_hash", "override_reason")


class RecordView(SignedFileView):
    """The page to upload the scan of an original signed on paper, and to compare it with the document to sign."""

    transition = "record_signature"
    find_parties = recordable_parties

    @cached_property
    def received(self) -> reading.Received | None:
        """The scans that a worker read and put in order, when the person comes from there."""
        job = reading.job_of(self.document, whole_number(self.request.GET.get("lecture", "")))
        received = reading.received(self.document, job) if job else None
        return received if received and received.scan else None

    def form(self, *args: Any, **kwargs: Any) -> OriginalForm:
        kwargs["read"] = self.received is not None
        produced_on = clock.local_day(self.document.created_at, self.act.dossier.time_zone)
        others = parties_of_one_original(self.act, self.actor)
        return OriginalForm(*args, parties=self.parties, others=others, produced_on=produced_on, **kwargs)

    def get(self, request: HttpRequest) -> HttpResponse:
        party = self.chosen_party(request)
        initial = (
            {"party": party.pk, "signatory_name": party.signatory_name, "capacity": party.capacity} if party else {}
        )
        return self.page(request, self.form(initial=initial))

    def post(self, request: HttpRequest) -> HttpResponse:
        form = self.form(request.POST, request.FILES)
        if not form.is_valid():
            return self.page(request, form)
        try:
            originals = self.originals(form)
            act = record_originals(self.act, originals, by=request.user, document=self.document)
        except stored_files.NotStored as error:
            form.add_error("file", str(error))
            return self.page(request, form)
        except OriginalMismatch as error:
            for difference in error.differences:
                form.add_error(difference.field, f"{difference.fact} {difference.advice}")
            return self.page(request, form, differs=True)
        except Refused as error:
            return self.page(request, form, refusal=error, status=409)
        names = and_list([signed.organisation.in_sentence for signed, _ in originals])
        messages.success(request, f"L’original signé pour {names} est enregistré.")
        return redirect(url(act, "convention-documents"))

    def originals(self, form: OriginalForm) -> list[tuple[Party, Original]]:
        """What was read on the paper, for each party that signed it; the scan is stored once."""
        original = self.original(form)
        return [
            (form.cleaned_data["party"], original),
            *(
                (
                    party,
                    replace(
                        original, signatory_name=party.signatory_name, capacity=party.capacity, signed_on=signed_on
                    ),
                )
                for party, signed_on in form.also_signed()
            ),
        ]

    def original(self, form: OriginalForm) -> Original:
        data = {name: form.cleaned_data[name] for name in OF_ORIGINAL if name in form.cleaned_data}
        if self.received and self.received.scan and self.document.version:
            scan = self.received.scan
            return Original(
                scan=scan,
                pages=self.received.reading.expected,
                reference=self.act.reference,
                short_hash=self.document.version.short_hash,
                received=() if list(self.received.files) == [scan] else self.received.files,
                read=True,
                **data,
            )
        content, media_type = form.cleaned_data["file"]
        pages = stored_files.pdf_pages(content)
        return Original(scan=stored_files.store(content, media_type), pages=pages, **data)

    def page(
        self,
        request: HttpRequest,
        form: OriginalForm,
        *,
        refusal: Refused | None = None,
        differs: bool = False,
        status: int = 200,
    ) -> HttpResponse:
        context = work_page(self.act, "convention-documents", "Documents et signatures") | {
            "form": form,
            "refusal": refusal,
            "differs": differs or bool(form.data.get("override_reason")),
            "document": self.document,
            "received": self.received,
            "lines": signature_lines(self.act, self.document, request.user),
        }
        return render(request, "conventions/signing/record_signature.html", context, status=status)


record_signature = RecordView.as_view()
