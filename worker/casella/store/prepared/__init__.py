"""Statements of the hot paths: by texts that are made once (`statements`), on the driver's own cursor (`driver`)."""

from casella.store.prepared.statements import Change, Mappings, Query, R_co, Rows, among

__all__ = ["Change", "Mappings", "Query", "R_co", "Rows", "among"]
