"""Identifiers: in order of making, never twice, of one shape."""

from __future__ import annotations

import threading
import time

from hypothesis import given
from hypothesis import strategies as st

from casella.ids import is_id, new_id


def test_ids_of_one_process_are_in_order_of_making() -> None:
    made = [new_id() for _ in range(20_000)]

    assert made == sorted(made)
    assert len(set(made)) == len(made)
    assert all(is_id(one) for one in made)


def test_threads_never_make_the_same_and_each_sees_its_own_in_order() -> None:
    found: list[list[str]] = []

    def make() -> None:
        found.append([new_id() for _ in range(3000)])

    threads = [threading.Thread(target=make) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    every = [one for made in found for one in made]
    assert len(set(every)) == 8 * 3000
    assert all(made == sorted(made) for made in found)


def test_an_id_begins_with_the_millisecond_of_its_making() -> None:
    alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
    before = time.time_ns() // 1_000_000
    moment = 0
    for character in new_id()[:10]:
        moment = moment * 32 + alphabet.index(character)

    assert before <= moment <= time.time_ns() // 1_000_000 + 1


@given(st.text(max_size=30))
def test_other_texts_are_no_ids(text: str) -> None:
    assert is_id(text) == (len(text) == 26 and set(text) <= set("0123456789ABCDEFGHJKMNPQRSTVWXYZ"))
