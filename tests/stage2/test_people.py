"""Who is online and who was, from what a server says in whatever order."""

import pytest

from stage2_gui import people
from stage2_gui.people import People, names_in_list

pytestmark = [pytest.mark.stage(2), pytest.mark.insides]


def test_joins_leaves_and_renames() -> None:
    here = People()
    here.replace(["Alice", "Bob"])
    here.joined("Carol")
    here.left("BOB")
    here.renamed("carol", "Caroline")
    assert here.online == ("Alice", "Caroline")
    assert here.gone == ("Bob", "Carol")


def test_who_comes_back_is_not_gone() -> None:
    here = People()
    here.replace(["Bob"])
    here.left("Bob")
    here.joined("BOB")
    assert here.online == ("BOB",)
    assert here.gone == ()


def test_who_left_before_we_knew_them_was_here() -> None:
    here = People()
    here.left("Bob")
    here.replace(["Alice"])
    assert here.gone == ("Bob",)


def test_a_new_list_counts_alone() -> None:
    here = People()
    here.replace(["Alice", "Bob"])
    here.replace(["bob", "Carol"])
    assert here.online == ("bob", "Carol")
    assert here.gone == ("Alice",)


def test_the_memory_of_names_has_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(people, "MOST_GONE", 3)
    here = People()
    for number in range(5):
        here.left(f"guest {number}")
    assert here.gone == ("guest 2", "guest 3", "guest 4")


@pytest.mark.parametrize(
    ("text", "names"),
    [('["Alice", "Bob"]', ["Alice", "Bob"]), ("[1, null, []]", []), ("{}", []), ("[", [])],
)
def test_names_in_json(text: str, names: list[str]) -> None:
    assert names_in_list(text) == names
