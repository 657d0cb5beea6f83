"""The rank of the private address of a person’s calendar; the next one revokes it."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("arml", "0008_drop_dossier_visit"),
    ]

    operations = [
        migrations.AddField(
            model_name="user",
            name="calendar_serial",
            field=models.PositiveIntegerField(default=0, verbose_name="rang de l’adresse du calendrier"),
        ),
    ]
