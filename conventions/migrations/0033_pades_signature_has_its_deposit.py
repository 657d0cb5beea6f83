"""A signature by certificate that is recorded from now on has its accepted deposit.

Those recorded before deposits existed (0028) have none and stay: the trigger asks new rows only, and no row changes.
"""

import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("conventions", "0032_retained_signing_order"),
    ]

    operations = [
        pgtrigger.migrations.AddTrigger(
            model_name="signature",
            trigger=pgtrigger.compiler.Trigger(
                name="pades_signature_has_its_deposit",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (NEW.\"mode\" = 'pades')",
                    constraint="CONSTRAINT",
                    func="\n            IF NOT EXISTS (\n                SELECT 1 FROM conventions_signeddeposit d\n                WHERE d.signature_id = NEW.id AND d.answer = 'accepted' AND d.document_id = NEW.document_id\n                  AND d.party_id = NEW.party_id AND d.file_id = NEW.signed_file_id\n            ) THEN\n                RAISE EXCEPTION 'pades_signature_has_its_deposit' USING ERRCODE = 'check_violation';\n            END IF;\n            RETURN NULL;\n        ",
                    hash="f172bf6181b786f95af8bfe0f08cf2a847b63acc",
                    operation="INSERT",
                    pgid="pgtrigger_pades_signature_has_its_deposit_0f715",
                    table="conventions_signature",
                    timing="DEFERRABLE INITIALLY DEFERRED",
                    when="AFTER",
                ),
            ),
        ),
    ]
