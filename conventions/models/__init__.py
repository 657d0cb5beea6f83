from .acts import Act, ActReads, Convention, Party
from .articles import ArticleText
from .documents import Document, Signature, SigningAttempt
from .endings import FormalNotice, NoticeObservation
from .funding import FundingFact
from .money import Contribution, Instalment, SignedTotal
from .national_model import ModelArticle, ModelVariable, ModelVariant, ModelVersion
from .negotiation import Acceptance, Comment, DossierVisit, OutsideVisa, Proposal, Thread, Version, Visa

__all__ = [
    "Acceptance",
    "Act",
    "ActReads",
    "ArticleText",
    "Comment",
    "Contribution",
    "Convention",
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
    "OutsideVisa",
    "Party",
    "Proposal",
    "Signature",
    "SignedTotal",
    "SigningAttempt",
    "Thread",
    "Version",
    "Visa",
]
