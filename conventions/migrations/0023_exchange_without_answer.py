"""The reader of an exchange may say that its last word needs no answer."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("conventions", "0022_correction_of_paper")]

    operations = [
        migrations.AddField(
            model_name="thread",
            name="settled_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="sans réponse attendue depuis"),
        ),
    ]
