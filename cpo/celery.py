"""The Celery application and its beat schedule, as one table.

A beat only starts a task. Rows of the database (leases, deadlines, outbox) decide the work that is due, so that a
missed or repeated beat does no harm.
"""

from celery import Celery
from celery.schedules import crontab

app = Celery("cpo")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

MINUTE = 60.0

app.conf.beat_schedule = {
    name: {"task": task, "schedule": schedule}
    for name, task, schedule in (
        # purpose, task, period in seconds or crontab in Paris time
        ("deliver the messages that wait", "lib.deliver_outbox", MINUTE),
        ("take up the jobs whose worker died", "lib.take_up_jobs", MINUTE),
        ("forget what was typed and never saved", "lib.purge_drafts", crontab(hour=3, minute=20)),
        ("forget tries and posted forms that count no more", "lib.purge_counted", crontab(hour=3, minute=15)),
        ("forget the workbooks that nobody confirmed", "actions.purge_imports", crontab(hour=3, minute=25)),
        ("forget the workbooks of reports", "reporting.purge_imports", crontab(hour=3, minute=35)),
        # every hour: a convention's reminders leave at 8 in its own time zone, digests on Mondays
        ("deadlines, reminders, digests", "reporting.daily", crontab(minute=5)),
    )
}
