"""Verbs of the yearly cycle: campaigns, writing a report, meetings, deadlines and reminders."""
