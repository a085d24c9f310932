"""From changes to the index, in this process: what is read, encoded and written."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from codesearch.encoder import Encoder
from codesearch.errors import EncoderError
from codesearch.indexing.inbox import Work
from codesearch.settings import EncoderSettings
from codesearch.types import Phase

from .bench import Bench
from .helpers import age, contents, counters, fake_settings, module, names, write

SETTINGS = fake_settings()


@pytest.fixture
def bench(root: Path) -> Iterator[Bench]:
    write(root, {"a.py": module("alpha"), "b.py": module("beta"), "notes.txt": "some words\n"})
    bench = Bench(root, SETTINGS)
    bench.scan()
    yield bench
    bench.close()


def test_everything_is_indexed(bench: Bench) -> None:
    status = bench.reporter.status
    assert status.phase is Phase.READY
    assert status.files == 3
    assert status.units == status.encoded == 7
    assert status.texts_encoded == 7
    assert {"alpha_0", "beta_2", "notes.txt"} <= names(bench.root, SETTINGS)


def test_a_second_scan_encodes_nothing(bench: Bench) -> None:
    before = contents(bench.root, SETTINGS)
    status = bench.scan()
    assert status.texts_encoded == 7
    assert status.cache_hits == 0
    assert contents(bench.root, SETTINGS) == before


def test_only_new_texts_are_encoded(bench: Bench) -> None:
    write(bench.root, {"a.py": module("alpha") + "\n\ndef gamma(x):\n    return x - 1\n"})
    status = bench.touch("a.py")
    assert status.texts_encoded == 8
    assert status.cache_hits == 3
    assert "gamma" in names(bench.root, SETTINGS)


def test_a_touch_without_a_change_parses_nothing(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    import codesearch.languages

    def refuse(*_: object) -> None:
        raise AssertionError("parsed")

    monkeypatch.setattr(codesearch.languages, "parse", refuse)
    age(bench.root / "a.py")
    status = bench.scan()
    assert status.last_error is None
    assert bench.books.records["a.py"].mtime_ns == (bench.root / "a.py").stat().st_mtime_ns


def test_a_change_within_one_tick_of_the_clock_is_seen(bench: Bench) -> None:
    path = bench.root / "b.py"
    facts = path.stat()
    path.write_text(module("beto"))  # as long as before
    os.utime(path, ns=(facts.st_atime_ns, facts.st_mtime_ns))
    assert path.stat().st_size == facts.st_size
    bench.scan()
    assert "beto_0" in names(bench.root, SETTINGS)


def test_another_file_of_the_same_size_and_time_is_seen(bench: Bench) -> None:
    """As archives, reproducible builds and `cp -p` leave them."""
    for name, path in (("gamma", "a.py"), ("delta", "b.py"), ("omega", "c.py")):
        write(bench.root, {path: module(name)})
        os.utime(bench.root / path, (1_000_000_000, 1_000_000_000))
    bench.scan()
    (bench.root / "c.py").replace(bench.root / "a.py")
    bench.touch("a.py", "c.py")
    assert "gamma_0" not in names(bench.root, SETTINGS)
    assert "omega_0" in names(bench.root, SETTINGS)
    write(bench.root, {"b.py": module("sigma")})
    os.utime(bench.root / "b.py", (1_000_000_000, 1_000_000_000))
    bench.scan()
    assert "sigma_0" in names(bench.root, SETTINGS)


def test_deleted_and_renamed_files(bench: Bench) -> None:
    (bench.root / "a.py").rename(bench.root / "c.py")
    (bench.root / "b.py").unlink()
    status = bench.scan()
    found = contents(bench.root, SETTINGS)
    assert {unit_id.partition("\0")[0] for unit_id in found} == {"c.py", "notes.txt"}
    assert status.units == status.encoded == 4
    assert bench.books.records.keys() == {"c.py", "notes.txt"}


def test_going_back_encodes_nothing(bench: Bench) -> None:
    before = contents(bench.root, SETTINGS)
    write(bench.root, {"a.py": module("other")})
    (bench.root / "b.py").unlink()
    encoded = bench.scan().texts_encoded
    write(bench.root, {"a.py": module("alpha"), "b.py": module("beta")})
    status = bench.scan()
    assert status.texts_encoded == encoded
    assert status.cache_hits == 6
    assert contents(bench.root, SETTINGS) == before


def test_reading_anew_encodes_nothing(bench: Bench) -> None:
    before = contents(bench.root, SETTINGS)
    status = bench.scan(anew=True)
    assert status.texts_encoded == 7
    assert contents(bench.root, SETTINGS) == before


def test_other_limits_read_every_file_again(bench: Bench) -> None:
    for path in bench.root.iterdir():
        age(path)
    bench.scan()
    bench.close()
    again = Bench(bench.root, fake_settings(max_file_bytes=50))
    status = again.scan()
    again.close()
    assert status.skipped == {"too large": 2}
    assert status.files == 1


def test_a_new_repository_has_words_first(root: Path) -> None:
    write(root, {f"m{n}.py": module(f"mod{n}") for n in range(120)})
    bench = Bench(root, SETTINGS)
    bench.pipeline.read(Work(scan=True))
    status = bench.reporter.status
    assert (status.units, status.encoded, status.texts_encoded) == (360, 0, 0)
    assert "mod77_1" in names(root, SETTINGS)
    status = bench.settle()
    bench.close()
    assert status.complete
    assert status.texts_encoded == 360


def test_an_open_file_is_encoded_first(root: Path) -> None:
    from codesearch.indexing.protocol import Action, Command

    write(root, {f"m{n:03}.py": module(f"mod{n}", 10) for n in range(120)})
    age(root / "m077.py", 10_000)
    bench = Bench(root, SETTINGS)
    bench.pipeline.read(Work(scan=True))
    bench.inbox.put(Command(1, Action.PRIORITISE, ("m077.py",)))
    bench.pipeline.encode()
    found = contents(root, SETTINGS)
    encoded = {unit_id.partition("\0")[0] for unit_id, unit in found.items() if unit[2]}
    bench.close()
    assert "m077.py" in encoded
    assert len(encoded) < 60


def test_a_change_interrupts_encoding_and_costs_nothing(root: Path) -> None:
    from codesearch.indexing.protocol import Action, Command

    write(root, {f"m{n}.py": module(f"mod{n}") for n in range(120)})
    bench = Bench(root, SETTINGS)
    bench.pipeline.read(Work(scan=True))
    bench.inbox.put(Command(1, Action.TOUCH, ("m5.py",)))
    bench.pipeline.encode()
    assert bench.reporter.status.encoded == 0
    interrupted_at = bench.reporter.status.texts_encoded
    assert 0 < interrupted_at < 360
    status = bench.settle()
    bench.close()
    assert status.complete
    assert status.texts_encoded == 360
    assert status.cache_hits == 0


def test_an_edit_between_words_and_vectors(root: Path) -> None:
    write(root, {f"m{n}.py": module(f"mod{n}") for n in range(120)})
    bench = Bench(root, SETTINGS)
    bench.pipeline.read(Work(scan=True))
    write(root, {"m3.py": module("edited")})
    (root / "m4.py").unlink()
    status = bench.settle()
    found = names(root, SETTINGS)
    bench.close()
    assert status.complete
    assert "edited_0" in found
    assert "mod3_0" not in found
    assert "mod4_0" not in found


def test_unreadable_files_are_told_and_tried_again(bench: Bench) -> None:
    path = bench.root / "a.py"
    path.unlink()
    path.symlink_to("b.py")
    stat = (bench.root / "b.py").stat()
    # As if it had become a link between the scan and the reading.
    from codesearch.indexing.scan import FileStat, ScanResult

    found = ScanResult({"a.py": FileStat(stat.st_size, stat.st_mtime_ns)})
    bench.pipeline.read(Work(paths=("a.py",)), found)
    assert bench.settle().skipped == {"unreadable": 1}
    path.unlink()
    write(bench.root, {"a.py": module("alpha")})
    status = bench.scan()
    assert status.skipped == {}
    assert status.files == 3


def test_a_file_that_fails_does_not_stop_the_others(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    import codesearch.languages

    parse = codesearch.languages.parse

    def fragile(path: str, source: bytes, limits: object) -> object:
        if path == "a.py":
            raise RuntimeError("a bug")
        return parse(path, source, limits)  # type: ignore[arg-type]

    monkeypatch.setattr(codesearch.languages, "parse", fragile)
    write(bench.root, {"a.py": module("new"), "b.py": module("fresh")})
    status = bench.scan()
    assert "a bug" in (status.last_error or "")
    assert "fresh_0" in names(bench.root, SETTINGS)


def test_an_encoder_that_fails_leaves_the_words(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from codesearch.encoder.fake import FakeEncoder

    def fail(*_: object, **__: object) -> None:
        raise MemoryError("no room")

    monkeypatch.setattr(FakeEncoder, "encode_documents", fail)
    write(root, {"a.py": module("alpha")})
    bench = Bench(root, SETTINGS)
    status = bench.scan()
    assert status.phase is Phase.ERROR
    assert "no room" in (status.last_error or "")
    assert status.units == 3
    monkeypatch.undo()
    monkeypatch.setenv("CODESEARCH_TEST", "1")
    bench.close()


def test_changes_are_read_while_the_encoder_is_being_loaded(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    from codesearch.encoder import load_encoder
    from codesearch.indexing import encoding

    go_on = threading.Event()

    def slow(settings: EncoderSettings) -> Encoder:
        go_on.wait()
        return load_encoder(settings)

    bench.close()
    monkeypatch.setattr(encoding, "load_encoder", slow)
    again = Bench(bench.root, SETTINGS)
    write(bench.root, {"a.py": module("first")})
    again.pipeline.read(Work(scan=True))
    again.pipeline.encode()
    write(bench.root, {"b.py": module("second")})
    again.pipeline.read(Work(paths=("b.py",)))
    again.pipeline.encode()
    assert {"first_0", "second_0"} <= names(bench.root, SETTINGS)
    assert again.reporter.status.pending == 6
    go_on.set()
    assert again.settle().complete
    again.close()


def test_an_encoder_that_does_not_load_is_tried_again_when_asked(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    from codesearch.indexing import encoding

    def refuse(_: EncoderSettings) -> Encoder:
        raise EncoderError("no weights", "get some")

    bench.close()
    again = Bench(bench.root, SETTINGS)
    with monkeypatch.context() as patch:
        patch.setattr(encoding, "load_encoder", refuse)
        write(bench.root, {"a.py": module("first")})
        status = again.scan()
        assert status.phase is Phase.ERROR
        assert "get some" in (status.last_error or "")
        assert "first_0" in names(bench.root, SETTINGS)
    assert again.scan(anew=True).complete
    again.close()


def test_a_file_passed_over_has_a_reason(root: Path) -> None:
    write(root, {"a.py": module("alpha"), "poison.py": module("poison")})
    bench = Bench(root, SETTINGS, passed_over=("poison.py",))
    status = bench.scan()
    bench.close()
    assert status.complete
    assert status.skipped == {"unreadable": 1}


def test_rows_that_the_manifest_does_not_know_are_removed(bench: Bench) -> None:
    # As after a kill between the table and the manifest, and a deletion.
    bench.books._manifest.forget(["a.py"])
    (bench.root / "a.py").unlink()
    bench.close()
    again = Bench(bench.root, SETTINGS)
    again.scan()
    again.close()
    assert "alpha_0" not in names(bench.root, SETTINGS)


def test_counters_are_kept(bench: Bench) -> None:
    bench.close()
    assert counters(bench.root)["texts_encoded"] == 7


def test_secrets_that_were_code_leave_the_index(bench: Bench) -> None:
    write(bench.root, {"settings.ini": "[a]\nb = 1\n"})
    bench.scan()
    (bench.root / "settings.ini").rename(bench.root / "secrets.ini")
    status = bench.scan()
    assert status.skipped == {"secret": 1}
    assert "settings.ini" not in names(bench.root, SETTINGS)
