"""The one door to OpenVINO: without its telemetry."""

import sys
from typing import Any

from sentiment.errors import needing_extra


def import_openvino() -> Any:
    """Import OpenVINO so that nothing is sent and nothing is left behind.

    OpenVINO 2026.4 reports each import to its maker, by a process of its own and an id kept below
    `~/intel`, unless the user has opted out. Its package `openvino_telemetry` does that; where that is not
    there, OpenVINO goes without. So it is hidden, unless the caller's program has imported it before.

    Raises:
        MissingExtraError: openvino is not installed.
    """
    sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]  # what makes an import fail
    with needing_extra("--backend openvino", "score"):
        import openvino
    return openvino
