"""Verbs of the yearly cycle: campaigns, writing a report, reviews, deadlines and reminders."""
