"""The signed copy; how a signed act was notified."""

import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("arml", "0008_drop_dossier_visit"),
        ("conventions", "0023_exchange_without_answer"),
        ("lib", "0012_typing_errors"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterField(
            model_name="document",
            name="purpose",
            field=models.CharField(
                choices=[
                    ("projet", "projet"),
                    ("a_signer", "à signer"),
                    ("copie", "copie"),
                    ("consolidee", "version consolidée"),
                    ("accuse", "accusé de réception"),
                    ("releve", "relevé du dialogue de gestion"),
                    ("journal", "journal"),
                    ("travail", "copie de travail"),
                    ("cachet", "revêtu du cachet"),
                    ("exemplaire", "exemplaire signé"),
                    ("preuve", "dossier de preuve"),
                    ("mise_demeure", "mise en demeure"),
                    ("resiliation", "constat de la résiliation"),
                    ("cloture", "constat de clôture"),
                    ("abandon", "constat d’abandon"),
                ],
                max_length=12,
                verbose_name="usage",
            ),
        ),
        migrations.CreateModel(
            name="Delivery",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "means",
                    models.CharField(
                        choices=[
                            ("application", "mise à disposition dans l’application, annoncée par courriel"),
                            ("recommande", "lettre recommandée avec avis de réception"),
                            ("lre", "lettre recommandée électronique"),
                            ("main", "remise en main propre contre récépissé"),
                            ("courriel", "courriel avec accusé de réception"),
                        ],
                        max_length=12,
                        verbose_name="moyen",
                    ),
                ),
                ("sent_on", models.DateField(verbose_name="envoyée le")),
                ("received_on", models.DateField(blank=True, null=True, verbose_name="reçue le")),
                ("number", models.CharField(blank=True, max_length=60, verbose_name="numéro d’envoi")),
                ("recorded_at", models.DateTimeField(verbose_name="enregistrée le")),
                (
                    "act",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="deliveries", to="conventions.act"
                    ),
                ),
                (
                    "addressee",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="arml.organisation",
                        verbose_name="destinataire",
                    ),
                ),
                (
                    "proof",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="lib.storedfile",
                        verbose_name="preuve",
                    ),
                ),
                (
                    "recorded_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "verbose_name": "notification",
                "ordering": ["-recorded_at", "-id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("received_on", None), ("received_on__gte", models.F("sent_on")), _connector="OR"
                        ),
                        name="delivery_is_received_after_it_is_sent",
                        violation_error_message="La réception ne précède pas l’envoi.",
                    )
                ],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="delivery",
            trigger=pgtrigger.compiler.Trigger(
                name="delivery_never_changes",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                    hash="ca70fecc96b8c9fb2b05108cea11a5de166430a3",
                    operation="UPDATE",
                    pgid="pgtrigger_delivery_never_changes_26199",
                    table="conventions_delivery",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="delivery",
            trigger=pgtrigger.compiler.Trigger(
                name="delivery_is_never_deleted",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;",
                    hash="7742e23d6661440a7882d74131596ae0faf8d086",
                    operation="DELETE",
                    pgid="pgtrigger_delivery_is_never_deleted_c7e4d",
                    table="conventions_delivery",
                    when="BEFORE",
                ),
            ),
        ),
    ]
