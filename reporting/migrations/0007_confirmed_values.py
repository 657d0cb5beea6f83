"""A value out of proportion is asked about, and the number that a person confirmed is kept."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("reporting", "0006_taking_over")]

    operations = [
        migrations.AddField(
            model_name="value",
            name="confirmed",
            field=models.DecimalField(
                blank=True, decimal_places=2, max_digits=14, null=True, verbose_name="valeur confirmée"
            ),
        ),
    ]
