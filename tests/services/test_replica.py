"""A replica has what its primary has answered, whenever the primary goes."""

from __future__ import annotations

import pytest

from tests.services import postgres, replica

pytestmark = pytest.mark.slow


def test_what_was_committed_is_in_the_promoted_replica() -> None:
    with postgres(private=True) as primary, replica(primary) as second:
        primary.ask("CREATE TABLE told AS SELECT 1 AS number")
        primary.ask("INSERT INTO told VALUES (2) RETURNING number")
        assert second.ask("SELECT pg_is_in_recovery()") is True
        primary.kill()
        second.promote()
        assert second.ask("SELECT sum(number) FROM told") == 3
        assert second.ask("INSERT INTO told VALUES (3) RETURNING number") == 3


def test_the_promoted_one_gets_a_replica_too() -> None:
    with postgres(private=True) as first, replica(first) as second:
        first.kill()
        second.promote()
        with replica(second) as third:
            second.ask("CREATE TABLE told AS SELECT 7 AS number")
            second.kill()
            third.promote()
            assert third.ask("SELECT number FROM told") == 7
