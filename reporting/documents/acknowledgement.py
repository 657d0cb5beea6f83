"""The acknowledgement of a sending: its content is read in the transaction of the sending."""

import datetime as dt

from cpo.lib import zones
from cpo.lib.files.hashing import content_hash
from reporting.models import ReportVersion

from .common import CSS, Content


def acknowledgement_content(version: ReportVersion) -> Content:
    """Content of the acknowledgement: who sent what, when, in which capacity, with the hash of each part."""
    sent = version.content
    parts = [(f"Fiche {sheet['code']} – {sheet['title']}", sheet) for sheet in sent["sheets"]] + [
        ("Synthèse de l’année", sent["general"]),
        ("Compte rendu financier", sent["finance"]),
    ]
    return {
        "number": sent["number"],
        "year": sent["year"],
        "round": version.number,
        "act": sent["act"],
        "content_sha256": version.content_sha256,
        "beneficiary": sent["beneficiary"],
        "service": sent["service"],
        "submitted_at": version.sent_at.isoformat(),
        "submitted_by": version.author_name,
        "submitted_as": version.capacity,
        "time_zone": sent["time_zone"],
        "parts": [{"label": label, "sha256": content_hash(part)} for label, part in parts],
        "attachments": sent["attachments"],
    }


def render(content: Content) -> bytes:
    """Bytes of the acknowledgement: the same content gives the same bytes."""
    from cpo.lib.printing import marks  # heavy: only the process that prints loads it

    at = dt.datetime.fromisoformat(content["submitted_at"])
    return marks.print_content(
        "reporting/pdf/acknowledgement.html",
        content,
        title=f"Accusé de réception du compte rendu {content['year']}",
        number=content["number"],
        part=f"compte rendu {content['year']} · envoi {content['round']}",
        service=content["service"],
        dated=at,
        stylesheets=(CSS,),
        context={"at": zones.at(at, content["time_zone"])},
    )
