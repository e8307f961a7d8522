"""Fine-tuning: the Accelerate loop, its batches, loss, optimiser, evaluation and checkpoints."""
