"""The signed copy: the text as it was signed, then a page that tells who signed it and how, with all that goes with it.

It is printed once, after the last signature, for those who receive, pay or keep the convention. It is no original: the
file that the parties signed is embedded in it unchanged, with the joined documents, and is what is verified.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from conventions.enums import DocumentPurpose
from conventions.models import Act, Document
from cpo.lib.files.hashing import canonical
from cpo.lib.models import Job
from cpo.lib.printing import pdf
from cpo.lib.wording.typography import typographic
from cpo.lib.work import jobs

from . import render
from .parts import parties

Content = Mapping[str, Any]
KIND = "signed_copy"
LABEL = "Exemplaire signé"
TEMPLATE = "conventions/pdf/signed-copy.html"


def ask(document: Document) -> Job:
    """Ask a worker for the copy of a document that all parties signed."""
    return jobs.enqueue(KIND, f"document:{document.pk}:exemplaire", document=document.pk)


def last_job(document: Document) -> Job | None:
    return Job.objects.filter(kind=KIND, key=f"document:{document.pk}:exemplaire").order_by("-pk").first()


def current(act: Act) -> Document | None:
    """The copy of the document that the act has now, if it is made."""
    copies = act.documents.filter(purpose=DocumentPurpose.SIGNED_COPY, voided_at=None)
    return copies.select_related("file").first()


def render_copy(
    content: Content,
    facts: Content,
    *,
    version_number: int,
    content_sha256: str,
    base: Content | None,
    dated: datetime,
    attachments: Sequence[pdf.Annex],
) -> bytes:
    """Return PDF/A-3a and PDF/UA-1 bytes. The same arguments give the same bytes.

    `facts`, in JSON types: signatures (rank of the party in the document, party, name, capacity, power, day, at, how,
    stamps, proves, leaves, warnings, reason, file_sha256), signed (name, sha256) and files (label, dated, name, sha256)
    of the embedded files, document_sha256.
    """
    days = {row["rank"]: row["day"] for row in facts["signatures"]}
    blocks = [
        replace(block, signed=typographic(f"Signé le {days[rank]} : voir la page de signature"))
        for rank, block in enumerate(parties.signature_blocks(content), start=1)
        if rank in days
    ]
    html = render.document_html(
        content,
        version_number=version_number,
        content_sha256=content_sha256,
        purpose=DocumentPurpose.SIGNED_COPY,
        base=base,
        template=TEMPLATE,
        added={"blocks": blocks, "facts": facts, "version": version_number, "content_sha256": content_sha256},
    )
    identity = canonical({"content": content_sha256, "facts": facts, "renderer": pdf.renderer()})
    return pdf.html_to_pdf(
        html,
        title=render.title(content, DocumentPurpose.SIGNED_COPY),
        author=render.service_name(content),
        identifier=hashlib.sha256(identity).digest()[:16],
        dated=dated,
        attachments=attachments,
        stylesheets=(render.CSS,),
    )


__all__ = ["KIND", "LABEL", "ask", "current", "last_job", "render_copy"]
