"""Make the pictures of the report in this folder: `python docs/pictures/make.py` (needs a Chromium).

Made with the report of data/sample_reviews.csv as `predict.py --report` makes it, photographed in a browser.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

HERE: Final = Path(__file__).parent
ROOT: Final = HERE.parents[1]
BROWSERS: Final = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
    "msedge",
)
QUIET: Final = (
    "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--hide-scrollbars",
)  # fmt: skip
DARK, LIGHT = "--blink-settings=preferredColorScheme=0", "--blink-settings=preferredColorScheme=1"
DESKTOP: Final = (1100, 1560)
PHONE: Final = (390, 844)


def main() -> int:
    """Make the pictures, and print their names and sizes."""
    browser = next(filter(None, map(shutil.which, (os.environ.get("BROWSER", ""), *BROWSERS))), None)
    if browser is None:
        print(
            f"No browser was found. Looked for: {', '.join(BROWSERS)}. Name one with BROWSER=PATH.",
            file=sys.stderr,
        )
        return 8
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        report = make_report(folder)
        photograph(browser, report, HERE / "report-desktop.png", DESKTOP, LIGHT)
        photograph(browser, report, HERE / "report-dark.png", DESKTOP, DARK)
        photograph(browser, frame(report), HERE / "report-phone.png", PHONE, LIGHT)
    return 0


def make_report(folder: Path) -> Path:
    """Score the sample reviews and give their report."""
    shutil.copy(ROOT / "data" / "sample_reviews.csv", folder)
    command = [str(ROOT / "predict.py"), "sample_reviews.csv", "--report", "report.html", "--quiet"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    subprocess.run([sys.executable, *command], cwd=folder, env=environment, check=True)
    return folder / "report.html"


def frame(page: Path) -> Path:
    """Give a page that shows another as wide as a phone: a window itself cannot be made so narrow."""
    width, height = PHONE
    framed = page.with_name("phone.html")
    framed.write_text(
        "<!doctype html><style>body{margin:0}iframe{border:0;display:block}</style>"
        f'<iframe src="{page.name}" width="{width}" height="{height}"></iframe>',
        encoding="utf-8",
    )
    return framed


def photograph(browser: str, page: Path, picture: Path, size: tuple[int, int], scheme: str) -> None:
    """Photograph the top of a page."""
    with tempfile.TemporaryDirectory() as profile:
        own = (f"--user-data-dir={profile}", f"--window-size={size[0]},{size[1]}", f"--screenshot={picture}")
        subprocess.run(
            [browser, *QUIET, scheme, *own, page.as_uri()], check=True, capture_output=True, timeout=120
        )
    print(f"{picture.relative_to(ROOT).as_posix()}: {picture.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    sys.exit(main())
