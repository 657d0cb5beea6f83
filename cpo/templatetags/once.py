"""The key of a form that creates."""

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from cpo.lib.forms import once as keys

register = template.Library()


@register.simple_tag
def once() -> SafeString:
    """Inside a form that creates, after {% csrf_token %}: posted twice, it creates once (cpo/lib/forms/once.py)."""
    return format_html('<input type="hidden" name="{}" value="{}">', keys.FIELD, keys.new_key())
