"""The signals that let an upper application react inside the same transaction; never post_save."""

from django.dispatch import Signal

# sender: model class; obj, transition (name), actor, from_state, comment, data
transitioned = Signal()
# sender: model class; root (locked), actor, element (what changed, in French)
content_changed = Signal()
# sender: model class; obj: a day was recorded of it, from which something runs, and no state changed
dated = Signal()
