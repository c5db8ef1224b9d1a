"""Exports to Parquet and CSV, through pyarrow.

It needs the extra `arrow`: `pip install 'lootlocker-async[arrow]'`.
"""

from __future__ import annotations

from lootlocker_async.extras import missing

try:
    import pyarrow as pa  # noqa: F401  (seen to be there, before anything is fetched)
except ImportError as _error:
    raise missing(_error, "An export to Parquet or CSV", "arrow", "pyarrow") from _error

from lootlocker_async.bulk.arrow.reading import read_parquet
from lootlocker_async.bulk.arrow.sinks import CsvSink, ParquetSink
from lootlocker_async.bulk.arrow.types import schema_of

__all__ = ["CsvSink", "ParquetSink", "read_parquet", "schema_of"]
