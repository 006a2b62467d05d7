"""The results as Markdown."""

from collections.abc import Iterable
from statistics import median

from .variants import BASE


def write(results: dict) -> str:
    parts = [_head(results)]
    parts += [_cell(cell) for cell in results["cells"]]
    if "startup" in results:
        parts.append(_startup(results["startup"]))
    if "idle" in results:
        parts.append(_idle(results["idle"]))
    parts.append(_problems(results["problems"]))
    return "\n".join(parts)


def _head(results: dict) -> str:
    here, effort = results["machine"], results["effort"]
    versions = "; ".join(f"{name}: {version}" for name, version in here["versions"].items())
    changed = " with uncommitted changes" if here["uncommitted_changes"] else ""
    priority = f", all at nice {effort['nice']}" if effort["nice"] else ""
    buffers = "\n".join(f"- {variant['name']}: {variant['buffers']}" for variant in results["variants"])
    return f"""\
# HTTP/1.1 side by side

Measured {results["date"]} at commit {here["commit"]}{changed}: {here["cpu"]}, {here["cpus"]} CPUs with {here["threads_per_core"]} thread(s) a core,
{here["memory_mb"]} MB, kernel {here["kernel"]}, {here["distribution"]}. {versions}.

Every cell measures all variants one after the other, {effort["rounds"]} rounds of {effort["seconds"]} s, in reversed order every other round{priority}.
Values are medians over the rounds; ratios are taken inside a round, against {BASE}, and given as median [lowest..highest]. "CPU us" is time on a CPU of the
proxy's processes per completed request; "util" is how many CPUs the proxy used, "load" how many the load generator and the backend used together: a proxy that used
less than all of its CPUs was not the bottleneck, and then its CPU time says more than its rate. Memory is sampled under load: RSS of one process, else the sum of PSS.

Buffers:

{buffers}
"""


def _cell(cell: dict) -> str:
    rounds, layout = cell["rounds"], cell["layout"]
    others = median(outcome["other_cpus"] for each in rounds for outcome in each.values())
    stolen = max(outcome["stolen_cpus"] for each in rounds for outcome in each.values())
    lines = [
        f"## {cell['name']}, {_cores(cell['cores'])}",
        "",
        f"{_layout_text(layout)}. Other work on the machine: {others:.2f} CPUs in the median round; taken by the host: at most {stolen:.2f}.",
        "",
        f"| Variant | Requests/s | to {_base(rounds[0])} | CPU us | to {_base(rounds[0])} | util | load | p50 ms | p99 ms | MB |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    for name in rounds[0]:
        values = {key: [each[name][key] for each in rounds] for key in rounds[0][name]}
        is_proxy = median(values["cpu_us"]) > 0
        lines.append("| " + " | ".join([
            name,
            f"{median(values['rate']):,.0f} [{min(values['rate']):,.0f}..{max(values['rate']):,.0f}]",
            "-" if layout["shared"] else _ratio(rounds, name, "rate"),
            f"{median(values['cpu_us']):.2f}" if is_proxy else "-",
            _ratio(rounds, name, "cpu_us") if is_proxy else "-",
            f"{median(values['util']):.2f}" if is_proxy else "-",
            f"{median(values['load_util']):.2f}",
            f"{median(values['p50_ms']):.2f}",
            f"{median(values['p99_ms']):.2f}",
            f"{median(values['memory_kb']) / 1024:.1f}" if is_proxy else "-",
        ]) + " |")
    return "\n".join(lines) + "\n"


def _startup(startup: dict) -> str:
    overhead = startup["overhead"]
    rounds = len(next(iter(startup["milliseconds"].values())))
    lines = [
        "## Start-up",
        "",
        f"From exec to the first proxied 200, one core, {rounds} interleaved rounds, milliseconds. {_layout_text(startup['layout'])}.",
        f"Included: what the method costs, {overhead['exec_of_true_ms']:.2f} ms to start and reap a program that does nothing and up to "
        f"{overhead['refused_attempt_ms']:.3f} ms for the last attempt to connect that was refused.",
        "",
        "| Variant | Median | Lowest | Highest |",
        "|---|---|---|---|",
    ]
    lines += [f"| {name} | {median(values):.1f} | {min(values):.1f} | {max(values):.1f} |" for name, values in startup["milliseconds"].items()]
    return "\n".join(lines) + "\n"


def _idle(idle: dict) -> str:
    lines = [
        "## Idle connections",
        "",
        f"{idle['connections']:,} keep-alive connections that have each done one request, one core. Growth of resident memory since before they came, without the kernel's",
        "part; all of them answered a second request afterwards unless the problems below say otherwise.",
        "",
        "| Variant | Bytes a connection | Lowest | Highest | MB before | MB after |",
        "|---|---|---|---|---|---|",
    ]
    for name, rounds in idle["rounds"].items():
        sizes = [each["bytes_per_connection"] for each in rounds]
        before, after = (median(each[key] for each in rounds) / 1024 for key in ("before_kb", "after_kb"))
        lines.append(f"| {name} | {median(sizes):,.0f} | {min(sizes):,.0f} | {max(sizes):,.0f} | {before:.1f} | {after:.1f} |")
    return "\n".join(lines) + "\n"


def _problems(problems: list[str]) -> str:
    if not problems:
        return "## Problems\n\nNone: every variant answered all questions about the rules rightly, every answer was 2xx, and the backend got as many requests as the client had answers.\n"
    return "\n".join(["## Problems", "", *(f"- {problem}" for problem in problems)]) + "\n"


def _ratio(rounds: list[dict], name: str, key: str) -> str:
    base = _base(rounds[0])
    ratios = [each[name][key] / each[base][key] for each in rounds]
    return f"{median(ratios):.2f} [{min(ratios):.2f}..{max(ratios):.2f}]"


def _base(variants: Iterable[str]) -> str:
    """HAProxy as it comes, or where it does not take part the HAProxy that does the same work."""
    return BASE if BASE in variants else next(name for name in variants if name.startswith(BASE))


def _cores(count: int) -> str:
    return "1 core" if count == 1 else f"{count} cores"


def _layout_text(layout: dict) -> str:
    proxy, backend, load = (",".join(map(str, layout[key])) for key in ("proxy", "backend", "load"))
    if layout["shared"]:
        return f"Proxy, backend and load share CPUs {proxy}: rates say nothing about the proxy, CPU time per request does"
    if backend == load:
        return f"Proxy on CPU {proxy}, backend and load together on CPU {load}"
    return f"Proxy on CPU {proxy}, backend on {backend}, load on {load}"
