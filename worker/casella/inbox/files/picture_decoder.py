"""The program that decodes strangers' pictures: `python -P picture_decoder.py < picture > answer`.

A process of its own for each picture, because decoders have holes and pictures may be bombs: it knows nothing of the
house, may take 10 seconds of computing and 768 MB, and whatever happens to it happens to nobody else. The answer is a
line of JSON (`width`, `height` of the original as it is to be looked at, and `refused` if there is no thumbnail), then
the thumbnail as WebP: turned as its EXIF says, and without any of its metadata.
"""

from __future__ import annotations

import io
import json
import sys
from typing import BinaryIO

from PIL import Image, ImageOps

MOST_PIXELS = 50_000_000
"""A phone's largest picture. Decoded that is 200 MB, which is what the limit of memory is made for."""
SIDE = 480
FORMATS = ("JPEG", "PNG", "GIF", "WEBP")
_SECONDS = 10
_MEMORY = 768 * 1024 * 1024
_SIDEWAYS = (5, 6, 7, 8)
_ORIENTATION = 0x0112


class Refused(Exception):
    """No thumbnail is made of this picture. The text is a stable code."""


def shrink(file: BinaryIO) -> tuple[int, int, bytes]:
    """Width, height and thumbnail. Raises Refused, and whatever a decoder raises."""
    with _opened(file) as picture:
        width, height = picture.size
        if width * height > MOST_PIXELS:  # known from its first bytes, before anything is decoded
            raise Refused("too_many_pixels")
        if picture.getexif().get(_ORIENTATION) in _SIDEWAYS:
            width, height = height, width
        picture.draft("RGB", (SIDE * 2, SIDE * 2))  # JPEG decodes at an eighth of its size for an eighth of the cost
        picture.thumbnail((SIDE, SIDE))
        upright = ImageOps.exif_transpose(picture)
        plain = upright.convert("RGBA" if upright.has_transparency_data else "RGB")
    bare = Image.new(plain.mode, plain.size)  # nothing of the original but its pixels
    bare.paste(plain)
    small = io.BytesIO()
    bare.save(small, "WEBP", quality=80)
    return width, height, small.getvalue()


def _opened(file: BinaryIO) -> Image.Image:
    Image.MAX_IMAGE_PIXELS = MOST_PIXELS
    try:
        return Image.open(file, formats=FORMATS)
    except Image.DecompressionBombError as error:
        raise Refused("too_many_pixels") from error


def main() -> None:
    _limit()
    try:
        width, height, small = shrink(io.BytesIO(sys.stdin.buffer.read()))
        head: dict[str, object] = {"width": width, "height": height}
    except Refused as refused:
        head, small = {"refused": str(refused)}, b""
    except Exception as error:  # noqa: BLE001 - decoders raise anything; that it cannot be decoded is the answer
        head, small = {"refused": f"undecodable_{type(error).__name__}"}, b""
    sys.stdout.buffer.write(json.dumps(head).encode() + b"\n" + small)


def _limit() -> None:
    """So much and no more, where the system can say so."""
    try:
        import resource
    except ImportError:
        return
    for what, most in ((resource.RLIMIT_AS, _MEMORY), (resource.RLIMIT_CPU, _SECONDS), (resource.RLIMIT_CORE, 0)):
        hard = resource.getrlimit(what)[1]
        resource.setrlimit(what, (most if hard == resource.RLIM_INFINITY else min(most, hard), hard))


if __name__ == "__main__":
    main()
