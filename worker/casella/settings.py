"""Settings: environment variables that begin with CASELLA_, read once, in `app.build`.

With none set, Casella runs embedded: SQLite in ./var, in-process workers, nothing to install. With
CASELLA_DATABASE_URL=postgresql+psycopg://… and CASELLA_REDIS_URL=redis://… the same program runs distributed.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, fields
from ipaddress import ip_network
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from casella.private_files import private_folder


@dataclass(frozen=True, slots=True)
class Quotas:
    """CASELLA_QUOTAS: how much one caller may take of what all share. 0: no bound. Streams are those that are open
    at once in one process, megabytes those of 24 hours, the rest is per minute."""

    agent_streams: int = 32
    token_streams: int = 16
    visitor_streams: int = 8
    address_streams: int = 2000
    agent_upload_mb: int = 2_000
    visitor_upload_mb: int = 100
    address_upload_mb: int = 5_000
    house_upload_mb: int = 50_000
    free_disk_mb: int = 500
    searches: int = 240
    suggestions: int = 60
    previews: int = 240
    feedback: int = 120
    reports: int = 120


NAMES = tuple(one.name for one in fields(Quotas))


def parse_quotas(written: str) -> Quotas:
    """Of `name=number, name=number`. Raises ValueError with a sentence."""
    found: dict[str, int] = {}
    for part in filter(None, (part.strip() for part in written.split(","))):
        name, _, number = (one.strip() for one in part.partition("="))
        if name not in NAMES:
            raise ValueError(f"names no quota '{name[:40]}'; there are {', '.join(NAMES)}")
        if not (number.isascii() and number.isdigit() and len(number) <= 9):
            raise ValueError(f"must give {name} a whole number, 0 for no bound")
        found[name] = int(number)
    return Quotas(**found)


class Settings(BaseSettings):
    """Every setting of Casella. The description of each stands in docs/settings.md, which a test keeps complete."""

    model_config = SettingsConfigDict(env_prefix="CASELLA_", frozen=True, extra="ignore")

    data_dir: Path = Field(Path("var"), description="Where the SQLite file, attachments and the secret key are kept.")
    database_url: str = Field("", description="SQLAlchemy URL; empty means SQLite in the data folder.")
    redis_url: str = Field("", description="Redis for the bell and live events; empty means in this process.")
    desk: Path | None = Field(None, description="The manager's YAML folder.")
    public_url: str = Field("http://127.0.0.1:8000", description="How providers and browsers reach this server.")
    host: str = Field("127.0.0.1", description="Address to listen on.")
    port: int = Field(8000, ge=0, le=65535, description="Port to listen on; 0 takes a free one.")
    secret_key: SecretStr = Field(
        SecretStr(""),
        description="Encrypts stored secrets and signs cookies. Comma-separated to rotate: the first one writes.",
    )
    lanes: int = Field(
        0,
        ge=0,
        le=1024,
        validate_default=True,
        description="Number of lanes, the same everywhere; changed only while none waits. 0: 4, or 1 on SQLite.",
    )
    worker_threads: int = Field(8, ge=1, le=256, description="Threads that apply lanes and fetch attachments.")
    send_threads: int = Field(96, ge=1, le=1024, description="Sends in flight at once per worker process.")
    private_hosts: str = Field(
        "",
        description="Comma-separated host:port of the own network: to fetch from, and providers asked without https.",
    )
    media_url: str = Field(
        "",
        description="Where attachments lie: file:///… or s3://bucket/prefix?endpoint=…; empty: in the data folder.",
    )
    desk_variables: str = Field(
        "",
        description="Comma-separated names of variables that the desk may name, besides CASELLA_SECRET_…; * fits any.",
    )
    quotas: str = Field(
        "", description="Comma-separated name=number: how much one caller may take; the names are below."
    )
    trusted_proxies: str = Field(
        "",
        description="Comma-separated addresses or networks of proxies whose X-Forwarded-For and -Proto are believed.",
    )
    metrics_token: SecretStr = Field(
        SecretStr(""), description="Bearer token for /metrics; without one, only this machine may read it."
    )
    oidc_issuer: str = Field(
        "", description="Sign-in provider (OpenID Connect), as it names itself: https://…; empty: none."
    )
    oidc_client_id: str = Field("", description="What the sign-in provider knows this server as.")
    oidc_client_secret: SecretStr = Field(
        SecretStr(""), description="Its secret there; empty for a public client, which PKCE protects."
    )
    oidc_name: str = Field("", max_length=60, description="What people call the provider: Sign in with …")
    oidc_scopes: str = Field("openid email", description="What is asked of the provider, space-separated.")
    oidc_second_factor: str = Field(
        "",
        description="Comma-separated ways (amr) of the provider that count as a second factor; empty: none.",
    )
    password_sign_in: bool = Field(True, description="Whether agents may sign in with a password.")
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="debug, info, warning or error."
    )
    log_format: Literal["json", "text", "auto"] = Field(
        "auto", description="json, text, or auto: text on a terminal, json elsewhere."
    )
    trace_plugins: bool = Field(False, description="Log every call of a plugin: method, time taken, outcome.")
    shutdown_seconds: float = Field(20.0, ge=0, description="How long a stopping process may finish what it holds.")
    session_hours: float = Field(
        12.0, gt=0, description="How long a browser session lasts after its last use; seven days at most in all."
    )
    kept_days: int = Field(30, ge=1, description="How long applied journal rows and idempotency keys are kept.")

    @field_validator("public_url")
    @classmethod
    def _no_slash(cls, value: str) -> str:
        return value.rstrip("/")

    @field_validator("redis_url")
    @classmethod
    def _redis(cls, value: str) -> str:
        if value and not value.startswith(("redis://", "rediss://", "unix://")):
            raise ValueError("must begin with redis://, rediss:// or unix://")
        return value

    @field_validator("media_url")
    @classmethod
    def _media(cls, value: str) -> str:
        if value and not value.startswith(("file:///", "s3://")):
            raise ValueError("must begin with file:/// or s3://")
        return value

    @field_validator("oidc_issuer")
    @classmethod
    def _issuer(cls, value: str) -> str:
        if not value:
            return value
        parts = urlsplit(value)
        bare = parts.hostname and not (parts.username or parts.password or parts.query or parts.fragment)
        if parts.scheme not in ("https", "http") or not bare:
            raise ValueError("must be https://host and perhaps a path, as the provider writes it")
        return value

    @field_validator("oidc_scopes")
    @classmethod
    def _scopes(cls, value: str) -> str:
        if not {"openid", "email"} <= set(value.split()):
            raise ValueError("must contain openid and email")
        return " ".join(value.split())

    @field_validator("quotas")
    @classmethod
    def _quotas(cls, value: str) -> str:
        parse_quotas(value)
        return value

    @field_validator("trusted_proxies")
    @classmethod
    def _proxies(cls, value: str) -> str:
        for one in filter(None, (part.strip() for part in value.split(","))):
            try:
                ip_network(one)
            except ValueError:
                raise ValueError("must be addresses or networks, such as 10.0.0.5 or 10.0.0.0/8") from None
        return value

    @field_validator("lanes")
    @classmethod
    def _fitting(cls, value: int, given: ValidationInfo) -> int:
        """Every lane has its own transactions, so few lanes mean large batches; SQLite has one writer anyway."""
        return value or (4 if str(given.data.get("database_url")).startswith("postgresql") else 1)

    @property
    def effective_database_url(self) -> str:
        return self.database_url or f"sqlite:///{self.data_dir / 'casella.db'}"

    @property
    def embedded(self) -> bool:
        """One process does everything: no Redis rings between several."""
        return not self.redis_url

    @property
    def bounds(self) -> Quotas:
        """What CASELLA_QUOTAS says."""
        return parse_quotas(self.quotas)

    @property
    def single_sign_on(self) -> bool:
        """Whether agents may sign in by the provider."""
        return bool(self.oidc_issuer and self.oidc_client_id)

    def trusted_factors(self) -> frozenset[str]:
        """Of the provider's ways to tell who somebody is, those that count as a second factor."""
        return frozenset(part.strip() for part in self.oidc_second_factor.split(",") if part.strip())

    def hosts_within(self) -> list[str]:
        """Of the own network, as host:port, that may be asked."""
        return [part.strip() for part in self.private_hosts.split(",") if part.strip()]

    def variables_for_desks(self) -> tuple[str, ...]:
        """Patterns of names."""
        return tuple(part.strip() for part in self.desk_variables.split(",") if part.strip())

    def secret_keys(self) -> list[str]:
        """The secret keys, the writing one first. Without a setting, one is made and kept in the data folder,
        readable by its owner only."""
        given = [key.strip() for key in self.secret_key.get_secret_value().split(",") if key.strip()]
        return given or [_kept_key(self.data_dir / "secret.key")]


def _kept_key(path: Path) -> str:
    if not path.exists():
        private_folder(path.parent)
        fresh = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
        fresh.touch(mode=0o600)
        fresh.write_text(secrets.token_urlsafe(48))
        try:
            path.hardlink_to(fresh)  # whoever is first wins; two processes starting at once agree on one key
        except FileExistsError:
            pass
        finally:
            fresh.unlink()
    return path.read_text().strip()
