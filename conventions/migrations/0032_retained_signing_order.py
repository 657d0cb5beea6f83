"""An open text retains the order of its signatures, as it does the ways to sign: until today it followed the cycle."""

from django.db import migrations

OPEN = ("draft", "negotiation", "signature")


def retain_order(apps, schema_editor):
    programmes = apps.get_model("actions", "Programme").objects
    acts = apps.get_model("conventions", "Act").objects.filter(state__in=OPEN)
    for programme in programmes.filter(pk__in=acts.values("programme_id")).select_related("cycle").iterator():
        own = programme.retained.setdefault("cycle", {}).setdefault(str(programme.cycle_id), {})
        own.setdefault("signing_order", programme.cycle.signing_order)
        programmes.filter(pk=programme.pk).update(retained=programme.retained)


class Migration(migrations.Migration):
    dependencies = [
        ("actions", "0013_answers_and_thresholds"),
        ("conventions", "0031_meetings"),
    ]

    operations = [migrations.RunPython(retain_order, migrations.RunPython.noop)]
