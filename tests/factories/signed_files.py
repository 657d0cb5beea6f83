"""A document that certificates can sign, made without the renderer, and the authority that the site trusts."""

import io
from pathlib import Path
from typing import Any

import pikepdf

from conventions.enums import DepositAnswer, DocumentPurpose
from conventions.models import Act, Document, Party, SignedDeposit
from conventions.services.signing import deposits
from conventions.services.signing.browser import StepRefused
from cpo.lib import clock
from cpo.lib.files import stored
from cpo.lib.work import jobs
from cpo.lib.workflow import Refused
from tests import pki
from tests.factories.scenarios import Scene, in_signature

AUTHORITY = pki.Authority()


def trusted(settings: Any, folder: Path) -> None:
    """Make the site trust the authority of the tests."""
    (folder / "racine.pem").write_bytes(AUTHORITY.identity.pem)
    settings.SIGNATURE_TRUST_ROOTS = str(folder)


def plain_document(text: str, places: int = 3) -> bytes:
    """A page with signature fields, in tenths of a second. The renderer would take two seconds."""
    out = io.BytesIO()
    with pikepdf.new() as pdf:
        page = pdf.add_blank_page()
        pdf.docinfo["/Title"] = text
        fields = [
            pdf.make_indirect(
                pikepdf.Dictionary(
                    Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Widget, FT=pikepdf.Name.Sig, F=4, P=page.obj,
                    T=f"signature-{rank}", Rect=[100, 100 * rank, 300, 100 * rank + 50],
                )
            )
            for rank in range(1, places + 1)
        ]  # fmt: skip
        page.Annots = pdf.make_indirect(pikepdf.Array(fields))
        pdf.Root.AcroForm = pikepdf.Dictionary(Fields=pikepdf.Array(fields), SigFlags=3)
        pdf.save(out, object_stream_mode=pikepdf.ObjectStreamMode.disable)
    return out.getvalue()


def to_sign_with_certificates(**fields: Any) -> Scene:
    """A scene in signature whose document is a PDF that certificates can sign."""
    scene = in_signature(document=False, **fields)
    store(scene)
    return scene


def store(scene: Scene) -> Document:
    version = scene.version
    return Document.objects.create(
        act=scene.act,
        version=version,
        purpose=DocumentPurpose.TO_SIGN,
        file=stored.store(plain_document(version.content_sha256), "application/pdf"),
        renderer="stand-in",
        pages=1,
        created_at=clock.now(),
    )


def signed_by(scene: Scene, name: str, *, field: str = "signature-1", data: bytes | None = None, **how: Any) -> bytes:
    """The current file to sign, signed by that person with a certificate of the trusted authority."""
    if data is None:
        data = stored.read(scene.act.documents.get(purpose="a_signer", voided_at=None).signed_file)
    return pki.sign(data, AUTHORITY.person(name), AUTHORITY, field=field, **how)


class NotAccepted(StepRefused):
    """What a worker answered of a deposit that it refused: `code` of the first refusal, `report` in French."""

    def __init__(self, deposit: SignedDeposit) -> None:
        super().__init__(deposit.field, deposit.refusal)
        self.code, self.report = deposit.code, deposit.report


def checked(deposit: SignedDeposit) -> SignedDeposit:
    """Let a worker answer a deposit; return the row as it is then."""
    job = deposits.last_job(deposit)
    assert job is not None
    jobs.run(job.pk)
    return SignedDeposit.objects.get(pk=deposit.pk)


def deposit_signed(act: Act, party: Party, data: bytes, **fields: Any) -> SignedDeposit:
    """Hand a signed PDF in and let a worker answer.

    Raises NotAccepted where it refuses what it found, Refused where the signature is not taken any more, and whatever
    `deposits.receive` raises.
    """
    deposit = checked(deposits.receive(act, party, data, **fields))
    if deposit.answer == DepositAnswer.REFUSED:
        raise NotAccepted(deposit) if deposit.field else Refused(deposit.refusal)
    assert deposit.answer == DepositAnswer.ACCEPTED, deposit.answer
    return deposit
