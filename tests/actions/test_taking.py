"""Fiches taken from another year of the programme, or from another convention of the association."""

from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse

from actions import services
from actions.models import Cycle, Programme, Sheet, Target
from cpo.lib.models import JournalEntry
from tests.factories import scenarios
from tests.factories.actions import fill_sheet
