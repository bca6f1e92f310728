"""The stores that the mailed reports of all tests are made of."""

from pathlib import Path

import pytest

from tests.mailing.reports import copy_of_the_demo, hostile_facts
from tests.store.facts import fill


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo's store."""
    return copy_of_the_demo(tmp_path_factory.mktemp("demo"))


@pytest.fixture(scope="session")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store whose senders are hostile texts."""
    db = tmp_path_factory.mktemp("hostile") / "store.db"
    fill(db, *hostile_facts())
    return db
