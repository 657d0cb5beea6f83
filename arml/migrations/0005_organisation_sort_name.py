from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("arml", "0004_revisions_of_territories"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="organisation",
            index=models.Index(fields=["sort_name"], name="arml_organi_sort_na_aa6dff_idx"),
        ),
    ]
