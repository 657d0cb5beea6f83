"""Save a form that somebody else may have saved since it was opened."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, QueryDict

from cpo.lib.editing.lock import StaleRevision
from cpo.lib.models import JournalEntry
from cpo.lib.wording import french
from cpo.lib.wording.numbers import whole_number

from .contents import Words, content, parts, posted_data, texts_without_field
from .merge import Merged, merge
from .snapshots import FIELD, Question, Snapshot, read_snapshot

CHOICE = "choix"
THEIRS, MINE = "enregistree", "saisie"
ATTEMPTS = 3
CROWDED = "Plusieurs personnes enregistrent en même temps. Enregistrez de nouveau."


@dataclass
class Outcome:
    """The outcome of a save: `form` to show again when not `saved`; `error`, the refusal of the service."""

    form: Any
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
    """Validate and write the form; merge it first when somebody saved meanwhile.

    `make(data)` builds the form on the current rows (`data` None: as on a page just opened). `write(form, revision)`
    calls the service. `author()` returns the journal entry of the last save. `request.POST` is replaced by the merged
    data when the page is shown again.
    """
    page_form, snapshot = make(request.POST), read_snapshot(request.POST)
    if snapshot is not None and str(_revision(page_form, request.POST)) != snapshot.revision:
        snapshot = None  # the revision of one page and the content of another prove nothing
    if snapshot is not None and snapshot.asked:
        page_form = _apply_choices(request, make, page_form, snapshot)
        if snapshot.asked:
            return Outcome(page_form, status=409)
    status = 200
    for _ in range(ATTEMPTS):
        valid = [part.is_valid() for part in parts(page_form)]  # no short cut: each part must have its errors
        if not all(valid):
            return Outcome(page_form, status=status)
        try:
            result = write(page_form, _revision(page_form, request.POST))
        except ValidationError as error:
            return Outcome(page_form, error=error, status=status)
        except StaleRevision as stale:
            page_form, snapshot = _merge_forms(request, make, snapshot, stale.current, author(), form)
            if snapshot.asked or snapshot.lost:
                return Outcome(page_form, status=409)
            status = 409
        else:
            if status == 409 and snapshot is not None and snapshot.taken:
                who = f"{snapshot.author or 'une autre personne'} venait"
                who = "vous veniez" if snapshot.own else who
                where = " dans un autre onglet" if snapshot.own else ""
                message = f"Avec ce que {who} d’enregistrer{where} : {', '.join(snapshot.taken)}."
                messages.info(request, message)
            return Outcome(page_form, saved=True, result=result)
    return Outcome(page_form, error=ValidationError(CROWDED), status=409)


def _revision(page_form: Any, data: QueryDict) -> int:
    names = [part.add_prefix("revision") for part in parts(page_form) if "revision" in getattr(part, "fields", ())]
    return posted_revision(data.get((names or ["revision"])[0]))


def posted_revision(text: object) -> int:
    """Return the revision that a page was opened with; -1, which no row has, for anything else."""
    number = whole_number(text)
    return -1 if number is None else number


def _apply_choices(
    request: HttpRequest, make: Callable[[QueryDict | None], Any], page_form: Any, snapshot: Snapshot
) -> Any:
    """Return the form with the choices applied; while one is missing, the form as typed with the questions left."""
    mine = content(page_form)
    for rank, question in enumerate(snapshot.asked):
        choice = request.POST.get(f"{CHOICE}-{rank}", "")
        question.choice = choice if choice in (THEIRS, MINE) else ""
    if any(not question.choice for question in snapshot.asked):
        words = Words([page_form])
        for question in snapshot.asked:
            question.mine = words.text(mine, (question.key, question.name), question.mine)
        snapshot.unanswered = True
        data = request.POST.copy()
    else:
        for question in snapshot.asked:
            if question.choice == MINE:
                continue
            theirs = snapshot.content.get(question.key)
            if question.name:
                row = mine.setdefault(question.key, dict(theirs or {}))
                row[question.name] = (theirs or {}).get(question.name, [])
            elif theirs is None:
                mine.pop(question.key, None)
            else:
                mine[question.key] = theirs
        data = posted_data(
            request.POST, page_form, Merged(mine), stored_content=snapshot.content, revision=snapshot.revision
        )
        snapshot.asked, snapshot.taken, snapshot.kept, snapshot.lost, snapshot.unanswered = [], [], [], [], False
    data[FIELD] = snapshot.token
    request.POST = data  # type: ignore[assignment]
    return make(data)


def _merge_forms(
    request: HttpRequest,
    make: Callable[[QueryDict | None], Any],
    snapshot: Snapshot | None,
    revision: int,
    entry: JournalEntry | None,
    form: str,
) -> tuple[Any, Snapshot]:
    """Return the form with both people's changes on the newer revision, and its snapshot."""
    stored_form, typed_form = make(None), make(request.POST)
    before, theirs, mine = snapshot.content if snapshot else None, content(stored_form), content(typed_form)
    grids = {part.prefix: part.grid for part in parts(stored_form) if hasattr(part, "grid")}
    merged = merge(before, theirs, mine, grids=grids)
    words = Words([stored_form, typed_form])
    merged_snapshot = Snapshot(
        form,
        str(revision),
        theirs,
        asked=[
            Question(
                *path,
                words.label(path),
                None if before is None else words.text(before, path),
                words.text(theirs, path),
                words.text(mine, path),
                prose=words.is_prose(path),
            )
            for path in merged.conflicting
        ],
        author=entry.actor_name if entry else "",
        own=entry is not None and entry.actor_id == request.user.pk,
        at=french.datetime(entry.at) if entry else "",
        taken=[words.label(path) for path in merged.theirs_only],
        kept=[words.label(path) for path in merged.mine_only],
        lost=texts_without_field(request.POST, typed_form, before),
    )
    data = posted_data(request.POST, typed_form, merged, stored_content=theirs, revision=merged_snapshot.revision)
    data[FIELD] = merged_snapshot.token
    request.POST = data  # type: ignore[assignment]
    return make(data), merged_snapshot
