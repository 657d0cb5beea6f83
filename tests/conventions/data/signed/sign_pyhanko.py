"""Sign a document with pyHanko as its documentation does: in the frame of a party, then in a field of its own.

Arguments: the document, the two files to write, the file of the authority to write. The authority is made here, so that
these files are made again without the other tools.
Run from the root of the project.
"""

import sys
from pathlib import Path

from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import signers
from pyhanko.sign.fields import SigFieldSpec, SigSeedSubFilter
from pyhanko.stamp import TextStampStyle
from pyhanko_certvalidator.registry import SimpleCertificateStore

sys.path.insert(0, str(Path.cwd()))


def main(document: Path, in_frame: Path, own: Path, root: Path) -> None:
    from tests import pki

    authority = pki.Authority("Autorité d’essai de pyHanko")
    person = authority.person("EXEMPLE Camille")
    root.write_bytes(authority.identity.pem)
    store = SimpleCertificateStore()
    store.register(authority.identity.asn1)
    signer = signers.SimpleSigner(signing_cert=person.asn1, signing_key=person.asn1_key, cert_registry=store)
    style = TextStampStyle(stamp_text="Signé par %(signer)s")
    place = SigFieldSpec("Signature de l’outil", on_page=-1, box=(60, 90, 200, 130))
    for out, field, spec in ((in_frame, "signature-1", None), (own, place.sig_field_name, place)):
        about = signers.PdfSignatureMetadata(field_name=field, subfilter=SigSeedSubFilter.PADES, md_algorithm="sha256")
        tool = signers.PdfSigner(about, signer, stamp_style=style, new_field_spec=spec)
        with document.open("rb") as source, out.open("wb") as target:
            tool.sign_pdf(IncrementalPdfFileWriter(source), output=target)


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:5]))
