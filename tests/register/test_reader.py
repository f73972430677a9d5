import pytest

from coopstats.core.errors import UnreadableSource
from coopstats.register import reader


def test_a_row_with_a_cell_too_many_is_said_with_its_file_and_line(tmp_path, monkeypatch):
    (tmp_path / "breaks.csv").write_text("table,service\nt,a\nt,b, and more\n", encoding="utf-8")
    monkeypatch.setattr(reader, "register_dir", lambda: tmp_path)
    reader.table_of.cache_clear()
    with pytest.raises(UnreadableSource, match=r"register/breaks\.csv .*line 3.*double quotes"):
        reader.table_of("breaks")


def test_every_cell_is_text_and_an_empty_one_is_no_gap():
    listed = reader.table_of("breaks")
    assert listed["first_year"].map(type).eq(str).all()
    assert (listed["last_year"] == "").any()
