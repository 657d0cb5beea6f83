"""The rules of the last year start from the term of each convention, which an avenant moves.

Only the rules that still have the date with which they were loaded: a date that the administration chose stays.
"""

from django.db import migrations

LAST_REPORT = ("rapport_recevable_2027", "dernier_rapport_recevable")
# key, (month, day, year) as loaded, months from the term
DATED = [
    ("bilan_ensemble", (9, 30, "2027"), -3),
    ("evaluation_conjointe", (12, 31, "2027"), 0),
    ("terme", (12, 31, "2027"), 0),
    ("archivage", (12, 31, "2037"), 120),
]


def from_the_term(apps, schema_editor):
    rules = apps.get_model("reporting", "DeadlineRule").objects
    rules.filter(base_event=LAST_REPORT[0]).update(base_event=LAST_REPORT[1])
    for key, (month, day, year), months in DATED:
        loaded = rules.filter(key=key, base_month=month, base_day=day, base_year=year, shift_days=0, shift_months=0)
        loaded.update(base_event="terme", base_month=None, base_day=None, base_year="", shift_months=months)


class Migration(migrations.Migration):
    dependencies = [("reporting", "0007_confirmed_values")]

    operations = [migrations.RunPython(from_the_term, migrations.RunPython.noop)]
