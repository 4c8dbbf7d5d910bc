"""Requests to servers of this machine, as httpx makes them. Nobody there speaks TLS; httpx itself would load the
certificates of the whole world for each request, or each client: 25 ms of the processor's time."""

from __future__ import annotations

import ssl
from functools import partial

import httpx

_TRUSTS_NOBODY = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
get = partial(httpx.get, verify=_TRUSTS_NOBODY)
post = partial(httpx.post, verify=_TRUSTS_NOBODY)
put = partial(httpx.put, verify=_TRUSTS_NOBODY)
patch = partial(httpx.patch, verify=_TRUSTS_NOBODY)
delete = partial(httpx.delete, verify=_TRUSTS_NOBODY)
request = partial(httpx.request, verify=_TRUSTS_NOBODY)
stream = partial(httpx.stream, verify=_TRUSTS_NOBODY)
Client = partial(httpx.Client, verify=_TRUSTS_NOBODY)
