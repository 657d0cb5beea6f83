"""Join a file to a fiche of a report, and take it away, while the fiche is written."""

from typing import BinaryIO

from django.core.exceptions import ValidationError

from arml.models import User
from cpo.lib import clock
from cpo.lib.files.stored import check_upload, store_upload
from reporting import permissions as may
from reporting.models import SheetFile, SheetReport

from .reports import writing

MOST = 20  # files of one fiche


def join(*, part: SheetReport, by: User, upload: BinaryIO, name: str, size: int) -> SheetFile:
    """Join a file. Raises PermissionDenied, ValidationError on `upload`."""
    path, element = may.sheet_path(part.sheet.key), f"les fichiers de la fiche {part.sheet.code}"
    with writing(part.report, path, by=by, expected_revision=None, element=element):
        if part.files.current().count() >= MOST:
            raise ValidationError({"upload": f"Une fiche a {MOST} fichiers au plus : retirez-en un."})
        data, media_type = check_upload(upload, name=name, size=size)
        return SheetFile.objects.create(
            sheet_report=part,
            file=store_upload(data, media_type, field="upload"),
            name=name[:200],
            added_by=by,
            added_at=clock.now(),
        )


def remove(*, file: SheetFile, by: User) -> None:
    """Take a file away; it is read again where a sending names it. Raises PermissionDenied."""
    part = file.sheet_report
    path, element = may.sheet_path(part.sheet.key), f"les fichiers de la fiche {part.sheet.code}"
    with writing(part.report, path, by=by, expected_revision=None, element=element):
        SheetFile.objects.current().filter(pk=file.pk).update(removed_at=clock.now())
