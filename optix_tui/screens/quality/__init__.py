"""DATA: whether the data can be believed."""
