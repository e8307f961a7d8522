"""What is understood of review files, shown before anything is done with them."""
