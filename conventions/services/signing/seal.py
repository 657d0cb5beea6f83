"""Make the sealed copy of a notified document, once."""

from django.db import transaction

from conventions.enums import DocumentPurpose
from conventions.evidence import seal
from conventions.models import Document
from cpo.lib import clock
from cpo.lib.files import stored as stored_files


def produce(document_id: int) -> Document:
    """Return the sealed copy of a document; make it if there is none yet. On SealError, the job tries again."""
    document = Document.objects.select_related("act", "version").get(pk=document_id)
    existing = _existing_copy(document)
    if existing:
        return existing
    stored = stored_files.store(seal.seal(stored_files.read(document.signed_file)), "application/pdf")
    with transaction.atomic():
        type(document.act).objects.select_for_update(of=("self",)).get(pk=document.act_id)
        return _existing_copy(document) or Document.objects.create(
            act=document.act,
            version=document.version,
            purpose=DocumentPurpose.SEALED,
            content_sha256=document.content_sha256,
            file=stored,
            renderer=document.renderer,
            pages=document.pages,
            created_at=clock.now(),
        )


def _existing_copy(document: Document) -> Document | None:
    copies = Document.objects.filter(act=document.act, version=document.version, purpose=DocumentPurpose.SEALED)
    return copies.filter(voided_at=None).first()
