"""Correct what was typed of a convention, or of an act after it, that was signed on paper."""

from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any

from django.core.exceptions import ValidationError

from arml.models import User
from conventions import workflow
from conventions.effects.corrected_rows import RowChange
from conventions.later import lines, typed
from conventions.models import Act
from cpo.lib.actor import Actor


def correct_record(
    *,
    act: Act,
    reason: str,
    by: User | Actor,
    expected_revision: int | None,
    values: Mapping[str, Any] | None = None,
    rows: Sequence[RowChange] = (),
    scan: bytes | None = None,
) -> Act:
    """Write other values, by name (`later.typed.lines`), add or remove rows, replace the scan, with a reason.

    The journal keeps the former values, the register the former scan, the versions all that was typed.

    Raises ValidationError keyed by name, Refused once an act of the application was signed on the text, StaleRevision.
    """
    known, reason, values = typed.lines(act), reason.strip(), values or {}
    if unknown := set(values) - set(known):
        raise ValidationError(f"Ces valeurs n’existent plus : {', '.join(sorted(unknown))}. Rechargez la page.")
    data = {"values": values, "rows": rows, "scan": scan, "revision": expected_revision, "reason": reason}
    changes = [*lines.differences(known, values), *(row.words for row in rows), *_scans(act, scan)]
    comment = "\n".join([reason, *changes]) if reason else ""
    return workflow.apply("correct_record", act, by=by, comment=comment, data=data)


def _scans(act: Act, scan: bytes | None) -> list[str]:
    """Which file replaces which, by the beginning of their fingerprints, as the register shows them."""
    former = act.documents.to_sign().select_related("file").first()
    if scan is None or former is None:
        return []
    return [f"Original numérisé\u00a0: {former.file.sha256[:12]} → {sha256(scan).hexdigest()[:12]}"]
