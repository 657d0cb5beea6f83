"""Deadlines: facts and rules, due dates, the page where each is done, the calendar feed."""
