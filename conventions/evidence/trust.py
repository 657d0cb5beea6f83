"""The authorities that this site trusts: a folder of certificates, read again only when it changes.

<folder>/*.pem|*.crt|*.cer     roots of the authorities whose certificates are accepted
<folder>/qualifiees/           roots whose certificates may declare themselves « qualified »
<folder>/horodatage/           roots of the timestamp authorities (without it: all of the above)
<folder>/intermediaires/       intermediate certificates that signed files do not always contain
<folder>/revocation/*.crl      lists of revoked certificates, renewed by the administrator of the site
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from asn1crypto import crl, pem, x509

CERTIFICATES = (".pem", ".crt", ".cer")


@dataclass(frozen=True)
class Trust:
    """`strict`: refuse a certificate whose revocation cannot be checked; otherwise, give a warning."""

    roots: tuple[x509.Certificate, ...] = ()
    qualified: frozenset[bytes] = frozenset()
    timestamp_roots: tuple[x509.Certificate, ...] = ()
    intermediates: tuple[x509.Certificate, ...] = ()
    revocation_lists: tuple[crl.CertificateList, ...] = field(default=())
    strict: bool = False


def load(folder: str | Path | None, *, strict: bool = False) -> Trust:
    """The authorities of a folder; none without a folder. Raises ValueError with the name of an unreadable file."""
    if not folder:
        return Trust(strict=strict)
    path = Path(folder)
    if not path.is_dir():
        raise ValueError(f"SIGNATURE_TRUST_ROOTS : le dossier {path} n’existe pas")
    files = sorted(item for item in path.rglob("*") if item.is_file())
    stamps = tuple((str(item), item.stat().st_mtime_ns, item.stat().st_size) for item in files)
    return _load(str(path), stamps, strict)


@lru_cache(maxsize=4)
def _load(folder: str, stamps: tuple[tuple[str, int, int], ...], strict: bool) -> Trust:
    path = Path(folder)
    qualified = _certificates(path / "qualifiees")
    roots = (*_certificates(path), *qualified)
    return Trust(
        roots=roots,
        qualified=frozenset(certificate.sha256 for certificate in qualified),
        timestamp_roots=_certificates(path / "horodatage") or roots,
        intermediates=_certificates(path / "intermediaires"),
        revocation_lists=_revocation_lists(path / "revocation"),
        strict=strict,
    )


def _files(folder: Path, endings: Iterable[str]) -> list[Path]:
    return sorted(item for item in folder.glob("*") if item.suffix.lower() in endings) if folder.is_dir() else []


def _certificates(folder: Path) -> tuple[x509.Certificate, ...]:
    certificates = []
    for item in _files(folder, CERTIFICATES):
        for data in _blocks(item):
            try:
                certificate = x509.Certificate.load(data, strict=True)
                certificate.subject.native  # noqa: B018  asn1crypto parses as it is read
            except ValueError as error:
                raise ValueError(f"SIGNATURE_TRUST_ROOTS : {item} n’est pas un certificat lisible") from error
            certificates.append(certificate)
    return tuple(certificates)


def _revocation_lists(folder: Path) -> tuple[crl.CertificateList, ...]:
    """The revocation lists. A task downloads them, so a file may be an error page of the authority's site."""
    lists = []
    for item in _files(folder, (".crl",)):
        try:
            for data in _blocks(item):
                revocation_list = crl.CertificateList.load(data, strict=True)
                revocation_list.issuer.native  # noqa: B018  asn1crypto parses as it is read
                lists.append(revocation_list)
        except ValueError as error:
            raise ValueError(f"SIGNATURE_TRUST_ROOTS : {item} n’est pas une liste de révocation") from error
    return tuple(lists)


def _blocks(item: Path) -> list[bytes]:
    """The DER blocks of a file; a PEM file may contain several."""
    data = item.read_bytes()
    return [block for _, _, block in pem.unarmor(data, multiple=True)] if pem.detect(data) else [data]
