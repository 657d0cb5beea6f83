"""The identification of printed documents: a label at the foot of each page, and the address to verify them."""

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


def footer_label(number: str, part: str, sha256: str) -> str:
    """Return the label at the foot of each page."""
    return f"{number} · {part} · empreinte du contenu {sha256[:SHORT]}"


def foot(number: str, part: str, sha256: str) -> dict[str, str]:
    """Return the context of layout/pdf.html that identifies a document: the foot of each page, and one QR code.

    It also depends on the address of the site, which is part of the renderer's name (`pdf.renderer`).
    """
    page = absolute(reverse("verify"))
    short = sha256[:SHORT]
    address = f"{page}?{urlencode({'reference': number, 'empreinte': short})}"
    return {
        "reference": footer_label(number, part, sha256),
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
    """Return the PDF of `content` (JSON) about convention `number`; not for the versions of a convention.

    The canonical JSON is embedded. Its hash is printed at the foot of each page, with `number` and `part`.
    """
    data = canonical(content)
    sha256 = hashlib.sha256(data).hexdigest()
    name = typographic(service[:1].upper() + service[1:])
    base = {
        "title": typographic(title),
        **foot(number, part, sha256),
        "authority": ["République", "française"],
        "service": name,
        "state": settings.STATE_DEPLOYMENT,
        "content": content,
        "sha256": sha256,
    }
    return pdf.html_to_pdf(
        str(get_template(template).render(base | dict(context or {}))),
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
