"""The national administration edits the texts of e-mails, and sends again what was not delivered."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from actions.models import Cycle
from arml.models import User
from arml.permissions import acting_nationally
from conventions.text.shipped import email_digest, email_key, examine
from cpo.lib import journal
from cpo.lib.actor import Actor
from cpo.lib.editing import rows
from cpo.lib.enums import Audience
from cpo.lib.mail import emails
from cpo.lib.mail.texts import shipped_texts
from cpo.lib.models import EmailTemplate, OutboxMessage

NBSP = "\u00a0"


def try_again(*, message: int | None, by: User | Actor) -> int:
    """Send again a message that was not delivered, or all of them (None); return how many. Raises PermissionDenied."""
    actor = acting_nationally(by)
    with transaction.atomic():
        messages = emails.undelivered() if message is None else emails.undelivered().filter(pk=message)
        rows = list(messages.select_for_update(of=("self",)))
        if not rows:
            return 0
        emails.try_again(OutboxMessage.objects.filter(pk__in=[row.pk for row in rows]))
        what = f"à {rows[0].to}{NBSP}: {rows[0].subject}" if len(rows) == 1 else f"de {len(rows)} courriels"
        journal.record(
            rows[0],
            root=actor.organisation,
            by=actor,
            verb="message_tried_again",
            sentence=f"Nouvel envoi demandé, {what}",
            audience=Audience.NATIONAL,
        )
    return len(rows)


def update_email(
    *, template: EmailTemplate, changes: Mapping[str, Any], cycle: Cycle, expected_revision: int, by: User | Actor
) -> bool:
    """Write the new text of an e-mail; return whether it changed. Messages already written do not change.

    Raises StaleRevision.
    """
    actor = acting_nationally(by)
    with transaction.atomic():
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
        if changed and (shipped := shipped_texts().get(template.key)):
            examine(email_key(template.key), email_digest(shipped))  # whoever edits has seen it
    return bool(changed)


def take_wording(*, template: EmailTemplate, cycle: Cycle, expected_revision: int, by: User | Actor) -> bool:
    """Replace the text of an e-mail by the one that ships with the application. Raises StaleRevision."""
    text = shipped_texts()[template.key]
    changes = {"subject": text.subject, "body": text.body, "immediate": text.immediate}
    return update_email(template=template, changes=changes, cycle=cycle, expected_revision=expected_revision, by=by)


@transaction.atomic
def keep_wording(*, template: EmailTemplate, cycle: Cycle, by: User | Actor) -> None:
    """Keep the text in use: nobody is told of this shipped one again."""
    actor, text = acting_nationally(by), shipped_texts()[template.key]
    examine(email_key(template.key), email_digest(text))
    name = template.subject or template.key
    sentence = f"Texte du courriel «{NBSP}{name}{NBSP}»{NBSP}: la rédaction livrée est laissée de côté"
    journal.record(
        template, root=cycle, by=actor, verb="email_wording_kept", sentence=sentence, audience=Audience.NATIONAL
    )
