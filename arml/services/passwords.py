"""Lost passwords, message preferences, the address of the calendar.

A person acts on their own account: the journal does not record it.
"""

import datetime as dt

from django.conf import settings
from django.contrib.auth.tokens import default_token_generator
from django.db import transaction
from django.db.models import F
from django.urls import reverse
from django.utils.crypto import salted_hmac
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

from arml.models import User
from arml.notifications import PasswordMail
from cpo.lib.models import Job
from cpo.lib.work import jobs
from cpo.lib.work.ceilings import Ceiling, Reached

KIND = "password_reset"
FOR_ONE_ADDRESS = Ceiling("password_reset", most=3)  # protects mailboxes
FROM_ONE_MACHINE = Ceiling("password_reset_from", most=20)  # a whole service may share one machine towards us


@transaction.atomic
def request_reset(*, email: str, machine: str = "") -> None:
    """Ask for a link to choose a new password.

    Whether the address has an account is looked up by the worker alone: the answer and its time can't tell it. Beyond
    the ceiling of one address nothing is said either. Raises Reached when this machine asked too often.
    """
    email = email.strip().lower()
    FROM_ONE_MACHINE.spend(machine)
    try:
        FOR_ONE_ADDRESS.spend(email)
    except Reached:
        return
    key = salted_hmac("arml.password_reset", email, algorithm="sha256").hexdigest()
    jobs.enqueue(KIND, key, email=email)


@transaction.atomic
def send_reset(job: Job) -> bool:
    """Send the link if the address has an account; forget the address, which may be anybody's.

    Demo accounts are excluded: their shared password never changes.
    """
    user = User.objects.filter(email=job.arguments.get("email"), is_active=True, is_demo=False).first()
    Job.objects.filter(pk=job.pk).update(arguments={})
    if user is None:
        return False
    uid = urlsafe_base64_encode(force_bytes(user.pk))
    path = reverse("password-reset-confirm", args=[uid, default_token_generator.make_token(user)])
    PasswordMail(user, path, dt.timedelta(seconds=settings.PASSWORD_RESET_TIMEOUT)).write()
    return True


def renew_calendar_address(*, user: User) -> None:
    """Revoke the private address of the person's calendar; the next one is another."""
    User.objects.filter(pk=user.pk).update(calendar_serial=F("calendar_serial") + 1)
    user.refresh_from_db(fields=["calendar_serial"])


def set_preferences(*, user: User, weekly_digest: bool) -> None:
    user.weekly_digest = weekly_digest
    user.save(update_fields=["weekly_digest"])
