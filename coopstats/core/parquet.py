"""A table as the bytes of a Parquet file: one way for what is built and for what is handed out."""

from __future__ import annotations

import io

import pyarrow as pa
import pyarrow.parquet as pq


def packed(table: pa.Table, compression: str) -> bytes:
    """The table with its metadata, each list of words once."""
    written = io.BytesIO()
    pq.write_table(
        table,
        written,
        row_group_size=len(table) or None,  # words are listed once
        use_dictionary=[f.name for f in table.schema if pa.types.is_dictionary(f.type)],
        compression=compression,
        write_statistics=False,  # they are a third of the time, and spare no reader any of his
        write_page_checksum=True,  # without it most flipped bits are read as other figures
    )
    return written.getvalue()
