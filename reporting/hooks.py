"""Answers to the questions of `conventions` about deadlines and payments, of the journal about who reads an event."""

from collections.abc import Iterable
from typing import Any

from django.db.models import CharField, Model, Q, QuerySet, Sum, Value
from django.db.models.functions import Cast, Concat
from django.urls import reverse

from actions.enums import STATE_ACCOUNT
from actions.models import Account
from arml.enums import AttachmentMoment, Standing
from arml.models import Attachment, Organisation, User
from conventions.documents.letters import Values, letter_facts
from conventions.enums import ActKind, FundingKind
from conventions.guards.addresses import url
from conventions.guards.complete import done_before
from conventions.guards.ending import evaluation_missing
from conventions.guards.money import committed_beyond
from conventions.models import Act, Convention, Document
from conventions.money.plan import StateMoney, money_of_state
from conventions.pages.listing import late_conventions
from conventions.reads import Delays, delays_of
from conventions.services.paper import Scan, given_with_the_convention
from conventions.services.signing.subjects import Subject, paper_of
from cpo.lib import journal
from cpo.lib.actor import Actor, reads_negotiation
from cpo.lib.enums import Side
from cpo.lib.mail.emails import Joined, joined_to
from cpo.lib.models import OutboxMessage
from cpo.lib.money import ZERO
from cpo.lib.wording.french import euros
from cpo.lib.workflow import Missing

from . import permissions as may
from .deadlines.before import ANNUAL_ACT, unanswered
from .deadlines.rules import WAIT
from .documents.letters import facts_of_the_year
from .enums import MeetingState, PaymentState
from .guards.evaluation import evaluated
from .guards.payments import taken_over_fits
from .models import Deadline, DeadlineRule, Evaluation, Invitation, Meeting, Report
from .services import signing


@late_conventions.answer
def with_a_late_deadline(user: User) -> QuerySet[Any, Any]:
    return Deadline.objects.visible_to(user).late().values("convention")


@delays_of.answer
def delays_of_rules(cycles: Iterable[int]) -> Delays:
    rules = DeadlineRule.objects.filter(cycle__in=set(cycles), active=True, base_event__startswith=WAIT)
    rows = rules.order_by("-rank").values_list("cycle", "base_event", "shift_months", "shift_days")
    return {(cycle, event.removeprefix(WAIT)): (months, days) for cycle, event, months, days in rows}


@done_before.answer
def past_deadlines(act: Act) -> list[Missing]:
    """A paper convention is taken over with what is already done: no deadline is born late without a word of it."""
    page = reverse("convention-taking-over", args=[act.convention.number])
    asked = [
        Missing(f"Déjà fait ? {question.label}", f"{page}#{question.key}") for question in unanswered(act.convention)
    ]
    return [*asked, *taken_over_fits(act.convention)]


@given_with_the_convention.answer
def scan_of_an_annual_act(act: Act) -> Scan | None:
    """The scan of an annual act that « ce qui est déjà fait » asked for, when the act itself is then taken over."""
    if act.kind != ActKind.ANNUAL:
        return None
    given = act.convention.done_before.filter(rule__met_by=ANNUAL_ACT, year=act.year)
    row = given.filter(file__media_type="application/pdf").select_related("file").order_by("pk").last()
    return Scan(row.file, row.file_name, row.done_on) if row and row.file else None


@money_of_state.answer
def commitments_and_payments(act: Act) -> list[StateMoney]:
    """What the State committed and paid, under the name that the plan gives it.

    A commitment grants, unless a grant of that year was recorded before commitments were kept, or the commitment was
    taken over, which says nothing of a grant.
    """
    convention = act.convention
    payments = convention.payments.filter(state=PaymentState.PAID).select_related("commitment__service", "paid_by")
    commitments = convention.commitments.filter(voided_at=None, taken_over=False)
    commitments = commitments.select_related("service", "recorded_by")
    paid, committed = list(payments), list(commitments)
    if not paid and not committed:
        return []
    account = Account.objects.get(code=STATE_ACCOUNT)
    resources = act.programme.resources.filter(account=account).order_by("funder")
    names = list(resources.values_list("funder", flat=True).distinct())
    grants = convention.funding_facts.filter(voided_at=None, kind=FundingKind.GRANTED, account=account)
    granted = set(grants.values_list("year", flat=True))

    def funder(service: Organisation) -> str:
        known = (service.short_name, service.name)
        return next((name for name in names if name in known), names[0] if names else service.short_name)

    return [
        *(
            StateMoney(
                *(account, funder(one.commitment.service), FundingKind.PAID, one.year, one.amount),
                dated_on=one.paid_on,
                reference=f"DP {one.number}" if one.number else "",
                recorded_by=str(one.paid_by),
            )
            for one in paid
        ),
        *(
            StateMoney(
                *(account, funder(one.service), FundingKind.GRANTED, one.year, one.amount),
                dated_on=one.committed_on,
                reference=f"EJ {one.number}",
                recorded_by=str(one.recorded_by),
                recorded_at=one.recorded_at,
                zone=convention.dossier.time_zone,
            )
            for one in committed
            if one.year not in granted
        ),
    ]


@committed_beyond.answer
def more_committed_than_agreed(act: Act) -> list[Missing]:
    """The lines of the contribution of which more is committed than the text agrees."""
    rows = act.convention.commitments.filter(voided_at=None).order_by("year", "line", "service")
    sums = rows.values_list("year", "line", "service").annotate(s=Sum("amount"))
    agreed = {(row.year, row.line, row.service_id): row.amount for row in act.contributions.all()} if sums else {}
    return [
        Missing(
            f"{year}\u00a0: {euros(amount)} sont déjà engagés, le texte prévoit "
            f"{euros(agreed.get((year, line, service), ZERO))}\u00a0; un retrait d’engagement vient d’abord",
            url(act, "convention-contribution", f"id_m-{service}-{line}-{year}"),
        )
        for year, line, service, amount in sums
        if amount > agreed.get((year, line, service), ZERO)
    ]


@letter_facts.answer
def letter_facts_of_the_year(convention: Convention) -> Values:
    return facts_of_the_year(convention)


@evaluation_missing.answer
def evaluation_not_concluded(act: Act) -> list[Missing]:
    return list(evaluated(act))


# -- The messages ----------------------------------------------------------------------------------------------------


@paper_of.answer
def paper_of_the_register(document: Document) -> Subject:
    """A paper of the year is signed by the engine of the acts."""
    return signing.paper_of(document)


@joined_to.answer
def invitation_of(message: OutboxMessage) -> list[Joined]:
    """The iCalendar file of an invitation; its method stands in the media type too (RFC 6047, 2.4)."""
    row = Invitation.objects.filter(message=message).first()
    media_type = f"text/calendar; method={row.method}; charset=utf-8" if row else ""
    return [Joined("invitation.ics", row.calendar, media_type)] if row else []


# -- The events of the journal ---------------------------------------------------------------------------------------

EXAMINING = ("report_examined", "grid_filled", "grid_locked")
DECISIONS = ("declare_admissible", "review", "conclude")


@journal.rule_of("report")
def events_of_a_report(root: Model, actors: list[Actor]) -> Q:
    """Observers read what was decided about the reports that they may open, not how they were examined.

    What the lead service wrote of a dialogue de gestion before meetings were kept (`review_written`) stays its own; the
    examination is its own until the report is admissible.
    """
    reports = Report.objects.filter(convention__dossier=root.pk)
    if not reads_negotiation(actors):
        published = reports.filter(state__in=may.PUBLISHED)
        return Q(subject__in=_keys(published), verb__in=DECISIONS, comment="")
    if any(actor.standing == Standing.LEAD for actor in actors):
        return journal.EVERY
    examined = Q(subject__in=_keys(reports.filter(state__in=may.PUBLISHED)))
    return ~Q(verb="review_written") & (~Q(verb__in=EXAMINING) | examined)


@journal.rule_of("meeting")
def events_of_a_meeting(root: Model, actors: list[Actor]) -> Q:
    """Observers read nothing of a meeting; its minutes are its organiser's until they are recorded.

    The draft of the conclusion of a year is the lead service's.
    """
    if not reads_negotiation(actors):
        return journal.NONE
    lead = any(actor.standing == Standing.LEAD for actor in actors)
    read = journal.EVERY if lead else ~Q(verb="conclusion_written")
    own = {actor.side for actor in actors if actor.standing in (Standing.LEAD, Standing.BENEFICIARY)}
    drafts = Meeting.objects.filter(convention__dossier=root.pk).exclude(state=MeetingState.HELD)
    return read & ~Q(verb="minutes_written", subject__in=_keys(drafts.exclude(side__in=own)))


@journal.rule_of("evaluation")
def events_of_an_evaluation(root: Model, actors: list[Actor]) -> Q:
    """As its page: a draft is the lead service's alone, then both sides and the DGEFP read it; observers nothing."""
    evaluation = Evaluation.objects.filter(convention__dossier=root.pk).first()
    return journal.EVERY if may.reads_evaluation(actors, evaluation) else journal.NONE


@journal.rule_of("forecast")
def events_of_a_forecast(root: Model, actors: list[Actor]) -> Q:
    """Observers read nothing of a forecast; what the association types is its own until it is sent (`audience`)."""
    return journal.EVERY if may.reads_forecasts(actors) else journal.NONE


@journal.rule_of("diagnosis")
def events_of_a_diagnosis(root: Model, actors: list[Actor]) -> Q:
    return journal.EVERY if may.reads_meetings(actors) else journal.NONE


@journal.rule_of("attachment")
def events_of_a_document(root: Model, actors: list[Actor]) -> Q:
    """The documents of a year stand in its report, the others on the checklist of the convention."""
    if not reads_negotiation(actors):
        return journal.NONE
    if any(actor.side == Side.BENEFICIARY for actor in actors):
        return journal.EVERY
    closed = _closed_documents(root, actors[0].user)
    return ~Q(subject__in=[f"attachment:{pk}" for pk in closed]) if closed else journal.EVERY


def _closed_documents(root: Model, user: Any) -> list[int]:
    """The documents of a year that the person may not open: few, and most dossiers have none to look into."""
    yearly = Attachment.objects.filter(dossier=root.pk, kind__moment=AttachmentMoment.YEARLY)
    year_of = dict(yearly.order_by().values_list("pk", "year"))
    if not year_of:
        return []
    reports = Report.objects.filter(convention__dossier=root.pk)
    years = set(may.with_readable_documents(reports).order_by().values_list("year", flat=True))
    visible = Attachment.objects.visible_to(user) if user else Attachment.objects.none()
    opened = set(visible.filter(pk__in=year_of).order_by().values_list("pk", flat=True))
    return [pk for pk, year in year_of.items() if pk not in opened or year not in years]


def _keys(rows: QuerySet[Any, Any]) -> QuerySet[Any, Any]:
    """The keys of the journal of these rows."""
    kind = f"{rows.model._meta.model_name}:"
    return rows.order_by().annotate(key=Concat(Value(kind), Cast("pk", CharField()))).values("key")
