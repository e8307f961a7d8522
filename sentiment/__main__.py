"""Entry point of `python -m sentiment VERB`."""

import sys

from sentiment.cli import main

sys.exit(main())
