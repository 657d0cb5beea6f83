"""The French answers of the verification."""

from datetime import datetime

from cpo.lib.wording import french

AGAIN = "Téléchargez de nouveau le document depuis cette application et signez ce fichier-là, sans l’imprimer en PDF."

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
    "bad_timestamp": "L’horodatage de la signature {of_name} n’est pas valable, "
    "ou n’est pas d’une autorité de confiance.",
    "unsupported": "Le format de la signature {of_name} n’est pas reconnu. Utilisez le format PAdES.",
}

UNSIGNED_REST = (
    "le fichier a été complété après la dernière signature, sans rien changer à ce qui se lit (données de validation, "
    "le plus souvent) : aucune signature ne couvre ce complément."
)

LEVELS = {
    "none": "signature qui n’est pas vérifiée",
    "certificate": "signature électronique avec certificat vérifié",
    "advanced": "signature électronique avancée avec certificat vérifié",
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


def bytes_words(count: int) -> str:
    return "un octet" if count == 1 else f"{french.number(count)} octets"


def time_words(signed_at: datetime | None, timestamp_by: str) -> str:
    if signed_at is None:
        return "à une heure que le fichier ne dit pas"
    source = f"heure attestée par {timestamp_by}" if timestamp_by else "heure déclarée par le poste du signataire"
    return f"le {french.datetime(signed_at, named=True)}, {source}"
