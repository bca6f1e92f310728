"""Keys that come faster than the screens: quick fingers, a slow line, a paste."""

from pathlib import Path

from tests.screens.conftest import Opener


async def press_at_once(seen: object, *keys: str) -> None:
    """Keys without a pause between them."""
    await seen.pilot.press(*keys)  # type: ignore[attr-defined]
    await seen.settle()  # type: ignore[attr-defined]


async def test_the_card_that_was_moved_to_is_the_one_that_opens(demo_db: Path, interface: Opener) -> None:
    async with interface(demo_db) as seen:
        seen.app.screen.action_move(0, 1)  # type: ignore[attr-defined]
        assert seen.app.screen.focused is not None
        assert seen.app.screen.focused.id == "card-failures"
        await seen.press("enter")
        assert "Most often tried" in seen.text


async def test_a_preset_typed_right_after_filters_counts(demo_db: Path, interface: Opener) -> None:
    async with interface(demo_db) as seen:
        await seen.press("v")
        await press_at_once(seen, "f", "9")
        assert "26 Aug – 23 Nov 2026" in seen.text


async def test_a_domain_typed_right_after_the_key_is_searched(demo_db: Path, interface: Opener) -> None:
    async with interface(demo_db) as seen:
        await seen.press("v")
        await press_at_once(seen, "d", *"fabri")
        await seen.press("enter")
        assert "Show data for fabrikam.example" in seen.text


async def test_the_focus_outlives_a_terminal_that_was_too_small(demo_db: Path, interface: Opener) -> None:
    async with interface(demo_db) as seen:
        await seen.press("v")
        await seen.pilot.resize_terminal(79, 20)
        await seen.settle()
        await seen.pilot.resize_terminal(80, 24)
        await seen.settle()
        await seen.press("home")
        assert "Tue 17 Nov 2026" in seen.text


async def test_the_dashboard_is_loaded_again_when_one_comes_back(demo_db: Path, interface: Opener) -> None:
    async with interface(demo_db) as seen:
        await seen.press("v")
        assert "messages" in seen.text
        demo_db.rename("gone.db")
        await seen.press("R", "escape")
        assert "There is no store yet" in seen.text


async def test_enter_before_the_rows_are_there_opens_the_first_one(demo_db: Path, interface: Opener) -> None:
    async with interface(demo_db) as seen:
        await seen.press("v")
        await press_at_once(seen, "t", "enter")
        assert "Login names used" in seen.text
