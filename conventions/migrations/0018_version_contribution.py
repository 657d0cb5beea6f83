"""The whole contribution of each version, in a column: lists show it without reading the content."""

from django.db import migrations, models

FILL = """
    ALTER TABLE conventions_version DISABLE TRIGGER USER;
    UPDATE conventions_version SET contribution = COALESCE(
        (SELECT SUM((row->>'amount')::numeric) FROM jsonb_array_elements(content->'contributions') AS row), 0);
    ALTER TABLE conventions_version ENABLE TRIGGER USER;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("conventions", "0017_signature_proof"),
    ]

    operations = [
        migrations.AddField(
            model_name="version",
            name="contribution",
            field=models.DecimalField(
                decimal_places=2, default=0, max_digits=14, verbose_name="contribution de l’État"
            ),
        ),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
    ]
