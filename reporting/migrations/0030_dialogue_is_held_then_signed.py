"""The deadline of the dialogue de gestion is met when it is held; its minutes, signed by both, have their own."""

from typing import Any

from django.db import migrations


def held(apps: Any, schema_editor: Any) -> None:
    rules = apps.get_model("reporting", "DeadlineRule").objects
    rules.filter(key="dialogue_gestion", met_by="releve_dialogue_signe").update(met_by="dialogue_tenu")


def signed(apps: Any, schema_editor: Any) -> None:
    rules = apps.get_model("reporting", "DeadlineRule").objects
    rules.filter(key="dialogue_gestion", met_by="dialogue_tenu").update(met_by="releve_dialogue_signe")


class Migration(migrations.Migration):
    dependencies = [("reporting", "0029_thresholds_and_control_grids")]
    operations = [migrations.RunPython(held, signed)]
