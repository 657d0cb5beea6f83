"""Write what the tools of `tests/conventions/data/signed/make.sh` sign, and the keys that they sign with.

Arguments: the folder of the document and of the authority, then a temporary folder for the keys.
"""

import io
import json
import sys
from pathlib import Path

import pikepdf
from cryptography.hazmat.primitives import serialization


def main(data: Path, work: Path) -> None:
    from conventions.documents.render import render_version
    from tests import pki

    content = json.loads((data.parent / "convention_bretagne.json").read_text())
    content["sheets"] = []
    content["articles"] = [row for row in content["articles"] if row["key"] in ("titre", "parties", "signatures")]
    document = render_version(content, version_number=1, content_sha256="a" * 64, purpose="a_signer")
    (data / "document.pdf").write_bytes(document)
    with pikepdf.open(io.BytesIO(document)) as pdf:
        (work / "field").write_text(str(pdf.Root.AcroForm.Fields[0].objgen[0]))
    authority = pki.Authority("Autorité d’essai des outils")
    person = authority.person("EXEMPLE Camille")
    (data / "root.pem").write_bytes(authority.identity.pem)
    (work / "person.pem").write_bytes(person.pem)
    (work / "person.p12").write_bytes(person.pkcs12("essai", authority=authority))
    (work / "key.pem").write_bytes(
        person.key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )


if __name__ == "__main__":
    import django

    django.setup()
    main(*map(Path, sys.argv[1:3]))
