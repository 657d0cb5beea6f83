"""The answer of the page that verifies a document: its words for each verdict."""

from dataclasses import dataclass

from conventions.documents.recognition import Finding, Verdict


@dataclass(frozen=True)
class Answer:
    """`tone` and `title` of the alert, a sentence ("" for none), the words before the date."""

    tone: str
    title: str
    sentence: str
    day: str


ANSWERS = {
    Verdict.VOIDED: Answer(
        "error", "Ce document a été annulé", "Il ne vaut plus, même s’il porte une signature.", "Produit le"
    ),
    Verdict.OLDER: Answer(
        "warning",
        "C’est une version antérieure",
        "Elle a servi à la négociation : ce n’est pas le document signé.",
        "Proposée le",
    ),
    Verdict.WORKING: Answer(
        "warning",
        "C’est une version de travail",
        "Elle n’engage personne : ce n’est pas le document signé.",
        "Proposée le",
    ),
    Verdict.SIGNED_COPY: Answer(
        "success",
        "C’est l’exemplaire signé",
        "Il reproduit le texte signé et dit qui l’a signé et comment ; "
        "le fichier que les parties ont signé y est joint.",
        "Signé le",
    ),
    Verdict.COPY: Answer(
        "success",
        "C’est une copie du document signé",
        "Son texte est celui que les parties ont signé.",
        "Signé le",
    ),
    Verdict.CONSOLIDATED: Answer(
        "info",
        "C’est une version consolidée",
        "Elle réunit la convention et les actes qui l’ont modifiée ; seuls les actes signés font foi.",
        "Produite le",
    ),
    Verdict.TO_SIGN: Answer(
        "info",
        "Ce document est présenté à la signature",
        "Toutes les parties ne l’ont pas encore signé.",
        "Produit le",
    ),
    Verdict.RECORDED: Answer(
        "success",
        "Ce document a été produit par cette application",
        "Il accompagne la convention ; ce n’est pas la convention signée.",
        "Produit le",
    ),
}
ANNULLED_OR_OLDER = (Verdict.VOIDED, Verdict.OLDER, Verdict.WORKING)
COMPLETED = "Ce fichier contient un document connu, complété depuis"


def answer(finding: Finding, *, from_file: bool) -> Answer:
    """A document that is annulled or older is told as such, even when something was added to its file."""
    if finding.completed and finding.verdict not in ANNULLED_OR_OLDER:
        return Answer("warning", COMPLETED, "", "Produit le" if finding.version else "Enregistré le")
    if finding.verdict == Verdict.SIGNED:
        sentence = _signed(finding, from_file) if finding.signed else ""
        return Answer("success", finding.title, sentence, "Signé le" if finding.signed else "Notifié le")
    return ANSWERS[finding.verdict]


def _signed(finding: Finding, from_file: bool) -> str:
    if finding.scan:
        return "C’est la numérisation de l’original signé sur papier, telle qu’elle a été déposée ici."
    if finding.content or not from_file:
        return "C’est le texte que les parties ont signé."
    if finding.whole:
        return "Ce fichier est, à l’octet près, celui que les parties ont signé."
    return (
        "Ce fichier en est le texte, mais il ne porte pas toutes les signatures par certificat : "
        "celui qui les porte est un autre."
    )
