from django.db import migrations, models


class Migration(migrations.Migration):
    """Answers about the rows of a workbook that lost their key; what a report must explain, set by the cycle."""

    dependencies = [("actions", "0012_farthest_year")]

    operations = [
        migrations.AddField(
            model_name="programmeimport",
            name="answers",
            field=models.JSONField(blank=True, default=dict, verbose_name="réponses sur les lignes sans clé"),
        ),
        migrations.AddField(
            model_name="cycle",
            name="gap_threshold",
            field=models.PositiveSmallIntegerField(
                default=10, verbose_name="écart d’un compte à expliquer au-delà de, en %"
            ),
        ),
        migrations.AddField(
            model_name="cycle",
            name="target_threshold",
            field=models.PositiveSmallIntegerField(
                default=85, verbose_name="cible à commenter en dessous de, en % atteints"
            ),
        ),
        migrations.AddConstraint(
            model_name="cycle",
            constraint=models.CheckConstraint(
                condition=models.Q(("gap_threshold__lte", 100), ("target_threshold__lte", 100)),
                name="cycle_thresholds_are_percentages",
            ),
        ),
    ]
