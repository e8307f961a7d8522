"""What stands in a cell: text, ratings, numbers."""
