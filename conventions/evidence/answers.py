"""The French answers of the verification."""

from collections.abc import Sequence
from datetime import datetime

from cpo.lib.wording import french

AGAIN = "Téléchargez de nouveau le document depuis cette application et signez ce fichier-là, sans l’imprimer en PDF."

OTHER_TOOL = (
    "Signez de nouveau le fichier téléchargé ici ; si la réponse est la même, prenez un autre outil : "
    "la page « Quel outil pour signer » dit lesquels ont été essayés."
)

REFUSALS = {
    "too_big": "Ce fichier pèse {size} : plus que la limite de {limit}. Il n’a pas été lu.",
    "not_pdf": "Ce fichier n’est pas un PDF. "
    "Déposez le PDF signé lui-même, pas une archive ni un fichier de signature séparé.",
    "truncated": "Ce PDF est incomplet : la fin du fichier manque. Recommencez le téléchargement ou l’envoi.",
    "encrypted": "Ce PDF est protégé par un mot de passe : son contenu ne peut pas être comparé. "
    "Signez le document sans le protéger.",
    "other_version": "Ce fichier porte sur {what}, qui n’est pas le document à signer. " + AGAIN,
    "other_act": "Ce fichier porte sur un autre acte de la même convention : {what}.",
    "other_convention": "Ce fichier porte sur une autre convention : {what}.",
    "altered": "Ce fichier a été modifié depuis que le document a été produit (différence : {count}). " + AGAIN,
    "rewritten": "Ce fichier est une copie réenregistrée du document par un autre logiciel : "
    "ses octets ne sont plus ceux du document produit. " + AGAIN,
    "unknown": "Ce fichier n’est pas le document à signer. " + AGAIN,
    "not_signed": "Ce fichier ne porte aucune signature électronique nouvelle. "
    "Signez-le avec votre outil de signature, puis déposez le résultat.",
    "unreadable": "Ce PDF est illisible. Recommencez la signature à partir du document téléchargé ici.",
    "hidden_document": "Ce fichier contient un second document ajouté à la suite du premier. " + AGAIN,
    "page_added": "Une page a été ajoutée ou retirée depuis que le document a été produit. " + AGAIN,
    "misshapen": "La partie que l’outil de signature a ajoutée au fichier ne suit pas la norme : "
    "deux logiciels pourraient la lire de deux façons. " + OTHER_TOOL,
    "defined_twice": "Une même partie du document est définie deux fois dans ce qui a été ajouté au fichier : "
    "un logiciel montrerait l’une, un autre logiciel l’autre. " + AGAIN,
    "elsewhere": "Une table ajoutée au fichier donne à une partie du document une autre place que la sienne. " + AGAIN,
    "signature_empty": "Le fichier annonce une signature qui n’en contient pas, ou qui ne dit pas ce qu’elle couvre. "
    + OTHER_TOOL,
    "signature_range": "La signature ne couvre pas exactement le fichier : des octets lui échappent. " + OTHER_TOOL,
    "hybrid": "Ce fichier a deux tables des matières internes à la fois (« section hybride ») : "
    "selon le logiciel, ce n’est pas le même document qui s’affiche. " + OTHER_TOOL,
    "freed": "Une partie du document a été retirée, ou son numéro a été donné à une autre : "
    "tous les logiciels ne montreraient pas la même chose. " + AGAIN,
    "left_over": "Des données qu’aucune table du fichier n’annonce se trouvent entre ses parties : "
    "un logiciel pourrait les prendre pour le document. " + AGAIN,
    "too_many_revisions": "Ce fichier a été enregistré plus de {limit} fois depuis que le document a été produit. "
    + AGAIN,
    "engines": "Deux logiciels de lecture ne trouvent pas la même chose dans ce fichier. " + AGAIN,
    "rendering": "La page {page} ne s’affiche plus comme dans le document produit, en dehors du cadre de la signature. "
    + AGAIN,
    "over_text": "La signature est dessinée sur du texte, page {page}. "
    "Signez dans le cadre de votre partie, ou placez le dessin sur un endroit vide de la page, "
    "ou choisissez une signature invisible.",
    "too_long_to_draw": "Ce fichier demande trop de temps ou de mémoire pour être affiché. " + OTHER_TOOL,
    "layers": "Ce qui a été ajouté contient un calque, ou un dessin qui se montre ou se cache selon le logiciel. "
    + OTHER_TOOL,
    "active": "Ce qui a été ajouté contient un script, une commande ou un fichier joint : "
    "une signature n’en a pas besoin. " + OTHER_TOOL,
    "metadata": "Le titre, l’auteur ou une autre propriété du document a été changé depuis qu’il a été produit : "
    "les logiciels l’affichent dans le titre de leur fenêtre. " + AGAIN,
    "form": "Le formulaire des signatures a été changé autrement que par une signature nouvelle. " + AGAIN,
    "field_key": "Sous {keys}, le champ de la signature porte autre chose que ce qu’une signature y met. " + OTHER_TOOL,
    "field_action": "Le champ de la signature lance une action quand on l’ouvre ou qu’on le clique. " + OTHER_TOOL,
    "field_twice": "Deux champs de signature portent le même nom : "
    "un logiciel vérifierait l’un, un autre logiciel l’autre. " + AGAIN,
    "value_twice": "Deux champs de signature portent la même signature : "
    "un logiciel la compterait pour deux parties. Signez une seule fois, dans le cadre de votre partie.",
    "stamp_in_frame": "Un horodatage occupe le cadre où une partie signe : elle ne pourrait plus y signer. "
    "Placez-le dans un champ à lui. " + OTHER_TOOL,
    "reaches": "Ce qui a été ajouté pour la signature renvoie à une partie du document (une page, une police…), "
    "qui pourrait être changée plus tard sans que rien ne le montre. " + OTHER_TOOL,
    "earlier_signature": "Une signature déjà enregistrée a été changée ou retirée. " + AGAIN,
    "annotation_added": "Une annotation (commentaire, tampon, surlignage…) a été ajoutée au document. " + AGAIN,
    "certified": "Ce fichier a été certifié ou verrouillé en le signant : "
    "le document est fermé à ceux qui signent ensuite. "
    "Choisissez la signature ordinaire (« d’approbation ») dans votre outil.",
    "changed": "Le contenu du document a été changé autrement que par une signature. " + AGAIN,
    "trailing": "Des octets ont été ajoutés après la dernière signature, à la fin du fichier : "
    "aucune signature ne les couvre. Reprenez le fichier tel que l’outil de signature l’a rendu.",
    "broken": "La signature {of_name} n’est pas intacte : des octets ont changé après la signature.",
    "no_roots": "Aucune autorité de certification de confiance n’est configurée : "
    "une signature par certificat ne peut pas être vérifiée ici. "
    "Choisissez une autre façon de signer, ou prévenez l’assistance.",
    "expired": "Le certificat {of_name} avait expiré le {until}.",
    "not_yet_valid": "Le certificat {of_name} n’est valable qu’à partir du {since}.",
    "revoked": "Le certificat {of_name} a été révoqué{day}.",
    "unknown_authority": "Le certificat {of_name} n’est pas délivré par une autorité de confiance configurée "
    "(émetteur : {issuer}).",
    "revocation_unknown": "Rien dans le fichier ni dans les listes configurées "
    "ne dit si le certificat {of_name} était révoqué, et le réglage de ce site l’exige.",
    "bad_certificate": "Le certificat {of_name} n’est pas fait pour signer un document, "
    "ou sa chaîne n’est pas valable.",
    "is_authority": "Le certificat {of_name} est celui d’une autorité de certification : "
    "une personne signe avec le sien.",
    "other_usage": "Le certificat {of_name} est réservé à un autre usage "
    "(serveur, connexion, logiciel ou horodatage) : il ne signe pas de document.",
    "weak_hash": "La signature {of_name} emploie {hash}, une empreinte que l’on sait falsifier. "
    "Choisissez SHA-256 dans votre outil.",
    "weak_certificate": "Le certificat {of_name} est lui-même signé avec {hash}, "
    "une empreinte que l’on sait falsifier. Demandez un certificat récent à votre autorité.",
    "weak_key": "La clé du certificat {of_name} est trop courte pour prouver quelque chose. "
    "Demandez un certificat récent à votre autorité.",
    "bad_timestamp": "L’horodatage de la signature {of_name} n’est pas valable, "
    "ou n’est pas d’une autorité de confiance.",
    "stamp_broken": "L’horodatage du fichier {of_name} ne date pas ce fichier : il n’est pas intact. " + OTHER_TOOL,
    "unsupported": "Le format de la signature {of_name} n’est pas reconnu. Utilisez le format PAdES.",
}

UNSIGNED_REST = (
    "le fichier a été complété après la dernière signature, sans rien changer à ce qui se lit (données de validation, "
    "le plus souvent) : aucune signature ne couvre ce complément."
)

UNTRUSTED_STAMP = (
    "l’horodatage du fichier {of_name} ne vient pas d’une autorité de confiance configurée : il ne prouve aucune date."
)

LEVELS = {
    "none": "signature qui n’est pas vérifiée",
    "certificate": "signature électronique avec certificat vérifié",
    "pades": "signature électronique avec certificat vérifié, au format PAdES",
    "qualified_certificate": "signature électronique avancée avec certificat qualifié vérifié",
    "qualified_device": "signature électronique avancée avec certificat qualifié vérifié, "
    "clé tenue par un dispositif qualifié d’après le certificat",
}

REVOCATION = {
    "checked": "non révoqué d’après une liste ou une réponse de l’autorité",
    "unknown": "révocation non vérifiée : ni le fichier ni les listes configurées n’en disent rien",
    "revoked": "certificat révoqué",
}

CHANGES = {
    "unknown": "non examinés",
    "none": "aucun",
    "validation": "seulement des données de validation des signatures",
    "signing": "seulement des signatures",
    "content": "le contenu a été changé",
}


def refusal_text(code: str, **values: str) -> str:
    return REFUSALS[code].format(**values, of_name=french.of(values.get("name", "")))


def key_words(keys: Sequence[str]) -> str:
    """« la clé /XYZ », « les clés /A, /B et 2 autres »: names that a file chose, short and without odd characters."""
    names = ["".join(letter if " " < letter < "\x7f" else "?" for letter in key[:40]) for key in keys]
    if len(names) < 2:
        return f"la clé {''.join(names) or 'sans nom'}"
    shown, others = names[:3], len(names) - 3
    last = f" et {others} autre{'s' if others > 1 else ''}" if others > 0 else f" et {shown.pop()}"
    return f"les clés {', '.join(shown)}{last}"


def bytes_words(count: int) -> str:
    return "un octet" if count == 1 else f"{french.number(count)} octets"


def time_words(signed_at: datetime | None, timestamp_by: str) -> str:
    if signed_at is None:
        return "à une heure que le fichier ne dit pas"
    source = f"heure attestée par {timestamp_by}" if timestamp_by else "heure déclarée par le poste du signataire"
    return f"le {french.datetime(signed_at, named=True)}, {source}"
