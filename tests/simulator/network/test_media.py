"""The shelf never weighs more than its cap."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casella_simulator.network.media import MediaShelf, MediaTooLarge


def test_a_file_comes_back_as_it_was_put() -> None:
    shelf = MediaShelf(total_limit=100, file_limit=50)
    file = shelf.put(b"abc", "image/png", "a.png")
    assert shelf.get(file.id) == file
    assert file.summary()["size"] == 3


def test_a_file_over_its_limit_is_refused() -> None:
    with pytest.raises(MediaTooLarge, match="51 bytes, at most 50"):
        MediaShelf(total_limit=100, file_limit=50).put(bytes(51), "image/png")


@given(st.lists(st.integers(0, 40), max_size=30))
def test_the_oldest_make_room_for_the_newest(sizes: list[int]) -> None:
    shelf = MediaShelf(total_limit=100, file_limit=40)
    files = [shelf.put(bytes(size), "image/png") for size in sizes]
    kept = [shelf.get(file.id) is not None for file in files]
    assert sum(size for size, there in zip(sizes, kept, strict=True) if there) <= 100
    assert kept == sorted(kept)  # what is gone is older than what is left
    assert not files or kept[-1]


def test_a_removed_file_no_longer_weighs() -> None:
    shelf = MediaShelf(total_limit=100, file_limit=100)
    first = shelf.put(bytes(90), "image/png")
    assert shelf.remove(first.id)
    assert not shelf.remove(first.id)
    second, third = shelf.put(bytes(50), "image/png"), shelf.put(bytes(50), "image/png")
    assert shelf.get(second.id)
    assert shelf.get(third.id)
