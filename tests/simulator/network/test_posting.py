"""The webhook client over real sockets, with servers that behave and servers that do not."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from casella_simulator.network.posting import Answer, ConnectFailed, NoAnswer, Poster, SignedRequest

Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


async def read_request(reader: asyncio.StreamReader) -> bytes:
    head = await reader.readuntil(b"\r\n\r\n")
    length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
    return head + await reader.readexactly(length)


def answering(*answers: bytes, close: bool = False) -> tuple[Handler, list[bytes]]:
    """A server that reads a request for each answer, and what it read. Every connection starts at the first answer."""
    requests: list[bytes] = []

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            for answer in answers:
                requests.append(await read_request(reader))
                writer.write(answer)
                await writer.drain()
            if not close:
                await reader.read()
        except asyncio.IncompleteReadError:
            pass
        finally:
            writer.close()

    return handler, requests


def post(handler: Handler, times: int = 1, read_seconds: float = 5.0, path: str = "/hook?x=%20a") -> list[Answer]:
    async def scenario() -> list[Answer]:
        server = await asyncio.start_server(handler, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        poster = Poster()
        request = SignedRequest("POST", f"http://127.0.0.1:{port}{path}", {"X-Test": "1"}, b"a=b")
        try:
            return [await poster.post(request, 5.0, read_seconds) for _ in range(times)]
        finally:
            poster.close()
            server.close()
            await asyncio.sleep(0)

    return asyncio.run(scenario())


def test_the_request_line_is_byte_for_byte_what_was_signed() -> None:
    handler, requests = answering(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Type: text/xml\r\n\r\nok")
    assert post(handler) == [Answer(200, "text/xml", "ok")]
    assert requests[0].startswith(b"POST /hook?x=%20a HTTP/1.1\r\nHost: 127.0.0.1:")
    assert requests[0].endswith(b"X-Test: 1\r\nContent-Length: 3\r\n\r\na=b")


def test_characters_that_cannot_stand_in_a_request_line_are_encoded() -> None:
    handler, requests = answering(b"HTTP/1.1 204 No Content\r\n\r\n")
    post(handler, path="/città?a b\r\nX: 1")
    # A line break would start a header of its own.
    assert requests[0].startswith(b"POST /citt%C3%A0?a%20bX:%201 HTTP/1.1\r\nHost: ")


def test_one_connection_serves_many_requests() -> None:
    connections: list[object] = []
    answer, _ = answering(*[b"HTTP/1.1 204 No Content\r\n\r\n"] * 3)

    async def counting(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connections.append(writer)
        await answer(reader, writer)

    assert [answer.status for answer in post(counting, times=3)] == [204, 204, 204]
    assert len(connections) == 1


def test_a_connection_the_server_closes_is_not_used_again() -> None:
    handler, requests = answering(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n", close=True)
    assert [answer.status for answer in post(handler, times=3)] == [200, 200, 200]
    assert len(requests) == 3


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n", "abcde"),
        (b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc", "abc"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n\xff\xfea", "��a"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9000\r\n\r\n" + b"x" * 9_000, "x" * 4_096),
    ],
)
def test_answers_of_every_shape_are_read(raw: bytes, text: str) -> None:
    handler, _ = answering(raw)
    assert post(handler) == [Answer(200, "", text)]


def test_an_answer_without_a_length_ends_with_the_connection() -> None:
    handler, _ = answering(b"HTTP/1.1 200 OK\r\n\r\nabc", close=True)
    assert post(handler) == [Answer(200, "", "abc")]


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"", "cut before a complete answer"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc", "cut before a complete answer"),
        (b"HTTP/1.1 200", "cut before a complete answer"),
        (b"SMTP ready\r\n\r\n", "not HTTP"),
    ],
)
def test_a_broken_answer_is_no_answer(raw: bytes, reason: str) -> None:
    handler, _ = answering(raw, close=True)
    with pytest.raises(NoAnswer, match=reason):
        post(handler)


def test_a_silent_server_is_given_up() -> None:
    handler, _ = answering(b"")
    with pytest.raises(NoAnswer, match=r"timed out after 0\.05 s"):
        post(handler, read_seconds=0.05)


@pytest.mark.parametrize("url", ["http://127.0.0.1:1/", "http://127.0.0.1:99999/", "http:///nowhere"])
def test_a_host_that_cannot_be_reached_is_a_failed_connection(url: str) -> None:
    async def scenario() -> Answer:
        return await Poster().post(SignedRequest("POST", url, {}, b""), 5.0, 5.0)

    with pytest.raises(ConnectFailed):
        asyncio.run(scenario())


def test_many_requests_at_once_all_arrive() -> None:
    handler, requests = answering(*[b"HTTP/1.1 204 No Content\r\n\r\n"] * 400)

    async def scenario() -> list[Answer]:
        server = await asyncio.start_server(handler, "127.0.0.1", 0)
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
        poster = Poster()
        posts = [poster.post(SignedRequest("POST", url, {}, str(n).encode()), 5.0, 10.0) for n in range(400)]
        try:
            return await asyncio.gather(*posts)
        finally:
            poster.close()
            server.close()
            await asyncio.sleep(0)

    assert {answer.status for answer in asyncio.run(scenario())} == {204}
    assert sorted(int(request.rpartition(b"\r\n\r\n")[2]) for request in requests) == list(range(400))
