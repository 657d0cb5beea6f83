from .acts import Act, ActReads, Convention
from .articles import ArticleText
from .deliveries import Delivery
from .documents import Document, ReceivedScan, Signature, SigningAttempt, SigningRefusal
from .endings import FormalNotice, NoticeObservation
from .funding import FundingFact
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
    "Document",
    "DossierVisit",
    "FormalNotice",
    "FundingFact",
    "Instalment",
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
    "SignedTotal",
    "SigningAttempt",
    "SigningRefusal",
    "Thread",
    "Version",
    "Visa",
]
