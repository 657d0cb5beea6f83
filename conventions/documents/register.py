"""The register of documents: each file produced about a convention, with the hash of the content that it renders."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from arml.enums import Standing
from conventions.enums import DocumentPurpose
from conventions.models import Act, Document
from conventions.permissions import reads_funding_files, reads_negotiation
from cpo.lib import clock
from cpo.lib.actor import Actor
from cpo.lib.enums import Audience
from cpo.lib.files import stored as stored_files
from cpo.lib.files.hashing import content_hash
from cpo.lib.journal import readable_by

from .production import page_count

# Who reads each line of a journal that the lead service or the DGEFP printed: other services read fewer documents.
WHOLE_JOURNAL = (Standing.LEAD, Standing.BENEFICIARY, Standing.NATIONAL)
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
    """Store a produced file and enter it in the register; the same bytes give the same entry.

    `instead`: void the former entries of this act, purpose and label. For the documents of a version, use `production`.
    """
    from cpo.lib.printing import pdf

    file = stored_files.store(data, media_type)
    with transaction.atomic():
        # The lock on the act makes two workers that print the same document create one entry.
        Act.objects.select_for_update(of=("self",)).get(pk=act.pk)
        current = Document.objects.filter(act=act, purpose=purpose, version=None, voided_at=None)
        existing = current.filter(file=file).first()
        if existing:
            return existing
        now = clock.now()
        if instead:
            current.filter(label=label).update(voided_at=now)
        is_pdf = media_type == "application/pdf"
        return Document.objects.create(
            act=act,
            purpose=purpose,
            label=label,
            content_sha256=content_sha256,
            audience=audience,
            file=file,
            renderer=pdf.renderer() if is_pdf else "",
            pages=page_count(data) if is_pdf else 0,
            created_at=now,
        )


def enter_journal(data: bytes, *, arguments: Mapping[str, Any], content: Mapping[str, Any]) -> Document:
    """Enter a printed journal; `arguments` and `content`: see `pdf_job` and `pdf_content` of `documents/journal.py`."""
    count = len(content["entries"])
    return enter(
        data,
        act=Act.objects.get(convention__dossier=arguments["dossier"], number=0),
        purpose=DocumentPurpose.JOURNAL,
        label=f"Journal, {count} événement{'s' if count > 1 else ''}",
        content_sha256=content_hash(content),
        audience=audience_of(arguments["audiences"]),
    )


def audience_of(audiences: list[str]) -> str:
    """The audience of a document printed from lines of these audiences: the people who may read all the lines."""
    return next(
        (one for one in (Audience.STATE, Audience.NATIONAL, Audience.BENEFICIARY) if one in audiences), Audience.BOTH
    )


def readable(act: Act, actors: list[Actor]) -> QuerySet[Document]:
    """Entries of the act's convention that these capacities may read, newest first.

    Observers read only signed documents and the text in force.
    """
    documents = Document.objects.filter(act__convention=act.convention_id, audience__in=readable_by(actors))
    if not reads_funding_files(actors):  # those who read the pièces that they hold
        documents = documents.exclude(purpose__in=(DocumentPurpose.SIGNED_COPY, DocumentPurpose.EVIDENCE))
    if not reads_negotiation(actors):
        documents = documents.filter(purpose__in=PUBLISHED, voided_at=None, act__programme__frozen=True)
    elif not any(actor.standing in WHOLE_JOURNAL for actor in actors):
        documents = documents.exclude(purpose=DocumentPurpose.JOURNAL, audience__in=(Audience.STATE, Audience.NATIONAL))
    return documents.select_related("act", "file", "version").defer("version__content")


def entry(act: Act, actors: list[Actor], pk: int) -> Document | None:
    """The entry of `readable` with this primary key, else None."""
    return readable(act, actors).filter(pk=pk).first()
