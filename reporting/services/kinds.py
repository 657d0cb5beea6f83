"""The national administration edits the types of documents."""

from collections.abc import Mapping
from typing import Any

from arml.enums import AttachmentMoment
from arml.models import AttachmentKind, User
from arml.permissions import acting_nationally
from conventions.guards.pieces import ANNEX_IV
from cpo.lib.actor import Actor
from cpo.lib.editing import rows
from reporting.deadlines.facts import ATTACHMENTS
from reporting.guards import THE_REPORT_ITSELF, can_evaluate

NBSP = "\u00a0"

# What a missing document blocks, for the moments when it blocks something.
BLOCKS = {
    AttachmentMoment.REQUEST: "ouverture_signature",
    AttachmentMoment.SIGNATURE: "ouverture_signature",
    AttachmentMoment.YEARLY: "declaration_complet",
}


def why_not_withdraw(kind: AttachmentKind) -> str:
    """The reason, in French, why this type of document cannot be withdrawn; "" when it can."""
    if kind.key in THE_REPORT_ITSELF:
        return "Cette pièce est le compte rendu lui-même : elle ne se retire pas."
    if kind.key in ANNEX_IV:
        return "L’annexe IV de la convention joint cette pièce : elle ne se retire pas."
    if kind.key in ATTACHMENTS:
        return "Une échéance attend le dépôt de cette pièce : elle ne se retire pas."
    return ""


def kind_fields(kind: AttachmentKind) -> list[str]:
    """The fields that may change in a type of document.

    Its key, moment, condition and access never change: deadlines, annex IV and reading rights depend on them.
    """
    blocking = kind.moment in BLOCKS and (kind.moment != AttachmentMoment.YEARLY or can_evaluate(kind.condition))
    has_validity = kind.moment in (AttachmentMoment.REQUEST, AttachmentMoment.SIGNATURE)  # by the checklist of an act
    return [
        *("label", "provided_by", "needs_end_date", "not_applicable_allowed", "source"),
        *(["validity_months"] if has_validity else []),
        *(["blocks"] if blocking and kind.key not in THE_REPORT_ITSELF else []),
        *([] if why_not_withdraw(kind) else ["withdrawn"]),
    ]


def update_kind(
    *, kind: AttachmentKind, changes: Mapping[str, Any], expected_revision: int, by: User | Actor
) -> list[str]:
    """Write the changes of a type of document; return the labels of the fields changed.

    Documents already added and the labels in versions do not change.

    Raises StaleRevision.
    """
    actor = acting_nationally(by)
    return rows.update(
        kind,
        changes,
        expected_revision=expected_revision,
        by=actor,
        element="type de pièce",
        verb="attachment_kind_changed",
        sentence=lambda locked, labels: f"Pièce «{NBSP}{locked.label}{NBSP}»{NBSP}: {labels}",
        root=actor.organisation,
        allowed=kind_fields,
        refusal="Ce type de pièce ne se modifie pas ainsi : rouvrez la page.",
    )
