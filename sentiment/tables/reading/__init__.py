"""Review files in: formats, encodings, repairs."""
