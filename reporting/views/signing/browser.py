"""The signature of a paper in the browser, in the three steps of that of an act."""

from django.http import HttpRequest, HttpResponse
from django.views import View

from conventions.enums import SignatureMode
from conventions.models import SigningAttempt
from conventions.services.signing import browser
from conventions.views.signing.browser import SignView
from reporting.services import signing as services
from reporting.services.signing import capacity_of

from . import common
from .common import PaperMixin


class PaperSignView(PaperMixin, SignView):
    mode = SignatureMode.BROWSER

    def answer(self, request: HttpRequest) -> HttpResponse:
        self.act = self.paper.document.act
        return View.dispatch(self, request)  # type: ignore[return-value]

    def read_again(self, request: HttpRequest) -> None:
        """After a refusal the page gives the present file; the paper may be signed, or printed anew, since."""
        found = services.paper_to_sign(type(self).find(request, **self.kwargs))
        self.document = found.document if found else None

    @property
    def file_name(self) -> str:
        return self.paper.file_name

    @property
    def name(self) -> str:
        return self.paper.name

    @property
    def capacity(self) -> str:
        return capacity_of(self.option.actor.role)

    def send_code(self, attempt: SigningAttempt) -> None:
        browser.send_code(attempt, name=self.name, page=self.request.path)

    def confirm(self, attempt: SigningAttempt, code: str, sha256: str) -> tuple[str, str]:
        services.sign_in_browser(attempt, self.paper, code, shown_sha256=sha256)
        return self.paper.done(), self.paper.back()[0]


class MinutesSignView(PaperSignView):
    find = staticmethod(common.minutes)


class FinancialSignView(PaperSignView):
    find = staticmethod(common.financial_report)


minutes = MinutesSignView.as_view()
financial_report = FinancialSignView.as_view()
