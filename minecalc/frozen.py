"""Classes of values that stay as made, cheap to define: each command defines anew all those that it loads."""

from dataclasses import dataclass, field
from typing import TypeVar, dataclass_transform

T = TypeVar("T")


@dataclass_transform(frozen_default=True, eq_default=False, field_specifiers=(field,))
def frozen(cls: type[T]) -> type[T]:
    """A dataclass whose fields a check of types lets nobody set, and whose objects are equal to themselves alone.

    To have Python refuse it too, as ``dataclass(frozen=True)`` does, takes as long again for each class as all else.
    """
    return dataclass(eq=False, repr=False)(cls)
