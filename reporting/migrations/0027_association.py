"""Training sessions, persons counted there, figures of the network annexed to a report, registers being imported."""

import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("arml", "0010_association"),
        ("reporting", "0026_forecasts_and_diagnosis"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="TrainingSession",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("title", models.CharField(max_length=200, verbose_name="intitulé")),
                ("sheet_key", models.UUIDField(blank=True, null=True, verbose_name="fiche")),
                ("starts_on", models.DateField(verbose_name="du")),
                ("ends_on", models.DateField(verbose_name="au")),
                ("place", models.CharField(blank=True, max_length=120, verbose_name="lieu")),
                ("trainer", models.CharField(blank=True, max_length=150, verbose_name="organisme formateur")),
                (
                    "hours",
                    models.DecimalField(blank=True, decimal_places=2, max_digits=6, null=True, verbose_name="heures"),
                ),
                ("seats", models.PositiveIntegerField(blank=True, null=True, verbose_name="places")),
                ("revision", models.PositiveIntegerField(default=0)),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="training_sessions",
                        to="arml.organisation",
                    ),
                ),
            ],
            options={
                "verbose_name": "session de formation",
                "verbose_name_plural": "sessions de formation",
                "ordering": ["-starts_on", "title", "id"],
            },
        ),
        migrations.CreateModel(
            name="Attendance",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("persons", models.PositiveIntegerField(verbose_name="personnes")),
                ("revision", models.PositiveIntegerField(default=0)),
                (
                    "member",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="attendances",
                        to="arml.member",
                        verbose_name="mission locale",
                    ),
                ),
                (
                    "session",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="attendances",
                        to="reporting.trainingsession",
                        verbose_name="session",
                    ),
                ),
            ],
            options={
                "verbose_name": "présence",
                "ordering": ["-session__starts_on", "session__title", "member__name", "id"],
            },
        ),
        migrations.CreateModel(
            name="AssociationImport",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=200, verbose_name="nom du fichier")),
                ("data", models.BinaryField(verbose_name="classeur")),
                ("changes", models.JSONField(default=list, verbose_name="différences")),
                ("state", models.CharField(max_length=64, verbose_name="état comparé")),
                ("created_at", models.DateTimeField(verbose_name="envoyé le")),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="imports", to="arml.organisation"
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
                "verbose_name": "import de registres en attente",
                "verbose_name_plural": "imports de registres en attente",
                "constraints": [
                    models.UniqueConstraint(fields=("organisation", "user"), name="one_association_import")
                ],
            },
        ),
        migrations.CreateModel(
            name="NetworkFigure",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "measure",
                    models.CharField(
                        choices=[
                            ("accueillis", "Jeunes accueillis pour la première fois (i-milo)"),
                            ("accompagnes", "Jeunes accompagnés dans l’année (i-milo)"),
                            ("pacea_entrees", "Entrées en PACEA"),
                            ("pacea_sorties", "Sorties de PACEA"),
                            ("cej_entrees", "Entrées en CEJ"),
                            ("cej_sorties", "Sorties de CEJ"),
                            ("cej_emploi", "Sorties de CEJ vers l’emploi ou la formation"),
                            ("emploi", "Accès à l’emploi ou à l’alternance (i-milo)"),
                            ("formation", "Entrées en formation (i-milo)"),
                        ],
                        max_length=20,
                        verbose_name="chiffre",
                    ),
                ),
                ("number", models.PositiveIntegerField(verbose_name="nombre")),
                (
                    "report",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="network_figures",
                        to="reporting.report",
                    ),
                ),
            ],
            options={
                "verbose_name": "chiffre du réseau",
                "verbose_name_plural": "chiffres du réseau",
                "constraints": [models.UniqueConstraint(fields=("report", "measure"), name="one_network_figure")],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="networkfigure",
            trigger=pgtrigger.compiler.Trigger(
                name="settled_network_figure",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    declare="DECLARE target RECORD;",
                    func="\n            IF TG_OP = 'DELETE' THEN target := OLD; ELSE target := NEW; END IF;\n            IF EXISTS (SELECT 1 FROM reporting_report r WHERE r.id = (target.report_id)\n                       AND r.state IN ('admissible', 'reviewed', 'concluded')) THEN\n                RAISE EXCEPTION 'an admissible report never changes' USING ERRCODE = 'check_violation';\n            END IF;\n            RETURN target;\n        ",
                    hash="2fe5b2a5016d77fa35152863d1b3588e9539004b",
                    operation="INSERT OR UPDATE OR DELETE",
                    pgid="pgtrigger_settled_network_figure_e2220",
                    table="reporting_networkfigure",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="trainingsession",
            constraint=models.UniqueConstraint(
                fields=("organisation", "title", "starts_on"), name="one_session_per_start"
            ),
        ),
        migrations.AddConstraint(
            model_name="trainingsession",
            constraint=models.CheckConstraint(
                condition=models.Q(("ends_on__gte", models.F("starts_on"))), name="session_ends_after_it_starts"
            ),
        ),
        migrations.AddConstraint(
            model_name="trainingsession",
            constraint=models.CheckConstraint(
                condition=models.Q(("hours", None), ("hours__gt", 0), _connector="OR"),
                name="session_hours_are_positive",
            ),
        ),
        migrations.AddConstraint(
            model_name="attendance",
            constraint=models.UniqueConstraint(fields=("session", "member"), name="one_attendance_per_member"),
        ),
    ]
