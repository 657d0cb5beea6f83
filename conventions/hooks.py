"""Answers to the questions of `actions` about the act of a programme."""

from decimal import Decimal, InvalidOperation

from django.http import HttpRequest

from actions.editing import content_state
from actions.indirect import IndirectCosts, costs_of
from actions.models import Programme, SheetIndicator
from actions.permissions import readable
from actions.rows import ShownProgramme, shown_programme
from actions.services.common import journal_line
from cpo.lib.files.hashing import content_hash

from .content.freeze import build_content
from .models import Act
from .pages.act_page import find_page


def _act(programme: Programme) -> Act | None:
    return getattr(programme, "act", None)  # a one-to-one relation that may have no row


@shown_programme.answer
def programme_at(request: HttpRequest, number: str) -> ShownProgramme | None:
    """The page of the act, which the frame then shares."""
    page = find_page(request.user, number)  # type: ignore[arg-type]
    if page is None or not readable(page.user, page.programme):
        return None
    request.act_page = page  # type: ignore[attr-defined]
    return page


@costs_of.answer
def indirect_costs(programme: Programme) -> IndirectCosts:
    act = _act(programme)
    if act is None:
        return IndirectCosts()
    try:
        rate: Decimal | None = Decimal(act.values.get("taux_charges_indirectes") or "")
        rate = rate if rate is not None and 0 <= rate <= 100 else None  # comparing NaN raises too
    except InvalidOperation:
        rate = None
    return IndirectCosts(act.options.get("charges_indirectes", ""), rate)


@content_state.answer
def hash_of_content(programme: Programme) -> str:
    """SHA-256 of what a version would freeze, and of the data that pages write but versions do not print.

    These data are the accounts of the signatories, and which indicators are national.
    """
    act = _act(programme)
    if act is None:
        return ""
    unprinted = (
        act.parties.order_by("pk").values_list("pk", "signatory_id", "delegation_id"),
        SheetIndicator.objects.filter(sheet__programme=programme)
        .order_by("pk")
        .values_list("key", "definition_from_id"),
    )
    rows = [[str(value) for value in row] for queryset in unprinted for row in queryset]
    return content_hash({"content": build_content(act), "beside": rows})


@journal_line.answer
def line_of_act(programme: Programme, sentence: str) -> str:
    act = _act(programme)
    return act.journal_sentence(sentence) if act else sentence
