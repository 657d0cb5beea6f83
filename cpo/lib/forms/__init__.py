"""Bases of every form, and fields that read what French people type."""
