"""Extracts of Chorus; an EJ is of one beneficiary, and of one convention of a year."""

import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("reporting", "0021_optional_rules_and_texts_of_reminders"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ChorusExtract",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=200, verbose_name="nom du fichier")),
                ("data", models.BinaryField(verbose_name="fichier")),
                (
                    "reading",
                    models.CharField(
                        choices=[
                            ("waiting", "En cours de lecture"),
                            ("columns", "Colonnes à choisir"),
                            ("read", "Lu"),
                            ("refused", "Illisible"),
                        ],
                        max_length=10,
                        verbose_name="lecture",
                    ),
                ),
                ("columns", models.JSONField(default=list, verbose_name="en-têtes")),
                ("mapping", models.JSONField(default=dict, verbose_name="colonnes choisies")),
                ("rows", models.JSONField(default=list, verbose_name="lignes")),
                ("reason", models.CharField(blank=True, max_length=500, verbose_name="raison du refus")),
                ("created_at", models.DateTimeField(verbose_name="envoyé le")),
            ],
            options={
                "verbose_name": "extrait de Chorus",
                "verbose_name_plural": "extraits de Chorus",
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="commitment",
            trigger=pgtrigger.compiler.Trigger(
                name="commitment_has_one_key",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (NEW.number <> '')",
                    func="\n            PERFORM pg_advisory_xact_lock(hashtext('reporting_commitment ' || NEW.number));\n            IF EXISTS (\n                SELECT 1 FROM reporting_commitment\n                WHERE number = NEW.number AND voided_at IS NULL AND id <> NEW.id\n                  AND (siret <> NEW.siret OR (year = NEW.year AND convention_id <> NEW.convention_id))\n            ) THEN\n                RAISE EXCEPTION 'commitment_has_one_key' USING ERRCODE = 'check_violation';\n            END IF;\n            RETURN NEW;\n        ",
                    hash="14eebac5224549d0c0a647d16da683b627f8d5b9",
                    operation="INSERT",
                    pgid="pgtrigger_commitment_has_one_key_d880f",
                    table="reporting_commitment",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddField(
            model_name="chorusextract",
            name="user",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.CASCADE, related_name="chorus_extract", to=settings.AUTH_USER_MODEL
            ),
        ),
    ]
