"""The commands, as a user and as a script run them."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.e2e.conftest import Run, codesearch


def test_a_question_finds_code_that_shares_no_word_with_it(run: Run) -> None:
    answer = run("search", "try again later when the other service is down", "-n", "5")
    assert answer.returncode == 0, answer.stderr
    found = answer.stdout.splitlines()
    assert any("persistently" in line or "fetchWithRetry" in line for line in found)
    assert len(found) == 5


def test_lines_can_be_parsed_by_editors(run: Run, warm: tuple[Path, Path]) -> None:
    for line in run("search", "shortest way between two depots").stdout.splitlines():
        match = re.match(r"([^:]+):(\d+):(\d+): ", line)
        assert match, line
        assert (warm[0] / match[1]).is_file()


def test_an_exact_name_comes_first(run: Run) -> None:
    for name in ("billable_weight", "Network::shortest_route", "Issuer.Verify", "label_encode"):
        first = run("search", name, "--json", "-n", "3")
        hit = json.loads(first.stdout)["hits"][0]
        assert hit["name"] == re.split(r"::|\.", name)[-1]


def test_json_is_one_object(run: Run) -> None:
    answer = json.loads(run("search", "sign a token", "--json").stdout)
    assert answer["query"] == "sign a token"
    assert answer["units"] == answer["encoded"] > 0
    keys = {"path", "start_line", "end_line", "name", "kind", "language", "score"}
    assert all(keys <= hit.keys() for hit in answer["hits"])
    scores = [hit["score"] for hit in answer["hits"]]
    assert scores == sorted(scores, reverse=True)


def test_batch_answers_each_line(run: Run, warm: tuple[Path, Path]) -> None:
    queries = ["token bucket", "", "  invoice number without gaps ", "postcode check"]
    answer = run("search", "--batch", stdin="\n".join(queries))
    objects = [json.loads(line) for line in answer.stdout.splitlines()]
    assert [one["query"] for one in objects] == queries
    blank = objects.pop(1)
    assert blank["hits"] == []
    names = [one["hits"][0]["path"] for one in objects]
    assert names == ["gateway/limiter.go", "billing/InvoiceService.java", "web/src/AddressForm.tsx"]
    lines = (warm[0] / names[0]).read_text().splitlines()
    hit = objects[0]["hits"][0]
    assert hit["name"] in " ".join(lines[hit["start_line"] - 1 : hit["end_line"]])


def test_batch_goes_on_after_a_line_without_an_answer(run: Run) -> None:
    bad = f"retry path:{'a' * 5000}"
    answer = run("search", "--batch", stdin=f"{bad}\ntoken bucket\n")
    failed, found = [json.loads(line) for line in answer.stdout.splitlines()]
    assert answer.returncode == 0
    assert (failed["query"], failed["hits"]) == (bad, [])
    assert failed["error"]
    assert found["hits"]


def test_batch_and_single_answers_are_the_same(run: Run) -> None:
    single = json.loads(run("search", "distance", "--json").stdout)
    batch = json.loads(run("search", "--batch", stdin="distance\n").stdout)
    assert batch == single


def test_filters(run: Run) -> None:
    go = json.loads(run("search", "check a signature", "--json", "-l", "go").stdout)["hits"]
    assert {hit["language"] for hit in go} == {"go"}
    narrowed = json.loads(run("search", "retry", "--json", "-p", "web/**").stdout)["hits"]
    assert all(hit["path"].startswith("web/") for hit in narrowed)
    methods = json.loads(run("search", "distance", "--json", "-k", "method").stdout)["hits"]
    assert {hit["kind"] for hit in methods} == {"method"}
    inline = json.loads(run("search", "retry lang:python", "--json").stdout)["hits"]
    assert {hit["language"] for hit in inline} == {"python"}


def test_a_folder_inside_the_repository_narrows_the_answer(run: Run) -> None:
    answer = json.loads(run("search", "retry", "web", "--json").stdout)
    assert answer["hits"]
    assert all(hit["path"].startswith("web/") for hit in answer["hits"])


def test_a_file_inside_the_repository_narrows_the_answer(run: Run) -> None:
    answer = json.loads(run("search", "retry", "notify/dispatch.py", "--json").stdout)
    assert {hit["path"] for hit in answer["hits"]} == {"notify/dispatch.py"}


def test_similar_finds_the_sibling_in_another_language(run: Run, warm: tuple[Path, Path]) -> None:
    lines = (warm[0] / "notify/dispatch.py").read_text().splitlines()
    line = next(i for i, text in enumerate(lines, 1) if "def persistently" in text)
    answer = run("similar", f"notify/dispatch.py:{line + 3}:5", "--json", "-x", "notify/**")
    names = [hit["name"] for hit in json.loads(answer.stdout)["hits"]]
    assert "persistently" not in names
    assert "fetchWithRetry" in names[:6]


def test_similar_to_a_snippet(run: Run) -> None:
    snippet = "def haversine(lat1, lon1, lat2, lon2):\n    return 2 * R * asin(sqrt(a))\n"
    answer = run("similar", "-", "--snippet-language", "python", "--json", "-n", "3", stdin=snippet)
    assert "distance_to" in [hit["name"] for hit in json.loads(answer.stdout)["hits"]]


def test_explain_adds_up(run: Run) -> None:
    answer = run("search", "fuel surcharge", "-n", "3", "--explain")
    sums = re.findall(r"^\s+([\d.]+) = (.+)$", answer.stdout, re.MULTILINE)
    assert len(sums) == 3
    for total, parts in sums:
        numbers = [float(number) for number in re.findall(r"[+-][\d.]+", parts)]
        assert sum(numbers) == pytest.approx(float(total), abs=0.001)


def test_status(run: Run) -> None:
    status = json.loads(run("status", "--json").stdout)
    assert status["complete"] is True
    assert status["pending"] == 0
    assert "complete" not in run("status", "/").stdout
    assert "ready" in run("status", "--all").stdout


def test_nothing_is_written_into_the_workspace(run: Run, warm: tuple[Path, Path]) -> None:
    run("search", "anything at all")
    original = {
        path.name for path in Path(__file__).parents[2].joinpath("fixtures/parcels").iterdir()
    }
    assert {path.name for path in warm[0].iterdir()} == original


def test_warming_up_again_embeds_nothing(run: Run, warm: tuple[Path, Path]) -> None:
    before = json.loads(run("status", "--json").stdout)["texts_encoded"]
    again = json.loads(run("warmup", ".", "--json").stdout)
    assert again["complete"] is True
    assert again["texts_encoded"] == before > 0


def test_doctor_is_content(run: Run) -> None:
    answer = run("doctor", "--json")
    failed = [check for check in json.loads(answer.stdout) if not check["ok"]]
    assert not failed
    assert answer.returncode == 0


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["search"], 2, "no query"),
        (["search", "a", "b", "c"], 2, "quotes"),
        (["search", "x", "/does/not/exist"], 2, "not a folder"),
        (["search", "x", "-k", "nonsense"], 2, "nonsense"),
        (["search", "x", "-l", "klingon"], 2, "unknown language klingon"),
        (["similar", "README.md"], 2, "FILE:LINE"),
        (["similar", "README.md:100000"], 2, "no line 100000"),
        (["similar", "README.md:3-2"], 2, "before they begin"),
        (["similar", "-", "--snippet-language", "klingon"], 2, "klingon"),
        (["similar", "missing.py:3"], 2, "not a file"),
        (["similar", "-"], 2, "no snippet"),
        (["warmup"], 2, "PATH"),
        (["warmup", "README.md"], 2, "not a folder"),
        (["nonsense"], 2, "nonsense"),
    ],
)
def test_wrong_usage_is_explained(run: Run, arguments: list[str], code: int, says: str) -> None:
    answer = run(*arguments, stdin="")
    assert answer.returncode == code
    assert says in answer.stderr
    assert "Traceback" not in answer.stderr


def test_help_names_every_command(run: Run) -> None:
    text = run("--help").stdout
    for name in ("search", "similar", "warmup", "status", "doctor", "clean", "serve", "completion"):
        assert name in text
        assert run(name, "--help").returncode == 0


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion(run: Run, shell: str) -> None:
    assert "_CODESEARCH_COMPLETE" in run("completion", shell).stdout


@pytest.mark.parametrize(
    ("words", "kind"),
    [("codesearch warmup fi", "dir"), ("codesearch search retry fi", "file"),
     ("codesearch similar fi", "file"), ("codesearch search x -C fi", "dir")],
)  # fmt: skip
def test_the_shell_completes_paths(tmp_path: Path, words: str, kind: str) -> None:
    asked = {
        "_CODESEARCH_COMPLETE": "bash_complete",
        "COMP_WORDS": words,
        "COMP_CWORD": str(words.count(" ")),
    }
    answer = codesearch(cwd=tmp_path, cache=tmp_path / "cache", env=asked)
    assert answer.stdout.split() == [f"{kind},fi"]


def test_a_repository_never_seen_is_searchable_at_once(tmp_path: Path) -> None:
    (tmp_path / "r").mkdir()
    (tmp_path / "r" / "a.py").write_text("def melt_the_cheese(pan):\n    return pan.heat()\n")
    answer = codesearch("search", "melt cheese", cwd=tmp_path / "r", cache=tmp_path / "cache")
    assert "melt_the_cheese" in answer.stdout
    gone = codesearch("clean", "--yes", cwd=tmp_path / "r", cache=tmp_path / "cache")
    assert gone.returncode == 0, gone.stderr
    assert not list((tmp_path / "cache" / "indexes").iterdir())
    everything = codesearch("clean", "--all", "-y", cwd=tmp_path, cache=tmp_path / "cache")
    assert everything.returncode == 0
    assert not (tmp_path / "cache").exists()


def test_missing_weights_are_an_error_with_a_remedy(tmp_path: Path, private_home: Path) -> None:
    (private_home / "config.toml").write_text('[encoder]\nname = "/no/such/encoder"\n')
    (tmp_path / "a.py").write_text("def f(): pass\n")
    answer = codesearch("warmup", ".", cwd=tmp_path, cache=tmp_path / "cache")
    assert answer.returncode == 3
    assert "/no/such/encoder" in answer.stderr
    assert "Traceback" not in answer.stderr
