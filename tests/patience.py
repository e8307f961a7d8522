"""How long a test waits for another process or thread: long, for a slow or busy machine is no failure."""

PATIENCE = 900
