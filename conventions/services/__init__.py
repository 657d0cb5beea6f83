"""Functions that write the content of an act: keyword arguments, `by=`, one transaction, one line in the journal.

They go through the editing lock (`actions.editing`) and take `expected_revision`: the revision of the programme when
the form was opened, or None when nothing can be overwritten. Two exceptions: the creation of a convention, and the
facts of `funding`, which are not part of the content.

They raise ValidationError (bad input, keyed by field), PermissionDenied (not this person, or not now) and
`cpo.lib.editing.lock.StaleRevision`.
"""

from .articles import set_article, unknown_variables
from .drafting import create_convention, next_number, set_options, set_territories
from .funding import closed_to_facts, funding_recorder, record_funding, void_funding
from .later import set_terms
from .money import ContributionRow, InstalmentRow, set_contributions, set_instalments
from .paper import PaperSignature, record_paper_original
from .parties import add_party, remove_party, set_party
from .pieces import add_attachment, may_add, why_not_add
from .texts import clean_value, editable_variables, set_values
from .visas import check_withdrawal, record_outside_visa, withdraw_outside_visa

__all__ = [
    "ContributionRow",
    "InstalmentRow",
    "PaperSignature",
    "add_attachment",
    "add_party",
    "check_withdrawal",
    "clean_value",
    "closed_to_facts",
    "create_convention",
    "editable_variables",
    "funding_recorder",
    "may_add",
    "next_number",
    "record_funding",
    "record_outside_visa",
    "record_paper_original",
    "remove_party",
    "set_article",
    "set_contributions",
    "set_instalments",
    "set_options",
    "set_party",
    "set_terms",
    "set_territories",
    "set_values",
    "unknown_variables",
    "void_funding",
    "why_not_add",
    "withdraw_outside_visa",
]
