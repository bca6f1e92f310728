"""What is noted of accounts that have to be changed."""

from pathlib import Path

from smtpauth_tui.store.notes import Notes
from smtpauth_tui.store.todo import Todo, mark, note, todos


def test_notes_are_kept_until_they_are_taken_away(tmp_path: Path) -> None:
    store = tmp_path / "store.db"
    with Notes(store) as notes:
        note(notes, "Scan@Shop.example", owner="Mara", text=None, at=1)
        note(notes, "scan@shop.EXAMPLE", owner=None, text="new firmware", at=2)
        mark(notes, "ups", done=True, at=3)
        mark(notes, "scan@shop.example", done=True, at=4)
    with Notes(store) as notes:
        assert todos(notes) == [
            Todo("scan@shop.example", "Mara", "new firmware", 4, 4),
            Todo("ups", "", "", 3, 3),
        ]
        mark(notes, "ups", done=False, at=5)
        mark(notes, "scan@shop.example", done=False, at=6)
        note(notes, "scan@shop.example", owner="", text=None, at=7)
        assert todos(notes) == [Todo("scan@shop.example", "", "new firmware", None, 7)]
        note(notes, "scan@shop.example", owner=None, text="", at=8)
        assert todos(notes) == []
