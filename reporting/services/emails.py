"""The national administration edits the texts of e-mails."""

from collections.abc import Mapping
from typing import Any

from actions.models import Cycle
from arml.models import User
from arml.permissions import acting_nationally
from cpo.lib.actor import Actor
from cpo.lib.editing import rows
from cpo.lib.models import EmailTemplate

NBSP = "\u00a0"


def update_email(
    *, template: EmailTemplate, changes: Mapping[str, Any], cycle: Cycle, expected_revision: int, by: User | Actor
) -> bool:
    """Write the new text of an e-mail; return whether it changed. Messages already written do not change.

    Raises StaleRevision.
    """
    actor = acting_nationally(by)
    changed = rows.update(
        template,
        changes,
        expected_revision=expected_revision,
        by=actor,
        element="texte de courriel",
        verb="email_text_changed",
        sentence=lambda locked, _: f"Texte du courriel «{NBSP}{locked.subject or locked.key}{NBSP}» modifié",
        root=cycle,
    )
    return bool(changed)
