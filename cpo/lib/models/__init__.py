from .drafts import FormDraft, PageVisit
from .email import EmailTemplate, OutboxMessage
from .files import StoredFile
from .jobs import Job
from .journal import JournalEntry

__all__ = ["EmailTemplate", "FormDraft", "Job", "JournalEntry", "OutboxMessage", "PageVisit", "StoredFile"]
