"""Studies: the same training many times, to know what a figure is worth or which settings are best."""
