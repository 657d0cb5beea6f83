"""Version → PDF: the document is a pure function of the version's JSON content. No table is read here.

`render_version(content, version_number=…, content_sha256=…, purpose=…)` gives bytes that depend only on its arguments,
the libraries, `STATE_DEPLOYMENT` and `SITE_URL` (`cpo.lib.printing.pdf.renderer()` names these). The shape of `content`
is in docs/document.md.
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.template.loader import get_template
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import slugify

from conventions.content.held import articles_of, on_paper
from conventions.enums import DocumentPurpose, PartyRole
from conventions.text.wording import Wording
from cpo.lib.files.hashing import canonical
from cpo.lib.printing import marks, pdf
from cpo.lib.wording.typography import html_text, long_date, typographic

from . import page_marks
from .parts import budgets, later, paper, parties, sheets

Content = Mapping[str, Any]
TICKS = "'’"

MENTIONS = {
    DocumentPurpose.DRAFT: "PROJET, ne pas signer",
    DocumentPurpose.TO_SIGN: "",
    DocumentPurpose.COPY: "COPIE",
    DocumentPurpose.SIGNED_COPY: "EXEMPLAIRE SIGNÉ",
    DocumentPurpose.CONSOLIDATED: "VERSION CONSOLIDÉE, seuls les actes signés font foi",
}
CSS = "conventions/pdf/convention.css"
PROJET_CSS = "layout/pdf-projet.css"

# Sections without article number, by key. Every other section is « Article n » or an annex.
KINDS = {"titre": "titre", "parties": "parties", "visas": "visas", "preambule": "preambule", "signatures": "signatures"}

# The annex of each table. A rewritten annex may not name its table: the table is then printed at its end.
HOME_OF_TABLES = {
    "tableau_sommaire_actions": "annexe_programme",
    "fiches_actions": "annexe_programme",
    "tableau_budget_comptes": "annexe_budgets",
    "tableau_couts_actions": "annexe_budgets",
    "tableau_financeurs": "annexe_budgets",
    "tableau_echeancier": "annexe_budgets",
    "tableau_indicateurs": "annexe_indicateurs",
}
WORKING_COPY = "Copie de travail, sans valeur juridique"


@dataclass
class Section:
    """A part of the document, as `conventions/pdf/convention.html` prints it."""

    key: str
    kind: str
    heading: SafeString
    html: SafeString

    @property
    def is_title(self) -> bool:
        return self.kind == "titre"

    @property
    def is_annex(self) -> bool:
        return self.kind == "annexe"

    @property
    def has_signatures(self) -> bool:
        return self.kind == "signatures"


def render_version(
    content: Content,
    *,
    version_number: int,
    content_sha256: str,
    purpose: str,
    frozen_at: datetime | None = None,
    base: Content | None = None,
    name: str = "",
) -> bytes:
    """PDF/A-3a and PDF/UA-1 bytes of a version, for one of the purposes `projet`, `a_signer`, `copie`.

    `frozen_at` is the date of the version (`created_at`), the only date in the file; without it, that of the content.
    `base` is the content of the signed version that an act after the first changes: its document prints the
    differences. Act 0, and the purpose `consolidee` of any act, print the whole text.
    `name` is what the pages call a text that is not a version: it is in no register, so no page says to verify it.
    The content is embedded as canonical JSON (an associated file), so that the archive can be understood alone.
    """
    html = document_html(
        content, version_number=version_number, content_sha256=content_sha256, purpose=purpose, base=base, name=name
    )
    identity = f"{content_sha256}/{version_number}/{purpose}/{pdf.renderer()}"
    data = canonical(content)
    annex = pdf.Annex(
        name=f"{content['convention']['number']}-{slugify(name) or f'version-{version_number}'}.json",
        content=data,
        description=f"Contenu {f'du {name}' if name else f'de la version {version_number}'}, "
        f"empreinte SHA-256 {content_sha256}",
    )
    return pdf.html_to_pdf(
        html,
        title=title(content, purpose),
        author=service_name(content),
        identifier=hashlib.sha256(identity.encode()).digest()[:16],
        dated=frozen_at or _date_of_content(content),
        attachments=[annex],
        stylesheets=(CSS, PROJET_CSS) if purpose == DocumentPurpose.DRAFT else (CSS,),
        # What is signed on paper comes back as a scan.
        page_code=page_marks.of_purpose(purpose, reference_of(content), content_sha256),
    )


def working_copy(
    content: Content,
    *,
    version_number: int,
    content_sha256: str,
    frozen_at: datetime | None = None,
    base: Content | None = None,
    name: str = "",
) -> bytes:
    """DOCX bytes of a version, for annotation, with the sections of its PDF; arguments as in `render_version`."""
    from cpo.lib.printing import word

    html = document_html(
        content,
        version_number=version_number,
        content_sha256=content_sha256,
        purpose=DocumentPurpose.COPY,
        base=base,
        name=name,
    )
    return word.html_to_docx(
        html,
        title=title(content),
        author=service_name(content),
        footer=marks.footer_label(reference_of(content), name or f"version {version_number}", content_sha256),
        mention=WORKING_COPY,
        dated=frozen_at or _date_of_content(content),
    )


def document_html(
    content: Content,
    *,
    version_number: int,
    content_sha256: str,
    purpose: str,
    base: Content | None = None,
    name: str = "",
    template: str = "conventions/pdf/convention.html",
    added: Content | None = None,
) -> str:
    """The HTML that `render_version` prints; `added`: more context, for a `template` that says more."""
    parts = sections(content) if base is None else act_sections(content, base)
    if purpose == DocumentPurpose.CONSOLIDATED:  # nobody signs it: its acts are already signed
        parts = [section for section in parts if section.kind != "signatures"]
    context = {
        "title": title(content, purpose),
        **_foot(content, version_number, content_sha256, name),
        "mention": MENTIONS[DocumentPurpose(purpose)],
        "authority": authority_lines(content),
        "service": _text(service_name(content)),
        "service_detail": _text(content.get("header", {}).get("unit", "")),
        "state": settings.STATE_DEPLOYMENT,
        "sections": parts,
        "signed": any(section.kind == "signatures" for section in parts),
        "blocks": parties.signature_blocks(content),
        "to_sign": purpose == DocumentPurpose.TO_SIGN,
        "terms": _terms(content, purpose),
    }
    return str(get_template(template).render(context | dict(added or {})))


def _foot(content: Content, version_number: int, content_sha256: str, name: str) -> dict[str, str]:
    if name:
        return {"reference": marks.footer_label(reference_of(content), name, content_sha256)}
    return marks.foot(reference_of(content), f"version {version_number}", content_sha256)


def title(content: Content, purpose: str = "") -> str:
    """Title of the document in its metadata: its kind and its number."""
    act = content.get("act", {})
    label = act.get("title") or f"Convention pluriannuelle d'objectifs {content['cycle']['label']}"
    if purpose == DocumentPurpose.CONSOLIDATED:
        label = "Version consolidée de la convention pluriannuelle d'objectifs"
    mark = {DocumentPurpose.DRAFT: "Projet - ", DocumentPurpose.COPY: "Copie - "}.get(purpose, "")  # type: ignore[call-overload]
    return typographic(f"{mark}{label} - {reference_of(content)}")


def reference_of(content: Content) -> str:
    """The reference of the act, printed on each page; for act 0, the number of the convention."""
    return str(content.get("act", {}).get("reference") or content["convention"]["number"])


def service_name(content: Content) -> str:
    """The name of the lead service, for the top of the first page and the author of the file."""
    lead: Content = next((party for party in content["parties"] if party["role"] == PartyRole.LEAD), {})
    name = content.get("header", {}).get("service") or lead.get("legal_name") or lead.get("name") or ""
    return typographic(name[:1].upper() + name[1:])


def _date_of_content(content: Content) -> datetime:
    """A date that depends on the content alone."""
    text = (
        content.get("frozen_at")
        or content["convention"].get("effective_on")
        or f"{content['cycle']['first_year']}-01-01"
    )
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def authority_lines(content: Content) -> list[str]:
    """The lines of the bloc-marque, from the title of the préfet: « Préfet / de la région / Bretagne »."""
    lines = content.get("header", {}).get("authority")
    if lines:
        return list(lines)
    qualite = content.get("values", {}).get("prefet_qualite") or ""
    match = re.match(r"(?:le |la )?(pr[ée]f[eè]te?) (de la région|de|d['’])\s*([^,]+)", qualite, re.IGNORECASE)
    if not match:
        return ["République", "française"]
    who, link, place = match[1].capitalize(), match[2], match[3].strip()
    return [who, link, place] if link == "de la région" else [who, f"{link}{'' if link[-1] in TICKS else ' '}{place}"]


def sections(content: Content) -> list[Section]:
    """The articles and annexes of the act, in order; each table is printed, even if no article names it."""
    if on_paper(content):
        return _paper_sections(content)
    wording = Wording(content.get("values", {}), content.get("variants", {}), _tables(content))
    parts = [_section(article, content, wording) for article in content["articles"] if article.get("included", True)]
    for name, key in HOME_OF_TABLES.items():
        home = next((section for section in parts if section.key == key), None)
        if home and name not in wording.used_tables:
            home.html = _safe(home.html + wording.block(name))
    parties_section = next((section for section in parts if section.key == "parties"), None)
    if parties_section:
        parties_section.html = _safe(parties_section.html + parties.non_signing_parties(content))
    annex = next((section for section in parts if section.key == "annexe_pieces"), None)
    if annex:
        annex.html = _safe(annex.html + "".join(table.html() for table in parties.annex_iv_tables(content)))
    return parts


def _paper_sections(content: Content) -> list[Section]:
    """What is held of a text signed on paper: the national model is not its text, and is never printed for it."""
    wording = Wording(content.get("values", {}), content.get("variants", {}), {})
    articles = [_section(article, content, wording) for article in articles_of(content) if article["included"]]
    opening = [Section(*part) for part in paper.opening_parts(content)]
    return [*opening, *articles, *(Section(*part) for part in paper.annex_parts(_tables(content)))]


def act_sections(content: Content, base: Content) -> list[Section]:
    """The sections of an act after the first: parties, terms, signatures, annex of the differences."""
    wording = Wording(content.get("values", {}), content.get("variants", {}), {})
    parts = [Section(*part) for part in later.parts(content, base)]
    if on_paper(content):
        parts.insert(1, Section(*paper.parties_part(content)))
        return parts
    article = next((row for row in content["articles"] if row["key"] == "parties"), None)
    if article:
        parties_section = _section(article, content, wording)
        # The article names the deliberation on the convention, not on this act.
        parties_section.html = _safe(
            parties_section.html.replace("signer la présente convention", "signer la convention")
        )
        parties_section.html = _safe(parties_section.html + parties.non_signing_parties(content))
        parts.insert(1, parties_section)
    return parts


def _section(article: Mapping[str, Any], content: Content, wording: Wording) -> Section:
    key, number, body = article["key"], str(article.get("number") or ""), article.get("body") or ""
    kind = KINDS.get(key, "annexe" if number.startswith("annexe") else "article")
    heading = article["title"]
    html = wording.html(_mode_of_signature(article) if kind == "signatures" else body)
    if kind == "titre":
        # The first line of the text is the title of the document; the other lines are its subtitle.
        first, _, rest = html.partition("</p>")
        return Section(key, kind, _safe(re.sub(r"</?(p|strong)>", "", first).strip()), _safe(rest))
    if kind == "article":
        heading = f"Article {number} – {heading}"
    if former := article.get("former"):
        heading, kind = former["title"], "article"
    if kind == "annexe":
        # A line in bold is a title in the text: make it a heading, for the outline and for screen readers.
        html = re.sub(r"<p><strong>([^<]*)</strong></p>", r"<h3>\1</h3>", html)
    return Section(key, kind, _text(heading), _safe(html))


def _mode_of_signature(article: Mapping[str, Any]) -> str:
    """The text above the places to sign. The lines « Pour … » of the model are left out: the blocks print them.

    A text that departs from the model is printed whole, so that no negotiated sentence is lost.
    """
    body: str = article.get("body") or ""
    return body if article.get("departure") else re.split(r"(?m)^\*\*Pour ", body, maxsplit=1)[0]


def _tables(content: Content) -> dict[str, str]:
    return {
        "tableau_sommaire_actions": sheets.summary_table(content).html(),
        "fiches_actions": sheets.sheets_html(content),
        "tableau_budget_comptes": "".join(table.html() for table in budgets.account_tables(content)),
        "tableau_couts_actions": "".join(table.html() for table in budgets.cost_tables(content)),
        "tableau_financeurs": budgets.funder_table(content).html(),
        "tableau_echeancier": budgets.instalment_table(content).html(),
        "tableau_indicateurs": sheets.all_indicators(content).html(),
    }


def _terms(content: Content, purpose: str) -> SafeString:
    """The date on which an act takes effect; for a whole text, its dates and the acts that changed it."""
    convention, act = content["convention"], content.get("act", {})
    if act.get("effective_on") and purpose != DocumentPurpose.CONSOLIDATED:
        return _text(f"Prise d'effet : {long_date(act['effective_on'])}")
    parts = [f"Date d'effet : {long_date(convention['effective_on'])}"] if convention.get("effective_on") else []
    parts += [f"terme : {long_date(convention['ends_on'])}"] if convention.get("ends_on") else []
    return _text(" · ".join([*_applied_acts_words(act), *parts]))


def _applied_acts_words(act: Content) -> list[str]:
    if not act.get("effective_on"):
        return []
    acts = [applied_act for applied_act in act.get("holds", []) if applied_act["name"] != "Convention"] + [act]
    names = ", ".join(
        f"{applied_act['name']} (effet du {long_date(applied_act['effective_on'])})" for applied_act in acts
    )
    return [f"Texte en vigueur à compter du {long_date(act['effective_on'])}, tel que modifié par : {names}"]


def _text(value: str) -> SafeString:
    return _safe(html_text(value))


def _safe(html: str) -> SafeString:
    return mark_safe(html)  # built from html_text or restricted Markdown, which escape
