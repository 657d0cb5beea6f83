import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("actions", "0013_answers_and_thresholds"),
        ("lib", "0012_typing_errors"),
        ("reporting", "0011_report_versions"),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name="report",
            name="admissible_report_keeps_its_text",
        ),
        migrations.AddField(
            model_name="report",
            name="allocation_keys",
            field=models.TextField(blank=True, verbose_name="clés de répartition des charges indirectes"),
        ),
        migrations.AddField(
            model_name="report",
            name="form",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="lib.storedfile",
            ),
        ),
        migrations.AddField(
            model_name="report",
            name="surplus_use",
            field=models.TextField(blank=True, verbose_name="origine et destination de l’excédent"),
        ),
        migrations.AddField(
            model_name="reportversion",
            name="financial_report",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="lib.storedfile",
            ),
        ),
        migrations.AddField(
            model_name="value",
            name="not_applicable",
            field=models.BooleanField(default=False, verbose_name="sans objet"),
        ),
        migrations.AddField(
            model_name="value",
            name="source",
            field=models.CharField(blank=True, max_length=150, verbose_name="source de la valeur"),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="report",
            trigger=pgtrigger.compiler.Trigger(
                name="admissible_report_keeps_its_text",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."state" IN (\'admissible\', \'reviewed\', \'concluded\') AND (OLD."highlights" IS DISTINCT FROM (NEW."highlights") OR OLD."governance" IS DISTINCT FROM (NEW."governance") OR OLD."financial_comment" IS DISTINCT FROM (NEW."financial_comment") OR OLD."allocation_keys" IS DISTINCT FROM (NEW."allocation_keys") OR OLD."surplus_use" IS DISTINCT FROM (NEW."surplus_use") OR OLD."act_id" IS DISTINCT FROM (NEW."act_id")))',
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                    hash="bd9545e930ab47f43a094189951867262e9eb79d",
                    operation="UPDATE",
                    pgid="pgtrigger_admissible_report_keeps_its_text_a5416",
                    table="reporting_report",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="value",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("not_applicable", False),
                    models.Q(
                        ("denominator", None),
                        ("number", None),
                        ("numerator", None),
                        ("text", ""),
                        models.Q(("comment", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="value_without_object_has_a_reason_alone",
                violation_error_message="«\xa0Sans objet\xa0» n’a pas de valeur, et dit pourquoi.",
            ),
        ),
    ]
