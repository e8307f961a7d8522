"""Judge a model: measure it on labelled reviews, and against simpler ones."""
