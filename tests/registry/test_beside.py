import pytest

from convfilter.registry.beside import npy_beside, with_npy_beside


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("weights: w.npy\n", "w.npy"),
        ("title: x\nweights: 'w.npy'\n", "w.npy"),
        ("weights: [[1]]\n", None),
        ("weights: ../w.npy\n", None),
        ("weights: .npy\n", None),
        ("weights: w.txt\n", None),
        ("title: {weights: w.npy}\n", None),
        ("[w.npy]\n", None),
        ("weights: [\n", None),
        ("", None),
    ],
)
def test_only_a_plain_name_of_an_npy_file_is_beside(text: str, name: str | None) -> None:
    assert npy_beside(text.encode()) == name


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("weights: w.npy", "weights: new.npy"),
        ("weights:   w.npy   # w.npy\r\n", "weights:   new.npy   # w.npy\r\n"),
        ("title: w.npy\nweights: 'w.npy'\n", "title: w.npy\nweights: new.npy\n"),
        ('title: ∑ ü\nweights: "\\x77.npy"\n', "title: ∑ ü\nweights: new.npy\n"),
        ("weights: >-\n  w.npy\ndivisor: 2\n", "weights: new.npy\ndivisor: 2\n"),
        ("{a: {weights: w.npy}, weights: w.npy}", "{a: {weights: w.npy}, weights: new.npy}"),
        ("? weights\n: w.npy\n", "? weights\n: new.npy\n"),
        ("\ufeffweights: w.npy\n", "\ufeffweights: new.npy\n"),
    ],
)
def test_only_the_name_changes(before: str, after: str) -> None:
    changed = with_npy_beside(before.encode(), "new.npy")
    assert changed.decode() == after
    assert npy_beside(changed) == "new.npy"
