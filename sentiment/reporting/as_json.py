"""A report as data, for programs."""

import json
from dataclasses import asdict
from typing import Any, Final

from sentiment.reporting.section import Report

FORMAT_VERSION: Final = 1


def render_json(report: Report) -> str:
    """Give one JSON object in ASCII: the report as it is, each block with its `type` in front."""
    content: dict[str, Any] = {"format_version": FORMAT_VERSION, **asdict(report)}
    for section, fields in zip(report.sections, content["sections"], strict=True):
        fields["blocks"] = [
            {"type": type(block).__name__.lower(), **block_fields}
            for block, block_fields in zip(section.blocks, fields["blocks"], strict=True)
        ]
    return json.dumps(content, indent=2, allow_nan=False) + "\n"
