from django.db import migrations, models

# What was written before the columns is read from its sentence, once: after the name of who wrote and « modifie ». The
# journal is append-only: its trigger is set aside for this one update, which adds what the sentence already says.
FILL = r"""
ALTER TABLE lib_journalentry DISABLE TRIGGER USER;
WITH said AS (
    SELECT id, verb, substr(sentence, position(actor_name || ' modifie ' IN sentence) + length(actor_name || ' modifie '))
        AS rest
    FROM lib_journalentry
    WHERE verb IN ('edited', 'acceptances_cancelled', 'report_written')
        AND position(actor_name || ' modifie ' IN sentence) > 0
), read AS (
    SELECT id, verb, rest, CASE verb
        WHEN 'edited' THEN regexp_replace(rest, '[.]$', '')
        WHEN 'report_written' THEN regexp_replace(rest, ' du compte rendu [0-9]{4}[.]$', '')
        ELSE regexp_replace(rest, E'\u00a0: la version [0-9]+ n’est plus acceptée[.]$', '')
    END AS element
    FROM said
)
UPDATE lib_journalentry SET element = left(read.element, 300), parameters = CASE
        WHEN read.element = read.rest OR read.verb = 'edited' THEN '{}'::jsonb
        WHEN read.verb = 'report_written'
            THEN jsonb_build_object('year', substring(read.rest FROM '([0-9]{4})[.]$')::int)
        ELSE jsonb_build_object('version', substring(read.rest FROM 'la version ([0-9]+) n’est plus acceptée[.]$')::int)
    END
FROM read WHERE lib_journalentry.id = read.id;
ALTER TABLE lib_journalentry ENABLE TRIGGER USER;
"""


class Migration(migrations.Migration):
    dependencies = [("lib", "0007_plain_text")]

    operations = [
        migrations.AddField(
            model_name="journalentry",
            name="element",
            field=models.CharField(blank=True, max_length=300, verbose_name="élément", default=""),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="journalentry",
            name="parameters",
            field=models.JSONField(blank=True, default=dict, verbose_name="paramètres"),
        ),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
    ]
