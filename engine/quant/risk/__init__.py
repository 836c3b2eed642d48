"""What a book may win and lose: grids, distributions, correlations, and how a record of results is judged."""
