"""Score review files: `python predict.py --help`."""

import sys

from sentiment.cli import run

if __name__ == "__main__":
    sys.exit(run("predict", sys.argv[1:], "python predict.py"))
