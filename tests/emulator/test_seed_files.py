"""How seeds are read from text and written: JSON, and YAML 1.2."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Literal, TypedDict, Unpack

import pytest
from hypothesis import given, settings, strategies as st

from lootlocker_async.emulator import EmulatorExtraMissingError, errors, seed_files
from lootlocker_async.emulator.arguments import schema_of
from lootlocker_async.emulator.seed_files import SeedError, dump, parse, read

TEXT = st.text(st.characters(exclude_categories=["Cs"])) | st.sampled_from([
    "yes", "no", "on", "~", "null", "1e3", "08", "0x10", "12:30", "2026-07-14", "1_000", ".5", "+1", "=", "<<", "- a",
])  # fmt: skip
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXT,
    lambda inner: st.lists(inner) | st.dictionaries(TEXT, inner),
    max_leaves=8,
)


@settings(max_examples=50)
@given(st.dictionaries(TEXT, JSON))
def test_what_is_written_is_read_again(document):
    for is_yaml in (False, True):
        assert repr(parse(dump(document, is_yaml=is_yaml), is_yaml=is_yaml)) == repr(document)


def test_json_has_a_line_for_each_thing():
    assert dump({"version": 1, "players": [{"name": "Ä"}, {}]}).splitlines() == [
        "{", '  "version": 1,', '  "players": [', '    {"name": "Ä"},', "    {}", "  ]", "}",
    ]  # fmt: skip


def test_yaml_means_what_it_looks_like():
    text = "a: yes\nb: 2026-07-14\nc: 12:30\nd: 08\ne:\nf: .5\ng: 1e3\nh: ~\ni: true\nj: &x [1]\nk: *x\nl: 0x10\nm: -7"
    assert parse(text, is_yaml=True) == {
        "a": "yes", "b": "2026-07-14", "c": "12:30", "d": 8, "e": None, "f": 0.5, "g": 1000.0, "h": None, "i": True,
        "j": [1], "k": [1], "l": "0x10", "m": -7,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("text", "is_yaml", "told"),
    [
        ('{"a":', False, "line 1, column 6: this is no JSON"),
        ('{"a": 1, "a": 2}', False, "the key 'a' stands twice"),
        ('{"a": NaN}', False, "NaN is no number of JSON"),
        ("[" * 200_000, False, "nested too deep"),
        ("a: 1\na: 2", True, "line 2, column 1: this is no YAML: the key 'a' stands twice"),
        ("1: 2", True, "1 is no text, as a key is"),
        ("a: [", True, "this is no YAML"),
        ("a: !!binary aGk=", True, "could not determine a constructor"),
        ("a: !!python/object/apply:os.getcwd []", True, "could not determine a constructor"),
        ("a: \x00", True, "this is no YAML"),
    ],
)
def test_malformed(text, is_yaml, told):
    with pytest.raises(SeedError) as refused:
        parse(text, is_yaml=is_yaml)
    assert told in str(refused.value)


def test_files_that_cannot_be_read(tmp_path):
    with pytest.raises(SeedError, match="can't be read: No such file"):
        read(tmp_path / "missing.json")
    (tmp_path / "latin.json").write_bytes(b'{"a": "\xe4"}')
    with pytest.raises(SeedError, match="not UTF-8"):
        read(tmp_path / "latin.json")
    (tmp_path / "marked.json").write_bytes(b'\xef\xbb\xbf{"a": 1}')
    assert read(tmp_path / "marked.json") == {"a": 1}


def test_without_the_library_the_extra_is_named(monkeypatch):
    def fail(name):
        raise ModuleNotFoundError(name)

    monkeypatch.setattr(seed_files, "import_module", fail)
    monkeypatch.setattr(errors, "import_module", fail)
    seed_files._yaml.cache_clear()
    with pytest.raises(EmulatorExtraMissingError, match=r"pip install 'lootlocker-async\[emulator\]'"):
        parse("a: 1", is_yaml=True)
    assert parse('{"a": 1}') == {"a": 1}


class _When(TypedDict, total=False):
    times: int


def example(
    kind: Literal["a", "b"], amount: str | Decimal = "0", *, tags: tuple[str, int] | None = None, **when: Unpack[_When]
) -> None:
    """Does something.

    Args:
        kind: What.
        amount: How much,
            at most.
    """


def test_the_schema_of_arguments():
    schema = schema_of(example)
    assert schema["properties"] == {
        "kind": {"enum": ["a", "b"], "description": "What."},
        "amount": {
            "type": "string", "pattern": r"^-?[0-9]+(\.[0-9]+)?$", "default": "0",
            "description": "How much, at most.",
        },
        "tags": {
            "type": ["array", "null"], "prefixItems": [{"type": "string"}, {"type": "integer"}], "items": False,
            "minItems": 2,
        },
        "times": {"type": "integer"},
    }  # fmt: skip
    assert (schema["description"], schema["required"]) == ("Does something.", ["kind"])
    assert not schema["additionalProperties"]

    def open_one(**fields: Any) -> None: ...

    assert schema_of(open_one)["additionalProperties"]

    def odd(of: complex) -> None: ...

    with pytest.raises(TypeError, match="complex"):
        schema_of(odd)
