from .email import EmailTemplate, OutboxMessage
from .files import StoredFile
from .jobs import Job
from .journal import JournalEntry

__all__ = ["EmailTemplate", "Job", "JournalEntry", "OutboxMessage", "StoredFile"]
