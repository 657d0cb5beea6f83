import django.db.models.deletion
from django.db import migrations, models

FILL = """
    INSERT INTO conventions_signedtotal (cycle_id, convention_id, year, axis_id, amount)
    SELECT cycle_id, convention_id, year, axis_id, SUM(amount)
    FROM (
        SELECT c.cycle_id, c.id AS convention_id, m.year, NULL::bigint AS axis_id, m.amount
        FROM conventions_contribution m
        JOIN conventions_act a ON a.id = m.act_id AND a.state = 'active'
        JOIN conventions_convention c ON c.id = a.convention_id
        UNION ALL
        SELECT c.cycle_id, c.id, r.year, s.axis_id, r.amount
        FROM actions_resource r
        JOIN actions_account n ON n.id = r.account_id AND n.code = '74-ETAT'
        JOIN actions_sheet s ON s.id = r.sheet_id
        JOIN conventions_act a ON a.programme_id = r.programme_id AND a.state = 'active'
        JOIN conventions_convention c ON c.id = a.convention_id
    ) lines
    GROUP BY GROUPING SETS ((cycle_id, convention_id, year, axis_id), (cycle_id, year, axis_id))
"""


class Migration(migrations.Migration):
    dependencies = [
        ("actions", "0002_initial"),
        ("conventions", "0002_revisions_of_model"),
    ]

    operations = [
        migrations.CreateModel(
            name="SignedTotal",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("year", models.PositiveIntegerField(verbose_name="année")),
                ("amount", models.DecimalField(decimal_places=2, max_digits=16, verbose_name="montant")),
                (
                    "axis",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="signed_totals",
                        to="actions.axis",
                    ),
                ),
                (
                    "convention",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="signed_totals",
                        to="conventions.convention",
                    ),
                ),
                (
                    "cycle",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="signed_totals", to="actions.cycle"
                    ),
                ),
            ],
            options={
                "verbose_name": "total signé",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("cycle", "convention", "year", "axis"),
                        name="one_signed_total_per_axis_and_year",
                        nulls_distinct=False,
                    )
                ],
            },
        ),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
    ]
