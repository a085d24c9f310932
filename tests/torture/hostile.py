"""A repository that nobody would want to index: what lies in it, and what should come of it."""

from __future__ import annotations

import contextlib
import gzip
import io
import os
import socket
import stat
import tarfile
import zipfile
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from codesearch.types import SkipReason

MARKER = "quagmirevoucher"  # a word that stands nowhere but outside of the root
_DEEP = 10_000
_NESTED = {
    "deep.py": b"x = " + b"(\n" * _DEEP + b"1" + b")\n" * _DEEP,
    "deep.js": b"function f() {\n" * _DEEP + b"}\n" * _DEEP,
    "deep.java": b"class A {\n" * _DEEP + b"}\n" * _DEEP,
    "deep.rs": b"mod a {\n" * _DEEP + b"}\n" * _DEEP,
    "deep.c": b"int x = " + b"(\n" * _DEEP + b"1;\n",
    "deep.hs": b"x = a\n" + b"  [\n" * _DEEP,
    "deep.ml": b"let x = a\n" + b"(* a\n" * _DEEP,
    "deep.html": b"<div>\n" * _DEEP + b"text\n" + b"</div>\n" * _DEEP,
    "deep.json": b'{"a":\n' * _DEEP + b"1" + b"}\n" * _DEEP,
}
_NAMES = (
    "with\nnewline", "two  blanks", "'single'", '"double"', "🧀💥", "percent%20%", "back\\slash",
    "--option", "-rf", "$(touch run)", "`touch run`", ";touch run;", "a&b|c>d<e", "*?[x]{y}",
    "tab\tbed", "\u202eright", "e\u0301", "\x7fdelete", "#hash?query", "~", "x" * 240, "ⅷ",
    "COM1:", "...", "file:", "lang:py", "\x1b[31mred",
)  # fmt: skip


@dataclass
class Hostile:
    """`found`: a function's name and the path of its file; `as_text`: files that have some unit."""

    root: Path
    outside: Path
    found: dict[str, str] = field(default_factory=dict)
    as_text: list[str] = field(default_factory=list)
    skipped: Counter[SkipReason] = field(default_factory=Counter)
    unlisted: Counter[SkipReason] = field(default_factory=Counter)  # of these, what git leaves out

    def build(self, crowded: int) -> None:
        """Make it, with a folder of `crowded` files."""
        self._make_outside()
        self._add_encodings()
        self._add_sizes()
        self._add_names()
        self._add_links()
        self._add_special_files()
        self._add_archives()
        for name, source in _NESTED.items():
            self._put(name, source)
            self.as_text.append(name)
        for number in range(crowded):
            self._define(f"crowd/f{number}.py", f"crowded_{number}")

    def _put(self, path: str, content: bytes) -> None:
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)

    def _define(
        self, path: str, name: str, form: str = "def {}(value):\n    return value\n"
    ) -> None:
        self._put(path, form.format(name).encode())
        self.found[name] = path

    def _skip(self, reason: SkipReason, path: str, content: bytes) -> None:
        self._put(path, content)
        self.skipped[reason] += 1

    def _make_outside(self) -> None:
        (self.outside / "folder").mkdir(parents=True)
        for path in ("a.py", "folder/b.py", ".gitignore", ".codesearchignore", ".codesearch.toml"):
            (self.outside / path).write_text(f"def {MARKER}(value):\n    return 1\n")

    def _add_encodings(self) -> None:
        function = "def {}(value):\r\n    return value\r\n"
        self._define("crlf.py", "with_two_line_ends", function)
        for name, encoding in (("sixteen_le", "utf-16-le"), ("sixteen_be", "utf-16-be")):
            self._put(f"{name}.py", ("\ufeff" + function.format(name)).encode(encoding))
            self.found[name] = f"{name}.py"
        broken = b"# caf\xe9 \xff\xfe\xc0\xaf \xed\xa0\x80\n"
        self._put("latin.py", broken + b"def in_latin_one(value):\n    return '\xe9'\n")
        self.found["in_latin_one"] = "latin.py"
        self._put("mark.py", b"\xef\xbb\xbfdef after_a_mark(value):\n    return value\n")
        self.found["after_a_mark"] = "mark.py"
        self._skip(SkipReason.BINARY, "nul.py", b"def with_nul(value):\n    return '\0'\n")
        self._skip(SkipReason.BINARY, "bare16.py", "def bare(value): return 1".encode("utf-16-le"))
        self._skip(SkipReason.EMPTY, "blank.py", b" \n\t\r\n\x0c\n")
        self._skip(SkipReason.EMPTY, "dots.txt", b"... --- ...\n" * 50)

    def _add_sizes(self) -> None:
        self._skip(SkipReason.TOO_LARGE, "huge.py", b"def huge(value): return 1\n")
        os.truncate(self.root / "huge.py", 100 << 20)
        self._skip(SkipReason.TOO_LARGE, "line.py", b"x = '" + b"many words " * 1_000_000 + b"'\n")
        self._skip(SkipReason.MINIFIED, "bundle.js", b"a=1;b(a);" * 40_000)
        self._put("long.txt", b"some words in one line " * 40_000)
        self.as_text.append("long.txt")
        self._put("lines.txt", b"a\n" * 400_000)
        self.as_text.append("lines.txt")

    def _add_names(self) -> None:
        for number, name in enumerate(_NAMES):
            self._define(f"names/{name}.py", f"named_{number}")
        self._define("/".join(["down"] * 150) + "/x.py", "far_down")
        self._define("names/new\nfolder/🧀/q'.py", "below_odd_folders")
        broken = os.fsdecode(b"names/caf\xe9.py")
        self._skip(SkipReason.UNREADABLE, broken, b"def unnamed(value):\n    return 1\n")

    def _add_links(self) -> None:
        def link(path: str, target: Path | str, reason: SkipReason) -> None:
            (self.root / path).symlink_to(target)
            self.skipped[reason] += 1

        link("away.py", self.outside / "a.py", SkipReason.OUTSIDE)
        link("away", self.outside / "folder", SkipReason.OUTSIDE)
        link("up", "../..", SkipReason.OUTSIDE)
        link("zero.py", "/dev/zero", SkipReason.OUTSIDE)
        link("passwd.py", "/etc/passwd", SkipReason.OUTSIDE)
        link("loop.py", "loop.py", SkipReason.NOT_A_FILE)
        link("ping.py", "pong.py", SkipReason.NOT_A_FILE)
        link("pong.py", "ping.py", SkipReason.NOT_A_FILE)
        link("again", ".", SkipReason.NOT_A_FILE)
        link("nowhere.py", "nothing", SkipReason.NOT_A_FILE)
        link("same.py", "mark.py", SkipReason.NOT_A_FILE)
        for name in (".gitignore", ".codesearchignore", ".codesearch.toml"):
            link(name, self.outside / name, SkipReason.OUTSIDE)

    def _add_special_files(self) -> None:
        os.mkfifo(self.root / "fifo.py")
        here = Path.cwd()
        os.chdir(self.root)  # the path of a socket has to be short
        try:
            with socket.socket(socket.AF_UNIX) as listener:
                listener.bind("socket.py")
        finally:
            os.chdir(here)
        self.unlisted[SkipReason.NOT_A_FILE] += 2
        with contextlib.suppress(PermissionError):  # only root makes devices
            os.mknod(self.root / "device.py", stat.S_IFCHR | 0o666, os.makedev(1, 5))
            self.unlisted[SkipReason.NOT_A_FILE] += 1

    def _add_archives(self) -> None:
        source = b"def inside_an_archive(value):\n    return value\n"
        zipped, tarred = io.BytesIO(), io.BytesIO()
        with zipfile.ZipFile(zipped, "w") as archive:
            archive.writestr("../../a.py", source)
        with tarfile.open(fileobj=tarred, mode="w") as archive:
            entry = tarfile.TarInfo("/etc/a.py")
            entry.size = len(source)
            archive.addfile(entry, io.BytesIO(source))
        bomb = gzip.compress(bytes(10_000_000))
        for name, content in {
            "a.zip": zipped.getvalue(), "a.tar": tarred.getvalue(), "a.jar": zipped.getvalue(),
            "bomb.gz": bomb, "bomb.py": bomb,
        }.items():  # fmt: skip
            self._skip(SkipReason.BINARY, name, content)
