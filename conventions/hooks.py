"""Answers to the questions of `actions` about the act of a programme, and of the journal about who reads an event."""

from decimal import Decimal, InvalidOperation

from django.db.models import CharField, Model, OuterRef, Q, Subquery, Value
from django.db.models.functions import Cast, Concat
from django.http import HttpRequest

from actions.editing import content_state
from actions.indirect import IndirectCosts, costs_of
from actions.models import Programme, Sheet
from actions.permissions import readable
from actions.rows import ShownProgramme, shown_programme
from actions.services.common import first_year_of, journal_line
from arml.models import User
from cpo.lib import journal
from cpo.lib.actor import Actor, reads_negotiation
from cpo.lib.editing import consequences

from .content.written import hash_of_rows
from .enums import ConventionState
from .models import Act, SignedDeposit, Version
from .pages.act_page import find_page
from .pages.retained import left_as_they_are
from .permissions import reads_deposits


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
    act = _act(programme)
    return hash_of_rows(act) if act else ""


@consequences.of_reference.answer
def texts_left(row: Model, user: User) -> str:
    return left_as_they_are(row, user)


@first_year_of.answer
def first_year_of_act(programme: Programme) -> int:
    """A fiche that a later act adds does not run before the act takes effect."""
    act, cycle = _act(programme), programme.cycle
    if act is None or not act.number:
        return cycle.first_year
    return min(max(act.effective_on.year, cycle.first_year), programme.years[-1])


@journal_line.answer
def line_of_act(programme: Programme, sentence: str) -> str:
    act = _act(programme)
    return act.journal_sentence(sentence) if act else sentence


# -- The events of the journal ---------------------------------------------------------------------------------------

# What the pages of a signed act say to an observer: its signatures and its notification. How it was negotiated, and how
# the convention ends, stands on pages that are not open to them.
PUBLISHED = ("notify", "declare", "record_paper")
SIGNATURES = ("sign", "record_signature", "deposit_signature")


@journal.rule_of("act")
def events_of_an_act(root: Model, actors: list[Actor]) -> Q:
    if reads_negotiation(actors):
        return journal.EVERY
    published = journal.NONE
    for act in Act.objects.filter(convention__dossier=root.pk, programme__frozen=True):
        opening = journal.last(act, "open_signature")
        verbs = Q(verb__in=PUBLISHED)
        if opening:  # an earlier signature was annulled with its document
            verbs |= Q(verb__in=SIGNATURES, pk__gt=opening.pk)
        published |= Q(subject=journal.key(act), comment="") & verbs
    return published


@journal.rule_of("signeddeposit")
def events_of_a_deposit(root: Model, actors: list[Actor]) -> Q:
    """Of a PDF handed in as signed, and of its refusal: who reads its page. What was accepted is a signature."""
    deposits = SignedDeposit.objects.filter(document__act__convention__dossier=root.pk)
    rows = deposits.values_list("pk", "party__organisation_id")
    return Q(subject__in=[f"signeddeposit:{pk}" for pk, party in rows if reads_deposits(actors, party)])


@journal.rule_of("sheet")
@journal.rule_of("programme")
def events_of_a_programme(root: Model, actors: list[Actor]) -> Q:
    """Who reads the last version of an open act reads no event of what its writer has written since.

    `reads.version_read` is the rule of the pages. The sentences name fiches and amounts; what says that writing goes
    on is the page of the act.
    """
    if not reads_negotiation(actors):
        return journal.NONE
    own = [actor.side for actor in actors if actor.side]
    last = Version.objects.filter(act=OuterRef("pk")).order_by("-number").values("created_at")[:1]
    read_by_version = (
        Act.objects.filter(convention__dossier=root.pk, state__in=Act.OPEN)
        .exclude(state=ConventionState.DRAFT)
        .exclude(programme__side__in=own)
        .order_by()
        .annotate(versioned_at=Subquery(last))
    )
    unread = journal.NONE
    for programme, versioned_at in read_by_version.values_list("programme", "versioned_at"):
        if versioned_at:
            unread |= Q(at__gt=versioned_at) & _written_below(root, programme)
    return ~unread | Q(side__in=own)


def _written_below(root: Model, programme: int) -> Q:
    """The events about this programme, or about a fiche, gone or not, of no other programme of the dossier."""
    others = Sheet.objects.filter(programme__dossier=root.pk).exclude(programme=programme)
    keys = others.order_by().annotate(event_key=Concat(Value("sheet:"), Cast("pk", CharField()))).values("event_key")
    return Q(subject=f"programme:{programme}") | Q(subject__startswith="sheet:") & ~Q(subject__in=keys)


@journal.rule_of("fundingfact")
def events_of_a_funding_fact(root: Model, actors: list[Actor]) -> Q:
    """The funding plan of a published convention is open to observers, with its annulled lines."""
    return journal.EVERY
