"""A letter sent before it was typed has its proof of posting; a payment above the grant has its reason."""

import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

# The programmes of acts that already move the term have its year, as those of the next ones.
TERM_YEARS = """
    ALTER TABLE actions_programme DISABLE TRIGGER USER;
    UPDATE actions_programme SET term_year = EXTRACT(YEAR FROM act.ends_on)
    FROM conventions_act AS act, actions_cycle AS cycle
    WHERE act.programme_id = actions_programme.id AND cycle.id = actions_programme.cycle_id
        AND EXTRACT(YEAR FROM act.ends_on) <> cycle.last_year;
    ALTER TABLE actions_programme ENABLE TRIGGER USER;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("actions", "0009_year_of_the_term"),
        ("conventions", "0018_version_contribution"),
        ("lib", "0012_typing_errors"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name="formalnotice",
            name="sent_notice_never_changes",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="fundingfact",
            name="funding_never_changes",
        ),
        migrations.RemoveConstraint(
            model_name="formalnotice",
            name="sent_notice_has_its_letter",
        ),
        migrations.RemoveConstraint(
            model_name="formalnotice",
            name="notice_is_sent_once_prepared",
        ),
        migrations.AddField(
            model_name="formalnotice",
            name="proof",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="lib.storedfile",
                verbose_name="preuve de dépôt",
            ),
        ),
        migrations.AddField(
            model_name="fundingfact",
            name="excess_reason",
            field=models.CharField(blank=True, max_length=250, verbose_name="motif d’un versement au-delà de l’accord"),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="formalnotice",
            trigger=pgtrigger.compiler.Trigger(
                name="sent_notice_never_changes",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."sent_on" IS NOT NULL AND (OLD."convention_id" IS DISTINCT FROM (NEW."convention_id") OR OLD."side" IS DISTINCT FROM (NEW."side") OR OLD."breaches" IS DISTINCT FROM (NEW."breaches") OR OLD."sent_on" IS DISTINCT FROM (NEW."sent_on") OR OLD."due_on" IS DISTINCT FROM (NEW."due_on") OR OLD."letter_number" IS DISTINCT FROM (NEW."letter_number") OR OLD."letter_id" IS DISTINCT FROM (NEW."letter_id") OR OLD."proof_id" IS DISTINCT FROM (NEW."proof_id")))',
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                    hash="6ecdef9ad6e9cbd77c01e9f6e0936c9d6946b061",
                    operation="UPDATE",
                    pgid="pgtrigger_sent_notice_never_changes_91988",
                    table="conventions_formalnotice",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="fundingfact",
            trigger=pgtrigger.compiler.Trigger(
                name="funding_never_changes",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."convention_id" IS DISTINCT FROM (NEW."convention_id") OR OLD."kind" IS DISTINCT FROM (NEW."kind") OR OLD."account_id" IS DISTINCT FROM (NEW."account_id") OR OLD."funder" IS DISTINCT FROM (NEW."funder") OR OLD."sheet_key" IS DISTINCT FROM (NEW."sheet_key") OR OLD."sheet_label" IS DISTINCT FROM (NEW."sheet_label") OR OLD."year" IS DISTINCT FROM (NEW."year") OR OLD."amount" IS DISTINCT FROM (NEW."amount") OR OLD."dated_on" IS DISTINCT FROM (NEW."dated_on") OR OLD."reference" IS DISTINCT FROM (NEW."reference") OR OLD."excess_reason" IS DISTINCT FROM (NEW."excess_reason") OR OLD."file_id" IS DISTINCT FROM (NEW."file_id") OR OLD."file_name" IS DISTINCT FROM (NEW."file_name") OR OLD."recorded_by_id" IS DISTINCT FROM (NEW."recorded_by_id") OR OLD."recorded_at" IS DISTINCT FROM (NEW."recorded_at"))',
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                    hash="3451b9a92ccc649c21706ffe8075a347bcefa48d",
                    operation="UPDATE",
                    pgid="pgtrigger_funding_never_changes_d1160",
                    table="conventions_fundingfact",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="formalnotice",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("due_on", None), ("letter", None), ("letter_number", ""), ("proof", None), ("sent_on", None)
                    ),
                    models.Q(
                        ("due_on__isnull", False),
                        ("letter__isnull", False),
                        ("sent_on__isnull", False),
                        models.Q(("letter_number", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="sent_notice_has_its_letter",
            ),
        ),
        migrations.AddConstraint(
            model_name="formalnotice",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("sent_on", None),
                    ("sent_on__gte", models.F("prepared_on")),
                    ("proof__isnull", False),
                    _connector="OR",
                ),
                name="notice_sent_before_it_was_typed_has_its_proof",
            ),
        ),
        migrations.RunSQL(TERM_YEARS, migrations.RunSQL.noop),
    ]
