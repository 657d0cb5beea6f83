"""What follows the signature of a paper of the year: minutes of a meeting, compte rendu financier."""

from typing import Any

from conventions.effects.signing import OVERTAKEN, accept
from conventions.models import Signature
from cpo.lib.workflow import Refused


def write_signature(document_id: int | None, data: dict[str, Any], changed: str) -> Signature:
    """Save `data["signature"]`, built and checked by the engine, if it is of this document.

    `data["base"]`: SHA-256 of the file that a deposited PDF was compared with; `data["deposit"]`: that deposit.
    Raises Refused: `changed` where the document is another one since.
    """
    signature: Signature = data["signature"]
    document = signature.document
    if document.pk != document_id or document.voided_at:
        raise Refused(changed)
    if "base" in data and data["base"] != document.signed_file.sha256:
        raise Refused(OVERTAKEN)
    signature.save()
    if "deposit" in data:
        accept(data)
    return signature
