"""E-mails: texts are data with a closed list of variables, messages are rows, a task sends them by SMTP.

The row is written in the transaction of the event, hence exactly once. SMTP delivery happens at least once, with a
constant Message-ID (RFC 5322), so that a receiver can drop a duplicate.
"""

import datetime as dt
import logging
import re
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.template.loader import render_to_string
from django.urls import reverse

from cpo.lib import clock
from cpo.lib.enums import MailState
from cpo.lib.hooks import Hook
from cpo.lib.models import EmailTemplate, OutboxMessage
from cpo.lib.wording.characters import clean
from cpo.lib.work.waking import wake

VARIABLE = re.compile(r"\{\{ *(\w+) *\}\}")
ARTICLE = re.compile(r"l’|l[ae]s? ")
FOOTER = "pied_commun"
FORGOTTEN = "[effacé après l’envoi]"
logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Joined:
    """A file that leaves with a message."""

    name: str
    content: str
    media_type: str


@Hook
def joined_to(message: OutboxMessage) -> list[Joined]:
    """The files that leave with a message; the applications that write them keep them."""
    return []


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
    letter = Letter(recipients, context, root=root, identifier=identifier, secrets=secrets)
    return write_all(template_key, [letter])


@dataclass(frozen=True)
class Letter:
    """What `write` takes, beside the text."""

    recipients: Iterable[Any]
    context: Mapping[str, Any]
    root: str = ""
    identifier: str = ""
    secrets: Sequence[str] = ()


def write_all(template_key: str, letters: Iterable[Letter]) -> list[OutboxMessage]:
    """Write the same text about many things, as `write` does, in a constant number of queries."""
    templates = EmailTemplate.objects.in_bulk([template_key, FOOTER], field_name="key")
    template, footer = templates[template_key], templates.get(FOOTER)
    messages = [message for letter in letters for message in _messages(letter, template, footer)]
    OutboxMessage.objects.bulk_create(messages)
    transaction.on_commit(wake("lib.deliver_outbox"))
    return messages


def _messages(letter: Letter, template: EmailTemplate, footer: EmailTemplate | None) -> Iterator[OutboxMessage]:
    for recipient in letter.recipients:
        user = None if isinstance(recipient, str) else recipient
        values = {**common_context(user), **letter.context}
        body = fill(template.body, values)
        if footer:
            body += "\n\n-- \n" + fill(footer.body, values)
        yield OutboxMessage(
            message_id=letter.identifier or message_id(str(uuid.uuid4())),
            template=template.key,
            recipient=user,
            to=recipient if user is None else user.email,
            subject=re.sub(r"[\t\n ]+", " ", clean(fill(template.subject, values)))[:300],  # a header has one line
            body=clean(body),
            secrets=list(letter.secrets),
            root=letter.root,
            state=MailState.WAITING if letter.identifier else _first_state(template, user),
            created_at=clock.now(),
        )


def _first_state(template: EmailTemplate, user: Any) -> str:
    """Return DIGEST for a recipient of the weekly digest, when the message is not urgent."""
    waits = user is not None and user.weekly_digest and not template.immediate
    return MailState.DIGEST if waits else MailState.WAITING


def ready() -> QuerySet[OutboxMessage]:
    """The messages to send now, the oldest first; between two attempts they wait longer and longer."""
    now = clock.now()
    due = Q(retry_at=None) | Q(retry_at__lte=now)
    return OutboxMessage.objects.filter(due, state=MailState.WAITING, attempts__lt=MAX_ATTEMPTS).order_by("id")


def deliver(limit: int | None = 100) -> int:
    """Send waiting messages by SMTP, each in its own transaction; return the number sent."""
    waiting = list(ready().values_list("pk", flat=True)[:limit])
    return sum(_deliver(pk) for pk in waiting if _count_attempt(pk))


def _count_attempt(pk: int) -> bool:
    """Count the attempt and commit it before the sending: whatever happens to this process, the message waits its turn.

    Otherwise a message that kills its worker would be the first of every run, and the others would wait for ever.
    """
    with transaction.atomic():
        message = ready().select_for_update(skip_locked=True, of=("self",)).filter(pk=pk).first()
        if message is None:
            return False
        message.attempts += 1
        message.retry_at = clock.now() + dt.timedelta(minutes=2 ** (message.attempts - 1))
        message.save(update_fields=["attempts", "retry_at"])
        return True


def _deliver(pk: int) -> bool:
    """Send one message, under a lock on its row; a failure stays its own, with its reason."""
    with transaction.atomic():
        messages = OutboxMessage.objects.select_for_update(skip_locked=True, of=("self",))
        message = messages.filter(pk=pk, state=MailState.WAITING).first()
        if message is None:
            return False
        try:
            email = _composed(message)
            if not email.send():  # Django sends nothing, and says nothing, to an empty address
                raise ValueError("no recipient")
        except Exception as error:
            logger.warning("message %s: attempt %s failed", pk, message.attempts, exc_info=True)
            # A ValueError comes from the message itself (IDNA, headers): another attempt would end the same way.
            final = isinstance(error, ValueError) or message.attempts >= MAX_ATTEMPTS
            message.state = MailState.FAILED if final else MailState.WAITING
            message.error = _reason(error)
        else:
            message.state, message.sent_at, message.error = MailState.SENT, clock.now(), ""
            _forget(message)
        message.save(update_fields=["state", "sent_at", "error", "body", "secrets"])
        return message.state == MailState.SENT


def _composed(message: OutboxMessage) -> EmailMultiAlternatives:
    """The message as it leaves: text and HTML of the same words. No automatic answer is wanted (RFC 3834, 5.2)."""
    headers = {"Message-ID": message.message_id, "Auto-Submitted": "auto-generated"}
    email = EmailMultiAlternatives(
        message.subject, message.body, to=[message.to], reply_to=[settings.SUPPORT_EMAIL], headers=headers
    )
    email.attach_alternative(render_to_string("layout/email.html", {"message": message}), "text/html")
    for file in joined_to(message):
        email.attach(file.name, file.content, file.media_type)
    return email


def _reason(error: Exception) -> str:
    """Return why a message did not leave, for the national administration."""
    if isinstance(error, UnicodeError):
        start = "L’adresse n’est pas utilisable"
    elif isinstance(error, ValueError):
        start = "Le message n’est pas utilisable"
    elif isinstance(error, OSError):  # errors of smtplib and of sockets
        start = "Le serveur de messagerie a refusé ou n’a pas répondu"
    else:
        start = "L’envoi a échoué"
    return clean(f"{start} ({type(error).__name__} : {error})")[:1000]


def undelivered() -> QuerySet[OutboxMessage]:
    """Return the messages that failed, and those that wait after an attempt that failed; the failed ones first."""
    tried = Q(state=MailState.FAILED) | Q(state=MailState.WAITING, attempts__gt=0)
    return OutboxMessage.objects.filter(tried).select_related("recipient").order_by("state", "-created_at", "-id")


def unsent_to(template_key: str, *, root: str) -> set[str]:
    """Return the addresses whose latest message of this kind, about this root, failed."""
    rows = OutboxMessage.objects.filter(template=template_key, root=root).order_by("to", "-id").distinct("to")
    return {message.to for message in rows.only("to", "state") if message.state == MailState.FAILED}


def last_delivery(person: str) -> Subquery:
    """For a query whose person is at `person`: whether the latest message tried reached them; FAILED if it did not."""
    tried = OutboxMessage.objects.filter(recipient=OuterRef(person), state__in=[MailState.SENT, MailState.FAILED])
    return Subquery(tried.order_by("-id").values("state")[:1])


def try_again(messages: QuerySet[OutboxMessage]) -> int:
    """Let these messages leave at the next delivery, with as many attempts as at first; return how many failed ones."""
    count = messages.filter(state=MailState.FAILED).update(state=MailState.WAITING, attempts=0, retry_at=None)
    messages.filter(state=MailState.WAITING).update(attempts=0, retry_at=None)
    transaction.on_commit(wake("lib.deliver_outbox"))
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
