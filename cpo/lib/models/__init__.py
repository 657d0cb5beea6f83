from .counted import CountedTry, PostedForm
from .drafts import FormDraft, PageVisit
from .email import EmailTemplate, OutboxMessage
from .files import StoredFile
from .jobs import Job
from .journal import JournalEntry

__all__ = [
    "CountedTry",
    "EmailTemplate",
    "FormDraft",
    "Job",
    "JournalEntry",
    "OutboxMessage",
    "PageVisit",
    "PostedForm",
    "StoredFile",
]
