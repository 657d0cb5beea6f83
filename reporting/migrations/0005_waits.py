"""What people wait for on an act has its rows: the reminders are written once."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("conventions", "0020_nudges_and_refusals"),
        ("reporting", "0004_months_after_notification"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="deadline",
            name="one_deadline_per_rule_and_year",
        ),
        migrations.AddField(
            model_name="deadline",
            name="about",
            field=models.CharField(blank=True, max_length=80, verbose_name="attente"),
        ),
        migrations.AddConstraint(
            model_name="deadline",
            constraint=models.UniqueConstraint(
                fields=("convention", "rule", "year", "about"),
                name="one_deadline_per_rule_and_year",
                nulls_distinct=False,
            ),
        ),
    ]
