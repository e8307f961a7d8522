"""The receipt of a written file: what could not be written as it was."""

from dataclasses import dataclass, field


@dataclass
class WriteReceipt:
    """What was changed on the way into a file, counted as it is written.

    Attributes:
        replaced_characters: Characters that the format cannot hold and that were written as U+FFFD.
        escaped_cells: Cells that a spreadsheet would run as a formula, written behind an apostrophe.
        cut_cells: Cells longer than the format allows, cut with a mark.
        renamed_columns: A sentence for each column whose name the format cannot hold.
    """

    replaced_characters: int = 0
    escaped_cells: int = 0
    cut_cells: int = 0
    renamed_columns: list[str] = field(default_factory=list)

    def notes(self) -> list[str]:
        """Say what a user should know, a sentence each."""
        notes = list(self.renamed_columns)
        if self.replaced_characters:
            notes.append(
                "Characters that the format cannot hold were written as U+FFFD "
                f"({self.replaced_characters:,})."
            )
        if self.escaped_cells:
            cells = "1 cell" if self.escaped_cells == 1 else f"{self.escaped_cells:,} cells"
            notes.append(
                "Text that a spreadsheet would run as a formula got an apostrophe in front "
                f"({cells}; --no-escape-formulas leaves it)."
            )
        if self.cut_cells:
            notes.append(f"Cells longer than a workbook allows were cut, marked […] ({self.cut_cells:,}).")
        return notes
