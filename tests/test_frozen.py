"""Classes of values that stay as they were made."""

from dataclasses import field, replace

from minecalc.frozen import frozen


@frozen
class Plain:
    """A class of values."""

    number: float
    found: dict[str, float] = field(default_factory=dict, init=False)


@frozen
class More(Plain):
    """One with a further field."""

    words: str = ""


def test_a_class_takes_its_fields_in_order_those_of_its_base_first() -> None:
    more = More(1.0, "one")
    assert (more.number, more.words, more.found) == (1.0, "one", {})
    changed = replace(more, number=2.0)
    assert (changed.number, changed.words, more.number) == (2.0, "one", 1.0)


def test_objects_are_equal_to_themselves_alone() -> None:
    one, other = Plain(1.0), Plain(1.0)
    assert one != other
    assert len({one, other, one}) == 2
    assert one.found is not other.found
