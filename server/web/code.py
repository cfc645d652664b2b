"""The same request as curl, Python and R, to be copied."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping
from urllib.parse import urlencode


def as_code(address: str, form: Mapping[str, str] | None, accept: str) -> dict[str, str]:
    """Return how an answer is fetched by curl, Python (its standard library) and R, by name.

    A table comes as rows, a graph as text. With a `form` it is sent to the address, else the address has it all.
    """
    plain = None if form is None else {name: value.replace("\r\n", "\n") for name, value in form.items()}
    python, r = _python(address, plain, accept), _r(address, plain, accept)
    return {"curl": _curl(address, plain, accept), "Python": python, "R": r}


def _curl(address: str, form: Mapping[str, str] | None, accept: str) -> str:
    if form is None:
        return f"curl {shlex.quote(address)}"
    fields = "".join(f" \\\n  --data-urlencode {shlex.quote(f'{name}={value}')}" for name, value in form.items())
    return f"curl {shlex.quote(address)} -H {shlex.quote(f'Accept: {accept}')}{fields}"


def _python(address: str, form: Mapping[str, str] | None, accept: str) -> str:
    is_table = accept == "text/csv"
    lines = [*(["import csv", "import io"] if is_table else []), *(["import urllib.parse"] if form else [])]
    lines += ["import urllib.request", ""]
    if form is None:
        lines.append(f"address = {_as_json_string(address)}")
    else:
        lines += [f"{name} = {_python_text(value)}" for name, value in form.items()]
        names = ", ".join(f"{_as_json_string(name)}: {name}" for name in form)
        lines.append(f"form = urllib.parse.urlencode({{{names}}}).encode()")
        headers = f'{{"Accept": {_as_json_string(accept)}}}'
        lines.append(f"request = urllib.request.Request({_as_json_string(address)}, form, {headers})")
    lines.append(f"with urllib.request.urlopen({'address' if form is None else 'request'}) as answer:")
    if is_table:
        lines += ['    rows = list(csv.DictReader(io.TextIOWrapper(answer, "utf-8", newline="")))', "print(rows[:3])"]
    else:
        lines += ["    print(answer.read().decode())"]
    return "\n".join(lines)


def _python_text(value: str) -> str:
    """Return a text in Python, over several lines where it has them and nothing in it would be read otherwise."""
    is_plain = all(char.isprintable() or char == "\n" for char in value)
    spread = "\n" in value and is_plain and "\\" not in value and '"""' not in value and not value.endswith('"')
    return f'"""{value}"""' if spread else _as_json_string(value)


def _r(address: str, form: Mapping[str, str] | None, accept: str) -> str:
    read = "rows <- read.csv" if accept == "text/csv" else "lines <- readLines"
    if form is None:
        return f"{read}({_as_json_string(address)})"
    assigned = "".join(f"{name} <- {_r_text(value)}\n" for name, value in form.items())
    start = _as_json_string(address + ("&" if "?" in address else "?") + urlencode({"format": accept}))
    rest = "".join(f', "&{name}=", URLencode({name}, reserved = TRUE)' for name in form)
    return f"{assigned}address <- paste0({start}{rest})\n{read}(address)"


def _r_text(value: str) -> str:
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _as_json_string(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
