"""An open text retains the ways to sign that its cycle admits now: until today, nothing said which ones it began with."""

from django.db import migrations

MODES = ("browser_signature", "scan_signature", "pades_signature")
OPEN = ("draft", "negotiation", "signature")


def retain_modes(apps, schema_editor):
    programmes = apps.get_model("actions", "Programme").objects
    acts = apps.get_model("conventions", "Act").objects.filter(state__in=OPEN)
    for programme in programmes.filter(pk__in=acts.values("programme_id")).select_related("cycle").iterator():
        cycles = programme.retained.setdefault("cycle", {})
        own = cycles.setdefault(str(programme.cycle_id), {})
        for name in MODES:
            own.setdefault(name, getattr(programme.cycle, name))
        programmes.filter(pk=programme.pk).update(retained=programme.retained)


class Migration(migrations.Migration):
    dependencies = [
        ("actions", "0012_farthest_year"),
        ("conventions", "0028_signed_deposits"),
    ]

    operations = [migrations.RunPython(retain_modes, migrations.RunPython.noop)]
