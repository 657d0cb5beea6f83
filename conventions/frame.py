"""The head of a convention's pages: what it is, where it stands, whose turn, the one next step, the side menu.

Read by the tag `convention_frame`, so that the pages of every application share it: they only pass `number` and `tab`.
"""

from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import IntegerField, QuerySet
from django.db.models.expressions import RawSQL
from django.urls import reverse

from actions.models import Programme
from actions.permissions import readable
from arml.enums import side_in_sentence
from arml.models import Sight, User
from arml.permissions import capacities
from cpo.lib import clock, french, journal
from cpo.lib.actor import Actor
from cpo.lib.enums import Side
from cpo.lib.kept import kept
from cpo.lib.workflow import Option

from . import other_texts, waiting
from . import permissions as may
from .ending.records import against
from .enums import ConventionState as State
from .enums import Origin
from .models import Act
from .side_menu import TABS, side_menu
from .standing import accepted_by_both, latest_version, once, remember, turn_request
from .waiting import duration, holder, route, sides
from .workflow import ACT, OWN_PAGES
from .workflow.ending import ON_ITS_PAGE
from .workflow.later import consequence_of, label_of

ELSEWHERE = frozenset({"give_turn", *ON_ITS_PAGE})  # offered by other blocks, other pages
LATER_STEPS = ("Négociation", "Signature", "En vigueur")
LATER_STEP_OF = {State.NEGOTIATION: 1, State.SIGNATURE: 2, State.ACTIVE: 3}
LATER_AFTER = {
    1: "Signature, quand les deux parties auront accepté la même version",
    2: "En vigueur à sa date d’effet, quand toutes les parties auront signé et que l’acte aura été notifié",
}
STEPS = ("Brouillon", "Négociation", "Signature", "Exécution", "Clôture")
STEP_OF = {State.DRAFT: 1, State.NEGOTIATION: 2, State.SIGNATURE: 3, State.ACTIVE: 4, State.CLOSED: 5}
AFTER = {
    1: "Négociation, quand le projet aura été partagé avec l’association",
    2: "Signature, quand les deux parties auront accepté la même version",
    3: "Exécution, quand toutes les parties auront signé et que la convention aura été notifiée",
    4: "Clôture, après l’évaluation finale",
}
OF_TEXT = ("synthese", "articles", "programme", "budget")  # tabs that show the text of the act
PAPER = "Exécution, quand l’original signé, les montants et les fiches auront été enregistrés"


@dataclass
class Frame:
    """Everything that `layout/convention.html` draws."""

    act: Act
    actors: list[Actor]
    head: dict[str, Any]
    side_menu: list[dict[str, Any]]
    breadcrumb: list[dict[str, str]]
    others: list[dict[str, Any]] = field(default_factory=list)

    @property
    def convention(self) -> Any:
        return self.act.convention


def find_act(user: User, number: str) -> Act | None:
    """The act of that reference (act 0 has its convention's number), if the person may see it, with all that its pages
    read and the counts of the side menu."""
    act = next(iter(_framed(Sight.of(user), _audiences(user), number=number)), None)
    if act is not None and act.number and not readable(user, act.programme):
        return None
    if act is not None:
        act.dossier.gather()
        # The same rows: not read twice.
        act.programme.dossier, act.programme.cycle = act.convention.dossier, act.convention.cycle
    return act


def find_alone(user: User, number: str) -> Act | None:
    """As `find_act`, with its programme and its dossier alone: for what has no page to draw."""
    act = next(iter(_alone(Sight.of(user), number=number)), None)
    if act is not None:
        act.programme.dossier = act.convention.dossier
        if act.number and not readable(user, act.programme):
            return None
    return act


@kept
def _alone(sight: Sight, /, *, number: str) -> QuerySet[Act]:
    acts = Act.objects.select_related("convention__dossier", "programme")
    return sight.keep(acts, "convention__dossier").filter(reference=number)


@kept
def _framed(sight: Sight, audiences: tuple[str, ...], /, *, number: str) -> QuerySet[Act]:
    acts = Act.objects.select_related(
        "convention__dossier__lead",
        "convention__dossier__beneficiary",
        "convention__dossier__officer",
        "convention__cycle",
        "programme",
        "model_version",
    )
    seen = sight.keep(acts, "convention__dossier")
    return seen.filter(reference=number).annotate(**_counts(audiences))


def act_of(programme: Programme, user: User) -> Act:
    """As `find_act`, for a page that has read the programme with its act and its dossier, as visible to the person."""
    act: Act = programme.act  # type: ignore[attr-defined]
    act.programme, act.convention.dossier, act.convention.cycle = programme, programme.dossier, programme.cycle
    counts = _counts(_audiences(user))
    act.__dict__.update(Act.objects.annotate(**counts).values(*counts).get(pk=act.pk))
    act.dossier.gather()
    return act


# Written out: the ORM takes longer to write these four for each page than PostgreSQL to answer them.
_ARTICLES = "SELECT count(*) FROM conventions_articletext a WHERE a.act_id = conventions_act.id AND a.included"
_SHEETS = "SELECT count(*) FROM actions_sheet s WHERE s.programme_id = conventions_act.programme_id"
_THREADS = """SELECT count(*) FROM conventions_thread t
    WHERE t.act_id = conventions_act.id AND t.resolved_at IS NULL AND t.audience = ANY(%s)"""

_LATER = """SELECT count(*) FROM conventions_act l
    WHERE l.convention_id = conventions_act.convention_id AND l.number > 0"""

_NOTICES = """SELECT count(*) FROM conventions_formalnotice n
    WHERE n.convention_id = conventions_act.convention_id AND n.withdrawn_on IS NULL AND n.decided_on IS NULL"""


def _audiences(user: User) -> tuple[str, ...]:
    """Of the exchanges that the person reads."""
    own = {membership.organisation.kind for membership in user.roles}
    sides = {"state_service": "state", "arml": "beneficiary"}
    return ("both", *(side for kind, side in sides.items() if kind in own))


def _counts(audiences: tuple[str, ...]) -> dict[str, RawSQL]:
    return {
        "article_count": _count(_ARTICLES),
        "sheet_count": _count(_SHEETS),
        "thread_count": _count(_THREADS, list(audiences)),
        "shared_thread_count": _count(_THREADS, ["both"]),
        "later_count": _count(_LATER),
        "notice_count": _count(_NOTICES),
    }


def _count(sql: str, *values: list[str]) -> RawSQL:
    return RawSQL(sql, values, output_field=IntegerField())  # noqa: S611


def build(act: Act, user: User, tab: str = "", page_title: str = "") -> Frame:
    """Gather the frame of an act read by `find_act`."""
    remember(act)
    once(act, "shared_threads", lambda: act.shared_thread_count)  # type: ignore[attr-defined]
    if not act.notice_count:  # type: ignore[attr-defined]
        once(act, "open_notices", list)
    actors = capacities(user, act.dossier)
    options = available(act, user)
    current = next(((label, name) for key, label, name in TABS if key == tab), None)
    breadcrumb = [
        {"label": "Conventions", "url": reverse("convention-list")},
        {"label": act.convention.number, "url": reverse("convention-detail", args=[act.convention.number])},
    ]
    if act.number:
        breadcrumb.append({"label": act.name, "url": reverse("convention-detail", args=[act.reference])})
    if current and tab != "synthese":
        breadcrumb.append({"label": current[0], "url": route(current[1], act.reference)})
    if page_title:
        breadcrumb.append({"label": page_title, "url": ""})
    main = _main_option(options)
    return Frame(
        act=act,
        actors=actors,
        head=_head(act, actors, options, main, tab),
        side_menu=side_menu(act, actors, tab),
        breadcrumb=breadcrumb,
        others=[option_link(act, one) for one in options if one is not main and one.transition.name not in ELSEWHERE],
    )


def available(act: Act, user: User) -> list[Option]:
    """What the person may do now, asked once per page."""
    return once(act, f"available:{user.pk}", lambda: ACT.available(act, user))


def _main_option(options: list[Option]) -> Option | None:
    """The first action that is ready by rank, else the first that lacks something; never a dangerous or a side one."""
    usual = [one for one in options if not one.transition.dangerous and not one.transition.aside]
    return next((option for option in usual if option.ready), usual[0] if usual else None)


def _head(act: Act, actors: list[Actor], options: list[Option], main: Option | None, tab: str) -> dict[str, Any]:
    steps, step_of, after = (LATER_STEPS, LATER_STEP_OF, LATER_AFTER) if act.number else (STEPS, STEP_OF, AFTER)
    step = step_of.get(State(act.shown_state)) if act.is_signed_act else None
    dossier = act.dossier
    others = list(dossier.services.all())
    plural = "s" if len(others) > 1 else ""
    acts = other_texts.of_convention(act)
    cosigned = f" et {len(others)} autre{plural} service{plural}" if others else ""
    turn, turn_label = turn_of(act, actors, options)
    return {
        "state": act.shown_state,
        "state_label": state_label(act, actors),
        "turn": turn,
        "turn_label": turn_label,
        "name": str(dossier.beneficiary),
        "subtitle": f"avec {dossier.lead.in_sentence}{cosigned}",
        "from": act.effective_on,
        "until": act.ends_on,
        "step": step,
        "steps": len(steps),
        "step_title": steps[step - 1] if step else "",
        "step_next": _after(act, step, after),
        "acts": other_texts.told(act, acts, actors),
        "replaced_by": other_texts.replaced_by(act, acts) if tab in OF_TEXT else None,
        "next_step": _next_step(act, actors, main),
        "asked": turn_request(act) if any(one.transition.name == "give_turn" for one in options) else None,
    }


def _after(act: Act, step: int | None, after: dict[int, str]) -> str:
    """The next step, and what leads to it from here."""
    if step == 1 and act.origin == Origin.PAPER:
        return PAPER
    if act.state == State.NEGOTIATION and accepted_by_both(act):
        return "Signature, quand le service chef de file l’aura ouverte"
    return after.get(step or 0, "")


def state_label(act: Act, actors: list[Actor]) -> str:
    """The words of the state for this reader; the state is the same for all."""
    own = sides(actors)
    if act.number and (act.state in (State.ACTIVE, State.ABANDONED) or not act.is_signed_act):
        return act.state_words
    if act.state == State.DRAFT and Side.STATE in own:
        return "Brouillon, invisible pour l’ARML"
    if act.state == State.NEGOTIATION and not own:
        return "Négociation, ARML" if act.turn == Side.BENEFICIARY else "Négociation, État"
    return State(act.shown_state).label


def turn_of(act: Act, actors: list[Actor], options: list[Option]) -> tuple[str, str]:
    """Whose turn it is, for this reader: kind of badge and words ("" when nobody's)."""
    own = sides(actors)
    if act.state == State.SIGNATURE:
        names = {option.transition.name for option in options}
        if "sign" in names:
            return "sign", "À vous de signer"
        return ("mine", "La main est à vous") if "notify" in names else ("", "")
    if act.state != State.NEGOTIATION or not own:
        return "", ""
    if any(may.holds(actor, act.turn) for actor in actors):
        asked = ", l’autre partie la redemande" if act.turn_asked_at else ""
        return "mine", f"La main est à vous{duration(act)}{asked}"
    asked = ", redemandée" if act.turn_asked_at else ""
    return "theirs", f"La main est à {holder(act, actors)}{duration(act)}{asked}"


def option_link(act: Act, option: Option) -> dict[str, Any]:
    transition = option.transition
    route = OWN_PAGES.get(transition.name) if transition.own_page else None
    arguments = [act.reference] if route else [act.reference, transition.name]
    return {
        "label": option_label(act, option),
        "url": reverse(route or "convention-transition", args=arguments),
        "dangerous": transition.dangerous,
        "lacks": len(option.blocking),
        "option": option,
    }


def option_label(act: Act, option: Option) -> str:
    """« Proposer la version 5 », « Accepter la version 4 »: the number of the version that the action is about."""
    name, label = option.transition.name, label_of(option.transition, act)
    if name not in ("propose", "accept"):
        return label
    version = latest_version(act)
    number = version.number if version else 0
    return f"{label} {number + 1 if name == 'propose' else number}"


def _next_step(act: Act, actors: list[Actor], main: Option | None) -> dict[str, Any]:
    if main is None:
        return waiting.step(act, actors)
    link = option_link(act, main)
    title, text = _situation(act, main)
    soft = main.ready
    count = len(main.missing)
    missing = sorted(main.missing, key=lambda line: line.severity != "error")  # what blocks, first
    return {
        "title": title,
        "text": text or consequence_of(main.transition, act),
        "label": link["label"],
        "url": link["url"],
        "ready": main.ready,
        "missing": missing[:8],
        "missing_title": main.missing_title,
        "missing_more": max(0, count - 8),
        "hint": _not_blocking(count) if soft and count else "",
        "soft": soft,
    }


def _not_blocking(count: int) -> str:
    return "Ces points n’empêchent pas de continuer." if count > 1 else "Ce point n’empêche pas de continuer."


def _situation(act: Act, main: Option) -> tuple[str, str]:
    """What the person answers to: the version of the other side, when there is one."""
    version = latest_version(act) if act.state == State.NEGOTIATION else None
    own = {main.actor.side}
    if main.transition.name in ("propose", "accept") and version and version.side not in own:
        origin = side_in_sentence(version.side, act.dossier.lead.service_type)
        zone = ZoneInfo(act.dossier.time_zone)
        when = french.since(version.created_at.astimezone(zone).date(), clock.today(act.dossier.time_zone))
        return (
            f"Répondre à la version {version.number} de {origin}",
            f"Reçue le {french.date(version.created_at, 'jour')}, {when}.",
        )
    notice = against(act, main.actor.side) if main.transition.name == "observe" else None
    if notice:
        until = (
            f"Vous avez jusqu’au {french.date(notice.due_on)} inclus pour remédier à ce qu’elle constate et présenter"
        )
        if notice.over(clock.today(act.dossier.time_zone)):
            until = f"Le délai a couru jusqu’au {french.date(notice.due_on)}. Avant la décision, vous pouvez présenter"
        return "Répondre à la mise en demeure", f"Envoyée le {french.date(notice.sent_on)}. {until} vos observations."
    if main.transition.name == "propose" and version is None:
        what = f"la contribution et l’échéancier de {act.year}" if act.year else "le programme et le projet"
        what = "ce que cet acte change" if act.number and not act.year else what
        return "Préparer la première version", f"Complétez {what}, puis proposez-le à l’autre partie."
    return option_label(act, main), ""


def latest_entries(act: Act, actors: list[Actor], limit: int = 5) -> list[Any]:
    return list(journal.entries(act.dossier, actors)[:limit])


__all__ = ["Frame", "build", "find_act", "latest_entries"]
