"""E-mails: their texts, and the outbox."""
