"""A personal value in the clear, wrapped so that it shows itself only where it is asked to."""

from __future__ import annotations

from typing import NoReturn


class Clear:
    """A personal value that masks itself in ``repr``, ``str``, f-strings and logs; ``value`` is the only way to it.

    >>> Clear("13812345678"), f"{Clear('x')}", Clear("x") == Clear("x")
    (Clear(***), '***', True)
    """

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    @property
    def value(self) -> str:
        """The value itself: for the screen or transport that has the permission, never for a log."""
        return self._value

    def __repr__(self) -> str:
        """Never the value."""
        return "Clear(***)"

    def __str__(self) -> str:
        """Never the value."""
        return "***"

    def __format__(self, spec: str) -> str:
        """Never the value, whatever the format."""
        return "***"

    def __eq__(self, other: object) -> bool:
        """Equal to the same value in the clear."""
        return isinstance(other, Clear) and other._value == self._value

    def __hash__(self) -> int:
        """By the value."""
        return hash(self._value)

    def __bool__(self) -> bool:
        """Whether there is anything in it."""
        return bool(self._value)

    def __reduce__(self) -> NoReturn:
        """A value in the clear is never written by pickle, nor sent to another process that way."""
        raise TypeError("a value in the clear is not pickled; seal it and send the sealed form")
