"""E-mails: their texts, and the messages that wait to leave."""
