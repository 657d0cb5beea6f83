"""Lost passwords and message preferences. A person acts on their own account: the journal does not record it."""

import datetime as dt

from django.conf import settings
from django.contrib.auth.tokens import default_token_generator
from django.db import transaction
from django.urls import reverse
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

from arml.models import User
from arml.notifications import PasswordMail
from cpo.lib import clock
from cpo.lib.models import OutboxMessage

PER_HOUR = 3


@transaction.atomic
def request_reset(*, email: str) -> None:
    """Send a link to choose a new password when the address has an account. The caller's answer never depends on it.

    At most three an hour, to protect mailboxes. Demo accounts are excluded: their shared password never changes.
    """
    user = User.objects.filter(email=email.strip().lower(), is_active=True, is_demo=False).first()
    if user is None:
        return
    recent = OutboxMessage.objects.filter(
        recipient=user, template=PasswordMail.template, created_at__gt=clock.now() - dt.timedelta(hours=1)
    )
    if recent.count() >= PER_HOUR:
        return
    uid = urlsafe_base64_encode(force_bytes(user.pk))
    path = reverse("password-reset-confirm", args=[uid, default_token_generator.make_token(user)])
    PasswordMail(user, path, dt.timedelta(seconds=settings.PASSWORD_RESET_TIMEOUT)).write()


def set_preferences(*, user: User, weekly_digest: bool) -> None:
    user.weekly_digest = weekly_digest
    user.save(update_fields=["weekly_digest"])
