import tomllib
from pathlib import Path

import pytest

from sentiment.config import PredictConfig
from sentiment.errors import ConfigError, MissingColumnError, OutputError
from sentiment.tables import ColumnChoices, column_choices, open_reader, resolve_roles
from sentiment.tables.columns.mapping import load_mapping, save_mapping

EXPORT = (
    "id,Was gut war,Was schlecht war,Sterne,Titel\n"
    "1,Sehr warm und weich.,Der Reißverschluss klemmt.,4,Mantel\n"
    "2,Schnell geliefert.,Zu klein.,2,Schal\n"
)
TEXTS = ("Was gut war", "Was schlecht war")


@pytest.fixture(autouse=True)
def in_a_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("export.csv").write_text(EXPORT, encoding="utf-8")


def roles_of(**settings):
    config = PredictConfig(inputs=("export.csv",), **settings)
    with open_reader("export.csv") as reader:
        return resolve_roles(reader, column_choices(config))


def refusal(text):
    Path("mapping.toml").write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load_mapping("mapping.toml")
    return str(caught.value)


def test_a_saved_mapping_reads_the_file_the_same_way():
    found = roles_of(text_column=TEXTS, title_column="none")
    save_mapping("mapping.toml", found)
    again = roles_of(mapping="mapping.toml")
    assert again.columns() == found.columns()
    assert again.describe() == (
        "text: Was gut war + Was schlecht war (named in mapping.toml) · "
        "rating: Sterne (named in mapping.toml) · id: id (named in mapping.toml)"
    )


def test_the_file_says_what_it_is_for():
    save_mapping("mapping.toml", roles_of(text_column=TEXTS))
    text = Path("mapping.toml").read_text(encoding="utf-8")
    assert text.startswith("# Which column plays which role in an export of reviews;")
    assert tomllib.loads(text) == {
        "text": list(TEXTS), "title": "Titel", "rating": "Sterne", "date": "none", "product": "none",
        "id": "id", "label": "none", "split": "none", "language": "none", "state": "none",
    }  # fmt: skip


def test_flags_win_over_the_mapping():
    save_mapping("mapping.toml", roles_of(text_column=TEXTS))
    found = roles_of(mapping="mapping.toml", text_column=("Titel",), title_column="none")
    assert (found.text, found.title, found.rating) == (("Titel",), None, "Sterne")
    assert (found.reasons["text"], found.reasons["rating"]) == ("named", "named in mapping.toml")


def test_a_mapping_may_name_a_few_roles_only():
    Path("mapping.toml").write_text('text = "Was gut war"\n', encoding="utf-8")
    assert load_mapping("mapping.toml") == ColumnChoices(
        text=("Was gut war",), mappings={"text": "mapping.toml"}
    )
    found = roles_of(mapping="mapping.toml")
    assert (found.text, found.title, found.reasons["title"]) == (("Was gut war",), "Titel", "header")


def test_a_column_of_the_mapping_that_is_absent():
    Path("mapping.toml").write_text('text = "Titel"\nrating = "Stars"\n', encoding="utf-8")
    with pytest.raises(MissingColumnError) as caught:
        roles_of(mapping="mapping.toml")
    assert str(caught.value) == (
        "export.csv: no column named 'Stars', the rating column of mapping.toml. "
        "Found: id, Was gut war, Was schlecht war, Sterne, Titel. Name the right one with --rating-column."
    )


def test_everything_wrong_with_a_mapping_is_said_at_once():
    assert refusal('author = "x"\ntext = []\nrating = 5\nid = ""\n') == (
        "mapping.toml: unknown role 'author'; text is no column name; rating is no column name; "
        "id is no column name. Known roles: text, title, rating, date, product, id, label, split, language, "
        'state. Give each a column\'s name, or "none".'
    )


def test_the_text_cannot_be_left_out():
    assert refusal('text = "none"\n').startswith("mapping.toml: text is no column name.")


def test_a_mapping_that_is_not_there():
    with pytest.raises(ConfigError) as caught:
        roles_of(mapping="other.toml")
    assert str(caught.value) == (
        "other.toml: the mapping cannot be read. No such file or directory. Check the path."
    )


def test_an_earlier_mapping_is_replaced_but_no_other_file():
    found = roles_of(text_column=TEXTS)
    save_mapping("mapping.toml", found)
    save_mapping("mapping.toml", found)
    with pytest.raises(OutputError) as caught:
        save_mapping("export.csv", found)
    assert str(caught.value) == (
        "export.csv: this is no mapping, and would be overwritten. Name another file with --save-mapping."
    )
    assert Path("export.csv").read_text(encoding="utf-8") == EXPORT
