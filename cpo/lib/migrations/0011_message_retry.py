"""After an attempt that failed, a message waits from that attempt on, whenever it was written."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("lib", "0010_message_error"),
    ]

    operations = [
        migrations.AddField(
            model_name="outboxmessage",
            name="retry_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="nouvel essai à partir de"),
        ),
    ]
