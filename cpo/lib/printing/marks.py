"""What every printed document says of itself: its reference at the foot of each page, and where to verify it."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import segno
from django.conf import settings
from django.template.loader import get_template
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.text import slugify

from cpo.lib.files.hashing import SHORT, canonical
from cpo.lib.mail.emails import absolute
from cpo.lib.wording.typography import typographic

from . import pdf


def reference(number: str, part: str, sha256: str) -> str:
    """What stands at the foot of each page."""
    return f"{number} · {part} · empreinte du contenu {sha256[:SHORT]}"


def foot(number: str, part: str, sha256: str) -> dict[str, str]:
    """What layout/pdf.html prints to identify a document: at the foot of each page, and once with a QR code.

    Depends on the site's address besides its arguments: the renderer's name says which (`pdf.renderer`).
    """
    page = absolute(reverse("verify"))
    short = sha256[:SHORT]
    address = f"{page}?{urlencode({'reference': number, 'empreinte': short})}"
    return {
        "reference": reference(number, part, sha256),
        "verify": page.partition("://")[2].rstrip("/"),
        "verify_address": address,
        "qr": segno.make_qr(address, error="m").svg_data_uri(border=4, xmldecl=False, svgclass=None, lineclass=None),
    }


def print_content(
    template: str,
    content: Mapping[str, Any],
    *,
    title: str,
    number: str,
    part: str,
    service: str,
    dated: datetime,
    stylesheets: Sequence[str] = (),
    context: Mapping[str, Any] | None = None,
) -> bytes:
    """Bytes of a document that renders `content` (JSON) about convention `number`, which is not one of its versions.

    Its canonical JSON is embedded, the hash of which stands at the foot of each page beside `number` and `part`.
    """
    data = canonical(content)
    sha256 = hashlib.sha256(data).hexdigest()
    name = typographic(service[:1].upper() + service[1:])
    shown = {
        "title": typographic(title),
        **foot(number, part, sha256),
        "authority": ["République", "française"],
        "service": name,
        "state": settings.STATE_DEPLOYMENT,
        "content": content,
        "sha256": sha256,
    }
    return pdf.html_to_pdf(
        str(get_template(template).render(shown | dict(context or {}))),
        title=typographic(f"{title} - {number}" if number not in title else title),
        author=name,
        identifier=hashlib.sha256(f"{sha256}/{pdf.renderer()}".encode()).digest()[:16],
        dated=dated,
        attachments=[
            pdf.Annex(
                name=f"{number}-{slugify(part)}.json",
                content=data,
                description=f"Contenu du document, empreinte SHA-256 {sha256}",
            )
        ],
        stylesheets=stylesheets,
    )
