from django.apps import AppConfig


class ConventionsConfig(AppConfig):
    name = "conventions"

    def ready(self) -> None:
        from . import hooks, receivers, tasks  # noqa: F401  the handlers of jobs are known to every process
