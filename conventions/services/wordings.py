"""A wording proposed in an exchange, for an article or a text of a fiche; the other side accepts it in one click."""

import hashlib
from collections.abc import Iterable
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models, transaction

from actions.models import Programme, Sheet
from actions.permissions import editor, why_not
from actions.services import SHEET_FIELDS, update_sheet
from arml.models import User
from conventions.enums import ArticleStatus
from conventions.models import Act, Comment, Proposal, Thread
from cpo.lib import clock
from cpo.lib.actor import Actor
from cpo.lib.enums import Audience
from cpo.lib.workflow import Refused

from . import threads
from .articles import set_article, unknown_variables

TEXTS = tuple(
    name
    for name in SHEET_FIELDS
    if name != "code"
    and isinstance(Sheet._meta.get_field(name), models.CharField | models.TextField)
    and not getattr(Sheet._meta.get_field(name), "choices", None)
)
NOT_HERE = (
    "Une rédaction se propose dans un échange lu par les deux parties, sur un article adaptable ou sur un texte d’une "
    "fiche."
)


class StaleWording(Refused):
    """The text changed since the person read the difference."""

    def __init__(self) -> None:
        super().__init__(
            "Le texte a changé depuis que vous avez ouvert la page. Relisez la différence avant d’accepter."
        )


def plain(text: str) -> str:
    return text.replace("\r\n", "\n").strip()


def digest(text: str) -> str:
    """Names the text that a difference was shown with."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def present_texts(act: Act, paths: Iterable[str]) -> dict[str, str]:
    """The present text of each of these places that a wording can be proposed for; two queries at most."""
    parts = {path: path.split("/") for path in paths}
    fields = {path: (part[1], part[2]) for path, part in parts.items() if part[0] == "sheet" and part[2:3] != []}
    fields = {path: (key, name) for path, (key, name) in fields.items() if name in TEXTS}
    articles = {path: part[1] for path, part in parts.items() if part[0] == "article"}
    found: dict[str, str] = {}
    if articles:
        texts = act.articles.filter(
            model_article__key__in=articles.values(), model_article__status=ArticleStatus.FREE, included=True
        )
        bodies = dict(texts.values_list("model_article__key", "body"))
        found |= {path: plain(bodies[key]) for path, key in articles.items() if key in bodies}
    if fields:
        sheets = {
            str(sheet.key): sheet for sheet in act.programme.sheets.filter(key__in={k for k, _ in fields.values()})
        }
        found |= {path: plain(getattr(sheets[key], name)) for path, (key, name) in fields.items() if key in sheets}
    return found


def present_text(act: Act, path: str) -> str | None:
    return present_texts(act, [path]).get(path)


def standing(thread: Thread) -> Proposal | None:
    """The latest wording proposed in an exchange, unless it was accepted; an earlier one is replaced by it."""
    last = Proposal.objects.filter(comment__thread=thread).select_related("comment__author").order_by("-pk").first()
    return last if last and last.accepted_at is None else None


def proposer(thread: Thread, by: User) -> Actor:
    """The capacity in which the person may propose a wording here. Raises PermissionDenied, Refused."""
    actor = threads.writer(by, thread.act)
    if thread.resolved_at:
        raise Refused("Cet échange est résolu. Rouvrez-le pour y proposer une rédaction.")
    if thread.audience != Audience.BOTH or present_text(thread.act, thread.path) is None:
        raise Refused(NOT_HERE)
    return actor


@transaction.atomic
def propose(thread: Thread, *, by: User, wording: str, text: str) -> Proposal:
    """`text` says why. Raises PermissionDenied, Refused, ValidationError by field."""
    actor = proposer(thread, by)
    present, wording = _checked(thread.act, thread.path, wording)
    return _propose(thread, actor, threads.write(thread, actor, text), present, wording)


@transaction.atomic
def start(act: Act, *, by: User, path: str, wording: str, text: str) -> Thread:
    """Open an exchange that both sides read with a wording, in one step. Raises as `propose`, and ValueError (path)."""
    actor = threads.writer(by, act)
    present, wording = _checked(act, path, wording)
    thread = threads.start(act, by=by, path=path, text=text)
    _propose(thread, actor, thread.comments.get(), present, wording)
    return thread


def _propose(thread: Thread, actor: Actor, comment: Comment, present: str, wording: str) -> Proposal:
    threads.record(thread, actor, "wording_proposed", f"{actor.name} propose une rédaction : {thread.label}.")
    return Proposal.objects.create(comment=comment, base=present, text=wording)


def _checked(act: Act, path: str, wording: str) -> tuple[str, str]:
    """The present text of the place, and the wording as it is kept. Raises Refused, ValidationError."""
    present, wording = present_text(act, path), plain(wording)
    if present is None:
        raise Refused(NOT_HERE)
    if errors := _faults(act, path, wording, present):
        raise ValidationError({"wording": errors})
    return present, wording


def _faults(act: Act, path: str, wording: str, present: str) -> list[str]:
    if not wording:
        return ["Écrivez la rédaction que vous proposez."]
    if wording == present:
        return ["C’est le texte actuel : changez-le."]
    if path.startswith("article/"):
        return unknown_variables(act, wording)
    most = getattr(Sheet._meta.get_field(path.split("/")[2]), "max_length", None)
    return [f"Ce texte a au plus {most} caractères."] if most and len(wording) > most else []


def to_accept(thread: Thread, by: User) -> tuple[Proposal, Actor]:
    """The wording that waits, and the capacity in which the person may accept it: of the other side, with the turn.

    Raises PermissionDenied, Refused.
    """
    proposal = standing(thread)
    actor = threads.writer(by, thread.act)
    if proposal is not None and proposal.comment.side == actor.side:
        raise PermissionDenied("Votre partie propose cette rédaction : c’est à l’autre de l’accepter.")
    editing = editor(by, thread.act.programme)
    if editing is None:
        raise PermissionDenied(why_not(by, thread.act.programme))
    if proposal is None or thread.resolved_at:
        raise Refused("Aucune rédaction n’attend de réponse dans cet échange.")
    return proposal, editing


@transaction.atomic
def accept(thread: Thread, *, by: User, number: int, seen: str) -> None:
    """Write the wording where it belongs, as its editor would, and resolve the exchange.

    `number`: the proposal, `seen`: the digest of the text that its difference was shown with. Raises PermissionDenied,
    Refused, StaleWording.
    """
    Programme.objects.select_for_update().get(pk=thread.act.programme_id)  # before all: the lock of every content
    thread.refresh_from_db(fields=["resolved_at"])
    proposal, actor = to_accept(thread, by)
    present = present_text(thread.act, thread.path)
    if present is None:
        raise Refused("Ce texte n’existe plus : la rédaction ne peut plus y être portée.")
    if proposal.pk != number or digest(present) != seen:
        raise StaleWording
    try:
        _write(thread, proposal, by)
    except ValidationError as error:
        raise Refused(" ".join(error.messages)) from error
    Proposal.objects.filter(pk=proposal.pk).update(accepted_at=clock.now(), accepted_by=by)
    threads.close(thread, by)
    author = proposal.comment.author
    threads.record(
        thread, actor, "wording_accepted", f"{actor.name} accepte la rédaction de {author} : {thread.label}."
    )


def _write(thread: Thread, proposal: Proposal, by: User) -> None:
    """Through the service of the place: rights, turn, revision, acceptances, journal."""
    kind, key, *rest = thread.path.split("/")
    if kind == "article":
        reason = proposal.comment.text or thread.act.articles.get(model_article__key=key).reason
        set_article(act=thread.act, key=key, body=proposal.text, reason=reason, by=by, expected_revision=None)
    else:
        sheet = thread.act.programme.sheets.get(key=key)
        content: dict[str, Any] = {rest[0]: proposal.text}
        update_sheet(sheet=sheet, by=by, expected_revision=None, **content)
