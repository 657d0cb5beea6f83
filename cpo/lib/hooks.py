"""Hooks: a lower application asks a question and an upper one answers it, without an import of the upper one."""

from collections.abc import Callable
from typing import Generic, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


class Hook(Generic[P, T]):
    """Call it to ask; `default` answers until an upper application registers a function with `@hook.answer`.

    The upper application registers it in a module that its `AppConfig.ready` imports. A second answer is an error.
    """

    def __init__(self, default: Callable[P, T]) -> None:
        self._default = self._answer = default

    def answer(self, function: Callable[P, T]) -> Callable[P, T]:
        if self._answer is not self._default:
            raise ValueError("this question is already answered")
        self._answer = function
        return function

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> T:
        return self._answer(*args, **kwargs)
