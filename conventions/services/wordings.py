"""Wordings proposed in an exchange, for an article or a text of a fiche. The other side accepts one with one click."""

import hashlib
from collections.abc import Iterable
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models, transaction

from actions.models import Programme, Sheet
from actions.permissions import editor, why_not
from actions.rows import StoredRows
from actions.services import SHEET_FIELDS, update_sheet
from arml.models import User
from arml.permissions import capacities
from conventions.content.freeze import part as content_part
from conventions.content.held import articles_of
from conventions.content.rows import FrozenRows
from conventions.enums import ArticleStatus
from conventions.models import Act, Comment, Proposal, Thread
from conventions.reads import version_read
from cpo.lib import clock
from cpo.lib.actor import Actor
from cpo.lib.enums import Audience
from cpo.lib.workflow import Refused

from . import threads
from .articles import set_article, unknown_variables
from .quoting import reword_quoted

TEXTS = tuple(
    name
    for name in SHEET_FIELDS
    if name != "code"
    and isinstance(Sheet._meta.get_field(name), models.CharField | models.TextField)
    and not getattr(Sheet._meta.get_field(name), "choices", None)
)
NOT_HERE = (
    "Une rédaction se propose dans un échange lu par les deux parties, "
    "sur un article adaptable ou sur un texte d’une fiche."
)


class StaleWording(Refused):
    """The text changed after the person read the difference."""

    def __init__(self) -> None:
        super().__init__(
            "Le texte a changé depuis que vous avez ouvert la page. Relisez la différence avant d’accepter."
        )


def plain(text: str) -> str:
    return text.replace("\r\n", "\n").strip()


def digest(text: str) -> str:
    """Identify the text that the page compared with the wording."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def present_texts(act: Act, paths: Iterable[str], user: User) -> dict[str, str]:
    """Return the text that the person reads, for each of these paths that a wording can be proposed for."""
    parts = {path: path.split("/") for path in paths}
    fields = {path: (part[1], part[2]) for path, part in parts.items() if part[0] == "sheet" and part[2:3] != []}
    fields = {path: (key, name) for path, (key, name) in fields.items() if name in TEXTS}
    keys = {path: part[1] for path, part in parts.items() if part[0] == "article"}
    if not keys and not fields:
        return {}
    version = version_read(act, capacities(user, act.dossier))
    articles = (articles_of(version.content) if version else content_part(act, "articles")) if keys else []
    bodies = {row["key"]: row["body"] for row in articles if _is_free(row) and row["included"]}
    texts = {path: plain(bodies[key]) for path, key in keys.items() if key in bodies}
    if fields:
        rows = FrozenRows(version.content) if version else StoredRows(act.programme)
        sheets = {str(sheet.key): sheet for sheet in rows.texts}
        texts |= {path: plain(getattr(sheets[key], name)) for path, (key, name) in fields.items() if key in sheets}
    return texts


def _is_free(row: dict[str, Any]) -> bool:
    """Whether both sides may reword the article: what was signed on paper was not held to the national model."""
    return row["status"] == ArticleStatus.FREE or "former" in row


def present_text(act: Act, path: str, user: User) -> str | None:
    return present_texts(act, [path], user).get(path)


def pending_proposal(thread: Thread) -> Proposal | None:
    """Return the latest wording proposed in an exchange, unless it was accepted. It replaces the earlier ones."""
    last = Proposal.objects.filter(comment__thread=thread).select_related("comment__author").order_by("-pk").first()
    return last if last and last.accepted_at is None else None


def proposer(thread: Thread, by: User) -> Actor:
    """Return the capacity in which the person may propose a wording here. Raises PermissionDenied, Refused."""
    actor = threads.writer(by, thread.act)
    if thread.resolved_at:
        raise Refused("Cet échange est résolu. Rouvrez-le pour y proposer une rédaction.")
    if thread.audience != Audience.BOTH or present_text(thread.act, thread.path, by) is None:
        raise Refused(NOT_HERE)
    return actor


@transaction.atomic
def propose(thread: Thread, *, by: User, wording: str, text: str) -> Proposal:
    """Propose a wording; `text` is the reason. Raises PermissionDenied, Refused, ValidationError by field."""
    actor = proposer(thread, by)
    present, wording = _check_wording(thread.act, thread.path, wording, by)
    return _propose(thread, actor, threads.write(thread, actor, text), present, wording)


@transaction.atomic
def start(act: Act, *, by: User, path: str, wording: str, text: str) -> Thread:
    """Open a shared exchange and propose a wording in it. Raises what `propose` raises, and ValueError (path)."""
    actor = threads.writer(by, act)
    present, wording = _check_wording(act, path, wording, by)
    thread = threads.start(act, by=by, path=path, text=text)
    _propose(thread, actor, thread.comments.get(), present, wording)
    return thread


def _propose(thread: Thread, actor: Actor, comment: Comment, present: str, wording: str) -> Proposal:
    threads.record(thread, actor, "wording_proposed", f"{actor.name} propose une rédaction : {thread.label}.")
    return Proposal.objects.create(comment=comment, base=present, text=wording)


def _check_wording(act: Act, path: str, wording: str, by: User) -> tuple[str, str]:
    """Return the present text, and the wording as it will be stored. Raises Refused, ValidationError."""
    present, wording = present_text(act, path, by), plain(wording)
    if present is None:
        raise Refused(NOT_HERE)
    if errors := _errors(act, path, wording, present):
        raise ValidationError({"wording": errors})
    return present, wording


def _errors(act: Act, path: str, wording: str, present: str) -> list[str]:
    if not wording:
        return ["Écrivez la rédaction que vous proposez."]
    if wording == present:
        return ["C’est le texte actuel : changez-le."]
    if path.startswith("article/"):
        return unknown_variables(act, wording)
    max_length = getattr(Sheet._meta.get_field(path.split("/")[2]), "max_length", None)
    return [f"Ce texte a au plus {max_length} caractères."] if max_length and len(wording) > max_length else []


def acceptable_proposal(thread: Thread, by: User) -> tuple[Proposal, Actor]:
    """Return the pending proposal, and the capacity in which the person may accept it.

    This person is of the other side, and their side has the turn. Raises PermissionDenied, Refused.
    """
    proposal = pending_proposal(thread)
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
def accept(thread: Thread, *, by: User, number: int, shown_digest: str) -> None:
    """Write the wording in the article or the fiche, as an edit by this person, and resolve the exchange.

    `number`: the key of the proposal. `shown_digest`: the digest of the text that the page compared with it.
    Raises PermissionDenied, Refused, StaleWording.
    """
    Programme.objects.select_for_update().get(pk=thread.act.programme_id)  # the lock of all content always comes first
    thread.refresh_from_db(fields=["resolved_at"])
    proposal, actor = acceptable_proposal(thread, by)
    present = present_text(thread.act, thread.path, by)
    if present is None:
        raise Refused("Ce texte n’existe plus : la rédaction ne peut plus y être portée.")
    if proposal.pk != number or digest(present) != shown_digest:
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
    """Write through the usual service, which checks rights and turn, cancels acceptances and writes the journal."""
    kind, key, *rest = thread.path.split("/")
    if kind == "article":
        if thread.act.convention.on_paper:
            reword_quoted(act=thread.act, key=key, body=proposal.text, by=by)
            return
        earlier = thread.act.articles.get(model_article__key=key).reason
        reason = "\n".join(dict.fromkeys(text for text in (earlier, proposal.comment.text) if text))
        set_article(act=thread.act, key=key, body=proposal.text, reason=reason, by=by, expected_revision=None)
    else:
        sheet = thread.act.programme.sheets.get(key=key)
        content: dict[str, Any] = {rest[0]: proposal.text}
        update_sheet(sheet=sheet, by=by, expected_revision=None, **content)
