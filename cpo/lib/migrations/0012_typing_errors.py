"""Search forgives a letter or two: `levenshtein_less_equal` tells « labelisation » from « valorisation »."""

from django.contrib.postgres.operations import CreateExtension
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("lib", "0011_message_retry"),
    ]

    operations = [
        CreateExtension("fuzzystrmatch"),
    ]
