"""`manage.py verify_register` reads each stored file again and names those that are missing or altered."""

from io import StringIO

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command

from conventions.documents import production
from conventions.models import Document
from tests.factories import scenarios

pytestmark = pytest.mark.django_db


def run() -> str:
    stdout = StringIO()
    call_command("verify_register", stdout=stdout)
    return stdout.getvalue()


def stored() -> Document:
    scene = scenarios.proposed()
    document = production.produce(scene.version.pk, "projet")
    assert document is not None
    return document


def test_files_that_are_all_there_are_counted() -> None:
    stored()
    assert "tous présents" in run()


@pytest.mark.parametrize("altered", [False, True])
def test_a_missing_or_altered_file_is_named_with_its_document(altered: bool) -> None:
    document = stored()
    default_storage.delete(document.file.path)
    if altered:
        default_storage.save(document.file.path, ContentFile(b"%PDF-autre"))
    stdout = StringIO()
    with pytest.raises(CommandError, match="1 sur") as failure:
        call_command("verify_register", stdout=stdout)
    assert failure.value.returncode == 1
    line = stdout.getvalue()
    assert line.startswith(document.file.sha256) and document.act.reference in line
    assert ("altéré" if altered else "absent") in line
