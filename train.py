"""Fine-tune an encoder on labelled reviews: `python train.py --help`."""

import sys

from sentiment.cli import run

if __name__ == "__main__":
    sys.exit(run("train", sys.argv[1:], "python train.py"))
