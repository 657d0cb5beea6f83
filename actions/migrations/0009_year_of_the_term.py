"""The year of the term of an act, which its programme follows."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("actions", "0008_accounts_in_kind"),
    ]

    operations = [
        migrations.AddField(
            model_name="programme",
            name="term_year",
            field=models.PositiveIntegerField(blank=True, null=True, verbose_name="année du terme"),
        ),
    ]
