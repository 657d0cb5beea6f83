"""An optional rule is never late; the texts of the reminders name the convention, the association and whom to call.

Texts that the administration edited stay as they are.
"""

from django.db import migrations, models

from cpo.lib.mail.texts import shipped_texts

REMINDERS = (
    "rappel_j_moins_30",
    "rappel_j_moins_7",
    "rappel_jour_j",
    "rappel_j_plus_7",
    "rappel_j_plus_15",
    "rappel_attente",
)


def take_new_texts(apps, schema_editor):
    apps.get_model("reporting", "DeadlineRule").objects.filter(key="adaptation_budget").update(optional=True)
    texts, templates = shipped_texts(), apps.get_model("lib", "EmailTemplate").objects
    for key in REMINDERS:
        templates.filter(key=key, revision=0).update(subject=texts[key].subject, body=texts[key].body)


class Migration(migrations.Migration):
    dependencies = [("reporting", "0020_reviews_go"), ("lib", "0012_typing_errors")]

    operations = [
        migrations.AddField(
            model_name="deadlinerule",
            name="optional",
            field=models.BooleanField(
                default=False,
                help_text="Passée sans réponse, l’échéance est close\u00a0: jamais en retard.",
                verbose_name="facultative",
            ),
        ),
        migrations.RunPython(take_new_texts, migrations.RunPython.noop),
    ]
