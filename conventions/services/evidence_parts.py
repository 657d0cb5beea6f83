"""What a judge asks for beside what was signed: joined documents, notification, refusals, authorities, coverage."""

from pathlib import Path

from django.conf import settings
from django.utils.text import slugify

from conventions.evidence.coverage import coverage
from conventions.models import Act, Signature, SigningRefusal
from cpo.lib import zones
from cpo.lib.files import stored as stored_files
from cpo.lib.files.inspection import extension_of
from cpo.lib.models import StoredFile
from cpo.lib.wording import french

Entries = dict[str, bytes]
AUTHORITIES = "autorites"
CERTIFICATES = (".pem", ".crt", ".cer", ".crl")


def pieces(act: Act, content: dict[str, object]) -> Entries:
    """The documents that annexe IV of the signed text names, by the hash that it gives."""
    rows: list[dict[str, str]] = content.get("attachments") or []  # type: ignore[assignment]
    stored = {file.sha256: file for file in StoredFile.objects.filter(sha256__in=[row["sha256"] for row in rows])}
    return {
        f"{act.reference}/pieces/{rank}-{slugify(row['label'])[:60]}.{extension_of(file.media_type)}": (
            stored_files.read(file)
        )
        for rank, row in enumerate(rows, start=1)
        if (file := stored.get(row["sha256"]))
    }


def notification(act: Act) -> Entries:
    """Each notification in words, with its proof."""
    entries: Entries = {}
    lines = []
    rows = act.deliveries.select_related("addressee", "proof").order_by("recorded_at", "pk")
    for rank, row in enumerate(rows, start=1):
        received = f"reçue le {french.date(row.received_on)}" if row.received_on else "réception non enregistrée"
        number = f", n° {row.number}" if row.number else ""
        lines.append(
            f"{rank}. {row.addressee} : {row.get_means_display()}{number}, envoyée le {french.date(row.sent_on)}, "
            f"{received}\n"
        )
        if row.proof:
            path = f"{act.reference}/notification/{rank}-preuve.{extension_of(row.proof.media_type)}"
            entries[path] = stored_files.read(row.proof)
    if lines:
        entries[f"{act.reference}/notification/notification.txt"] = "".join(lines).encode()
    return entries


def refusals(act: Act) -> Entries:
    """The refusals to sign, with their reason, those of annulled documents too."""
    rows = SigningRefusal.objects.filter(document__act=act).select_related("party__organisation", "by").order_by("at")
    lines = [
        f"{rank}. {row.party.organisation} : {row.by}, "
        f"le {french.datetime(zones.at(row.at, act.dossier), named=True)}\n"
        f"  motif : {row.reason}\n"
        f"  {f'levé le {french.date(zones.at(row.lifted_at, act.dossier))}' if row.lifted_at else 'non levé'}\n"
        for rank, row in enumerate(rows, start=1)
    ]
    return {f"{act.reference}/signatures/refus.txt": "\n".join(lines).encode()} if lines else {}


def coverages(act: Act, signatures: list[Signature]) -> Entries:
    """What each signature of the file that the parties signed with certificates covers, byte by byte."""
    last = next((row.signed_file for row in reversed(signatures) if row.signed_file), None)
    rows = coverage(stored_files.read(last)) if last else []
    if not rows:
        return {}
    lines = [
        "Chaque signature couvre tout le fichier tel qu’il était quand elle a été posée, et rien de ce qui suit.\n"
        "pdfsig dit « Not total document signed » de toutes sauf la dernière : les octets qui suivent sont ceux des\n"
        "signatures suivantes, et l’application a vérifié qu’ils n’ajoutent rien d’autre.\n\n"
    ]
    for rank, row in enumerate(rows, start=1):
        whole = "tout le fichier" if row.whole else f"les octets 0 à {row.end - 1}, sur {row.size}"
        lines.append(f"{rank}. champ {row.field} : {whole}\n")
    return {f"{act.reference}/signatures/etendue.txt": "".join(lines).encode()}


def authorities(entries: Entries) -> Entries:
    """The certificates and revocation lists that this site trusts now, if a file here is signed with a certificate."""
    if not settings.SIGNATURE_TRUST_ROOTS or not any(path.endswith("-pdf-signe.pdf") for path in entries):
        return {}
    folder = Path(settings.SIGNATURE_TRUST_ROOTS)
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path.suffix.lower() in CERTIFICATES)
    return {f"{AUTHORITIES}/{path.relative_to(folder).as_posix()}": path.read_bytes() for path in files}
