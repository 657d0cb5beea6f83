"""For `collectstatic` alone, in the building of an image: it needs no secret and neither database nor broker."""

from .base import *  # noqa: F403
from .storage import COMPRESSED

SECRET_KEY = "serves-nobody"
STORAGES = STORAGES | {"staticfiles": COMPRESSED}
