import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("reporting", "0012_annexes_and_papers"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ReportImport",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=200, verbose_name="nom du fichier")),
                ("data", models.BinaryField(verbose_name="classeur")),
                ("created_at", models.DateTimeField(verbose_name="envoyé le")),
                (
                    "answers",
                    models.JSONField(blank=True, default=dict, verbose_name="réponses sur les lignes sans clé"),
                ),
                (
                    "report",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="imports", to="reporting.report"
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "verbose_name": "import d’un compte rendu en attente",
                "verbose_name_plural": "imports de comptes rendus en attente",
                "constraints": [
                    models.UniqueConstraint(fields=("report", "user"), name="one_report_import_per_person")
                ],
            },
        ),
    ]
