"""Saved filters outlast the program, one to a name."""

from pathlib import Path

import pytest

from smtpauth_tui.errors import UsageError
from smtpauth_tui.store.notes import Notes
from smtpauth_tui.store.saved_filters import (
    SavedFilter,
    find_filter,
    forget_filter,
    name_of,
    save_filter,
    saved_filters,
)


def test_one_filter_to_a_name(tmp_path: Path) -> None:
    store = tmp_path / "store.db"
    with Notes(store) as notes:
        assert not save_filter(notes, SavedFilter("b", "messages > 1", 10))
        assert not save_filter(notes, SavedFilter("a", "messages > 2", 20))
        assert save_filter(notes, SavedFilter("b", "messages > 3", 30))
    with Notes(store) as notes:
        assert saved_filters(notes) == [SavedFilter("a", "messages > 2", 20), SavedFilter("b", "messages > 3", 30)]
        assert find_filter(notes, " b ") == SavedFilter("b", "messages > 3", 30)
        assert find_filter(notes, "B") is None
        assert forget_filter(notes, "b")
        assert not forget_filter(notes, "b")
        assert [one.name for one in saved_filters(notes)] == ["a"]


@pytest.mark.parametrize("name", ["", "  ", "x" * 65, "a\nb", "\u202e", "\udc80"])
def test_what_is_no_name(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError):
        name_of(name)
    with Notes(tmp_path / "store.db") as notes, pytest.raises(UsageError):
        find_filter(notes, name)
