"""The e-mail texts shipped with the code, and the variables that each may use.

The code that sends a message provides the variables of its shipped text and those common to all messages. A text edited
in the application can't use others.
"""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from cpo.lib.loading import path

from .emails import VARIABLE

COMMON = ("plateforme_nom", "contact_nom", "contact_courriel", "lien_preferences", "prenom_destinataire")
BLOCK = re.compile(r"^::: (courriel|pied) (.*)\n((?:.*\n)*?):::$", re.MULTILINE)
SUBJECT = re.compile(r"^Objet\u00a0?\s?: ?")


@dataclass(frozen=True)
class EmailText:
    key: str
    subject: str
    body: str
    immediate: bool
    recipients: tuple[str, ...]

    @property
    def variables(self) -> tuple[str, ...]:
        """The variables that the text may use, in alphabetical order."""
        own = VARIABLE.findall(f"{self.subject}\n{self.body}")
        return tuple(sorted({*own, *COMMON}))


def shipped_texts() -> dict[str, EmailText]:
    """Return the texts of `courriels.md` by key, including the footer."""
    file = path("courriels.md")
    return _read(file, file.stat().st_mtime_ns)[0]


def meanings() -> dict[str, str]:
    """Return the closed list of variables, each with its meaning."""
    file = path("courriels.md")
    return _read(file, file.stat().st_mtime_ns)[1]


def admitted_variables(key: str) -> tuple[str, ...]:
    """Return the variables that an edited text may use: those of its shipped text, else the common ones."""
    text = shipped_texts().get(key)
    return text.variables if text else COMMON


def sample(text: str) -> str:
    """Return a text where each variable is replaced by its meaning, for a preview, without the note for its writer."""
    words = meanings()
    return VARIABLE.sub(lambda match: f"[{words.get(match[1], match[1]).partition(' ; ')[0]}]", text)


@cache
def _read(file: Path, mtime: int) -> tuple[dict[str, EmailText], dict[str, str]]:
    text = file.read_text(encoding="utf-8")
    texts = {}
    for kind, head, content in BLOCK.findall(text):
        attributes = dict(part.split("=", 1) for part in head.split())
        subject, _, body = ("", "", content) if kind == "pied" else content.partition("\n")
        texts[attributes["cle"]] = EmailText(
            key=attributes["cle"],
            subject=SUBJECT.sub("", subject),
            body=body.strip(),
            immediate=attributes.get("immediat") == "oui",
            recipients=tuple(attributes.get("destinataire", "").split(",")),
        )
    rows = [line.strip("|").split("|") for line in text.splitlines() if line.startswith("| ")]
    names = {row[0].strip(): row[1].strip() for row in rows if len(row) == 2 and row[0].strip() != "nom"}
    return texts, names
