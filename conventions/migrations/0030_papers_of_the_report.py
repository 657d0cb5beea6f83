from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("conventions", "0029_retained_signing_modes"),
    ]

    operations = [
        migrations.AlterField(
            model_name="document",
            name="purpose",
            field=models.CharField(
                choices=[
                    ("projet", "projet"),
                    ("a_signer", "à signer"),
                    ("copie", "copie"),
                    ("consolidee", "version consolidée"),
                    ("accuse", "accusé de réception"),
                    ("crf", "compte rendu financier"),
                    ("formulaire", "formulaire du compte rendu"),
                    ("releve", "relevé du dialogue de gestion"),
                    ("journal", "journal"),
                    ("travail", "copie de travail"),
                    ("cachet", "revêtu du cachet"),
                    ("exemplaire", "exemplaire signé"),
                    ("preuve", "dossier de preuve"),
                    ("mise_demeure", "mise en demeure"),
                    ("resiliation", "constat de la résiliation"),
                    ("cloture", "constat de clôture"),
                    ("abandon", "constat d’abandon"),
                ],
                max_length=12,
                verbose_name="usage",
            ),
        ),
    ]
