"""Nothing is born late: a deadline falls no sooner than some months after the notification."""

from django.db import migrations, models
from django.db.models import Q

DATED_BY_SIGNATURE = ("", "derniere_signature")
OWN_DAY = ("notification_convention", "adaptation_budget")  # ends with the notification; the 1 July of article 3.4


def leave_other_delays_alone(apps, schema_editor):
    """What starts from another fact (an answer, a formal notice) has its delay from that fact."""
    rules = apps.get_model("reporting", "DeadlineRule").objects.all()
    other = rules.filter(~Q(base_event__in=DATED_BY_SIGNATURE) | Q(key__in=OWN_DAY))
    other.update(months_after_notification=0)


class Migration(migrations.Migration):
    dependencies = [("reporting", "0003_end_of_life")]

    operations = [
        migrations.AddField(
            model_name="deadlinerule",
            name="months_after_notification",
            field=models.PositiveSmallIntegerField(
                default=2,
                help_text="0\u00a0: la date de la règle, sans plus",
                verbose_name="au plus tôt, en mois après la notification",
            ),
        ),
        migrations.RunPython(leave_other_delays_alone, migrations.RunPython.noop),
    ]
