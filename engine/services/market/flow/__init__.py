"""Option flow: every print of an option looked at, by whole batches of columns."""
