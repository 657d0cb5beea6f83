"""Exchanges between the two sides, or inside one of them.

An exchange is about an article, a fiche, one of its fields or tables, the money, or the whole act.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import CharField, Count, Exists, OuterRef, Prefetch, Q, QuerySet
from django.db.models.functions import Cast, Substr

from actions.models import Sheet
from actions.services import SHEET_FIELDS, SHEET_TABLES
from arml.models import Membership, User
from arml.permissions import capacities
from conventions import permissions as may
from conventions.cache import of_key
from conventions.content.comparison.contents import article_title
from conventions.content.freeze import part
from conventions.content.held import articles_of
from conventions.enums import Origin
from conventions.models import Act, Comment, Thread
from conventions.notifications import negotiation as notifications
from conventions.reads import version_read
from conventions.waits import answers_of
from cpo.lib import clock, journal
from cpo.lib.actor import Actor
from cpo.lib.enums import Audience, Side
from cpo.lib.wording.accents import plain
from cpo.lib.workflow import Refused

GENERAL = "general"
MONEY = {
    "contribution": "Contribution de l’État",
    "payments": "Échéancier des versements",
    "budget": "Budget de la convention",
    "funding": "Plan de financement",
}
MENTION = re.compile(r"(?<![\w.])@(?=[^\W\d_])")


@dataclass(frozen=True)
class Anchor:
    """What an exchange may be about: its path, which stays the same when the act is copied, and its name."""

    path: str
    label: str


def field_label(name: str) -> str:
    return "années" if name == "first_year" else str(getattr(Sheet._meta.get_field(name), "verbose_name", name))


def anchors(act: Act, user: User, *near: str) -> list[Anchor]:
    """Return the whole act, its money, and each included article and each fiche that the person reads.

    `near`: paths; the fields and the tables of the fiches that hold them are returned too.
    """
    rows = [Anchor(GENERAL, "L’ensemble de la convention"), *(Anchor(path, label) for path, label in MONEY.items())]
    version = version_read(act, capacities(user, act.dossier))
    if version:
        articles, sheets = of_key(f"content:{version.content_sha256}:anchors", lambda: _anchors_of(version.content))
    else:
        articles = _article_anchors(part(act, "articles"))
        sheets = list(act.programme.sheets.values_list("key", "code", "title"))
    rows += articles
    for key, code, title in sheets:
        path = f"sheet/{key}"
        rows.append(Anchor(path, f"Fiche {code} – {title}"))
        if any(one == path or one.startswith(f"{path}/") for one in near):
            fields = (name for name in SHEET_FIELDS if name != "last_year")
            rows += [Anchor(f"{path}/{name}", f"Fiche {code}, {field_label(name)}") for name in fields]
            rows += [Anchor(f"{path}/{name}", f"Fiche {code}, {label}") for name, label in SHEET_TABLES.items()]
    return rows


def _anchors_of(content: dict[str, Any]) -> tuple[list[Anchor], list[tuple[Any, str, str]]]:
    sheets = [(row["key"], row["code"], row["title"]) for row in content["sheets"]]
    return _article_anchors(articles_of(content)), sheets


def _article_anchors(articles: Iterable[dict[str, Any]]) -> list[Anchor]:
    return [Anchor(f"article/{row['key']}", article_title(row)) for row in articles if row["included"]]


def commenter(user: User, act: Act) -> Actor | None:
    return next((actor for actor in capacities(user, act.dossier) if may.commenter(actor)), None)


def writer(user: User, act: Act) -> Actor:
    """Return the capacity in which the person writes in exchanges now. Raises PermissionDenied, Refused."""
    actor = commenter(user, act)
    if actor is None:
        raise PermissionDenied("Les deux parties échangent ici. Votre rôle permet de lire, pas d’écrire.")
    if not is_discussed(act):
        raise Refused("Les échanges sont clos : cet acte n’est plus en cours de rédaction.")
    return actor


def is_discussed(act: Act) -> bool:
    """Whether exchanges are open: while the act is written; of a paper original, what was recorded of it after too."""
    return act.state in Act.OPEN or (act.is_active and act.origin == Origin.PAPER)


def side_audience(side: str) -> str:
    return may.SIDE_AUDIENCE[Side(side)]


def own_audience(actor: Actor) -> str:
    return side_audience(actor.side)


def readable(act: Act, actors: list[Actor], *, path: str = "") -> QuerySet[Thread]:
    """Return the exchanges that these capacities may read, oldest first, with their comments."""
    threads = act.threads.filter(audience__in=may.thread_audiences(actors))
    if path:
        threads = threads.filter(path=path)
    comments = Comment.objects.select_related("author", "proposal__accepted_by").prefetch_related("mentions")
    return (
        threads.select_related("resolved_by")
        .prefetch_related(Prefetch("comments", comments))
        .annotate(size=Count("comments"), withdrawn=Q(path__startswith="sheet/") & ~Exists(_own_sheet()))
        .order_by("resolved_at", "created_at", "id")
    )


def _own_sheet() -> QuerySet[Sheet]:
    """Return the fiche that an exchange is about, if it is still in the programme."""
    sheets = Sheet.objects.filter(programme__act=OuterRef("act"))
    return sheets.annotate(name=Cast("key", CharField())).filter(name=Substr(OuterRef("path"), len("sheet/") + 1, 36))


# -- Who may be mentioned in an exchange -----------------------------------------------------------------------------


@dataclass(frozen=True)
class Reader:
    """A person of a side who reads its exchanges."""

    user: User
    organisation: str
    side: str

    def reads(self, audience: str) -> bool:
        return audience in (Audience.BOTH, side_audience(self.side))


def readers(act: Act, *, audience: str = Audience.BOTH, excluding: User | None = None) -> list[Reader]:
    """Return the people of both sides who read exchanges of this audience, each once, by organisation and name."""
    dossier = act.dossier
    state_ids = {dossier.lead_id, *(service.pk for service in dossier.services.all())}
    state_ids |= {territory.service_id for territory in dossier.territories.all() if territory.service_id}
    beneficiary_ids = {dossier.beneficiary_id} if dossier.shared_on else set()
    members = (
        Membership.objects.in_force()
        .filter(organisation_id__in=state_ids | beneficiary_ids, user__is_active=True)
        .exclude(user=excluding)
        .select_related("user", "organisation")
        .order_by("organisation__kind", "organisation_id", "user__last_name", "user__first_name", "user_id")
    )
    readers_by_user: dict[int, Reader] = {}
    for member in members:
        side = Side.BENEFICIARY if member.organisation_id in beneficiary_ids else Side.STATE
        reader = Reader(member.user, str(member.organisation), side)
        if reader.reads(audience):
            readers_by_user.setdefault(member.user_id, reader)
    return list(readers_by_user.values())


def _recipients(act: Act, audience: str, actor: Actor, text: str, users: Iterable[User]) -> list[User]:
    """Return who gets an e-mail: people selected in the list, or written « @Prénom Nom » in the text.

    Raises ValidationError by field.
    """
    users = list(users)
    if not users and not MENTION.search(text):
        return []
    people = readers(act, excluding=actor.user)
    recipients: dict[int, Reader] = {}
    for user in users:
        reader = next((one for one in people if one.user.pk == user.pk), None)
        if reader is None or not reader.reads(audience):
            raise ValidationError({"mention": f"{user} ne peut pas lire cet échange."})
        recipients[user.pk] = reader
    for reader in _named(text, people):
        if not reader.reads(audience):
            raise ValidationError(
                {"text": f"Cet échange est interne\u00a0: {reader.user} ({reader.organisation}) ne peut pas le lire."}
            )
        recipients[reader.user.pk] = reader
    return [reader.user for reader in recipients.values()]


def _named(text: str, people: list[Reader]) -> Iterator[Reader]:
    """The people written « @Prénom Nom », accents or not. « @tous » and « @MissionLocale » are words like others.

    Raises ValidationError for one of the names of a reader alone: its author believes that this person will be told.
    """
    by_name = {plain(str(reader.user)): reader for reader in people}
    single = {plain(name) for reader in people for name in (reader.user.first_name, reader.user.last_name) if name}
    for match in MENTION.finditer(text):
        rest = plain(text[match.end() :])
        if name := _longest(by_name, rest):
            yield by_name[name]
        elif name := _longest(single, rest):
            typed = text[match.end() :].strip()[: len(name)]
            raise ValidationError(
                {"text": f"«\u00a0@{typed}\u00a0»\u00a0: qui faut-il prévenir\u00a0? Écrivez @Prénom Nom."}
            )


def _longest(names: Iterable[str], text: str) -> str:
    """The longest of these names at the beginning of the text, "" if there is none."""
    found = [name for name in names if text.startswith(name) and not text[len(name) :][:1].isalnum()]
    return max(found, key=len, default="")


# -- Verbs -----------------------------------------------------------------------------------------------------------


@transaction.atomic
def start(act: Act, *, by: User, path: str, text: str, internal: bool = False, mention: Iterable[User] = ()) -> Thread:
    """Open an exchange. `internal`: only the person's own side reads it. `mention`: people who get an e-mail.

    Raises PermissionDenied, Refused, ValueError (path), ValidationError (a person who can't read the exchange).
    """
    actor = writer(by, act)
    label = {anchor.path: anchor.label for anchor in anchors(act, by, path)}.get(path)
    if label is None:
        raise ValueError(path)
    audience = own_audience(actor) if internal else Audience.BOTH
    recipients = _recipients(act, audience, actor, text, mention)
    thread = Thread.objects.create(act=act, path=path, label=label[:200], audience=audience, created_at=clock.now())
    write(thread, actor, text, recipients)
    record(thread, actor, "thread_started", f"{actor.name} ouvre un échange : {label}.")
    return thread


@transaction.atomic
def reply(thread: Thread, *, by: User, text: str, mention: Iterable[User] = ()) -> Comment:
    """Answer. An exchange that was resolved must be reopened first."""
    actor = writer(by, thread.act)
    if thread.resolved_at:
        raise Refused("Cet échange est résolu. Rouvrez-le pour y répondre.")
    return write(thread, actor, text, _recipients(thread.act, thread.audience, actor, text, mention))


@transaction.atomic
def resolve(thread: Thread, *, by: User) -> None:
    actor = writer(by, thread.act)
    if close(thread, by):
        record(thread, actor, "thread_resolved", f"{actor.name} clôt l’échange : {thread.label}.")


@transaction.atomic
def reopen(thread: Thread, *, by: User) -> None:
    actor = writer(by, thread.act)
    if Thread.objects.filter(pk=thread.pk, resolved_at__isnull=False).update(resolved_at=None, resolved_by=None):
        record(thread, actor, "thread_reopened", f"{actor.name} rouvre l’échange : {thread.label}.")


@transaction.atomic
def settle(thread: Thread, *, by: User) -> None:
    """Say that the last word of the other side needs no answer: nobody is waited for, until the next word."""
    actor = writer(by, thread.act)
    thread = Thread.objects.select_for_update().select_related("act").get(pk=thread.pk)
    if all(wait.side != actor.side for wait in answers_of(thread.act, thread)):
        raise Refused("Aucune réponse n’est attendue de vous dans cet échange.")
    Thread.objects.filter(pk=thread.pk).update(settled_at=clock.now())
    record(
        thread,
        actor,
        "thread_settled",
        f"{actor.name} indique que l’échange ne demande pas de réponse : {thread.label}.",
    )


def close(thread: Thread, by: User) -> int:
    """Mark the exchange as resolved; return 0 when it already was."""
    return Thread.objects.filter(pk=thread.pk, resolved_at=None).update(resolved_at=clock.now(), resolved_by=by)


def write(thread: Thread, actor: Actor, text: str, recipients: Iterable[User] = ()) -> Comment:
    comment = Comment.objects.create(
        thread=thread,
        author=actor.user,
        organisation=str(actor.organisation or ""),
        side=actor.side,
        text=text.strip(),
        at=clock.now(),
    )
    if recipients:
        comment.mentions.set(recipients)
        notifications.mentioned(comment, recipients)
    return comment


def record(thread: Thread, actor: Actor, verb: str, sentence: str) -> None:
    act_sentence = thread.act.journal_sentence(sentence)
    journal.record(
        thread, root=thread.act.dossier, by=actor, verb=verb, sentence=act_sentence, audience=thread.audience
    )
