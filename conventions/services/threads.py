"""Exchanges on an article, a fiche or the whole act: shared with the other side, or kept on one's own."""

from dataclasses import dataclass

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Count, Prefetch, QuerySet

from arml.models import User
from arml.permissions import capacities
from cpo.lib import clock, journal
from cpo.lib.actor import Actor
from cpo.lib.enums import Audience, Side
from cpo.lib.workflow import Refused

from .. import permissions as may
from ..models import Act, Comment, Thread

GENERAL = "general"


@dataclass(frozen=True)
class Place:
    """Where one may comment: a path that survives copies, and its name."""

    path: str
    label: str


def places(act: Act) -> list[Place]:
    """The whole act, each article that is kept, each fiche."""
    found = [Place(GENERAL, "L’ensemble de la convention")]
    for text in act.articles.filter(included=True).select_related("model_article"):
        model = text.model_article
        number = f"Article\u00a0{model.number} – " if model.number[:1].isdigit() else ""
        found.append(Place(f"article/{model.key}", f"{number}{model.title}"))
    for key, code, title in act.programme.sheets.values_list("key", "code", "title"):
        found.append(Place(f"sheet/{key}", f"Fiche {code} – {title}"))
    return found


def commenter(user: User, act: Act) -> Actor | None:
    return next((actor for actor in capacities(user, act.dossier) if may.commenter(actor)), None)


def _actor(user: User, act: Act) -> Actor:
    actor = commenter(user, act)
    if actor is None:
        raise PermissionDenied("Les deux parties échangent ici. Votre rôle permet de lire, pas d’écrire.")
    if act.state not in Act.OPEN:
        raise Refused("Les échanges sont clos\u00a0: cet acte n’est plus en cours de rédaction.")
    return actor


def own_audience(actor: Actor) -> str:
    return Audience.STATE if actor.side == Side.STATE else Audience.BENEFICIARY


def readable(act: Act, actors: list[Actor], *, path: str = "") -> QuerySet[Thread]:
    """The exchanges that these capacities may read, oldest first, with their comments; internal ones stay on their
    side, the DGEFP reads the shared ones, observers none."""
    if not may.reads_negotiation(actors):
        return Thread.objects.none()
    audiences = {Audience.BOTH} | {own_audience(actor) for actor in actors if actor.side}
    threads = act.threads.filter(audience__in=audiences)
    if path:
        threads = threads.filter(path=path)
    comments = Comment.objects.select_related("author")
    return (
        threads.select_related("resolved_by")
        .prefetch_related(Prefetch("comments", comments))
        .annotate(size=Count("comments"))
        .order_by("resolved_at", "created_at", "id")
    )


@transaction.atomic
def start(act: Act, *, by: User, path: str, text: str, internal: bool = False) -> Thread:
    """Open an exchange; `internal` keeps it on one's own side. Raises PermissionDenied, Refused, ValueError (path)."""
    actor = _actor(by, act)
    label = {place.path: place.label for place in places(act)}.get(path)
    if label is None:
        raise ValueError(path)
    thread = Thread.objects.create(
        act=act,
        path=path,
        label=label[:200],
        audience=own_audience(actor) if internal else Audience.BOTH,
        created_at=clock.now(),
    )
    _comment(thread, actor, text)
    _record(thread, actor, "thread_started", f"{actor.name} ouvre un échange\u00a0: {label}.")
    return thread


@transaction.atomic
def reply(thread: Thread, *, by: User, text: str) -> Comment:
    """Answer; an exchange that was resolved has to be reopened first."""
    actor = _actor(by, thread.act)
    if thread.resolved_at:
        raise Refused("Cet échange est résolu. Rouvrez-le pour y répondre.")
    return _comment(thread, actor, text)


@transaction.atomic
def resolve(thread: Thread, *, by: User) -> None:
    actor = _actor(by, thread.act)
    if Thread.objects.filter(pk=thread.pk, resolved_at=None).update(resolved_at=clock.now(), resolved_by=by):
        _record(thread, actor, "thread_resolved", f"{actor.name} clôt l’échange\u00a0: {thread.label}.")


@transaction.atomic
def reopen(thread: Thread, *, by: User) -> None:
    actor = _actor(by, thread.act)
    if Thread.objects.filter(pk=thread.pk, resolved_at__isnull=False).update(resolved_at=None, resolved_by=None):
        _record(thread, actor, "thread_reopened", f"{actor.name} rouvre l’échange\u00a0: {thread.label}.")


def _comment(thread: Thread, actor: Actor, text: str) -> Comment:
    return Comment.objects.create(
        thread=thread,
        author=actor.user,
        organisation=str(actor.organisation or ""),
        side=actor.side,
        text=text.strip(),
        at=clock.now(),
    )


def _record(thread: Thread, actor: Actor, verb: str, sentence: str) -> None:
    journal.record(thread, root=thread.act.dossier, by=actor, verb=verb, sentence=sentence, audience=thread.audience)
