from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("reporting", "0019_reviews_become_meetings")]

    operations = [migrations.DeleteModel(name="Review")]
