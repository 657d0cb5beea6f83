"""Saving a form that somebody else may have saved since it was opened."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, QueryDict

from cpo.lib.editing.lock import StaleRevision
from cpo.lib.models import JournalEntry
from cpo.lib.wording import french

from .contents import Words, content, filled, parts, without_field
from .merge import Merged, merge
from .opened import FIELD, Opened, Question, read

CHOICE = "choix"
THEIRS, MINE = "enregistree", "saisie"
ATTEMPTS = 3
CROWDED = "Plusieurs personnes enregistrent en même temps. Enregistrez de nouveau."


@dataclass
class Outcome:
    """What became of a saving: `made` is what to show again when not `saved`; `error`, what the service refused."""

    made: Any
    saved: bool = False
    result: Any = None
    error: ValidationError | None = None
    status: int = 200


def save(
    request: HttpRequest,
    *,
    make: Callable[[QueryDict | None], Any],
    write: Callable[[Any, int], Any],
    author: Callable[[], JournalEntry | None],
    form: str = "travail",
) -> Outcome:
    """`make(data)` builds the form on what is stored now (None: as a page that is opened would show it);
    `write(made, revision)` calls the service. `request.POST` becomes what the page shows again."""
    made, opened = make(request.POST), read(request.POST)
    if opened is not None and str(_revision(made, request.POST)) != opened.revision:
        opened = None  # the revision of one page and the content of another prove nothing
    if opened is not None and opened.asked:
        made = _answered(request, make, made, opened)
        if opened.asked:
            return Outcome(made, status=409)
    status = 200
    for _ in range(ATTEMPTS):
        valid = [part.is_valid() for part in parts(made)]  # each says its errors: no short cut
        if not all(valid):
            return Outcome(made, status=status)
        try:
            result = write(made, _revision(made, request.POST))
        except ValidationError as error:
            return Outcome(made, error=error, status=status)
        except StaleRevision as stale:
            made, opened = _merged(request, make, opened, stale.current, author(), form)
            if opened.asked or opened.lost:
                return Outcome(made, status=409)
            status = 409
        else:
            if status == 409 and opened is not None and opened.taken:
                who = f"{opened.author or 'une autre personne'} venait"
                who = "vous veniez" if opened.own else who
                where = " dans un autre onglet" if opened.own else ""
                told = f"Avec ce que {who} d’enregistrer{where} : {', '.join(opened.taken)}."
                messages.info(request, told)
            return Outcome(made, saved=True, result=result)
    return Outcome(made, error=ValidationError(CROWDED), status=409)


def _revision(made: Any, data: QueryDict) -> int:
    names = [part.add_prefix("revision") for part in parts(made) if "revision" in getattr(part, "fields", ())]
    text = str(data.get((names or ["revision"])[0], ""))
    return int(text) if re.fullmatch(r"\d{1,9}", text) else -1


def _answered(request: HttpRequest, make: Callable[[QueryDict | None], Any], made: Any, opened: Opened) -> Any:
    """The form with what was chosen; as it was typed while a choice is missing, and `opened` still asks."""
    mine = content(made)
    for rank, question in enumerate(opened.asked):
        choice = request.POST.get(f"{CHOICE}-{rank}", "")
        question.choice = choice if choice in (THEIRS, MINE) else ""
    if any(not question.choice for question in opened.asked):
        said = Words([made])
        for question in opened.asked:
            question.mine = said.text(mine, (question.key, question.name), question.mine)
        opened.unanswered = True
        data = request.POST.copy()
    else:
        for question in opened.asked:
            if question.choice == MINE:
                continue
            theirs = opened.content.get(question.key)
            if question.name:
                row = mine.setdefault(question.key, dict(theirs or {}))
                row[question.name] = (theirs or {}).get(question.name, [])
            elif theirs is None:
                mine.pop(question.key, None)
            else:
                mine[question.key] = theirs
        data = filled(request.POST, made, Merged(mine), stored=opened.content, revision=opened.revision)
        opened.asked, opened.taken, opened.kept, opened.lost, opened.unanswered = [], [], [], [], False
    data[FIELD] = opened.token
    request.POST = data  # type: ignore[assignment]
    return make(data)


def _merged(
    request: HttpRequest,
    make: Callable[[QueryDict | None], Any],
    opened: Opened | None,
    revision: int,
    entry: JournalEntry | None,
    form: str,
) -> tuple[Any, Opened]:
    """The form with both people's changes, on the newer revision, and what it carries."""
    stored, made = make(None), make(request.POST)
    before, theirs, mine = opened.content if opened else None, content(stored), content(made)
    grids = {part.prefix: part.grid for part in parts(stored) if hasattr(part, "grid")}
    found = merge(before, theirs, mine, grids=grids)
    said = Words([stored, made])
    now = Opened(
        form,
        str(revision),
        theirs,
        asked=[
            Question(
                *place,
                said.label(place),
                None if before is None else said.text(before, place),
                said.text(theirs, place),
                said.text(mine, place),
                prose=said.is_prose(place),
            )
            for place in found.asked
        ],
        author=entry.actor_name if entry else "",
        own=entry is not None and entry.actor_id == request.user.pk,
        at=french.datetime(entry.at) if entry else "",
        taken=[said.label(place) for place in found.taken],
        kept=[said.label(place) for place in found.kept],
        lost=without_field(request.POST, made, before),
    )
    data = filled(request.POST, made, found, stored=theirs, revision=now.revision)
    data[FIELD] = now.token
    request.POST = data  # type: ignore[assignment]
    return make(data), now
