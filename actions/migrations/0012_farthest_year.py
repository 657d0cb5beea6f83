"""The farthest term that a working copy had: what an extension brought stays on view when the term comes back."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("actions", "0011_correction_of_paper"),
    ]

    operations = [
        migrations.AddField(
            model_name="programme",
            name="farthest_year",
            field=models.PositiveIntegerField(blank=True, null=True, verbose_name="dernière année montrée"),
        ),
    ]
