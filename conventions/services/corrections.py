"""Correct what was typed of a convention, or of an act after it, that was signed on paper."""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError

from arml.models import User
from conventions import workflow
from conventions.later import typed
from conventions.models import Act
from cpo.lib.actor import Actor


def correct_record(
    *, act: Act, values: Mapping[str, Any], reason: str, by: User | Actor, expected_revision: int | None
) -> Act:
    """Write other values, by name (`later.typed.lines`), with a reason. The journal keeps the former ones.

    Raises ValidationError keyed by name, Refused once an act of the application was signed on the text, StaleRevision.
    """
    known, reason = typed.lines(act), reason.strip()
    if unknown := set(values) - set(known):
        raise ValidationError(f"Ces valeurs n’existent plus : {', '.join(sorted(unknown))}. Rechargez la page.")
    data = {"values": values, "revision": expected_revision, "reason": reason}
    comment = "\n".join([reason, *typed.differences(known, values)]) if reason else ""
    return workflow.apply("correct_record", act, by=by, comment=comment, data=data)
