"""The life of an association: label, mandates, general meetings, members, fees, notes; labels become dated steps."""

import django.core.validators
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

# Two periods of one SIRET in one association share no day. Numbers as ranges: no extension of PostgreSQL is needed.
NO_OVERLAP = """
    ALTER TABLE arml_member ADD CONSTRAINT memberships_of_a_siret_never_overlap EXCLUDE USING gist (
        int8range(organisation_id, organisation_id, '[]') WITH &&,
        int8range(siret::bigint, siret::bigint, '[]') WITH &&,
        daterange(joined_on, left_on, '[]') WITH &&
    )
"""
DROP = "ALTER TABLE arml_member DROP CONSTRAINT memberships_of_a_siret_never_overlap"


def labels_become_steps(apps, schema_editor):
    """Give a step to each label whose date is known; the others keep their state until a step is written."""
    step = apps.get_model("arml", "LabelStep")
    rows = apps.get_model("arml", "Organisation").objects.filter(label_status="labelled", label_since__isnull=False)
    step.objects.bulk_create(
        [step(organisation_id=row.pk, step="labelled", day=row.label_since) for row in rows.order_by("pk")]
    )


class Migration(migrations.Migration):
    dependencies = [
        ("arml", "0009_calendar_serial"),
    ]

    operations = [
        migrations.AlterField(
            model_name="organisation",
            name="label_status",
            field=models.CharField(
                choices=[
                    ("none", "non engagée"),
                    ("self_assessment", "autoévaluation"),
                    ("improvement", "plan d’amélioration"),
                    ("filed", "dossier déposé"),
                    ("audit", "audit"),
                    ("commission", "commission nationale"),
                    ("labelled", "labellisée"),
                    ("reserves", "labellisée avec réserves"),
                    ("refused", "refusée ou ajournée"),
                ],
                default="none",
                max_length=20,
                verbose_name="labellisation",
            ),
        ),
        migrations.CreateModel(
            name="AssociationNote",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("text", models.TextField(max_length=4000, verbose_name="note")),
                ("day", models.DateField(verbose_name="date")),
                ("revision", models.PositiveIntegerField(default=0)),
                (
                    "author",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="notes", to="arml.organisation"
                    ),
                ),
                (
                    "service",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="arml.organisation",
                        verbose_name="service",
                    ),
                ),
            ],
            options={
                "verbose_name": "note du service",
                "ordering": ["-day", "-id"],
            },
        ),
        migrations.CreateModel(
            name="Member",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=200, verbose_name="dénomination")),
                (
                    "siret",
                    models.CharField(
                        max_length=14,
                        validators=[
                            django.core.validators.RegexValidator("^\\d{14}$", "Un SIRET comporte 14 chiffres.")
                        ],
                        verbose_name="SIRET",
                    ),
                ),
                ("department", models.CharField(blank=True, max_length=80, verbose_name="département")),
                ("city", models.CharField(blank=True, max_length=80, verbose_name="commune du siège")),
                ("joined_on", models.DateField(verbose_name="adhérente depuis le")),
                ("left_on", models.DateField(blank=True, null=True, verbose_name="dernier jour d’adhésion")),
                ("revision", models.PositiveIntegerField(default=0)),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="members", to="arml.organisation"
                    ),
                ),
            ],
            options={
                "verbose_name": "mission locale adhérente",
                "verbose_name_plural": "missions locales adhérentes",
                "ordering": ["name", "joined_on", "id"],
            },
        ),
        migrations.CreateModel(
            name="MemberFee",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("year", models.PositiveIntegerField(verbose_name="année")),
                (
                    "asked",
                    models.DecimalField(
                        blank=True, decimal_places=2, max_digits=14, null=True, verbose_name="cotisation appelée"
                    ),
                ),
                (
                    "paid",
                    models.DecimalField(
                        blank=True, decimal_places=2, max_digits=14, null=True, verbose_name="cotisation versée"
                    ),
                ),
                ("revision", models.PositiveIntegerField(default=0)),
                (
                    "member",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="fees",
                        to="arml.member",
                        verbose_name="adhérente",
                    ),
                ),
            ],
            options={
                "verbose_name": "cotisation",
                "ordering": ["-year", "member__name", "id"],
            },
        ),
        migrations.CreateModel(
            name="GeneralMeeting",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[("ordinary", "ordinaire"), ("extraordinary", "extraordinaire")],
                        max_length=20,
                        verbose_name="nature",
                    ),
                ),
                ("day", models.DateField(verbose_name="date")),
                (
                    "accounts_year",
                    models.PositiveIntegerField(blank=True, null=True, verbose_name="comptes approuvés de l’exercice"),
                ),
                (
                    "budget_year",
                    models.PositiveIntegerField(blank=True, null=True, verbose_name="budget approuvé de l’exercice"),
                ),
                ("note", models.CharField(blank=True, max_length=250, verbose_name="autres décisions")),
                ("revision", models.PositiveIntegerField(default=0)),
                (
                    "minutes",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="arml.attachment",
                        verbose_name="procès-verbal",
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="general_meetings",
                        to="arml.organisation",
                    ),
                ),
            ],
            options={
                "verbose_name": "assemblée générale",
                "ordering": ["-day", "-id"],
                "constraints": [
                    models.UniqueConstraint(fields=("organisation", "kind", "day"), name="one_general_meeting_per_day")
                ],
            },
        ),
        migrations.CreateModel(
            name="LabelStep",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "step",
                    models.CharField(
                        choices=[
                            ("self_assessment", "autoévaluation"),
                            ("improvement", "plan d’amélioration"),
                            ("filed", "dossier déposé"),
                            ("audit", "audit"),
                            ("commission", "commission nationale"),
                            ("labelled", "labellisée"),
                            ("reserves", "labellisée avec réserves"),
                            ("refused", "refusée ou ajournée"),
                        ],
                        max_length=20,
                        verbose_name="étape",
                    ),
                ),
                ("day", models.DateField(verbose_name="date")),
                ("expires_on", models.DateField(blank=True, null=True, verbose_name="fin de validité")),
                ("note", models.CharField(blank=True, max_length=250, verbose_name="précision")),
                ("revision", models.PositiveIntegerField(default=0)),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="label_steps", to="arml.organisation"
                    ),
                ),
            ],
            options={
                "verbose_name": "étape de la labellisation",
                "ordering": ["-day", "-id"],
                "constraints": [
                    models.UniqueConstraint(fields=("organisation", "step", "day"), name="one_label_step_per_day"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("expires_on", None),
                            models.Q(("expires_on__gt", models.F("day")), ("step__in", ("labelled", "reserves"))),
                            _connector="OR",
                        ),
                        name="only_a_label_expires_after_it_was_given",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Mandate",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "function",
                    models.CharField(
                        choices=[
                            ("president", "présidence"),
                            ("vice_president", "vice-présidence"),
                            ("treasurer", "trésorerie"),
                            ("secretary", "secrétariat"),
                            ("member", "membre du bureau"),
                        ],
                        max_length=20,
                        verbose_name="fonction",
                    ),
                ),
                ("holder", models.CharField(max_length=120, verbose_name="titulaire")),
                ("represents", models.CharField(blank=True, max_length=200, verbose_name="au titre de")),
                ("since", models.DateField(verbose_name="depuis le")),
                ("until", models.DateField(blank=True, null=True, verbose_name="jusqu’au")),
                ("revision", models.PositiveIntegerField(default=0)),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="mandates", to="arml.organisation"
                    ),
                ),
            ],
            options={
                "verbose_name": "mandat",
                "ordering": ["-since", "function", "holder", "id"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("organisation", "function", "holder", "since"), name="one_mandate_per_start"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("until", None), ("until__gte", models.F("since")), _connector="OR"),
                        name="mandate_ends_after_it_starts",
                    ),
                ],
            },
        ),
        migrations.AddConstraint(
            model_name="member",
            constraint=models.CheckConstraint(
                condition=models.Q(("siret__regex", "^\\d{14}$")), name="member_has_a_siret"
            ),
        ),
        migrations.AddConstraint(
            model_name="member",
            constraint=models.CheckConstraint(
                condition=models.Q(("left_on", None), ("left_on__gte", models.F("joined_on")), _connector="OR"),
                name="member_leaves_after_it_joined",
            ),
        ),
        migrations.AddConstraint(
            model_name="memberfee",
            constraint=models.UniqueConstraint(fields=("member", "year"), name="one_fee_per_member_and_year"),
        ),
        migrations.AddConstraint(
            model_name="memberfee",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("asked", None), ("asked__gte", 0), _connector="OR"),
                    models.Q(("paid", None), ("paid__gte", 0), _connector="OR"),
                ),
                name="fees_are_not_negative",
            ),
        ),
        migrations.RunSQL(NO_OVERLAP, DROP),
        migrations.RunPython(labels_become_steps, migrations.RunPython.noop),
    ]
