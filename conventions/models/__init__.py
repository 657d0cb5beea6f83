from .acts import Act, ActReads, Convention
from .articles import ArticleText
from .deliveries import Delivery, counted_among, counted_from
from .deposits import DepositTimestamp, SignedDeposit
from .documents import Document, ReceivedScan, Signature, SigningAttempt, SigningRefusal
from .endings import FormalNotice, NoticeObservation
from .funding import FundingFact
from .letters import Letter, LetterTemplate
from .money import Contribution, Instalment, SignedTotal
from .national_model import ModelArticle, ModelVariable, ModelVariant, ModelVersion, ShippedChoice
from .negotiation import Acceptance, Comment, DossierVisit, Nudge, OutsideVisa, Proposal, Thread, Version, Visa
from .parties import Party

__all__ = [
    "Acceptance",
    "Act",
    "ActReads",
    "ArticleText",
    "Comment",
    "Contribution",
    "Convention",
    "Delivery",
    "DepositTimestamp",
    "Document",
    "DossierVisit",
    "FormalNotice",
    "FundingFact",
    "Instalment",
    "Letter",
    "LetterTemplate",
    "ModelArticle",
    "ModelVariable",
    "ModelVariant",
    "ModelVersion",
    "NoticeObservation",
    "Nudge",
    "OutsideVisa",
    "Party",
    "Proposal",
    "ReceivedScan",
    "ShippedChoice",
    "Signature",
    "SignedDeposit",
    "SignedTotal",
    "SigningAttempt",
    "SigningRefusal",
    "Thread",
    "Version",
    "Visa",
    "counted_among",
    "counted_from",
]
