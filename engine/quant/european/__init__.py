"""European options: Black-76 in its forms, its Greeks and its inverse."""
