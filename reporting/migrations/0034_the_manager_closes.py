"""The closing of a convention is the manager's: its deadline named the officer, who cannot do it.

Only the rule as it was loaded: what the administration chose stays.
"""

from django.db import migrations

LOADED = {"responsible": "officer", "informed": ["manager", "director"], "escalation": [[30, ["manager"]]]}
NOW = {"responsible": "manager", "informed": ["officer", "director"], "escalation": [[30, ["national_admin"]]]}


def name_the_manager(apps, schema_editor):
    apps.get_model("reporting", "DeadlineRule").objects.filter(key="cloture", **LOADED).update(**NOW)


class Migration(migrations.Migration):
    dependencies = [("reporting", "0033_files_of_a_fiche")]

    operations = [migrations.RunPython(name_the_manager, migrations.RunPython.noop)]
