"""« Relancer », once a day; a signatory declines to sign."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("conventions", "0019_proof_of_posting_and_excess_of_payment"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Nudge",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("about", models.CharField(max_length=60, verbose_name="attente")),
                ("day", models.DateField(verbose_name="jour")),
                ("at", models.DateTimeField(verbose_name="le")),
                (
                    "act",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="nudges", to="conventions.act"
                    ),
                ),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "verbose_name": "relance",
                "ordering": ["at"],
                "constraints": [models.UniqueConstraint(fields=("act", "about", "day"), name="one_nudge_a_day")],
            },
        ),
        migrations.CreateModel(
            name="SigningRefusal",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("reason", models.TextField(verbose_name="motif")),
                ("at", models.DateTimeField(verbose_name="le")),
                ("lifted_at", models.DateTimeField(blank=True, null=True, verbose_name="levé le")),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "document",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="refusals", to="conventions.document"
                    ),
                ),
                (
                    "party",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="refusals", to="conventions.party"
                    ),
                ),
            ],
            options={
                "verbose_name": "refus de signer",
                "verbose_name_plural": "refus de signer",
                "ordering": ["at"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("lifted_at", None)),
                        fields=("document", "party"),
                        name="one_standing_refusal_per_party",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("reason", ""), _negated=True), name="refusal_has_its_reason"
                    ),
                ],
            },
        ),
    ]
