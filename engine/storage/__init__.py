"""What is remembered: the history in DuckDB and Parquet, small documents, and the last look for an instant first paint."""
