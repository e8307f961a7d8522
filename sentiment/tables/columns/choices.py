"""The columns that a user names: by flags, and by a mapping under them."""

from sentiment.config import ReviewFileSettings
from sentiment.tables.columns.mapping import load_mapping, merge
from sentiment.tables.columns.roles import ColumnChoices


def column_choices(config: ReviewFileSettings) -> ColumnChoices:
    """Give the columns that flags and the mapping file name; flags win.

    Raises:
        ConfigError: The mapping cannot be read, or is none.
    """
    flags = ColumnChoices(
        text=config.text_column,
        title=config.title_column,
        rating=config.rating_column,
        date=config.date_column,
        product=config.product_column,
        id=config.id_column,
        language=config.language_column,
        state=config.state_column,
    )
    return flags if config.mapping is None else merge(flags, load_mapping(config.mapping))
