"""Broken copies of the toy: one fault each. The first line of the docstring is the one check that must find it; the
rest says what is wrong. Nothing else may fail."""

from tests.plugin.broken import deceived, plain, questions, receiving, sending, suspicious
from tests.plugin.testing.toys import Toy

BROKEN: tuple[type[Toy], ...] = (
    *plain.BROKEN,
    *receiving.BROKEN,
    *deceived.BROKEN,
    *sending.BROKEN,
    *questions.BROKEN,
    *suspicious.BROKEN,
)

__all__ = ["BROKEN"]
