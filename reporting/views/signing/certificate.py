"""Handing in a paper that was signed outside with a certificate; a worker then checks it, as for an act."""

from django.http import HttpRequest, HttpResponse
from django.views import View

from conventions.enums import SignatureMode
from conventions.views.signing.certificate import DepositView

from . import common
from .common import PaperMixin


class PaperDepositView(PaperMixin, DepositView):
    mode = SignatureMode.PADES

    def answer(self, request: HttpRequest) -> HttpResponse:
        self.parties = [self.party]
        return View.dispatch(self, request)  # type: ignore[return-value]


class MinutesDepositView(PaperDepositView):
    find = staticmethod(common.minutes)


class FinancialDepositView(PaperDepositView):
    find = staticmethod(common.financial_report)


minutes = MinutesDepositView.as_view()
financial_report = FinancialDepositView.as_view()
