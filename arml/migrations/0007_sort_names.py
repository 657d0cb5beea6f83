"""Names are sorted and searched in the normal form that now knows œ and the typographic apostrophe."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("arml", "0006_withdrawn_attachment_kinds"), ("lib", "0007_plain_text")]
    operations = [
        migrations.RunSQL(
            "UPDATE arml_organisation SET sort_name = left(f_plain(sort_name), 80) WHERE sort_name <> f_plain(sort_name)",
            migrations.RunSQL.noop,
        )
    ]
