"""The e-mail texts as shipped, and the variables that each may name.

The sender of a message gives the variables that its shipped text names, and those that every message has: a text edited
in the application can't name others.
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
        """What the text may name, in alphabetical order."""
        own = VARIABLE.findall(f"{self.subject}\n{self.body}")
        return tuple(sorted({*own, *COMMON}))


def shipped() -> dict[str, EmailText]:
    """The texts of `courriels.md` by key, the footer included."""
    file = path("courriels.md")
    return _read(file, file.stat().st_mtime_ns)[0]


def meanings() -> dict[str, str]:
    """The closed list of variables, each with its meaning."""
    file = path("courriels.md")
    return _read(file, file.stat().st_mtime_ns)[1]


def admitted(key: str) -> tuple[str, ...]:
    """What an edited text may name: what its shipped text names; without one, what every message has."""
    text = shipped().get(key)
    return text.variables if text else COMMON


def sample(text: str) -> str:
    """A text with the meaning of each variable in its place, to read it before anything is sent."""
    words = meanings()
    return VARIABLE.sub(lambda match: f"[{words.get(match[1], match[1])}]", text)


@cache
def _read(file: Path, changed: int) -> tuple[dict[str, EmailText], dict[str, str]]:
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
