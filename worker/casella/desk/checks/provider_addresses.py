"""Where a desk sends its providers' secrets: by https, or to hosts of the own network that the operator has named."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from urllib.parse import urlsplit

from casella.desk.files.folder import kept_files
from casella.desk.files.secrets import SecretMissing, Vault, source_of
from casella.desk.model import Desk
from casella.desk.parts.connections import SettingsMistaken
from casella_rules import Problem, read_yaml
from casella_rules.parsing.shape import find
from casella_rules.yaml.source import Mapping, Node, Scalar, plain_value

_PORTS = {"http": 80, "https": 443}


def require_safe_addresses(desk: Desk, vault: Vault, private_hosts: Collection[str]) -> None:
    """Raises SettingsMistaken, with every problem; variables are looked into."""
    if problems := address_problems(desk, private_hosts, vault):
        raise SettingsMistaken(problems=problems)


def address_problems(desk: Desk, private_hosts: Collection[str], vault: Vault | None = None) -> list[Problem]:
    """Settings of connections and of the assistant's providers that are called `…url`: addresses that their plugin
    asks. Without a vault only what stands in the desk is judged."""
    file, source = kept_files(desk.files).desk
    tree, _ = read_yaml(source, file)
    if tree is None:
        return []
    places = [("connections", key, "settings") for key in desk.parts.connections]
    providers = [("assistant", "providers", key, "settings") for key in desk.parts.assistant.providers]
    found = [find(tree, where) for where in (*places, *providers)]
    return [one for node in found if node is not None for one in _below(node, file, set(private_hosts), vault)]


def _below(node: Node, file: str, private_hosts: Collection[str], vault: Vault | None) -> Iterator[Problem]:
    if not isinstance(node, Mapping):
        return
    for name, (_, value) in node.entries.items():
        written = _written(value, vault) if name.lower().endswith("url") else ""
        if place := _named(written, private_hosts):
            said = f"{name} must be an address with https: the provider's secrets are sent there"
            hint = f"In your own network the operator lists {place} in CASELLA_PRIVATE_HOSTS"
            yield Problem(file, value.line, value.column, said, hint)
        yield from _below(value, file, private_hosts, vault)


def _written(value: Node, vault: Vault | None) -> str:
    source = source_of(plain_value(value))
    if source is None:
        return value.text if isinstance(value, Scalar) else ""
    try:
        return vault.read(source) if vault is not None else ""
    except SecretMissing:
        return ""  # is said elsewhere


def _named(address: str, private_hosts: Collection[str]) -> str:
    """The host and port as CASELLA_PRIVATE_HOSTS has to name them, of an address that is neither safe nor named."""
    try:
        parts = urlsplit(address.strip())
        host, port = parts.hostname or "", parts.port or _PORTS.get(parts.scheme.lower(), 0)
    except ValueError:
        return ""  # no address: the plugin says so
    place = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    bare = f"{host}:{port}"
    return place if parts.scheme.lower() == "http" and not {place, bare} & set(private_hosts) else ""
