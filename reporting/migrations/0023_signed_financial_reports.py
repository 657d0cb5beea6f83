"""The compte rendu financier of a sending is an entry of the register, which the president signs."""

import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models

# The entry that printed the file: of the convention of the report, the report may have changed its act since.
COPY = """
    UPDATE reporting_reportversion v SET financial_document_id = (
        SELECT d.id FROM conventions_document d
        JOIN conventions_act a ON a.id = d.act_id
        JOIN reporting_report r ON r.convention_id = a.convention_id
        WHERE r.id = v.report_id AND d.file_id = v.financial_report_id AND d.purpose = 'crf'
        ORDER BY d.id LIMIT 1)
    WHERE v.financial_report_id IS NOT NULL;
    SET CONSTRAINTS ALL IMMEDIATE;
"""
BACK = """
    UPDATE reporting_reportversion v SET financial_report_id = (
        SELECT d.file_id FROM conventions_document d WHERE d.id = v.financial_document_id)
    WHERE v.financial_document_id IS NOT NULL;
    SET CONSTRAINTS ALL IMMEDIATE;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("conventions", "0031_meetings"),
        ("reporting", "0022_chorus_extract_and_key_of_commitments"),
    ]

    operations = [
        migrations.AddField(
            model_name="reportversion",
            name="financial_document",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="sendings",
                to="conventions.document",
            ),
        ),
        migrations.RunSQL(COPY, BACK),
        migrations.RemoveField(model_name="reportversion", name="financial_report"),
        pgtrigger.migrations.AddTrigger(
            model_name="reportversion",
            trigger=pgtrigger.compiler.Trigger(
                name="financial_document_stays",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."financial_document_id" IS NOT NULL AND OLD."financial_document_id" IS DISTINCT FROM (NEW."financial_document_id"))',
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                    hash="9bb9b6a43dc1634b2956489613e225b60dd70ccc",
                    operation="UPDATE",
                    pgid="pgtrigger_financial_document_stays_750ab",
                    table="reporting_reportversion",
                    when="BEFORE",
                ),
            ),
        ),
    ]
