"""Arrow, imported only where a file asks for it."""

from typing import TYPE_CHECKING, Any

from sentiment.errors import MissingExtraError

if TYPE_CHECKING:
    import pyarrow as pa


def arrow_type(kinds: frozenset[type]) -> "pa.DataType":
    """Give the Arrow type that holds values of these Python types: their own, else strings."""
    pyarrow = import_pyarrow()
    if kinds == {bool}:
        return pyarrow.bool_()
    if kinds == {int}:
        return pyarrow.int64()
    return pyarrow.float64() if kinds and kinds <= {int, float} else pyarrow.string()


def import_pyarrow() -> Any:
    """Import pyarrow with its Parquet module.

    Raises:
        MissingExtraError: It is not installed.
    """
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError as error:
        raise MissingExtraError(
            "Parquet needs the package pyarrow.", remedy="Install it with: pip install pyarrow"
        ) from error
    return pyarrow
