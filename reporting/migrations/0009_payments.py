"""Money executed by the State: commitments, payments with four eyes, released balances; the sums hold in the database."""

import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

# Sum of the payments ≤ sum of the commitments ≤ contribution of the last signed text, for each year, line and service.
# The lock makes two transactions at once read each other's rows.
MONEY_HOLDS = """
    CREATE FUNCTION reporting_money_holds(target bigint) RETURNS void LANGUAGE plpgsql AS $$
    BEGIN
        PERFORM 1 FROM conventions_convention WHERE id = target FOR NO KEY UPDATE;
        IF EXISTS (
            SELECT 1 FROM reporting_payment p JOIN reporting_commitment c ON c.id = p.commitment_id
            WHERE p.convention_id = target AND p.state <> 'voided'
                AND (c.convention_id <> p.convention_id OR c.year <> p.year)
        ) THEN
            RAISE EXCEPTION 'a payment is made on a commitment of its convention and year'
                USING ERRCODE = 'check_violation';
        END IF;
        IF EXISTS (
            WITH committed AS (
                SELECT year, line, service_id, SUM(amount) AS amount FROM reporting_commitment
                WHERE convention_id = target AND voided_at IS NULL GROUP BY year, line, service_id
            ), paid AS (
                SELECT c.year, c.line, c.service_id, SUM(p.amount) AS amount
                FROM reporting_payment p JOIN reporting_commitment c ON c.id = p.commitment_id
                WHERE p.convention_id = target AND p.state <> 'voided' GROUP BY c.year, c.line, c.service_id
            ), agreed AS (
                SELECT k.year, k.line, k.service_id, k.amount
                FROM conventions_contribution k JOIN conventions_act a ON a.id = k.act_id
                WHERE a.convention_id = target AND a.latest
            )
            SELECT 1 FROM committed FULL JOIN paid USING (year, line, service_id)
                LEFT JOIN agreed USING (year, line, service_id)
            WHERE COALESCE(paid.amount, 0) > COALESCE(committed.amount, 0)
                OR COALESCE(committed.amount, 0) > COALESCE(agreed.amount, 0)
        ) THEN
            RAISE EXCEPTION 'paid is at most committed, committed at most agreed' USING ERRCODE = 'check_violation';
        END IF;
    END $$;
"""
# A text that becomes the last signed one must keep what is committed. It is deferred: one act gives way to the other.
TEXTS = """
    CREATE FUNCTION reporting_text_keeps_money() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        PERFORM reporting_money_holds(NEW.convention_id);
        RETURN NULL;
    END $$;
    CREATE CONSTRAINT TRIGGER text_keeps_money AFTER UPDATE OF latest ON conventions_act
        DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (OLD.latest IS DISTINCT FROM NEW.latest)
        EXECUTE FUNCTION reporting_text_keeps_money();
"""
REMOVED = """
    DROP TRIGGER text_keeps_money ON conventions_act;
    DROP FUNCTION reporting_text_keeps_money();
    DROP FUNCTION reporting_money_holds(bigint);
"""


class Migration(migrations.Migration):
    dependencies = [
        ("arml", "0008_drop_dossier_visit"),
        ("conventions", "0021_paper_takeover"),
        ("reporting", "0008_rules_of_the_term"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Commitment",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.CharField(blank=True, max_length=20, verbose_name="numéro d’EJ")),
                ("siret", models.CharField(blank=True, max_length=14, verbose_name="SIRET du bénéficiaire")),
                ("year", models.PositiveIntegerField(verbose_name="année")),
                (
                    "line",
                    models.CharField(
                        choices=[
                            ("socle", "socle"),
                            ("complementaire", "complémentaire"),
                            ("specifique", "spécifique"),
                        ],
                        default="socle",
                        max_length=20,
                        verbose_name="ligne",
                    ),
                ),
                ("amount", models.DecimalField(decimal_places=2, max_digits=14, verbose_name="montant (AE)")),
                ("imputation", models.CharField(blank=True, max_length=120, verbose_name="imputation")),
                ("committed_on", models.DateField(verbose_name="engagé le")),
                ("taken_over", models.BooleanField(default=False, verbose_name="antérieur à la reprise")),
                ("recorded_at", models.DateTimeField(verbose_name="enregistré le")),
                ("voided_at", models.DateTimeField(blank=True, null=True, verbose_name="annulé le")),
                ("void_reason", models.CharField(blank=True, max_length=250, verbose_name="motif de l’annulation")),
                (
                    "convention",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="commitments",
                        to="conventions.convention",
                    ),
                ),
                (
                    "recorded_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "service",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="commitments", to="arml.organisation"
                    ),
                ),
                (
                    "voided_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "engagement juridique",
                "verbose_name_plural": "engagements juridiques",
                "ordering": ["year", "committed_on", "id"],
            },
        ),
        migrations.CreateModel(
            name="Payment",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("year", models.PositiveIntegerField(verbose_name="année")),
                ("rank", models.PositiveSmallIntegerField(verbose_name="rang")),
                ("label", models.CharField(max_length=60, verbose_name="objet")),
                (
                    "kind",
                    models.CharField(
                        choices=[("avance", "avance"), ("solde", "solde"), ("complement", "complément")],
                        max_length=12,
                        verbose_name="nature",
                    ),
                ),
                ("amount", models.DecimalField(decimal_places=2, max_digits=14, verbose_name="montant (CP)")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("planned", "Prévu"),
                            ("proposed", "Proposé"),
                            ("certified", "Service fait certifié"),
                            ("ordered", "Mandaté"),
                            ("paid", "Payé"),
                            ("voided", "Annulé"),
                        ],
                        max_length=12,
                        verbose_name="état",
                    ),
                ),
                ("taken_over", models.BooleanField(default=False, verbose_name="antérieur à la reprise")),
                ("proposed_at", models.DateTimeField(verbose_name="proposé le")),
                ("certified_at", models.DateTimeField(blank=True, null=True, verbose_name="service fait certifié le")),
                ("ordered_on", models.DateField(blank=True, null=True, verbose_name="mandaté le")),
                (
                    "number",
                    models.CharField(blank=True, max_length=20, verbose_name="numéro de demande de paiement (DP)"),
                ),
                ("paid_on", models.DateField(blank=True, null=True, verbose_name="payé le")),
                ("voided_at", models.DateTimeField(blank=True, null=True, verbose_name="annulé le")),
                ("void_reason", models.CharField(blank=True, max_length=250, verbose_name="motif de l’annulation")),
                (
                    "certified_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "commitment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="payments", to="reporting.commitment"
                    ),
                ),
                (
                    "convention",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="payments",
                        to="conventions.convention",
                    ),
                ),
                (
                    "ordered_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "paid_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "proposed_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "voided_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "versement",
                "ordering": ["year", "rank", "id"],
            },
        ),
        migrations.CreateModel(
            name="BalanceRelease",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("year", models.PositiveIntegerField(verbose_name="année")),
                ("reason", models.CharField(max_length=500, verbose_name="motif")),
                ("at", models.DateTimeField(verbose_name="le")),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "convention",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="balance_releases",
                        to="conventions.convention",
                    ),
                ),
            ],
            options={
                "verbose_name": "solde débloqué",
                "ordering": ["year"],
                "constraints": [
                    models.UniqueConstraint(fields=("convention", "year"), name="one_release_per_year"),
                    models.CheckConstraint(
                        condition=models.Q(("reason", ""), _negated=True), name="release_has_its_reason"
                    ),
                ],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="balancerelease",
            trigger=pgtrigger.compiler.Trigger(
                name="release_never_changes",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="9f2b5175223fc638cec9ee7ef65bca529d5113da",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_release_never_changes_74660",
                    table="reporting_balancerelease",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="commitment",
            constraint=models.CheckConstraint(
                condition=models.Q(("amount", 0), _negated=True), name="commitment_is_some_amount"
            ),
        ),
        migrations.AddConstraint(
            model_name="commitment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("taken_over", True),
                    models.Q(models.Q(("number", ""), _negated=True), models.Q(("siret", ""), _negated=True)),
                    _connector="OR",
                ),
                name="commitment_has_its_number",
            ),
        ),
        migrations.AddConstraint(
            model_name="commitment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("void_reason", ""), ("voided_at", None), ("voided_by", None)),
                    models.Q(
                        ("voided_at__isnull", False),
                        ("voided_by__isnull", False),
                        models.Q(("void_reason", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="voided_commitment_has_its_author",
            ),
        ),
        migrations.AddConstraint(
            model_name="commitment",
            constraint=models.UniqueConstraint(
                condition=models.Q(("taken_over", False), ("voided_at", None)),
                fields=("convention", "number", "year", "line", "service", "amount", "committed_on"),
                name="commitment_is_recorded_once",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="commitment",
            trigger=pgtrigger.compiler.Trigger(
                name="commitment_is_never_deleted",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;",
                    hash="72ffa48cbb326986763f4423cacc70d8f67afda9",
                    operation="DELETE",
                    pgid="pgtrigger_commitment_is_never_deleted_75432",
                    table="reporting_commitment",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="commitment",
            trigger=pgtrigger.compiler.Trigger(
                name="commitment_never_changes",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."convention_id" IS DISTINCT FROM (NEW."convention_id") OR OLD."number" IS DISTINCT FROM (NEW."number") OR OLD."siret" IS DISTINCT FROM (NEW."siret") OR OLD."year" IS DISTINCT FROM (NEW."year") OR OLD."line" IS DISTINCT FROM (NEW."line") OR OLD."service_id" IS DISTINCT FROM (NEW."service_id") OR OLD."amount" IS DISTINCT FROM (NEW."amount") OR OLD."imputation" IS DISTINCT FROM (NEW."imputation") OR OLD."committed_on" IS DISTINCT FROM (NEW."committed_on") OR OLD."taken_over" IS DISTINCT FROM (NEW."taken_over") OR OLD."recorded_by_id" IS DISTINCT FROM (NEW."recorded_by_id") OR OLD."recorded_at" IS DISTINCT FROM (NEW."recorded_at"))',
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                    hash="ad4daefe39081c0361e1a356d028b3407ad9f39b",
                    operation="UPDATE",
                    pgid="pgtrigger_commitment_never_changes_57f56",
                    table="reporting_commitment",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="commitment",
            trigger=pgtrigger.compiler.Trigger(
                name="voided_commitment_stays_voided",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN ((OLD."voided_at" IS NOT NULL AND OLD."voided_at" IS DISTINCT FROM (NEW."voided_at")) OR (OLD."voided_at" IS NOT NULL AND OLD."voided_by_id" IS DISTINCT FROM (NEW."voided_by_id")) OR (OLD."voided_at" IS NOT NULL AND OLD."void_reason" IS DISTINCT FROM (NEW."void_reason")))',
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                    hash="ce7d95ef3e4eb905381d4181345641eba3b1f96a",
                    operation="UPDATE",
                    pgid="pgtrigger_voided_commitment_stays_voided_9bccd",
                    table="reporting_commitment",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="commitment",
            trigger=pgtrigger.compiler.Trigger(
                name="money_holds",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="PERFORM reporting_money_holds(NEW.convention_id); RETURN NULL;",
                    hash="013443b6a301fe5707e0d6a268e89ae707749b19",
                    operation="INSERT OR UPDATE",
                    pgid="pgtrigger_money_holds_55e57",
                    table="reporting_commitment",
                    when="AFTER",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="payment",
            constraint=models.CheckConstraint(condition=models.Q(("amount__gt", 0)), name="payment_is_positive"),
        ),
        migrations.AddConstraint(
            model_name="payment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("certified_by", None),
                    models.Q(("certified_by", models.F("proposed_by")), _negated=True),
                    _connector="OR",
                ),
                name="four_eyes",
                violation_error_message="Qui a proposé le versement ne certifie pas le service fait.",
            ),
        ),
        migrations.AddConstraint(
            model_name="payment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("certified_at", None),
                        ("certified_by", None),
                        ("ordered_on", None),
                        ("paid_on", None),
                        ("state", "proposed"),
                    ),
                    models.Q(
                        ("certified_at__isnull", False),
                        ("certified_by__isnull", False),
                        ("ordered_on", None),
                        ("paid_on", None),
                        ("state", "certified"),
                    ),
                    models.Q(
                        ("certified_by__isnull", False),
                        ("ordered_on__isnull", False),
                        ("paid_on", None),
                        ("state", "ordered"),
                        models.Q(("number", ""), _negated=True),
                    ),
                    models.Q(
                        ("certified_by__isnull", False),
                        ("ordered_on__isnull", False),
                        ("paid_on__isnull", False),
                        ("state", "paid"),
                        models.Q(("number", ""), _negated=True),
                    ),
                    models.Q(("paid_on__isnull", False), ("state", "paid"), ("taken_over", True)),
                    ("state", "voided"),
                    _connector="OR",
                ),
                name="payment_has_the_steps_of_its_state",
            ),
        ),
        migrations.AddConstraint(
            model_name="payment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        models.Q(("state", "voided"), _negated=True),
                        ("void_reason", ""),
                        ("voided_at", None),
                        ("voided_by", None),
                    ),
                    models.Q(
                        ("state", "voided"),
                        ("voided_at__isnull", False),
                        ("voided_by__isnull", False),
                        models.Q(("void_reason", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="voided_payment_has_its_author",
            ),
        ),
        migrations.AddConstraint(
            model_name="payment",
            constraint=models.UniqueConstraint(
                condition=models.Q(("voided_at", None), models.Q(("number", ""), _negated=True)),
                fields=("convention", "number"),
                name="one_payment_per_request",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="payment",
            trigger=pgtrigger.compiler.Trigger(
                name="payment_is_never_deleted",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;",
                    hash="d3e74008232d44f1932c762d5a0f8708a6d2d999",
                    operation="DELETE",
                    pgid="pgtrigger_payment_is_never_deleted_33402",
                    table="reporting_payment",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="payment",
            trigger=pgtrigger.compiler.Trigger(
                name="proposal_never_changes",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."convention_id" IS DISTINCT FROM (NEW."convention_id") OR OLD."commitment_id" IS DISTINCT FROM (NEW."commitment_id") OR OLD."year" IS DISTINCT FROM (NEW."year") OR OLD."rank" IS DISTINCT FROM (NEW."rank") OR OLD."label" IS DISTINCT FROM (NEW."label") OR OLD."kind" IS DISTINCT FROM (NEW."kind") OR OLD."amount" IS DISTINCT FROM (NEW."amount") OR OLD."taken_over" IS DISTINCT FROM (NEW."taken_over") OR OLD."proposed_by_id" IS DISTINCT FROM (NEW."proposed_by_id") OR OLD."proposed_at" IS DISTINCT FROM (NEW."proposed_at"))',
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                    hash="735b532cd83134c0ecb3abe95473b3a66fdd5785",
                    operation="UPDATE",
                    pgid="pgtrigger_proposal_never_changes_20690",
                    table="reporting_payment",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="payment",
            trigger=pgtrigger.compiler.Trigger(
                name="certified_once",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN ((OLD."certified_at" IS NOT NULL AND OLD."certified_at" IS DISTINCT FROM (NEW."certified_at")) OR (OLD."certified_at" IS NOT NULL AND OLD."certified_by_id" IS DISTINCT FROM (NEW."certified_by_id")))',
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                    hash="eb39df976f8342bd4b46a7f927242ccfd8b6cbeb",
                    operation="UPDATE",
                    pgid="pgtrigger_certified_once_5f8c1",
                    table="reporting_payment",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="payment",
            trigger=pgtrigger.compiler.Trigger(
                name="ordered_once",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN ((OLD."ordered_on" IS NOT NULL AND OLD."ordered_on" IS DISTINCT FROM (NEW."ordered_on")) OR (OLD."ordered_on" IS NOT NULL AND OLD."ordered_by_id" IS DISTINCT FROM (NEW."ordered_by_id")) OR (OLD."ordered_on" IS NOT NULL AND OLD."number" IS DISTINCT FROM (NEW."number")))',
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                    hash="e6b5fa3c88a003f541c3fba95dbe622465809165",
                    operation="UPDATE",
                    pgid="pgtrigger_ordered_once_14c3f",
                    table="reporting_payment",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="payment",
            trigger=pgtrigger.compiler.Trigger(
                name="paid_once",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN ((OLD."paid_on" IS NOT NULL AND OLD."paid_on" IS DISTINCT FROM (NEW."paid_on")) OR (OLD."paid_on" IS NOT NULL AND OLD."paid_by_id" IS DISTINCT FROM (NEW."paid_by_id")))',
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                    hash="ae26a1b1e21c8f67c34a824a1fda261ab134ee51",
                    operation="UPDATE",
                    pgid="pgtrigger_paid_once_b2f86",
                    table="reporting_payment",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="payment",
            trigger=pgtrigger.compiler.Trigger(
                name="voided_payment_stays_voided",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN ((OLD."voided_at" IS NOT NULL AND OLD."voided_at" IS DISTINCT FROM (NEW."voided_at")) OR (OLD."voided_at" IS NOT NULL AND OLD."voided_by_id" IS DISTINCT FROM (NEW."voided_by_id")) OR (OLD."voided_at" IS NOT NULL AND OLD."void_reason" IS DISTINCT FROM (NEW."void_reason")) OR (OLD."voided_at" IS NOT NULL AND OLD."state" IS DISTINCT FROM (NEW."state")))',
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                    hash="da3327a9da5bbea02a336cbd966de69fd2e284f3",
                    operation="UPDATE",
                    pgid="pgtrigger_voided_payment_stays_voided_49d5c",
                    table="reporting_payment",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="payment",
            trigger=pgtrigger.compiler.Trigger(
                name="money_holds",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="PERFORM reporting_money_holds(NEW.convention_id); RETURN NULL;",
                    hash="73e53aa6ba856a137b250df26bcfef21e5e7db38",
                    operation="INSERT OR UPDATE",
                    pgid="pgtrigger_money_holds_90e88",
                    table="reporting_payment",
                    when="AFTER",
                ),
            ),
        ),
        migrations.RunSQL([MONEY_HOLDS, TEXTS], REMOVED),
    ]
