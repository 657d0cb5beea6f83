"""Every kind of document that the application prints: PDF/A-3a and PDF/UA-1 as far as page-validation and qpdf check,
the same bytes in any process, and on each page its title and the address for verification."""

import hashlib
import json
import re
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from conventions.documents import render
from conventions.documents.ending import render_ending
from conventions.documents.journal import render_journal
from conventions.documents.letters import render_letter
from conventions.documents.render import render_version
from conventions.enums import DocumentPurpose
from conventions.evidence import archive
from cpo.lib.files.hashing import canonical, content_hash
from reporting import documents as reports
from reporting.demo.agreement import sample_file
from tests import shared
from tests.lib.test_pdf import _environment, assert_conformant, read

pytestmark = pytest.mark.pdf

ROOT = Path(__file__).resolve().parent.parent
SAMPLE = ROOT / "conventions" / "data" / "convention_bretagne.json"
NUMBER = "CPO-2025-BRE-001"
NB = "\u00a0"

SENT = {
    "number": NUMBER, "year": 2025, "round": 2, "beneficiary": "ARML Bretagne", "service": "DREETS de Bretagne",
    "submitted_at": "2026-06-12T08:30:00+00:00", "submitted_by": "Camille Exemple", "submitted_as": "président·e",
    "time_zone": "Europe/Paris",
    "parts": [{"label": f"Fiche {n} – Appui", "sha256": f"{n:064x}"} for n in range(40)],
    "attachments": [
        {"label": "Comptes annuels", "name": "comptes.pdf", "provisional": True, "sha256": "a" * 64},
        {"label": "Rapport", "name": "sans objet : néant", "provisional": False, "sha256": ""},
    ],
}  # fmt: skip
LINE = {"label": "Charges de personnel", "kind": "cash", "funder": "", "forecast": "60000", "comment": ""}
FICHE = {
    "key": "1" * 32, "code": "1-A", "title": "Appui au réseau", "dropped_on": None, "progress_label": "réalisée",
    "fte_used": "1.50", "narrative": "Deux sessions.", "audience": "", "difficulties": "", "measures": "",
    "next_year": "", "axis": "1", "axis_label": "1. Réseau",
    "indicators": [
        {"label": "Sessions", "unit": "%", "target": "80", "number": "90", "numerator": "9", "denominator": "10",
         "text": "", "comment": "Mieux.", "source": "Registre", "not_applicable": False},
        {"label": "Salons", "unit": "", "target": "", "number": None, "numerator": None, "denominator": None,
         "text": "", "comment": "Aucun salon.", "source": "", "not_applicable": True},
    ],
    "expenses": [LINE | {"account": "64", "actual": "30000", "comment": "Un poste vacant."}],
}  # fmt: skip
STANDING = [
    {"key": "64", "label": "64 Charges de personnel", "axis": "", "budget": "180000", "before": None, "now": "30000"}
]
FINANCIAL = {
    **{name: SENT[name] for name in ("number", "year", "round", "beneficiary", "service", "time_zone")},
    **{name: SENT[name] for name in ("submitted_at", "submitted_by", "submitted_as")},
    "act": NUMBER, "content_sha256": "c" * 64, "thresholds": {"gap": 10, "target": 85},
    "general": {"highlights": "Une année pleine.", "governance": "Trois conseils."},
    "sheets": [FICHE | {"code": f"{n}-A"} for n in range(1, 4)],
    "finance": {
        "comment": "La région verse plus tard.", "allocation_keys": "Au temps passé.", "surplus_use": "",
        "structure": [], "expenses": FICHE["expenses"],
        "resources": [LINE | {"account": "74-ETAT", "funder": "État", "actual": "40000"}], "uses": [], "sources": [],
    },
    "bases": [{"year": 2024, "sending": None, "sha256": ""}],
    "standing": dict.fromkeys(("account", "sheet", "axis", "funder", "line"), STANDING),
}  # fmt: skip
FORM = {
    **{name: SENT[name] for name in ("number", "year", "beneficiary", "service", "time_zone")},
    "act": NUMBER, "sheets": FINANCIAL["sheets"], "resources": FINANCIAL["finance"]["resources"],
    "opened_on": "2026-01-15",
}  # fmt: skip
HELD = {
    "meeting": 1, "number": NUMBER, "title": "Dialogue de gestion 2025", "beneficiary": "ARML Bretagne",
    "service": "DREETS de Bretagne", "held_on": "2026-10-01", "hours": "de 14 h à 16 h", "place": "Rennes",
    "agenda": "Bilan.\nSuites.", "present": ["Camille Exemple, présidente", "Dominique Fictif, directeur régional"],
    "excused": ["Alex Exemple"], "opinion": "Objectifs atteints en partie", "summary": "Un mot.\n\nDeux.",
    "decisions": [
        {"text": "Suivre les effectifs chaque trimestre.", "who": "Camille Exemple", "due_on": "2026-12-31"},
        {"text": "Revoir la fiche 3-C.", "who": "", "due_on": ""},
    ] * 15,
    "recorded_at": "2026-10-02T10:00:00+00:00",
}  # fmt: skip
BARE = {
    "decisions": [],
    "held_on": "",
    "hours": "",
    "place": "",
    "agenda": "",
    "excused": [],
    "opinion": "",
    "summary": "",
}
POINT = {"target": "90", "goal": "90", "number": None, "words": "", "percent": None}
SAID = {
    "results": "Conformes au programme.", "effects": "Les équipes restent.", "usefulness": "Réelle.", "cost": "Bas.",
}  # fmt: skip
EVALUATED = {
    "format": 1, "number": NUMBER, "beneficiary": "ARML Bretagne", "service": "DREETS de Bretagne",
    "time_zone": "Europe/Paris", "term": "2027-12-31", "written_on": "2027-10-18", "answer_by": "2027-10-08",
    "act": NUMBER, "years": [2025, 2026, 2027], "bases": [{"year": 2025, "sending": 1, "sha256": "a" * 64}],
    "recommendation": "Reconduire le partenariat", "reasons": "Les résultats sont là.\n\nLe réseau y tient.",
    "funders": "La Région poursuit.", "assessments": {"state": SAID, "beneficiary": SAID},
    "grid": {"version": 1, "answers": [
        {"heading": "Trois années", "label": "Utilité pour le réseau", "kind": "note", "value": "3", "note": "Réelle."},
        {"heading": "Trois années", "label": "Recommandations", "kind": "texte", "value": "Poursuivre.", "note": ""},
    ]},
    "trends": [
        {"label": f"{n}-A – Taux de satisfaction des stagiaires", "unit": "%", "baseline": "60", "points": [
            POINT | {"year": 2025, "number": "72.50", "percent": "81"}, POINT | {"year": 2026, "number": "88"},
            POINT | {"year": 2027},
        ]} for n in range(1, 7)
    ] + [{"label": "7-A – Salons", "unit": "", "baseline": "", "points": [
        {"year": 2025, "target": "", "goal": None, "number": None, "words": "sans objet", "percent": None}]}],
    "cost": {
        "years": [
            {"year": 2025, "conventioned": "271200.00", "committed": "271200.00", "paid": "271200.00",
             "spent": "402310.45", "retained": "400110.45"},
            {"year": 2026, "conventioned": "271200.00", "committed": "0", "paid": "0", "spent": None, "retained": None},
        ],
        "sheets": [{"label": "1-A Appui au réseau", "partial": True, "budget": "180000.00", "before": None,
                    "now": "60000.00", "retained": "59000.00"}] * 4,
    },
    "conformity": {
        "reports": [
            {"year": 2025, "state": "Conclu", "due_on": "2026-06-30", "sent_on": "2026-07-03", "late": 3, "sendings": 2,
             "admissible_on": "2026-09-18"},
            {"year": 2026, "state": "pas encore ouvert", "due_on": "", "sent_on": "", "late": None, "sendings": 0,
             "admissible_on": ""},
        ],
        "papers": [{"year": 2025, "missing": ["Pièce : comptes annuels"]}],
        "deadlines": {"in_time": 9, "late": [{"label": "Avance, 2026", "due_on": "2026-03-31", "met_on": ""}]},
        "decisions": {"counts": [["Fait", 2]], "open": [{"text": "Suivre.", "who": "ARML", "due_on": ""}]},
        "controls": [{"label": "Contrôle sur place n° 1", "state": "Clos", "on": "2026-07-01"}],
        "corrections": [{"label": "Correction n° 1", "year": 2025, "amount": "1200.00", "state": "Imputation"}],
    },
}  # fmt: skip
EVENT = {
    "at": "2026-03-04T09:05:00+00:00", "sentence": "Alex Exemple propose la version 2.", "comment": "Un mot.\nDeux.",
    "actor": "Alex Exemple", "organisation": "DREETS de Bretagne", "audience": "services de l’État",
}  # fmt: skip
JOURNAL = {
    "number": NUMBER, "service": "DREETS de Bretagne", "beneficiary": "ARML Bretagne", "time_zone": "Europe/Paris",
    "choices": ["À partir du 01/01/2026"], "audiences": "les deux parties", "last": EVENT["at"],
    "entries": [EVENT, EVENT | {"comment": "", "organisation": "", "audience": ""}] * 30,
}  # fmt: skip

NOTICE = {
    "ground": "breach", "association": False,
    "breaches": "Article 6 : les documents de 2025 ne sont pas remis.\n\nArticle 9.1 : aucun comité.",
    "sent_on": "2026-10-15", "letter_number": "1A 234 567 8901 2", "due_on": "2026-12-15",
    "observations": [{"by": "Dominique Fictif", "at": "2026-11-02", "text": "Ils partent.\n\nDemain."}],
    "decision": "Les documents ne sont pas venus. " * 60, "decided_on": "2026-12-16", "notified_on": "2026-12-18",
    "decision_number": "1A 999", "decision_sha256": "d" * 64, "documents_by": "2027-06-18",
}  # fmt: skip
PARTIES = [
    {
        "role": "lead", "name": "DREETS de Bretagne", "article_name": "la DREETS de Bretagne",
        "address": "au 1 place de l’Exemple, 35000 Rennes", "signatory_name": "Camille Exemple",
        "capacity": "directrice régionale", "by_delegation": True,
        "delegation": {"reference": "arrêté n° 2025-001", "dated": "2025-01-06", "raa": "RAA du 7 janvier 2025"},
    },
    {
        "role": "beneficiary", "name": "ARML Bretagne", "article_name": "l’Association régionale des missions locales",
        "address": "au 10 rue de l’Exemple, 35000 Rennes", "signatory_name": "Dominique Fictif",
        "capacity": "présidente", "by_delegation": False, "delegation": None,
    },
]  # fmt: skip
ENDING = {
    "purpose": "resiliation", "title": "Constat de la résiliation", "number": NUMBER, "cycle": "2025-2027",
    "parties": PARTIES, "values": {
        "prefet_qualite": "le préfet de la région Bretagne, préfet d’Ille-et-Vilaine",
        "tribunal_administratif": "tribunal administratif de Rennes",
    }, "signed_on": "2025-10-20", "notified_on": "2025-10-30",
    "effective_on": "2025-01-01", "ends_on": "2027-12-31", "versions": 3, "years": [2025, 2026, 2027],
    "acts": [
        {"name": f"Avenant n°{NB}1", "signed": True, "day": "2026-06-01", "effective_on": "2026-07-01"},
        {"name": f"Avenant n°{NB}2", "signed": False, "day": "", "effective_on": ""},
    ],
    "state": "terminated", "ended_on": "2026-12-18", "author": "Camille Exemple", "role": "responsable de service",
    "organisation": "DREETS Bretagne", "comment": "", "at": "2026-12-18T10:00:00+00:00", "recorded_on": "2026-12-18",
    "notice": NOTICE,
}  # fmt: skip
LETTER = ENDING | {"purpose": "mise_demeure", "title": "Mise en demeure", "state": "active", "ended_on": ""}
DISSOLVED = ENDING | {
    "title": "Constat de fin de la convention",
    "notice": NOTICE | {"ground": "dissolution", "observations": [], "decision_number": "", "decision_sha256": ""},
}
CLOSED = ENDING | {
    "purpose": "cloture", "title": "Constat de clôture", "state": "closed", "ended_on": "2028-09-30", "notice": None,
    "comment": "Partenariat à reconduire.",
}  # fmt: skip
ABANDONED = ENDING | {
    "purpose": "abandon", "title": "Constat d’abandon", "state": "abandoned", "ended_on": "", "notified_on": "",
    "acts": [], "years": [], "notice": None, "comment": "L’association a renoncé.",
}  # fmt: skip


CONCLUSION = {
    **{name: HELD[name] for name in ("number", "beneficiary", "service", "held_on", "opinion")},
    "year": 2025, "next_year": 2027, "act": NUMBER, "signed_on": "2026-10-05", "conclusion": "Conforme.\n\nÀ suivre.",
    "recommendations": "Remplir les sessions.", "next_amount": "445000.00", "next_programme": "Une fiche de plus.",
    "opens": "L’acte financier est ouvert.", "decisions": [row | {"state": "À faire"} for row in HELD["decisions"]],
    "concluded_at": "2026-10-20T10:00:00+00:00", "time_zone": "Europe/Paris",
}  # fmt: skip
BARE_CONCLUSION = dict.fromkeys(("held_on", "signed_on", "opinion", "conclusion", "next_amount", "opens"), "")
OF_SERVICE = {
    "kind": "relance", "kind_label": "Relance", "number": NUMBER, "reference": f"{NUMBER}-L1", "header": {},
    "values": ENDING["values"], "parties": PARTIES[:1], "place": "Rennes", "dated_on": "2026-10-15",
    "service": {"name": "DREETS de Bretagne", "address": "1 place de l’Exemple, 35000 Rennes", "email": "a@b.example"},
    "addressee": ["Dominique Fictif, présidente", "ARML Bretagne", "10 rue de l’Exemple, 35000 Rennes"],
    "followed_by": {"name": "Camille Exemple", "email": "camille@exemple.example"}, "subject": "Relance",
    "body": "Madame, Monsieur,\n\n**Il manque** :\n\n{{ liste_echeances_retard }}\n\nAvant le {{ date_reponse }}.",
    "of_body": {"liste_echeances_retard": ["Compte rendu 2025", "Comptes annuels"], "date_reponse": "30 octobre 2026"},
    "missing": [], "at": "2026-10-15T10:00:00+00:00", "template": {"service": "", "version": 1},
}  # fmt: skip


def convention(purpose: str) -> bytes:
    content = signed_content()
    return render_version(content, version_number=7, content_sha256=content_hash(content), purpose=purpose)


def signed_content() -> dict[str, Any]:
    whole: dict[str, Any] = json.loads(SAMPLE.read_text(encoding="utf-8"))
    contributions = [row | {"line_label": row["line"]} for row in whole["contributions"]]
    return whole | {"sheets": whole["sheets"][:2], "contributions": contributions}


def later(kind: str, name: str, **terms: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """The content of an act after the first, and the content of the convention that it changes."""
    base = signed_content()
    whole = json.loads(SAMPLE.read_text(encoding="utf-8"))
    act = {
        "number": 1, "kind": kind, "title": f"{name} à la convention pluriannuelle d’objectifs",
        "reference": f"{NUMBER}-A1", "name": name, "topic": "", "year": None,
        "purpose": "Une fiche de plus.\n\nEt encore.", "cause": "Un partenaire se retire.",
        "consequences": "Le budget change.", "effective_on": "2026-07-01",
        "base": {
            "reference": NUMBER, "name": "Convention", "version": 7, "content_sha256": content_hash(base),
            "signed_on": "2025-10-20",
        },
    }  # fmt: skip
    articles = [row | {"body": row["body"] + "\n\nUn alinéa de plus."} for row in whole["articles"]]
    return base | {"act": act | terms, "sheets": whole["sheets"][:3], "articles": articles}, base


def act_after(kind: str, name: str, purpose: str = "a_signer", **terms: Any) -> bytes:
    content, base = later(kind, name, **terms)
    changed_content = None if purpose == "consolidee" else base
    sha256 = content_hash(content)
    return render_version(content, version_number=1, content_sha256=sha256, purpose=purpose, base=changed_content)


def working_copy() -> bytes:
    content, base = later("avenant", f"Avenant n°{NB}1", topic="programme")
    return render.working_copy(content, version_number=1, content_sha256=content_hash(content), base=base)


def evidence_file() -> bytes:
    dated = datetime(2026, 10, 15, 12, tzinfo=UTC)
    return archive.build({"journal/journal.pdf": render_journal(JOURNAL)}, readme="Lisez.", dated=dated)


KINDS: dict[str, Callable[[], bytes]] = {
    "projet": lambda: convention("projet"),
    "a_signer": lambda: convention("a_signer"),
    "copie": lambda: convention("copie"),
    "avenant": lambda: act_after("avenant", f"Avenant n°{NB}1", topic="programme"),
    "projet d’avenant": lambda: act_after("avenant", f"Avenant n°{NB}1", "projet", topic="extension"),
    "acte annuel": lambda: act_after("annual", "Acte financier 2026", year=2026),
    "adaptation": lambda: act_after("notice", "Adaptation du budget 2026", year=2026),
    "consolidee": lambda: act_after("avenant", f"Avenant n°{NB}1", "consolidee", topic="programme"),
    "accuse": lambda: reports.render(SENT),
    "crf": lambda: reports.render_finance(FINANCIAL),
    "formulaire": lambda: reports.render_form(FORM),
    "releve": lambda: reports.render_minutes(HELD),
    "releve sans decision": lambda: reports.render_minutes(HELD | BARE),
    "conclusion": lambda: reports.render_conclusion(CONCLUSION),
    "conclusion sans rien": lambda: reports.render_conclusion(CONCLUSION | BARE_CONCLUSION | {"decisions": []}),
    "conclusion après le terme": lambda: reports.render_conclusion(CONCLUSION | BARE_CONCLUSION | {"next_year": None}),
    "lettre": lambda: render_letter(OF_SERVICE),
    "evaluation": lambda: reports.render_evaluation(EVALUATED),
    "evaluation sans reponse": lambda: reports.render_evaluation(
        EVALUATED | {"assessments": {"state": SAID}, "grid": None, "funders": "", "trends": EVALUATED["trends"][-1:]}
    ),
    "journal": lambda: render_journal(JOURNAL),
    "journal vide": lambda: render_journal(JOURNAL | {"entries": [], "choices": []}),
    "mise en demeure": lambda: render_ending(LETTER),
    "mise en demeure du service": lambda: render_ending(LETTER | {"letter": OF_SERVICE}),
    "mise en demeure de l’association": lambda: render_ending(LETTER | {"notice": NOTICE | {"association": True}}),
    "resiliation": lambda: render_ending(ENDING),
    "dissolution": lambda: render_ending(DISSOLVED),
    "cloture": lambda: render_ending(CLOSED),
    "abandon": lambda: render_ending(ABANDONED),
    # Not what the process remembers: the demonstration may have been loaded with the stand-in for the renderer.
    "piece de demonstration": lambda: sample_file.__wrapped__("Statuts de l’association"),
}
LATER = ("avenant", "projet d’avenant", "acte annuel", "adaptation", "consolidee")
# Documents that are not PDF. Their bytes are compared too.
OTHERS: dict[str, Callable[[], bytes]] = {"travail": working_copy, "preuve": evidence_file}
REGISTERED = [kind for kind in KINDS if kind != "piece de demonstration"]
EMBEDDED: dict[str, Any] = {
    "accuse": SENT, "crf": FINANCIAL, "formulaire": FORM,
    "releve": HELD, "evaluation": EVALUATED, "journal": JOURNAL, "resiliation": ENDING, "cloture": CLOSED,
    "lettre": OF_SERVICE, "conclusion": CONCLUSION,
}  # fmt: skip


@pytest.fixture
def printed(settings: Any) -> Callable[[str], bytes]:
    """Print a document of each kind once for all tests and processes of a run."""
    settings.SITE_URL = "https://conventions.example"
    return lambda kind: shared.once(f"document {kind}", KINDS[kind])


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_document_is_pdf_a_3a_and_pdf_ua_1(
    kind: str, printed: Callable[[str], bytes], tmp_path: Path
) -> None:
    assert_conformant(printed(kind), tmp_path)


@pytest.mark.slow
def test_two_processes_print_the_same_bytes() -> None:
    program = (
        "import django, hashlib; django.setup()\n"
        "from tests.reporting.test_documents import KINDS, OTHERS\n"
        "for kind, make in reversed((KINDS | OTHERS).items()): print(kind, hashlib.sha256(make()).hexdigest(), sep=':')"
    )
    out = subprocess.run(
        [sys.executable, "-c", program], check=True, capture_output=True, text=True, env=_environment()
    ).stdout
    theirs = dict(line.split(":") for line in out.split("\n") if line)
    assert theirs == {kind: hashlib.sha256(make()).hexdigest() for kind, make in (KINDS | OTHERS).items()}


def test_no_document_of_the_register_is_left_out_of_these_tests() -> None:
    """A new purpose needs one of the kinds above. test_seal covers the seal, whose bytes are new each time."""
    purposes = {
        "accuse",
        "crf",
        "formulaire",
        "releve",
        "conclusion",
        "lettre",
        "evaluation",
        "journal",
        "resiliation",
        "cloture",
        "abandon",
        "projet",
        "a_signer",
        "copie",
    }
    purposes |= {"consolidee", "mise en demeure", "conclusion", "lettre"}
    kind_names = {
        kind.replace(" ", "_").replace("mise_en_demeure", "mise_demeure") for kind in purposes | OTHERS.keys()
    }
    assert purposes <= KINDS.keys()
    assert kind_names == set(DocumentPurpose.values) - {DocumentPurpose.SEALED, DocumentPurpose.SIGNED_COPY}


@pytest.mark.parametrize("kind", REGISTERED)
def test_each_page_says_what_it_is_and_where_to_verify_it(
    kind: str, printed: Callable[[str], bytes], tmp_path: Path
) -> None:
    data = printed(kind)
    pages = read(data, tmp_path).replace(NB, " ").split("\f")[:-1]
    short = re.findall(r"empreinte du contenu ([0-9a-f]{12})", pages[0])[-1]  # the footer comes last
    for number, text in enumerate(pages, start=1):
        assert NUMBER in text
        assert f"empreinte du contenu {short}" in text
        assert "À vérifier sur conventions.example/verification" in text
        assert f"Page {number}/{len(pages)}" in text
    number = f"{NUMBER}-A1" if kind in LATER else NUMBER
    address = f"https://conventions.example/verification/?reference={number}&empreinte={short}"
    assert f"/URI ({address})".encode() in data
    assert "".join(pages).count("Vérifier ce document") == 1


@pytest.mark.parametrize("kind", EMBEDDED)
def test_what_a_document_renders_is_embedded_and_its_hash_is_the_one_printed(
    kind: str, printed: Callable[[str], bytes], tmp_path: Path
) -> None:
    path = tmp_path / "d.pdf"
    path.write_bytes(printed(kind))
    subprocess.run(["pdfdetach", "-saveall", "-o", tmp_path, path], check=True, capture_output=True)
    embedded = next(tmp_path.glob("*.json")).read_bytes()
    assert embedded == canonical(EMBEDDED[kind])
    text = subprocess.run(["pdftotext", path, "-"], check=True, capture_output=True, text=True).stdout
    assert hashlib.sha256(embedded).hexdigest()[:12] in text


def test_the_address_of_the_site_is_part_of_what_the_document_is(settings: Any) -> None:
    from cpo.lib.printing import pdf

    settings.SITE_URL = "https://une.example"
    one, name = KINDS["accuse"](), pdf.renderer()
    settings.SITE_URL = "https://autre.example"
    assert KINDS["accuse"]() != one
    assert pdf.renderer() != name


@pytest.mark.parametrize("template", sorted((ROOT.parent / "templates").glob("*/pdf/*.html")), ids=lambda p: p.stem)
def test_every_header_of_a_printed_table_has_its_scope(template: Path) -> None:
    source = template.read_text(encoding="utf-8")
    assert len(re.findall(r"<th\b", source)) == len(re.findall(r'<th scope="(?:col|row|rowgroup)"', source))


@pytest.mark.parametrize("kind", ["accuse", "journal", "a_signer"])
def test_a_table_that_goes_on_repeats_its_header(kind: str, printed: Callable[[str], bytes], tmp_path: Path) -> None:
    heads = {"accuse": "Empreinte SHA-256 du contenu", "journal": "Événement ", "a_signer": "Cible 2025"}
    pages = read(printed(kind), tmp_path).replace(NB, " ").split("\f")[:-1]
    assert sum(heads[kind] in page for page in pages) >= 2


def test_a_row_and_the_blocks_of_signature_are_never_split(tmp_path: Path) -> None:
    """Text of different lengths moves the blocks down the page."""
    content = json.loads(SAMPLE.read_text(encoding="utf-8")) | {"sheets": []}
    short = {row["key"]: row for row in content["articles"] if row["key"] in ("titre", "recours", "signatures")}
    for lines in (12, 24, 36, 48):
        last = short["recours"] | {"body": short["recours"]["body"] + "\n\nUne ligne." * lines}
        articles = list((short | {"recours": last}).values())
        data = render_version(
            content | {"articles": articles}, version_number=1, content_sha256="0" * 64, purpose="a_signer"
        )
        pages = read(data, tmp_path).split("\f")
        holding = [page for page in pages if "Pour l’État" in page]
        assert len(holding) == 1
        for words in ("Pour l’association", "Date et lieu", "Vérifier ce document", "Signatures"):
            assert words in holding[0]
