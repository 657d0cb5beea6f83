from django.apps import AppConfig


class LibConfig(AppConfig):
    name = "cpo.lib"
    label = "lib"

    def ready(self) -> None:
        from .wording import accents  # noqa: F401  register `among` and the `plain` lookup of text fields
