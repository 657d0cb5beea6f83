"""Which paper a page signs, and what the three pages show of it."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from conventions.pages.signatures import mode_words
from conventions.views.common import refusal_page
from cpo.lib import zones
from cpo.lib.workflow import Option, Refused
from reporting.services import signing as services
from reporting.services.signing import Paper
from reporting.views import common as reports
from reporting.views.meetings import common as meetings

Find = Callable[..., Any]


def minutes(request: HttpRequest, number: str, pk: int) -> Any:
    """The meeting whose minutes the page signs. Raises Http404."""
    return meetings.meeting_of(request, number, pk)


def financial_report(request: HttpRequest, number: str, year: int) -> Any:
    """The report whose compte rendu financier the page signs. Raises Http404."""
    return reports.find(request, number, year)


class PaperMixin:
    """Finds the paper and checks that this person signs it in this way; else the page says why not.

    `find`: one of the functions above. A subclass names the way to sign.
    """

    find: Find
    mode: str
    paper: Paper
    option: Option

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        row = type(self).find(request, **kwargs)
        try:
            self.paper, self.option = services.opened(row, request.user, self.mode)  # type: ignore[arg-type]
        except Refused as error:
            return refusal_page(request, row.convention.act, error)
        self.document = self.paper.document
        self.party = self.paper.party_of(self.option.actor)
        zones.set_page(row.dossier)
        return self.answer(request)

    def answer(self, request: HttpRequest) -> HttpResponse:
        raise NotImplementedError

    def subject(self, request: HttpRequest) -> dict[str, Any]:
        """The context of `layout/work.html`, and what is signed."""
        page, label = self.paper.back()
        return {
            "number": self.paper.reference,
            "back": {"url": page, "label": label},
            "back_name": str(self.paper.row.dossier.beneficiary),
            "badges": [("sign", "turn", "")],
            "nav_section": "convention-list",
            "signed_title": self.paper.title,
            "problem": "",
            "lines": _lines(self.paper, self.party.pk),
            "before": [],
            "file_url": file_url(self.paper),
            "cancel_url": page,
            "ways": self.paper.ways(but=self.mode),
        }


def file_url(paper: Paper) -> str:
    """The file that the next party signs: the one produced, or the one that the other party signed."""
    number, document = paper.document.act.reference, paper.document
    signed = [row for row in paper.signatures() if row.signed_file_id]
    if signed:
        return reverse("signature-file", args=[number, signed[-1].pk])
    return reverse("document-file", args=[number, document.pk])


def _lines(paper: Paper, own: int) -> list[dict[str, Any]]:
    """The parties, for `conventions/signing/_signatories.html`: those that signed, then those that have not."""
    signed = paper.signatures()
    lines: list[dict[str, Any]] = [
        {
            "party": row.party,
            "name": row.signatory_name,
            "capacity": row.capacity,
            "signature": row,
            "words": mode_words(row),
        }
        for row in signed
    ]
    done = {row.party.organisation_id for row in signed}
    for party in paper.expected():
        if party.organisation_id not in done:
            names = " ou ".join(one.name for one in paper.signatories(party))
            lines.append({"party": party, "name": names, "mine": party.pk == own})
    return lines
