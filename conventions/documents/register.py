"""The register of documents: whatever is produced about a convention is stored once, with what it renders."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from conventions.enums import DocumentPurpose
from conventions.models import Act, Document
from conventions.permissions import reads_negotiation
from cpo.lib import clock
from cpo.lib.actor import Actor
from cpo.lib.enums import Audience
from cpo.lib.files import stored as stored_files
from cpo.lib.files.hashing import content_hash
from cpo.lib.journal import readable_by

from .production import page_count

PUBLISHED = (DocumentPurpose.TO_SIGN, DocumentPurpose.CONSOLIDATED, DocumentPurpose.SEALED)


def enter(
    data: bytes,
    *,
    act: Act,
    purpose: str,
    label: str,
    content_sha256: str,
    media_type: str = "application/pdf",
    audience: str = Audience.BOTH,
    instead: bool = False,
) -> Document:
    """Store what was produced and enter it; the same bytes give the same entry. `instead`: the former ones of this act,
    purpose and label are voided. What renders a version goes through `production`."""
    from cpo.lib.printing import pdf

    stored = stored_files.store(data, media_type)
    with transaction.atomic():
        # One at a time per act: two workers that print the same thing make one entry.
        Act.objects.select_for_update(of=("self",)).get(pk=act.pk)
        standing = Document.objects.filter(act=act, purpose=purpose, version=None, voided_at=None)
        existing = standing.filter(file=stored).first()
        if existing:
            return existing
        now = clock.now()
        if instead:
            standing.filter(label=label).update(voided_at=now)
        is_pdf = media_type == "application/pdf"
        return Document.objects.create(
            act=act,
            purpose=purpose,
            label=label,
            content_sha256=content_sha256,
            audience=audience,
            file=stored,
            renderer=pdf.renderer() if is_pdf else "",
            pages=page_count(data) if is_pdf else 0,
            created_at=now,
        )


def enter_journal(data: bytes, *, given: Mapping[str, Any], printed: Mapping[str, Any]) -> Document:
    """Enter a journal that was printed; `given` and `printed`: see `exports`."""
    count = len(printed["entries"])
    return enter(
        data,
        act=Act.objects.get(convention__dossier=given["dossier"], number=0),
        purpose=DocumentPurpose.JOURNAL,
        label=f"Journal, {count} événement{'s' if count > 1 else ''}",
        content_sha256=content_hash(printed),
        audience=audience_of(given["audiences"]),
    )


def audience_of(audiences: list[str]) -> str:
    """Who may read what was printed from lines of these audiences: those who may read each of them."""
    return next(
        (each for each in (Audience.STATE, Audience.NATIONAL, Audience.BENEFICIARY) if each in audiences), Audience.BOTH
    )


def readable(act: Act, actors: list[Actor]) -> QuerySet[Document]:
    """Entries of the act's convention that these capacities read, newest first; observers read what was signed or is
    to be signed, and the text in force."""
    found = Document.objects.filter(act__convention=act.convention_id, audience__in=readable_by(actors))
    if not reads_negotiation(actors):
        found = found.filter(purpose__in=PUBLISHED, voided_at=None)
    return found.select_related("act", "file", "version").defer("version__content")


def entry(act: Act, actors: list[Actor], pk: int) -> Document | None:
    """The one of `readable` that has this key."""
    return readable(act, actors).filter(pk=pk).first()
