"""After a run is killed between two messages, a new run writes each reminder and its message exactly once."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from django.db import connection

from cpo.lib.models import OutboxMessage
from reporting.models import Reminder
from tests.factories.deadlines import alone, in_force, make_deadline

ROOT = Path(__file__).resolve().parent.parent.parent
RUN = """
import os, signal, sys
import django
django.setup()
from django.core.management import call_command
from reporting import notifications

fatal, real, count = int(sys.argv[1]), notifications.reminder, 0

def reminder(*args, **kwargs):
    global count
    message = real(*args, **kwargs)
    count += 1
    if count == fatal:
        os.kill(os.getpid(), signal.SIGKILL)
    return message

notifications.reminder = reminder
call_command("send_reminders", "--on", "2026-07-07", "--send")
"""


def send(fatal: int) -> subprocess.CompletedProcess[str]:
    """Run the command in a process that kills itself after this number of messages (0: never)."""
    server, _, _ = os.environ["DATABASE_URL"].rpartition("/")
    _, question, options = os.environ["DATABASE_URL"].partition("?")
    address = f"{server}/{connection.settings_dict['NAME']}{question}{options}"
    if question and server.count("?"):  # the options contain the path of a socket
        head, _, _ = os.environ["DATABASE_URL"].partition("?")
        address = f"{head.rpartition('/')[0]}/{connection.settings_dict['NAME']}?{options}"
    return subprocess.run(
        [sys.executable, "-c", RUN, str(fatal)],
        cwd=ROOT,
        env={**os.environ, "DATABASE_URL": address},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("fatal", [1, 2, 4])
def test_killed_between_two_messages_then_run_again_each_reminder_is_written_once(fatal):
    alone()
    convention = in_force()
    deadlines = [make_deadline(convention, ladder=[0, 7], escalation=[[7, ["president"]]]) for _ in range(3)]
    process = send(fatal)
    assert process.returncode == -signal.SIGKILL, process.stderr
    # Each deadline has two messages in one transaction, so the interrupted transaction leaves nothing.
    assert Reminder.objects.filter(state="sent").count() == OutboxMessage.objects.count() == (fatal - 1) // 2 * 2
    again = send(0)
    assert again.returncode == 0, again.stderr
    expected = {(deadline.pk, 7, role) for deadline in deadlines for role in ("director", "president")}
    rows = Reminder.objects.filter(state="sent").values_list("deadline", "rung", "recipient__memberships__role")
    assert sorted(rows) == sorted(expected)
    assert OutboxMessage.objects.count() == 6
    assert OutboxMessage.objects.filter(state="sent").count() == 6
    assert again.stdout.splitlines()[-1] == f"{6 - (fatal - 1) // 2 * 2} rappel(s) écrit(s)."
