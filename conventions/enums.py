from django.db import models


class ConventionState(models.TextChoices):
    DRAFT = "draft", "Brouillon"
    NEGOTIATION = "negotiation", "En négociation"
    SIGNATURE = "signature", "En signature"
    ACTIVE = "active", "En exécution"
    CLOSED = "closed", "Clôturée"
    TERMINATED = "terminated", "Résiliée"
    ABANDONED = "abandoned", "Abandonnée"


# States of a signed convention that has ended: its acts stay signed and readable, no new act may be opened.
ENDED = (ConventionState.TERMINATED, ConventionState.CLOSED)


class EndGround(models.TextChoices):
    BREACH = "breach", "manquement aux obligations (article 14.1)"
    DISSOLUTION = "dissolution", "dissolution de l’association ou cessation de son activité (article 14.3)"


class ActKind(models.TextChoices):
    CONVENTION = "convention", "Convention"
    AMENDMENT = "avenant", "Avenant"
    ANNUAL = "annual", "Acte financier annuel"
    ADAPTATION = "notice", "Information d’adaptation du budget"


class ActTopic(models.TextChoices):
    PROGRAMME = "programme", "le programme d’actions"
    PARTIES = "parties", "les parties"
    EXTENSION = "extension", "la durée"
    OTHER = "other", "un autre point"


class Origin(models.TextChoices):
    APPLICATION = "app", "application"
    PAPER = "paper", "reprise d’un original signé sur papier"


class Quoting(models.TextChoices):
    """What an act does with an article of a convention signed on paper."""

    MODIFIED = "modifie", "L’acte modifie cet article"
    REMOVED = "supprime", "L’acte supprime cet article"
    ADDED = "ajoute", "L’acte ajoute un article, que l’original n’a pas"


class ArticleStatus(models.TextChoices):
    LOCKED = "locked", "Verrouillé"
    OPTIONAL = "optional", "Optionnel"
    FREE = "free", "Libre"


class PartyRole(models.TextChoices):
    BENEFICIARY = "beneficiary", "association"
    LEAD = "lead", "service chef de file"
    COSIGNER = "cosigner", "service cosignataire"
    COFUNDER = "cofunder", "cofinanceur"


class ContributionLine(models.TextChoices):
    BASE = "socle", "socle"
    COMPLEMENTARY = "complementaire", "complémentaire"
    SPECIFIC = "specifique", "spécifique"


class FundingKind(models.TextChoices):
    GRANTED = "granted", "accordé"
    PAID = "paid", "versé"


class DocumentPurpose(models.TextChoices):
    DRAFT = "projet", "projet"
    TO_SIGN = "a_signer", "à signer"
    COPY = "copie", "copie"
    CONSOLIDATED = "consolidee", "version consolidée"
    ACKNOWLEDGEMENT = "accuse", "accusé de réception"
    FINANCIAL_REPORT = "crf", "compte rendu financier"
    REPORT_FORM = "formulaire", "formulaire du compte rendu"
    MINUTES = "releve", "relevé d’une réunion"
    CONCLUSION = "conclusion", "conclusion d’une année"
    EVALUATION = "evaluation", "évaluation conjointe"
    JOURNAL = "journal", "journal"
    WORKING = "travail", "copie de travail"
    SEALED = "cachet", "revêtu du cachet"
    SIGNED_COPY = "exemplaire", "exemplaire signé"
    EVIDENCE = "preuve", "dossier de preuve"
    NOTICE_LETTER = "mise_demeure", "mise en demeure"
    LETTER = "lettre", "lettre du service"
    TERMINATION = "resiliation", "constat de la résiliation"
    CLOSING = "cloture", "constat de clôture"
    ABANDONMENT = "abandon", "constat d’abandon"


class DepositAnswer(models.TextChoices):
    """Where a signed PDF is: received and not checked yet, accepted, refused, or followed by another deposit."""

    PENDING = "pending", "En cours de vérification"
    ACCEPTED = "accepted", "Accepté"
    REFUSED = "refused", "Refusé"
    REPLACED = "replaced", "Remplacé par un autre dépôt"


class SignatureMode(models.TextChoices):
    BROWSER = "browser", "signature simple dans le navigateur"
    SCAN = "scan", "original signé sur papier, numérisé"
    PADES = "pades", "PDF signé avec un certificat"
    RECORDED = "recorded", "fichier déposé par le service"
    PAPER = "paper", "original signé sur papier, avant la reprise"


class DeliveryMeans(models.TextChoices):
    """How a signed act is brought to a party's knowledge."""

    APPLICATION = "application", "mise à disposition dans l’application, annoncée par courriel"
    REGISTERED = "recommande", "lettre recommandée avec avis de réception"
    ELECTRONIC = "lre", "lettre recommandée électronique"
    HAND = "main", "remise en main propre contre récépissé"
    EMAIL = "courriel", "courriel avec accusé de réception"


class LetterKind(models.TextChoices):
    """What a service writes to an association. The formal notice has its own steps (`FormalNotice`), and this text."""

    NOTIFICATION = "notification", "Notification"
    PIECES = "pieces", "Demande de pièces"
    REMINDER = "relance", "Relance"
    NOTICE = "mise_en_demeure", "Mise en demeure"
    SUMMONS = "convocation", "Convocation"
    CONCLUSION = "conclusion", "Conclusion de l’année"

    @classmethod
    def written_alone(cls) -> "tuple[LetterKind, ...]":
        """Those that an officer produces; a formal notice is prepared on the page of the end of the convention."""
        return cls.NOTIFICATION, cls.PIECES, cls.REMINDER, cls.SUMMONS, cls.CONCLUSION


class LetterState(models.TextChoices):
    TO_SIGN = "to_sign", "À signer"
    SIGNED = "signed", "Signée"
    SENT = "sent", "Envoyée"
    VOIDED = "voided", "Annulée"


class VisaDecision(models.TextChoices):
    GIVEN = "given", "donné"
    REFUSED = "refused", "refusé"


class WaitKind(models.TextChoices):
    """What somebody is waited for. The rule of each delay starts from « attente_ » and its value."""

    TURN = "main", "la réponse de la partie qui a la main"
    VISA = "visa", "le visa d’un service"
    PRESIDENT = "visa_presidence", "le visa de la présidence"
    SIGNATURE = "signature", "la signature d’une partie"
    ANSWER = "reponse", "la réponse à un échange"


class VariableType(models.TextChoices):
    TEXT = "text", "texte"
    DATE = "date", "date"
    AMOUNT = "amount", "montant"
    PERCENT = "percent", "pourcentage"
    LIST = "list", "liste"
    TABLE = "table", "tableau"
