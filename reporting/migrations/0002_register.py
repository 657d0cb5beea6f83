"""Acknowledgements printed before the register existed enter it."""

from django.db import migrations


def enter(apps, schema_editor):
    Report = apps.get_model("reporting", "Report")
    Document = apps.get_model("conventions", "Document")
    for report in Report.objects.exclude(acknowledgement=None).select_related("acknowledgement"):
        Document.objects.get_or_create(
            act_id=report.act_id,
            purpose="accuse",
            file=report.acknowledgement,
            voided_at=None,
            defaults={
                "label": f"Accusé de réception du compte rendu {report.year}, envoi {report.round}",
                "created_at": report.acknowledgement.created_at,
            },
        )


class Migration(migrations.Migration):
    dependencies = [("reporting", "0001_initial"), ("conventions", "0010_register")]
    operations = [migrations.RunPython(enter, migrations.RunPython.noop)]
