"""E-mails: texts are data with a closed list of variables, messages are rows, a task sends them by SMTP.

The row is written in the transaction of the event, hence exactly once. SMTP delivery happens at least once, with a
constant Message-ID (RFC 5322), so that a receiver can drop a duplicate.
"""

import datetime as dt
import logging
import re
import uuid
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.db.models import Q, QuerySet
from django.urls import reverse

from cpo.lib import clock
from cpo.lib.enums import MailState
from cpo.lib.models import EmailTemplate, OutboxMessage
from cpo.lib.work.waking import wake

VARIABLE = re.compile(r"\{\{ *(\w+) *\}\}")
ARTICLE = re.compile(r"l’|l[ae]s? ")
FOOTER = "pied_commun"
FORGOTTEN = "[effacé après l’envoi]"
logger = logging.getLogger(__name__)
MAX_ATTEMPTS = 12  # the last one comes a day and a half after the message was written


def fill(text: str, context: Mapping[str, Any]) -> str:
    """Fill `{{ name }}` variables; drop a line whose variables are all empty. Raises KeyError for an unknown name."""
    lines = []
    for line in text.splitlines():
        names = VARIABLE.findall(line)
        if names and not any(str(context[name]).strip() for name in names):
            continue
        lines.append(VARIABLE.sub(lambda match: _value(match, context), line))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def _value(match: re.Match[str], context: Mapping[str, Any]) -> str:
    """Return the value of a variable; a name with its article gets a capital at the start of a line."""
    text = str(context[match[1]])
    return text[:1].upper() + text[1:] if match.start() == 0 and ARTICLE.match(text) else text


def absolute(path: str) -> str:
    """Return the full address of a path of the application."""
    return settings.SITE_URL.rstrip("/") + path


def common_context(recipient: Any) -> dict[str, str]:
    """Variables that every message may use."""
    return {
        "plateforme_nom": settings.SITE_NAME,
        "contact_nom": settings.SUPPORT_NAME,
        "contact_courriel": settings.SUPPORT_EMAIL,
        "lien_preferences": absolute(reverse("preferences")),
        "prenom_destinataire": getattr(recipient, "first_name", ""),
    }


def write(
    template_key: str,
    recipients: Iterable[Any],
    context: Mapping[str, Any],
    *,
    root: str = "",
    identifier: str = "",
    secrets: Sequence[str] = (),
) -> list[OutboxMessage]:
    """Write one outbox row per recipient (a user, or an address as str) and wake the delivery after the commit.

    `secrets`: tokens and codes in the text; they are erased from the row once it is sent.

    `identifier`: a Message-ID from `message_id`, for a message to a single recipient that must leave only once.
    """
    templates = EmailTemplate.objects.in_bulk([template_key, FOOTER], field_name="key")
    template = templates[template_key]
    footer = templates.get(FOOTER)
    messages = []
    for recipient in recipients:
        user = None if isinstance(recipient, str) else recipient
        values = {**common_context(user), **context}
        body = fill(template.body, values)
        if footer:
            body += "\n\n-- \n" + fill(footer.body, values)
        messages.append(
            OutboxMessage(
                message_id=identifier or message_id(str(uuid.uuid4())),
                template=template_key,
                recipient=user,
                to=recipient if user is None else user.email,
                subject=fill(template.subject, values).replace("\n", " ")[:300],
                body=body,
                secrets=list(secrets),
                root=root,
                state=MailState.WAITING if identifier else _first_state(template, user),
                created_at=clock.now(),
            )
        )
    OutboxMessage.objects.bulk_create(messages)
    transaction.on_commit(wake("lib.deliver_outbox"))
    return messages


def _first_state(template: EmailTemplate, user: Any) -> str:
    """Return DIGEST for a recipient of the weekly digest, when the message is not urgent."""
    waits = user is not None and user.weekly_digest and not template.immediate
    return MailState.DIGEST if waits else MailState.WAITING


def ready() -> QuerySet[OutboxMessage]:
    """Return the messages to send now: the n-th attempt comes 2^n - 1 minutes after the message was written."""
    now, due = clock.now(), Q(pk__in=[])
    for attempts in range(MAX_ATTEMPTS):
        due |= Q(attempts=attempts, created_at__lte=now - dt.timedelta(minutes=2**attempts - 1))
    return OutboxMessage.objects.filter(due, state=MailState.WAITING).order_by("id")


def deliver(limit: int | None = 100) -> int:
    """Send waiting messages by SMTP, each in its own transaction; return the number sent."""
    count = 0
    for pk in list(ready().values_list("pk", flat=True)[:limit]):
        with transaction.atomic():
            message = ready().select_for_update(skip_locked=True, of=("self",)).filter(pk=pk).first()
            if message is None:
                continue
            message.attempts += 1
            try:
                EmailMessage(
                    message.subject, message.body, to=[message.to], headers={"Message-ID": message.message_id}
                ).send()
            except OSError:  # errors of smtplib and of sockets
                logger.warning("message %s: attempt %s failed", message.pk, message.attempts, exc_info=True)
                message.state = MailState.FAILED if message.attempts >= MAX_ATTEMPTS else MailState.WAITING
            else:
                message.state, message.sent_at = MailState.SENT, clock.now()
                _forget(message)
                count += 1
            message.save(update_fields=["state", "sent_at", "attempts", "body", "secrets"])
    return count


def _forget(message: OutboxMessage) -> None:
    """Erase the secrets, with which a reader of the database could act as the recipient; not in demo mode."""
    if settings.DEMO:
        return
    for secret in message.secrets:
        message.body = message.body.replace(secret, FORGOTTEN)
    message.secrets = []


def waiting_for_digest() -> QuerySet[OutboxMessage]:
    """Return the messages that wait for the weekly digest of their recipient."""
    return OutboxMessage.objects.filter(state=MailState.DIGEST).order_by("id")


def mark_sent_in_digest(messages: Iterable[OutboxMessage]) -> None:
    """Mark these messages as sent in a digest. Call it in the transaction that writes the digest."""
    waiting_for_digest().filter(pk__in=[message.pk for message in messages]).update(
        state=MailState.SENT, sent_at=clock.now()
    )


def message_id(name: str) -> str:
    """Return a Message-ID of the application's domain; the same name always gives the same one."""
    return f"<{name}@{settings.DEFAULT_FROM_EMAIL.rpartition('@')[2].strip('>')}>"
